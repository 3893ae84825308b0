"""Timeloop's model: figures of mappings in its YAML files, or in dictionaries of the same form.

    from cugamma import timeloop
    result = timeloop.evaluate("arch.yaml", "problem.yaml", "mapping.yaml")
    print(result.cycles, result.energy, result.figures["levels"])

`Model` and `ConfigDict` have the calls that programs make of pytimeloop's classes.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
from typing import Any, Mapping, Union

from cugamma import _core
from cugamma._core import InputError

__all__ = ["ConfigDict", "Evaluation", "Model", "evaluate", "evaluate_all"]

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
        for name in _FILES:
            (pathlib.Path(folder) / f"{prefix}.{name}").write_text(self._texts[name])


def _text(source: Source) -> tuple[str, str]:
    """A name for messages, and YAML, of which JSON is a part."""
    if isinstance(source, Mapping):
        return "<dict>", json.dumps(source, default=lambda number: number.item())
    path = os.fspath(source)
    return path, pathlib.Path(path).read_text(encoding="utf-8")


def evaluate_all(*sources: Source) -> list[Evaluation]:
    """Every mapping of some files or dictionaries, which hold architecture, problem, mappings.

    Raises InputError, which names the place, for what Timeloop's model does not take; OSError for a
    file that cannot be read.
    """
    found = _core._timeloop_evaluate([_text(source) for source in sources])
    return [
        Evaluation(
            file=texts.pop("file"),
            figures=json.loads(texts.pop("figures")),
            reason=texts.pop("reason"),
            _texts=texts,
        )
        for texts in found
    ]


def evaluate(*sources: Source) -> Evaluation:
    """The one mapping of some files or dictionaries. Raises InputError if there is another number."""
    found = evaluate_all(*sources)
    if len(found) != 1:
        raise InputError(f"found {len(found)} mappings, expected one")
    return found[0]


class ConfigDict(dict):
    """Timeloop's files as one dictionary."""


class Model:
    """timeloop-model on a configuration, as pytimeloop's Model is called.

    Without an ERT in the configuration it writes the energies and areas that count to
    timeloop-model.ERT.yaml and timeloop-model.ART.yaml in `out_dir`.
    """

    def __init__(self, config: Source, out_dir: str | os.PathLike[str] = ".") -> None:
        self._config = config
        name, text = _text(config)
        energies, areas = _core._timeloop_tables([(name, text)])
        if not isinstance(config, Mapping) or "ERT" in config:
            return
        for table, content in (("ERT", energies), ("ART", areas)):
            (pathlib.Path(out_dir) / f"timeloop-model.{table}.yaml").write_text(content)

    def run(self) -> Evaluation:
        """The figures. Raises InputError for a mapping that is rejected."""
        result = evaluate(self._config)
        if not result.valid:
            raise InputError(f"{result.file}: is rejected: {result.reason}")
        return result
