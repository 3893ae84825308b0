"""The commands cugamma, cugamma-maestro and cugamma-timeloop-...: the programs that the package carries."""

from __future__ import annotations

import os
import pathlib
import sys
from typing import NoReturn

_FOLDER = pathlib.Path(__file__).parent / "bin"


def _run(name: str) -> NoReturn:
    """Becomes a program, with the arguments of this process."""
    program = _FOLDER / name
    try:
        os.execv(program, [name, *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"{program}: {error.strerror}")


def main() -> NoReturn:
    _run("cugamma")


def maestro() -> NoReturn:
    _run("cugamma-maestro")


def timeloop_model() -> NoReturn:
    _run("cugamma-timeloop-model")


def timeloop_mapper() -> NoReturn:
    _run("cugamma-timeloop-mapper")
