"""The search of mappings by Timeloop's model."""

from __future__ import annotations

import dataclasses
import os
from typing import Any, Mapping, Sequence, Union

from cugamma import _core
from cugamma._core import InputError, NetworkLayer
from cugamma._network_search import Network, layers_of
from cugamma._calls import expect
from cugamma._options import Path, folder_of_checkpoint, limit_list
from cugamma.timeloop._evaluation import Evaluation, Source, evaluation_of, text_of

Choice = Union[str, int, Sequence[Union[str, int]]]
#: The least and the most that options can be.
_BOUNDS = {
    "evaluations": (1, 2**62),
    "time_limit": (0, float("inf")),
    "checkpoint_every": (0, float("inf")),
    "seed": (0, 2**64 - 1),
    "population": (2, 10_000_000),
    "islands": (1, 4096),
    "migration_interval": (0, 2**62),
}


@dataclasses.dataclass(frozen=True)
class Improvement:
    """When a search found a better mapping."""

    evaluations: int
    seconds: float
    values: tuple[float, ...]
    """Of the objectives, the less the better: of utilization the cycles, which decide it."""


@dataclasses.dataclass(frozen=True)
class FrontMember:
    """A mapping that no other one beats in all objectives."""

    values: tuple[float, ...]
    evaluation: Evaluation


@dataclasses.dataclass(frozen=True)
class LayerResult:
    """What was found for a problem."""

    name: str
    layers: list[str]
    """Names of the network's layers that are this problem."""
    count: int
    """How often the network runs it."""
    best: Evaluation | None
    """None: no valid mapping was found."""
    values: tuple[float, ...] | None
    """The objectives' values of the best mapping."""
    history: list[Improvement]
    front: list[FrontMember]
    evaluations: int
    """Valid mappings that were scored."""
    proposals: int
    rejected: dict[str, int]
    """Mappings that the model rejected, by reason."""
    over_limit: int
    seconds: float


@dataclasses.dataclass(frozen=True)
class SearchResult:
    """What was found for a problem, or for the layers of a network."""

    objectives: tuple[str, ...]
    layers: list[LayerResult]
    backend: str

    @property
    def best(self) -> Evaluation | None:
        """Of the one problem. Raises InputError if there are several."""
        if len(self.layers) != 1:
            raise InputError(f"found {len(self.layers)} problems, expected one; see layers")
        return self.layers[0].best

    @property
    def cycles(self) -> int | None:
        """Of all layers, each as often as the network runs it; None if one has no mapping."""
        return self._sum("cycles")

    @property
    def energy(self) -> float | None:
        """In pJ, of all layers; None if one has no mapping."""
        return self._sum("energy")

    def _sum(self, figure: str) -> Any:
        if any(layer.best is None for layer in self.layers):
            return None
        return sum(layer.count * getattr(layer.best, figure) for layer in self.layers)


