"""Searching for the mappings of a whole network."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import pathlib
from typing import Any, Callable, Sequence, Union
from typing import Mapping as Mapping_

import numpy as np

from cugamma import _core
from cugamma._arrays import cost_dtype, genome_dtype, rows
from cugamma._constraints import constraint as constraint_named
from cugamma._constraints import styles
from cugamma._core import Accelerator, Constraint, InputError, Layer, Mapping, NamedMapping
from cugamma._core import NetworkLayer
from cugamma._networks import network as network_named
from cugamma._results import Front, Progress, SearchResult

Network = Union[str, NetworkLayer, Sequence[NetworkLayer]]
#: Sets an option of a request; it sees the others.
_Setter = Callable[[Any, Any, "dict[str, Any]"], None]


@dataclasses.dataclass(frozen=True)
class NetworkProgress:
    """Where the search of a network stands after a generation."""

    generation: int  #: 0: the first populations
    evaluations: int  #: of all layers together
    seconds: float
    stage: str  #: of a hardware search; empty otherwise


@dataclasses.dataclass(frozen=True)
class LayerResult(SearchResult):
    """What the search of a network found for one of its layers. `history` holds no seconds (nan)."""

    name: str = ""
    given: Layer | None = None  #: as the network has it
    count: int = 1  #: how often the network runs it
    gains: dict[str, float] = dataclasses.field(default_factory=dict)  #: over fixed dataflows


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


@dataclasses.dataclass(frozen=True)
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
    _found: Any = dataclasses.field(repr=False, compare=False)

    def to_json(self) -> str:
        """The text of the result.json that `cugamma search --out` writes."""
        return self._found.json

    @functools.cached_property
    def result(self) -> dict[str, Any]:
        """result.json as a dict."""
        return json.loads(self._found.json)

    def write(self, folder: str) -> None:
        """Writes what `cugamma search --out` writes: result.json, report.html, history.csv, best.m
        of every layer, and the fronts. Raises InputError naming what cannot be written."""
        self._found.write(str(folder))

    def prove(self, gap: float = 0.0, time_limit: float = math.inf) -> list[Proof]:
        """Proves the optimum of the first objective for each layer, or how far the best mapping is
        from it at most, beginning with the mappings found (docs/certify.md). gap: how far above the
        optimum is close enough, 0.01 for 1 %. time_limit: seconds, for all layers together. Raises
        InputError where an optimum cannot be proved, naming the layer and the reason."""
        if not gap >= 0:
            raise InputError(f"gap: found {gap}, expected 0 or more")
        if not time_limit >= 0:
            raise InputError(f"time_limit: found {time_limit}, expected 0 or more seconds")
        told = json.loads(self._found.prove(float(gap), float(time_limit)))
        return [Proof(**entry) for entry in told["layers"]]

    def __str__(self) -> str:
        lines = []
        for layer in self.layers:
            figures = zip(self.objectives, layer.values or ())
            found = ", ".join(f"{name} {value:g}" for name, value in figures)
            lines.append(f"{layer.name} x {layer.count}: {found or 'no feasible mapping'}")
        if self.totals is not None:
            figures = self.totals["objectives"].items()
            lines.append("network: " + ", ".join(f"{n} {_number(v):g}" for n, v in figures))
        return "\n".join(lines)


def search_network(
    network: Network,
    accelerator: Accelerator,
    objectives: str | Sequence[str] | None = None,
    *,
    pareto: str | Sequence[str] | None = None,
    progress: Callable[[NetworkProgress], object] | None = None,
    **options: Any,
) -> NetworkResult:
    """Searches the mappings of a network's layers; see `search`."""
    request = _core.NetworkSearchRequest()
    layers, model = _layers_of(network)
    request.layers = layers
    request.model = options.pop("model", model)
    request.accelerator = accelerator
    request.set_dataflows([constraint_named(name) for name in styles()])
    has_front = pareto is not None or options.get("selection") == "pareto"
    if options.get("reference") and not has_front:
        raise InputError("reference: bounds the front of pareto, but there is none")
    if pareto is not None:
        if objectives is not None or "selection" in options:
            raise InputError("pareto: a front has no first objective and a selection of its own")
        objectives = pareto
        request.set_selection("pareto")
    if objectives is not None:
        request.set_objectives(_listed(objectives))
    for name, value in options.items():
        _set(request, name, value, options)
    stopped = False

    def report(*now: Any) -> object:
        nonlocal stopped
        stopped = progress(NetworkProgress(*now)) is False
        return not stopped

    found = request.run(report if progress is not None else None)
    return _result_of(found, stopped)


