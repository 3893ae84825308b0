"""Figures of mappings by Timeloop's model."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
from typing import Any, Mapping, Union

from cugamma import _core
from cugamma._core import InputError

Source = Union[str, "os.PathLike[str]", Mapping[str, Any]]
_FILES = ("stats.txt", "map.txt", "map.yaml", "map+stats.xml")


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """A mapping's figures; those of a rejected one are `valid`, `reason` and `at` alone."""

    file: str
    """What it was read from."""
    figures: dict[str, Any]
    """All figures, as `cugamma evaluate --format json` names them."""
    reason: str
    """Why it is rejected; empty: it is not."""
    _texts: dict[str, str] = dataclasses.field(repr=False)

    @property
    def valid(self) -> bool:
        return self.figures["valid"]

    @property
    def cycles(self) -> int:
        return self.figures["cycles"]

    @property
    def energy(self) -> float:
        """In pJ."""
        return self.figures["energy_pj"]

    @property
    def utilization(self) -> float:
        """From 0 to 1."""
        return self.figures["utilization"]

    @property
    def area(self) -> float:
        """In um2."""
        return self.figures["area_um2"]

    @property
    def actual_compute(self) -> int:
        """Multiply-accumulates."""
        return self.figures["macs"]

    @property
    def algorithmic_compute(self) -> int:
        """The same: tensors are dense."""
        return self.figures["macs"]

    def write(self, folder: str | os.PathLike[str], prefix: str = "timeloop-model") -> None:
        """Writes the files that timeloop-model writes. Raises InputError for a rejected mapping."""
        if not self.valid:
            raise InputError(f"{self.file}: is rejected: {self.reason}")
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            (pathlib.Path(folder) / f"{prefix}.{name}").write_text(self._texts[name])


def text_of(source: Source) -> tuple[str, str]:
    """A name for messages, and YAML, of which JSON is a part."""
    if isinstance(source, Mapping):
        return "<dict>", json.dumps(source, default=lambda number: number.item())
    path = os.fspath(source)
    return path, pathlib.Path(path).read_text(encoding="utf-8")


def evaluation_of(texts: dict[str, Any]) -> Evaluation:
    """What the extension module tells of a mapping."""
    return Evaluation(
        file=texts.pop("file"),
        figures=json.loads(texts.pop("figures")),
        reason=texts.pop("reason"),
        _texts=texts,
    )


def evaluate_all(*sources: Source) -> list[Evaluation]:
    """Every mapping of some files or dictionaries, which hold architecture, problem, mappings.

    Raises InputError, which names the place, for what Timeloop's model does not take; OSError for a
    file that cannot be read.
    """
    found = _core._timeloop_evaluate([text_of(source) for source in sources])
    return [evaluation_of(texts) for texts in found]


def evaluate(*sources: Source) -> Evaluation:
    """The one mapping of some files or dictionaries. Raises InputError if there is another number."""
    found = evaluate_all(*sources)
    if len(found) != 1:
        raise InputError(f"found {len(found)} mappings, expected one")
    return found[0]
