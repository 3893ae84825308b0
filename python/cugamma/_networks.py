"""The networks that the package carries, and those in files."""

from __future__ import annotations

import pathlib

from cugamma import _core
from cugamma._core import NetworkLayer

_CARRIED = pathlib.Path(__file__).parent / "models"


def network(name: str) -> list[NetworkLayer]:
    """The layers of a network: one that the package carries ("vgg16"), or a CSV or MAESTRO file.

    Raises InputError, which names the known networks or the place in the file.
    """
    carried = _CARRIED / f"{name}.csv"
    return _core.read_network(str(carried) if carried.exists() else str(name))


def model_names() -> list[str]:
    """The names that `network` knows."""
    carried = {path.stem for path in _CARRIED.glob("*.csv")}
    return sorted(carried | set(_core.model_names()))