def _set(request: Any, name: str, value: Any, options: dict[str, Any]) -> None:
    """Sets an option of the command line by its name, in Python's spelling."""
    if name not in _OPTIONS:
        raise TypeError(f"search() got an unexpected keyword argument '{name}' for a network")
    if value is None:
        return
    setter = _OPTIONS[name]
    if setter is None:
        setattr(request, name, value)
    else:
        setter(request, value, options)


def _set_population(request: Any, value: Any, _: dict[str, Any]) -> None:
    if value == "auto":
        return
    if value < 2:
        raise InputError(f"population: found {value}, expected auto, or 2 or more")
    request.population = value


def _set_levels(request: Any, value: tuple[int, int], _: dict[str, Any]) -> None:
    try:
        request.levels_min, request.levels_max = value
    except (TypeError, ValueError):
        raise InputError(f"levels: found {value!r}, expected (least, most)") from None


def _set_num_pes(request: Any, value: Any, options: dict[str, Any]) -> None:
    if value != "search":
        raise InputError(f'num_pes: found {value!r}, expected "search" (an Accelerator has PEs)')
    request.search_pes_up_to(options.get("pe_limit"))


def _set_constraint(request: Any, value: str | Constraint, options: dict[str, Any]) -> None:
    flex = options.get("flex")
    found = constraint_named(value) if isinstance(value, str) else value
    request.set_constraint(found if flex is None else found.flex(flex), flex or "")


def _set_init(request: Any, value: str | Sequence[NamedMapping], _: dict[str, Any]) -> None:
    is_file = isinstance(value, (str, pathlib.Path))
    request.init = _core.read_known_mappings(str(value)) if is_file else list(value)


def _set_devices(request: Any, value: str | Sequence[int], options: dict[str, Any]) -> None:
    count = _core.device_count(options.get("backend", "auto"))
    chosen = list(range(count)) if value == "all" else list(value)
    if not chosen or any(number not in range(count) for number in chosen):
        raise InputError(f"devices: found {value!r}, but the back end has {count} on this machine")
    request.devices = chosen


def _needs(name: str, other: str) -> _Setter:
    """For an option that the one it needs reads."""

    def check(_: Any, value: Any, options: dict[str, Any]) -> None:
        if options.get(other) is None:
            raise InputError(f"{name}: needs {other}")

    return check


def _set_trust(request: Any, trust: str, options: dict[str, Any]) -> None:
    if sum(bool(options.get(name)) for name in ("strict", "maestro_compat", "trust")) > 1:
        raise InputError("strict, maestro_compat and trust cannot be given together")
    request.set_trust(trust)


def _set_strict(request: Any, value: bool, options: dict[str, Any]) -> None:
    if value:
        _set_trust(request, "strict", options)


def _set_maestro_compat(request: Any, value: bool, options: dict[str, Any]) -> None:
    if value:
        _set_trust(request, "maestro-compat", options)


def _set_resume(request: Any, value: str, options: dict[str, Any]) -> None:
    request.resume = str(value)
    if options.get("checkpoint") is None:
        request.checkpoint = str(value)


def _set_area_budget(request: Any, value: float, _: dict[str, Any]) -> None:
    if not value > 0:
        raise InputError(f"area_budget: found {value}, expected more than 0")
    request.area_budget = value


