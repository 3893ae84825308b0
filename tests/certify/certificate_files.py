"""What the tests of certificates share: certificates written, checked and forged."""

import contextlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zlib


def need_numpy():
    """The checkers need it: ends the test, or goes on under Debian's own Python, where python3-numpy is."""
    try:
        import numpy  # noqa: F401
    except ImportError:
        debians = "/usr/bin/python3"
        if os.path.realpath(sys.executable) == os.path.realpath(debians) or not os.path.exists(debians):
            print("skipped: numpy is missing")
            sys.exit(77)
        os.execv(debians, [debians, *sys.argv])


def sealed(entries):
    """The text of lines with the right checksums: what a forger would write."""
    text, crc = "", 0
    for entry in entries:
        line = json.dumps(entry, separators=(",", ":"))[:-1]
        crc = zlib.crc32(line.encode(), crc)
        text += f'{line},"crc":"{crc:08x}"}}\n'
    return text


def entries_of(path):
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    for entry in entries:
        del entry["crc"]
    return entries


def network(text):
    """What fills a folder with the network that Program.certify reads."""
    return lambda folder: (folder / "net.csv").write_text(text)


class Program:
    """The program and the checker, and what went wrong with them."""

    def __init__(self, program, checker, machine):
        self.program, self.checker, self.machine = program, checker, machine
        self.failures = []

    def expect(self, condition, text):
        if not condition:
            self.failures.append(text)

    def certify(self, folder, layer, goal, *more):
        """(exit status, path) of the certificate of a layer of net.csv."""
        out = folder / "_".join([layer, goal, *(word.strip("-") for word in more)])
        command = [self.program, "certify", "--model", str(folder / "net.csv"), "--layer", layer, "--objective", goal]
        run = subprocess.run([*command, *self.machine, "--out", str(out), *more], capture_output=True, text=True)
        return run.returncode, out / "certificate.jsonl"

    def check_apart(self, path, *more):
        """(exit status, output) of the checker as a program."""
        run = subprocess.run([sys.executable, self.checker, *more, str(path)], capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr

    def check(self, path, *more):
        """The same without a program of its own, which would have to start each time."""
        sys.path.insert(0, str(pathlib.Path(self.checker).parent))
        from check_certificate import main

        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            code = main([*more, str(path)])
        return code, output.getvalue()

    def refuses(self, path, text, line, reason, *more):
        altered = path.with_name("altered.jsonl")
        altered.write_text(text)
        code, output = self.check(altered, *more)
        is_refused = code == 1 and f"line {line}:" in output and reason in output
        self.expect(is_refused, f"{path.parent.name}: {line}, {reason}: {code} {output[-500:]}")

    def forge(self, path, line, reason, change, *more):
        """change: alters the lines; the checksums are made to fit."""
        entries = entries_of(path)
        change(entries)
        self.refuses(path, sealed(entries), line, reason, *more)

    def refuses_damage(self, path, numbers, last_line_missing):
        """A digit changed in each of these lines, a line lost, two exchanged, the end cut off, the last line lost."""
        lines = path.read_text().splitlines(keepends=True)
        for number in (*numbers, len(lines)):
            line = lines[number - 1]
            at = re.search(r"\d", line).start()
            damaged = line[:at] + str((int(line[at]) + 1) % 10) + line[at + 1 :]
            self.refuses(path, "".join([*lines[: number - 1], damaged, *lines[number:]]), number, "checksum")
        self.refuses(path, "".join(lines[:9] + lines[10:]), 10, "checksum")
        self.refuses(path, "".join(lines[:9] + [lines[10], lines[9]] + lines[11:]), 10, "checksum")
        self.refuses(path, "".join(lines)[:-5], len(lines), "checksum")
        self.refuses(path, "".join(lines[:-1]), 1, last_line_missing)

    def run(self, prepare, *tests):
        """Runs tests in a folder of their own, which prepare(folder) fills; the exit status."""
        os.environ.pop("CUGAMMA_MODELS_DIR", None)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            prepare(folder)
            for test in tests:
                test(folder)
        for failure in self.failures:
            print(failure)
        print(f"{len(self.failures)} failures")
        return 1 if self.failures else 0
