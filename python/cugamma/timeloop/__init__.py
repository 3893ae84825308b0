"""Timeloop's model: figures of mappings in its YAML files, or in dictionaries of the same form.

    from cugamma import timeloop
    result = timeloop.evaluate("arch.yaml", "problem.yaml", "mapping.yaml")
    print(result.cycles, result.energy, result.figures["levels"])
    found = timeloop.search("arch.yaml", "problem.yaml", "constraints.yaml", objective="edp")
    found.best.write("out", prefix="timeloop-mapper")

`Model` and `ConfigDict` have the calls that programs make of pytimeloop's classes.
"""

from __future__ import annotations

import os
import pathlib
from typing import Mapping

from cugamma import _core
from cugamma._core import InputError
from cugamma.timeloop._evaluation import Evaluation, Source, evaluate, evaluate_all, text_of
from cugamma.timeloop._search import FrontMember, Improvement, LayerResult, SearchResult, search

__all__ = [
    "ConfigDict",
    "Evaluation",
    "FrontMember",
    "Improvement",
    "LayerResult",
    "Model",
    "SearchResult",
    "evaluate",
    "evaluate_all",
    "search",
]


class ConfigDict(dict):
    """Timeloop's files as one dictionary."""


class Model:
    """timeloop-model on a configuration, as pytimeloop's Model is called.

    Without an ERT in the configuration it writes the energies and areas that count to
    timeloop-model.ERT.yaml and timeloop-model.ART.yaml in `out_dir`.
    """

    def __init__(self, config: Source, out_dir: str | os.PathLike[str] = ".") -> None:
        self._config = config
        name, text = text_of(config)
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