#: What sets each option; None: an attribute of the request.
_OPTIONS: dict[str, _Setter | None] = {
    **dict.fromkeys(
        (
            "algorithm", "seed", "tournament_size", "front_size", "patience", "islands",
            "migration_interval", "generations", "evaluations", "time_limit", "threads", "backend",
            "levels_min", "levels_max", "cluster_size", "parallel_rs", "factors_only",
            "checkpoint_every",
        )
    ),
    "reference": lambda request, value, _: setattr(request, "reference", list(value)),
    "population": _set_population,
    "selection": lambda request, value, _: request.set_selection(value),
    "strict": _set_strict,
    "maestro_compat": _set_maestro_compat,
    "trust": _set_trust,
    "cost_model": lambda request, value, _: request.set_cost_model(value),
    "devices": _set_devices,
    "levels": _set_levels,
    "constraint": _set_constraint,
    "flex": _needs("flex", "constraint"),
    "num_pes": _set_num_pes,
    "pe_limit": _needs("pe_limit", "num_pes"),
    "area_budget": _set_area_budget,
    "limits": lambda request, value, _: request.set_limits(limit_list(value)),
    "init": _set_init,
    "checkpoint": lambda request, value, _: setattr(request, "checkpoint", str(value)),
    "resume": _set_resume,
}


def _layers_of(network: Network) -> tuple[list[NetworkLayer], str]:
    if isinstance(network, (str, pathlib.Path)):
        return network_named(str(network)), pathlib.Path(network).stem
    if isinstance(network, NetworkLayer):
        return [network], network.name
    return list(network), "network"


def _listed(objectives: str | Sequence[str]) -> str:
    return objectives if isinstance(objectives, str) else ",".join(objectives)


def limit_list(given: str | Mapping_[str, float]) -> str:
    """Limits as the command line spells them."""
    if isinstance(given, str):
        return given
    return ",".join(f"{name}={bound!r}" for name, bound in given.items())


def _number(value: Any) -> Any:
    """A number of result.json, where null stands for those that are not finite."""
    return math.nan if value is None else value


def _numbers(values: Sequence[Any] | None) -> tuple[float, ...] | None:
    return None if values is None else tuple(_number(value) for value in values)


def _result_of(found: Any, stopped: bool) -> NetworkResult:
    told = json.loads(found.json)
    objectives = tuple(told["config"]["objectives"])
    layers = [
        _layer_of(entry, of_layer, objectives, told["backend"], stopped)
        for entry, of_layer in zip(found.layers, told["layers"])
    ]
    return NetworkResult(
        model=told["model"],
        accelerator=found.accelerator,
        objectives=objectives,
        layers=layers,
        totals=told["totals"],
        evaluations=told["evaluations"],
        seconds=told["seconds"],
        backend=told["backend"],
        stopped=stopped,
        _found=found,
    )


def _layer_of(
    entry: dict[str, Any],
    told: dict[str, Any],
    objectives: tuple[str, ...],
    backend: str,
    stopped: bool,
) -> LayerResult:
    best = told["best"]
    genomes = entry["genomes"].view(genome_dtype).reshape(-1)
    costs = entry["costs"].view(cost_dtype).reshape(-1)
    members = 1 if best else 0  # what comes before the front
    return LayerResult(
        layer=entry["mapped"],
        accelerator=entry["accelerator"],
        objectives=objectives,
        best=Mapping._from_row(rows(genomes[:1]), entry["mapped"]) if best else None,
        values=_numbers(best["objectives"]) if best else None,
        metrics={name: _number(v) for name, v in best["metrics"].items()} if best else {},
        genome=genomes[:members],
        cost=costs[:members],
        evaluations=told["evaluations"],
        rejected=entry["rejected"],
        history=[
            Progress(step["generation"], step["evaluations"], _numbers(step["best"]), math.nan)
            for step in told["history"]
        ],
        seconds=told["seconds"],
        backend=backend,
        stopped=stopped,
        front=_front_of(told, genomes[members:], costs[members:]) if "front" in told else None,
        name=told["name"],
        given=entry["given"],
        count=told["count"],
        gains={name: _number(gain) for name, gain in told["gain_over_styles"].items()},
    )


def _front_of(told: dict[str, Any], genomes: np.ndarray, costs: np.ndarray) -> Front:
    values = [_numbers(member["objectives"]) for member in told["front"]]
    table = np.array(values, np.float64).reshape(len(values), -1)
    return Front(genomes, costs, table, told["hypervolume"], _numbers(told["reference"]) or ())
