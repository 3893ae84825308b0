"""What searches return."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import os
from typing import TYPE_CHECKING, Any, Sequence

import numpy as np

from cugamma import _core, _pages, _plots
from cugamma._arrays import rows
from cugamma._calls import expect
from cugamma._core import Accelerator, InputError, Layer, Mapping
from cugamma._figures import figures_text, frame, layer_cells, number_text, text_table, unit

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True)
class Progress:
    """Where the search of a layer stands after a generation."""

    generation: int  #: 0: the first population
    evaluations: int
    best: tuple[float, ...] | None  #: values of the objectives; None before a feasible mapping
    seconds: float


@dataclasses.dataclass(frozen=True)
class NetworkProgress:
    """Where the search of a network stands after a generation."""

    generation: int  #: 0: the first populations
    evaluations: int  #: of all layers together
    seconds: float
    stage: str  #: of a hardware search; empty otherwise


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class Front:
    """The feasible mappings found that no other one beats in all objectives, in the order of the
    first objective."""

    genomes: np.ndarray  #: genome_dtype, shape (n,)
    costs: np.ndarray  #: cost_dtype, shape (n,)
    values: np.ndarray  #: float64, shape (n, number of objectives)
    hypervolume: float  #: what they beat, up to the reference, in units of it (docs/fronts.md)
    reference: tuple[float, ...]  #: figures, one an objective; all 0 before a feasible mapping
    objectives: tuple[str, ...] = ()  #: the names of the columns of `values`

    def __len__(self) -> int:
        return len(self.genomes)

    def __repr__(self) -> str:
        over = ", ".join(self.objectives)
        return f"Front({len(self)} mappings over {over}, hypervolume {self.hypervolume:.4g})"

    def to_frame(self) -> pandas.DataFrame:
        """A pandas DataFrame: the objectives and the buffers of each mapping."""
        columns = {name: self.values[:, i] for i, name in enumerate(self.objectives)}
        sizes = {name: self.costs[name] for name in ("l1_size_elems", "l2_size_elems")}
        return frame(columns | sizes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The front with matplotlib: the first objective against the second, a third as colour."""
        return _plots.front(self, ax, "mappings")

    def _repr_html_(self) -> str:
        return _pages.front(self)


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class NetworkFront:
    """Choices of one mapping a layer that no other one beats in all objectives of the network, in
    the order of the first objective."""

    values: np.ndarray  #: float64, shape (n, number of objectives): the network's
    members: np.ndarray  #: int64, shape (n, number of layers): indices into each layer's front
    figures: dict[str, np.ndarray]  #: of the network: runtime_cycles, energy_nj, num_pes, ...
    objectives: tuple[str, ...]  #: the names of the columns of `values`

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"NetworkFront({len(self)} choices over {', '.join(self.objectives)})"

    def to_frame(self) -> pandas.DataFrame:
        """A pandas DataFrame: the objectives and the network's figures of each choice."""
        columns = {name: self.values[:, i] for i, name in enumerate(self.objectives)}
        return frame(columns | self.figures)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The front with matplotlib: the first objective against the second, a third as colour."""
        return _plots.front(self, ax, "choices")

    def _repr_html_(self) -> str:
        return _pages.front(self)


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class SearchResult:
    """What a search found for a layer, and how."""

    layer: Layer  #: as it was searched: under cost model "maestro" with unit stride
    accelerator: Accelerator  #: with the PEs of the mapping, where they were searched
    objectives: tuple[str, ...]
    best: Mapping | None  #: None if no mapping was feasible
    values: tuple[float, ...] | None  #: the best mapping's, one an objective
    metrics: dict[str, float]  #: the columns of the cost model of the best mapping
    genome: np.ndarray  #: the best mapping, genome_dtype, shape (1,) or (0,)
    cost: np.ndarray  #: its cost, cost_dtype, shape (1,) or (0,)
    evaluations: int
    rejected: dict[str, int]  #: individuals not used, by reason
    history: list[Progress]
    seconds: float
    backend: str
    stopped: bool  #: by the progress callback
    front: Front | None = None  #: where one was asked for

    @property
    def loop_nest(self) -> str:
        """The best mapping as loops, one a line; empty without one."""
        if self.best is None:
            return ""
        return _core.loop_nest_of(rows(self.genome), self.layer, self.accelerator)

    def to_frame(self) -> pandas.DataFrame:
        """A pandas DataFrame of one row: the layer, the objectives and the cost model's columns."""
        return frame([self._cells()])

    def plot(self, ax: Axes | None = None) -> Axes:
        """The best value of the first objective over the evaluations, with matplotlib."""
        return _plots.history(self, ax)

    def _cells(self) -> dict[str, Any]:
        figures = dict(zip(self.objectives, self.values or ()))
        return layer_cells(self.layer) | figures | {
            name: value for name, value in self.metrics.items() if name not in figures
        }

    def _found(self) -> str:
        if self.best is None:
            return "no feasible mapping"
        found = figures_text(self.objectives, self.values or ())
        return found if self.front is None else f"{found}; front of {len(self.front)} mappings"

    def __repr__(self) -> str:
        effort = f"{self.evaluations} evaluations, {self.seconds:.2f} s"
        return f"{type(self).__name__}({self._found()}; {effort})"

    def __str__(self) -> str:
        if self.best is None:
            return (
                f"no feasible mapping in {self.evaluations} evaluations, rejected {self.rejected}"
            )
        head = f"{self._found()} after {self.evaluations} evaluations in {self.seconds:.2f} s\n"
        energy = number_text(self.metrics["energy_nj"])
        figures = f"runtime {self._runtime()}; energy {energy} nJ\n"
        return f"{head}{figures}\n{self.loop_nest}\n\n{self.best.to_maestro(self.layer)}"

    def _runtime(self) -> str:
        return f"{int(self.cost['runtime_cycles'][0])} cycles"

    def _repr_html_(self) -> str:
        return _pages.layer(self)


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class LayerResult(SearchResult):
    """What a search found for a layer of a network. Seconds of `history` are nan, but for a search
    of one layer."""

    name: str = ""
    given: Layer | None = None  #: as the network has it
    count: int = 1  #: how often the network runs it
    gains: dict[str, float] = dataclasses.field(default_factory=dict)  #: over fixed dataflows
    above_bound: float | None = None
    """How far its cycles are above what no mapping can beat, 0.01 for 1 %; None without a best."""
    run: NetworkResult | None = None
    """Of a search of one layer: all of it, to `write` and to `prove`."""

    def _cells(self) -> dict[str, Any]:
        return {"name": self.name, "count": self.count} | super()._cells()

    def _runtime(self) -> str:
        above = "" if self.above_bound is None else f", {100 * self.above_bound:.2f} % above the bound"
        return super()._runtime() + above

    def _row(self, others: Sequence[int]) -> list[str]:
        """Its cells in the table of a network; others: of its objectives, those with a column."""
        if self.best is None:
            return ["no feasible mapping", "", "", *("" for _ in others)]
        above = "" if self.above_bound is None else f"{100 * self.above_bound:.2f} %"
        values = self.values or ()
        return [
            f"{int(self.cost['runtime_cycles'][0])}",
            above,
            number_text(self.metrics["energy_nj"]),
            *(number_text(values[i]) for i in others),
        ]

    def __repr__(self) -> str:
        shown = f"{self.name!r} x {self.count}: " if self.name else ""
        return super().__repr__().replace("(", f"({shown}", 1)