def search(
    *sources: Source,
    model: Network | None = None,
    layer: Choice = "all",
    objective: str | Sequence[str] | None = None,
    pareto: str | Sequence[str] | None = None,
    limit: str | Mapping[str, float] = "",
    evaluations: int | None = None,
    time_limit: float | None = None,
    seed: int = 1,
    population: int = 64,
    islands: int = 1,
    migration_interval: int = 20,
    explore_bypass: bool = False,
    backend: str = "auto",
    checkpoint: Path | None = None,
    checkpoint_every: float | None = None,
    resume: Path | None = None,
) -> SearchResult:
    """Searches the best mapping of a problem onto an architecture, as timeloop-mapper does.

    sources: files or dictionaries with architecture, problem, constraints, mapper.
    model: a network in place of the problem: a name, a file, or layers; layer: "all", or numbers
        from 1 and names of those that are searched.
    objective: one to four of edp, latency, energy, utilization, accesses-N, last_level_accesses;
        the first ranks, the others break ties; without it the files' optimization_metrics, else edp.
    pareto: two or three objectives: the front of mappings, in place of one winner.
    limit: bounds that mappings keep, such as {"latency": 500_000}.
    evaluations: valid mappings of a problem; without it the files' search_size, else 100,000;
        time_limit: seconds of a problem's search, which end it alone if evaluations is not given.
    explore_bypass: search which level keeps which tensor, where constraints leave it open.
    checkpoint: a folder that the search is saved in, at the end and every checkpoint_every seconds
        (60).
    resume: a checkpoint, a folder or file, of a search with the same arguments; evaluations and
        time_limit may differ. The search goes on from it, and is saved in the same folder unless
        checkpoint names another one.

    A seed always finds the same, unless time_limit ends the search. Raises InputError, which names
    the place, for what cannot be searched. Ctrl-C ends it and is raised, once it is saved.
    """
    if pareto is not None and objective is not None:
        raise InputError("pareto: a front has no first objective; give pareto or objective")
    wishes = _core.TimeloopWishes()
    numbers = {
        "evaluations": evaluations,
        "time_limit": time_limit,
        "seed": seed,
        "population": population,
        "islands": islands,
        "migration_interval": migration_interval,
    }
    for name, number in numbers.items():
        if number is not None:
            setattr(wishes, "seconds" if name == "time_limit" else name, _checked(name, number))
    if objective is not None:
        wishes.objectives = _names("objective", objective)
    if pareto is not None:
        wishes.pareto = _names("pareto", pareto)
    wishes.limits = limit_list(limit)
    wishes.explores_bypass = explore_bypass
    wishes.back_end = backend
    _set_checkpoints(wishes, checkpoint, checkpoint_every, resume)
    if model is None and layer != "all":
        raise InputError(f"layer: found {layer!r}, but no model whose layer it is")
    layers = [] if model is None else _chosen(layers_of(model)[0], layer)
    names, found, used = _core._timeloop_search([text_of(s) for s in sources], layers, wishes)
    return SearchResult(tuple(names), [_layer_result(told) for told in found], used)


def _set_checkpoints(
    wishes: Any, checkpoint: Path | None, every: float | None, resume: Path | None
) -> None:
    for name, path in (("checkpoint", checkpoint), ("resume", resume)):
        if path is not None:
            expect(name, path, (str, os.PathLike), "a path")
    if checkpoint is None and resume is None:
        if every is not None:
            raise InputError(f"checkpoint_every: found {every!r}, but no checkpoint or resume")
        return
    folder = folder_of_checkpoint(resume) if checkpoint is None and resume is not None else checkpoint
    wishes.save_in(os.fspath(folder), "" if resume is None else os.fspath(resume))
    if every is not None:
        wishes.save_every(_checked("checkpoint_every", every))


def _checked(name: str, number: Any) -> Any:
    least, most = _BOUNDS[name]
    is_time = name in ("time_limit", "checkpoint_every")
    kinds = (int, float) if is_time else (int,)
    number = number.item() if hasattr(number, "item") else number
    is_kind = isinstance(number, kinds) and not isinstance(number, bool)
    if is_kind and least <= number <= most:
        return number
    kind = "a number" if is_time else "a whole number"
    raise InputError(f"{name}: found {number!r}, expected {kind} from {least} to {most}")


def _names(option: str, given: str | Sequence[str]) -> str:
    names = given if isinstance(given, str) else ",".join(given)
    if not names:
        raise InputError(f"{option}: found none, expected at least one objective")
    return names


def _chosen(layers: list[NetworkLayer], choice: Choice) -> list[NetworkLayer]:
    if not layers:
        raise InputError("model: found no layers, expected at least one")
    if choice == "all":
        return layers
    choices = [choice] if isinstance(choice, (str, int)) else list(choice)
    if not choices:
        raise InputError("layer: found none, expected all, or numbers and names")
    return [_one_of(layers, one) for one in choices]


def _one_of(layers: list[NetworkLayer], choice: str | int) -> NetworkLayer:
    if isinstance(choice, int) and 1 <= choice <= len(layers):
        return layers[choice - 1]
    named = [layer for layer in layers if layer.name == choice]
    if named:
        return named[0]
    raise InputError(
        f"layer: found {choice!r}, expected all, a number from 1 to {len(layers)}, or a name such "
        f'as "{layers[0].name}"'
    )


def _layer_result(told: dict[str, Any]) -> LayerResult:
    best, values = told.pop("best"), told.pop("values")
    history = [Improvement(n, seconds, tuple(at)) for n, seconds, at in told.pop("history")]
    front = [FrontMember(tuple(at), evaluation_of(texts)) for at, texts in told.pop("front")]
    return LayerResult(
        best=None if best is None else evaluation_of(best),
        values=None if values is None else tuple(values),
        history=history,
        front=front,
        **told,
    )
