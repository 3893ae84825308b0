"""What is said when a model cannot be turned into a table."""

from __future__ import annotations


class ModelError(ValueError):
    """The file is no model, or what was said about its inputs does not fit it."""


class UnmappableError(ModelError):
    """A node has multiply-accumulates that no row can stand for. The message names the node."""


def printable(text: object, longest: int = 300) -> str:
    """Text out of a file as one line without control characters, cut where it is endless."""
    line = " ".join(str(text).split())
    line = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)
    return line if len(line) <= longest else f"{line[: longest - 3]}..."
