"""The command line of the converter."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Optional, Sequence

from cugamma.from_onnx.conversion import convert
from cugamma.from_onnx.errors import ModelError, printable
from cugamma.from_onnx.rows import LARGEST, Network, write_csv

LONGEST_MESSAGE = 4000


def _size(text: str, of: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 11 and 1 <= int(text) <= LARGEST):
        raise argparse.ArgumentTypeError(
            f"'{printable(of)}', expected whole numbers from 1 to {LARGEST}"
        )
    return int(text)


def _dimension(text: str) -> tuple[str, int]:
    name, equals, size = text.rpartition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"'{printable(text)}', expected NAME=N with N at least 1")
    return name, _size(size, text)


def _shape(text: str) -> tuple[str, list[int]]:
    name, equals, sizes = text.rpartition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"'{printable(text)}', expected INPUT=N,N,...")
    return name, [_size(size.strip(), text) for size in sizes.split(",")]


def _value(text: str) -> tuple[str, list[int]]:
    name, equals, numbers = text.rpartition("=")
    try:
        found = [int(number) for number in numbers.split(",")]
    except ValueError:
        found = []
    if not name or not equals or not found:
        raise argparse.ArgumentTypeError(f"'{printable(text)}', expected INPUT=N or INPUT=N,N,...")
    return name, found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cugamma.from_onnx", description="ONNX network to cuGAMMA's CSV of layers."
    )
    parser.add_argument("model", help="an .onnx file")
    parser.add_argument("-o", "--output", help="CSV to write (default: standard output)")
    parser.add_argument(
        "--dim", type=_dimension, action="append", default=[], metavar="NAME=N",
        help="size of a named dimension of the inputs, such as batch=1",
    )  # fmt: skip
    parser.add_argument(
        "--shape", type=_shape, action="append", default=[], metavar="INPUT=N,N,...",
        help="shape of an input, such as image=1,3,224,224, or of a tensor whose shape is"
        " computed at run time",
    )  # fmt: skip
    parser.add_argument(
        "--value", type=_value, action="append", default=[], metavar="INPUT=N,...",
        help="what a whole-number input holds that decides shapes, turns or branches",
    )  # fmt: skip
    parser.add_argument(
        "--skip", action="append", default=[], metavar="OPERATOR",
        help="leave out the nodes of an operator that has no row",
    )  # fmt: skip
    parser.add_argument("--no-merge", action="store_true", help="one row a node, repeats included")
    return parser


def _once(parser: argparse.ArgumentParser, option: str, pairs: Sequence[tuple]) -> dict:
    values: dict = {}
    for name, value in pairs:
        if values.setdefault(name, value) != value:
            parser.error(f"{option} {printable(name)} is given twice")
    return values


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """The command line; returns the exit status: 0, or 1 for a model that cannot be mapped."""
    parser = _parser()
    options = parser.parse_args(arguments)
    sizes = _once(parser, "--dim", options.dim)
    shapes = _once(parser, "--shape", options.shape)
    values = _once(parser, "--value", options.value)
    merge = not options.no_merge
    try:
        network = convert(options.model, sizes, merge, shapes, values, options.skip)
        try:
            _write(network, options)
        except OSError as error:
            if options.output is None:
                raise
            raise OSError(f"{options.output}: {error.strerror}") from None
    except (OSError, MemoryError, ValueError) as error:
        # An OSError names the file that it is about.
        about = "" if isinstance(error, OSError) else f"{printable(options.model)}: "
        _say(f"{about}{printable(error, LONGEST_MESSAGE) or 'out of memory'}")
        return 1
    _summarise(network)
    return 0


def _write(network: Network, options: argparse.Namespace) -> None:
    """Writes the table; a file is replaced once its text is whole."""
    output = options.output
    if output is None:
        _print(network)
        return
    if os.path.exists(output) and os.path.samefile(output, options.model):
        raise ModelError("the table would replace the model that it is read from")
    if os.path.exists(output) and not os.path.isfile(output):
        with open(output, "w", encoding="utf-8", newline="") as file:
            write_csv(network.rows, file)
        return
    draft = f"{output}.{os.getpid()}.part"
    try:
        with open(draft, "x", encoding="utf-8", newline="") as file:
            write_csv(network.rows, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, output)
    finally:
        if os.path.exists(draft):
            os.unlink(draft)


def _print(network: Network) -> None:
    try:
        write_csv(network.rows, sys.stdout)
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer would fail once more when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OSError(f"standard output: {error.strerror}") from None


def _summarise(network: Network) -> None:
    skipped = ", ".join(f"{printable(op)} x{n}" for op, n in network.skipped.items()) or "nothing"
    _say(f"{len(network.rows)} layers, {network.macs:,} MACs")
    _say(f"skipped, no MACs: {skipped}")
    for note in network.notes:
        _say(f"note: {note}")


def _say(text: str) -> None:
    """A line on standard error; one that cannot be written does not cost the table."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        pass
