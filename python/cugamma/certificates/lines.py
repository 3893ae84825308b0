"""The lines of a certificate, and why one is refused."""

import json
import re
import zlib


class Refused(Exception):
    """The certificate does not hold: line number, reason."""

    def __init__(self, line, reason):
        super().__init__(f"line {line}: {reason}")


class NotChecked(Exception):
    """The certificate is of a kind that is not checked here."""


def read_lines(path):
    """The lines as objects, their checksums checked."""
    entries, crc = [], 0
    with open(path, "rb") as file:
        for number, raw in enumerate(file, 1):
            found = re.fullmatch(rb'(.*),"crc":"([0-9a-f]{8})"\}\n', raw, re.DOTALL)
            if not found:
                raise Refused(number, "it does not end with a checksum")
            crc = zlib.crc32(found[1], crc)
            if crc != int(found[2], 16):
                raise Refused(number, "it is not as it was written (checksum)")
            try:
                entries.append(json.loads(found[1] + b"}"))
            except ValueError as error:
                raise Refused(number, f"it is no JSON object: {error}") from error
    if len(entries) < 2:
        raise Refused(len(entries) + 1, "the header or the best mapping is missing")
    return entries