@dataclasses.dataclass(frozen=True)
class Proof:
    """What is proved of a layer: no mapping of its space has a figure below lower_bound."""

    layer: str
    objective: str
    optimum: float | None  #: None unless the bounds meet
    lower_bound: float | None
    upper_bound: float | None  #: of the best mapping known
    gap: float | None  #: (upper_bound - lower_bound) / lower_bound
    proven: bool  #: to the gap that was asked for
    seconds: float
    subtrees: int  #: parts into which the space was cut
    opened: int  #: of them, those whose bound did not settle them
    mapping: str | None  #: the best, as MAESTRO writes mappings
    metrics: dict[str, Any] | None  #: of the best, the columns of the cost model


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class NetworkResult:
    """What the search of a network found."""

    model: str
    accelerator: Accelerator  #: of a hardware search for several layers the one that was chosen
    objectives: tuple[str, ...]
    layers: list[LayerResult]
    totals: dict[str, Any] | None  #: "totals" of result.json; None if a layer has no mapping
    evaluations: int
    seconds: float
    backend: str
    stopped: bool  #: by the progress callback
    _json: str
    _found: Any

    @property
    def values(self) -> tuple[float, ...] | None:
        """The network's figures, one an objective; None if a layer has no mapping."""
        if self.totals is None:
            return None
        return tuple(float(value) for value in self.totals["objectives"].values())

    def to_json(self) -> str:
        """The text of the result.json that `cugamma search --out` writes."""
        return self._json

    @functools.cached_property
    def result(self) -> dict[str, Any]:
        """result.json as a dict."""
        return json.loads(self._json)

    @functools.cached_property
    def front(self) -> NetworkFront | None:
        """Of a search for fronts of several layers, the network's (docs/fronts.md)."""
        choices = self.result.get("front")
        if choices is None:
            return None
        told = ("objectives", "members")
        return NetworkFront(
            np.array([choice["objectives"] for choice in choices], dtype=np.float64),
            np.array([choice["members"] for choice in choices], dtype=np.int64) - 1,
            {
                name: np.array([choice[name] for choice in choices])
                for name in choices[0]
                if name not in told
            },
            self.objectives,
        )

    def write(self, folder: str | os.PathLike[str]) -> None:
        """Writes what `cugamma search --out` writes: result.json, report.html, history.csv, best.m
        of every layer, and the fronts. Raises InputError naming what cannot be written."""
        expect("folder", folder, (str, os.PathLike), "a path")
        self._own().write(os.fspath(folder))

    def prove(self, gap: float = 0.0, time_limit: float = math.inf) -> list[Proof]:
        """Proves the optimum of the first objective for each layer, or how far the best mapping is
        from it at most, beginning with the mappings found (docs/certify.md). gap: how far above the
        optimum is close enough, 0.01 for 1 %. time_limit: seconds, for all layers together. Raises
        InputError where an optimum cannot be proved, naming the layer and the reason."""
        for name, value in (("gap", gap), ("time_limit", time_limit)):
            expect(name, value, (int, float, np.number), "a number")
        if not gap >= 0:
            raise InputError(f"gap: found {gap}, expected 0 or more")
        if not time_limit >= 0:
            raise InputError(f"time_limit: found {time_limit}, expected 0 or more seconds")
        told = json.loads(self._own().prove(float(gap), float(time_limit)))
        return [Proof(**entry) for entry in told["layers"]]

    def to_frame(self) -> pandas.DataFrame:
        """A pandas DataFrame, a row a layer: sizes, objectives and the cost model's columns."""
        return frame([layer._cells() for layer in self.layers])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Each layer's share of the network's first objective as bars, with matplotlib."""
        return _plots.network(self, ax)

    def _own(self) -> Any:
        if self._found is None:
            raise InputError(
                "a result that was pickled holds figures alone: "
                "write and prove where it was searched"
            )
        return self._found

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_found": None}

    def _figures(self) -> str:
        if self.values is None:
            return "a layer has no feasible mapping"
        found = figures_text(self.objectives, self.values)
        return found if self.front is None else f"{found}; front of {len(self.front)} choices"

    def _shapes(self) -> list[tuple[LayerResult, int]]:
        """The first layer of each shape, and how often the network runs that."""
        counts: dict[Layer, int] = {}
        first: dict[Layer, LayerResult] = {}
        for layer in self.layers:
            counts[layer.layer] = counts.get(layer.layer, 0) + layer.count
            first.setdefault(layer.layer, layer)
        return [(layer, counts[shape]) for shape, layer in first.items()]

    def __repr__(self) -> str:
        return (
            f"NetworkResult({self.model!r}, {len(self.layers)} layers: {self._figures()}; "
            f"{self.evaluations} evaluations, {self.seconds:.2f} s)"
        )

    def __str__(self) -> str:
        others = [i for i, name in enumerate(self.objectives) if name not in ("latency", "energy")]
        heads = [f"{self.objectives[i]}, {unit(self.objectives[i])}" for i in others]
        lines = [["layer", "", "MACs", "cycles", "above bound", "energy, nJ", *heads]]
        for layer, count in self._shapes():
            lines.append([layer.name, f"x {count}", f"{layer.layer.macs}", *layer._row(others)])
        table = text_table(lines)
        if self.totals is None or self.values is None:
            return f"{table}\n{self.model}: {self._figures()}"
        cycles, energy = self.totals["latency_cycles"], self.totals["energy_nj"]
        told = [f"{cycles:.12g} cycles", f"{number_text(energy)} nJ"]
        told += [figures_text([self.objectives[i]], [self.values[i]]) for i in others]
        front = "" if self.front is None else f"; front of {len(self.front)} choices"
        return f"{table}\n{self.model}: {', '.join(told)}{front}"

    def _repr_html_(self) -> str:
        return _pages.network(self)
