"""Searching for mappings."""

from __future__ import annotations

import time
from typing import Any, Callable, Sequence, overload
from typing import Mapping as Mapping_

import numpy as np

from cugamma import _core
from cugamma._arrays import Mappings, cost_dtype, genome_dtype, rows, to_genomes
from cugamma._constraints import constraint as constraint_named
from cugamma._core import Accelerator, Constraint, InputError, Layer, Mapping
from cugamma._evaluate import evaluator, objective
from cugamma._network_search import Network, NetworkProgress, NetworkResult
from cugamma._network_search import limit_list, search_network
from cugamma._results import Front, Progress, SearchResult


class GeneticSearch:
    """GAMMA's algorithm, told apart from whoever evaluates: `ask` proposes, `tell` takes costs.

    Every proposal is a function of the seed and of the costs told before. Raises InputError for
    options that make no search. See `search` for the parameters.
    """

    def __init__(
        self,
        layer: Layer,
        accelerator: Accelerator,
        objectives: str | Sequence[str] = "latency,energy",
        *,
        population: int | None = None,
        seed: int = 1,
        trust: str = "strict",
        levels: tuple[int, int] | None = None,
        parallel_rs: bool = False,
        cluster_size: int = 0,
        factors_only: bool = False,
        selection: str = "truncation",
        tournament_size: int = 2,
        front_size: int = 1000,
        reference: Sequence[float] = (),
        constraint: str | Constraint | None = None,
        flex: str | None = None,
        limits: str | Mapping_[str, float] = "",
        initial: Mappings = (),
        cost_model: str = "exact",
    ):
        obeyed = _constraint(constraint, flex)
        if levels is None:
            levels = (obeyed.levels, obeyed.levels) if obeyed else (2, 2)
        if obeyed:
            self.layer = obeyed.mapped_layer(layer, cost_model)
        else:
            self.layer = _core.searched_form(layer, cost_model)
        self.cost_model = cost_model
        self.accelerator = accelerator
        self.objectives = _names(objectives)
        space = _core.SpaceOptions(
            levels_min=levels[0],
            levels_max=levels[1],
            parallel_rs=parallel_rs,
            cluster_size=cluster_size,
            factors_only=factors_only,
        )
        self._has_front = selection == "pareto"
        if len(reference) and not self._has_front:
            raise InputError('reference: bounds the front of selection "pareto", but there is none')
        choice = _core.Selection(selection, tournament_size, front_size, list(reference))
        start = rows(to_genomes(initial, self.layer))
        names = ",".join(self.objectives)
        self._core = _core.GeneticSearch(
            layer,
            accelerator,
            names,
            population,
            seed,
            trust,
            space,
            choice,
            obeyed,
            limit_list(limits),
            start,
            cost_model,
        )

    def ask(self, at_most: int) -> np.ndarray:
        """The next generation, `genome_dtype`; empty if there is no mapping left to propose.

        Raises InputError if the costs of the last one were not told.
        """
        return self._core.ask_rows(at_most).view(genome_dtype).reshape(-1)

    def tell(self, costs: np.ndarray) -> None:
        """The costs of the mappings last asked for, `cost_dtype`, in their order.

        Raises InputError for another number of them, or if nothing was asked for since the last.
        """
        self._core.tell_rows(rows(costs, cost_dtype, "costs"))

    def best(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The best feasible mapping and its cost, arrays of shape (1,); None if there is none."""
        found = self._core.best_rows
        if found is None:
            return None
        return found[0].view(genome_dtype).reshape(-1), found[1].view(cost_dtype).reshape(-1)

    def best_values(self) -> tuple[float, ...] | None:
        """The objectives' values of the best mapping."""
        found = self.best()
        if found is None:
            return None
        return tuple(
            float(objective(name, self.layer, self.accelerator, *found)[0])
            for name in self.objectives
        )

    def front(self) -> Front | None:
        """What nothing found so far beats; None unless the selection is "pareto"."""
        if not self._has_front:
            return None
        genomes, costs, hypervolume, reference = self._core.front_rows
        genomes = genomes.view(genome_dtype).reshape(-1)
        costs = costs.view(cost_dtype).reshape(-1)
        columns = [
            objective(name, self.layer, self.accelerator, genomes, costs)
            for name in self.objectives
        ]
        figures = tuple(abs(value) for value in reference[: len(self.objectives)])
        return Front(genomes, costs, np.column_stack(columns), hypervolume, figures)

    @property
    def generation(self) -> int:
        return self._core.generation

    @property
    def evaluations(self) -> int:
        return self._core.evaluations

    @property
    def rejected(self) -> dict[str, int]:
        return self._core.rejected


@overload
def search(
    layer: Layer,
    accelerator: Accelerator,
    objectives: str | Sequence[str] = ...,
    *,
    progress: Callable[[Progress], object] | None = ...,
    **options: Any,
) -> SearchResult: ...


@overload
def search(
    layer: Network,
    accelerator: Accelerator,
    objectives: str | Sequence[str] = ...,
    *,
    progress: Callable[[NetworkProgress], object] | None = ...,
    **options: Any,
) -> NetworkResult: ...


def search(layer, accelerator, objectives=None, *, progress=None, **options):
    """Searches the best mapping of a layer, or of every layer of a network.

    layer: a Layer; or a network: its name or file, what `network` returns, or some of its layers.
    objectives: names as `objective` takes them; the first ranks, the others break ties;
        "latency,energy" if none are given.

    **A layer** gives a `SearchResult`.

    generations (bred after the first population), evaluations, time_limit (seconds): whichever is
        reached first ends the search; 20 generations if none is given.
    backend ("auto"), threads (0: all cores).
    progress: called with a `Progress` after every generation; returning False ends the search.
    cost_model ("exact": one of `cost_models()`).
    population (64, with another trust 32, for a front 200), seed (1), trust ("strict", "plausible"
        or "maestro-compat": which tests of a model's plausibility reject), levels (least and most; (2, 2), or
        as many as the constraint has), parallel_rs, cluster_size (0: free), factors_only, initial
        (mappings that join the first generation), selection ("truncation", "tournament", or
        "pareto", which keeps the front of two or three objectives in the result's `front`),
        tournament_size (2), front_size (1000: its most members), reference (figures where its
        hypervolume ends; without them 1.1 times the first generation's worst), constraint (a name,
        a YAML file or a Constraint: only what an accelerator can run), flex (its free axes), limits
        ("power=500,area=2e6", or a dict of it: what a mapping must keep).

    **A network** gives a `NetworkResult`, with the figures that `cugamma search` gives for the same
    options. They have the names of the command line, with _ for -, and its defaults: those above,
    except that 100000 evaluations a layer end the search if nothing else does; and

    pareto (two or three objectives: a front for every layer), strict, maestro_compat (short for the
        values of trust), population (or "auto"), algorithm ("gamma"), patience (60: generations
        without a better best after which all but the best is drawn anew; 0: never), islands,
        migration_interval (10), levels_min, levels_max, devices ("all", or numbers from 0), init
        (in place of initial: a result.json or MAESTRO file, or what `read_maestro` returns), model
        (the network's name in the result).
    num_pes: "search" searches the PEs too, up to pe_limit (4096); with area_budget (mm^2), which
        several layers need: one accelerator is searched for all of them (docs/networks.md).
    checkpoint (a folder), checkpoint_every (60 seconds), resume (a checkpoint of a search with the
        same arguments).
    progress: called with a `NetworkProgress`; after False the generation under way is the last.

    With cost model "maestro" a strided layer is searched as the unit-stride layer with the same
    outputs. The same seed gives
    the same result on any number of threads and any back end. Other Python threads run meanwhile;
    Ctrl-C ends a search. Raises InputError, BackendError.
    """
    if isinstance(layer, Layer):
        objectives = "latency,energy" if objectives is None else objectives
        return _search_layer(layer, accelerator, objectives, progress=progress, **options)
    return search_network(layer, accelerator, objectives, progress=progress, **options)


def _search_layer(
    layer: Layer,
    accelerator: Accelerator,
    objectives: str | Sequence[str],
    *,
    generations: int | None = None,
    evaluations: int | None = None,
    time_limit: float | None = None,
    backend: str = "auto",
    threads: int = 0,
    progress: Callable[[Progress], object] | None = None,
    **options: Any,
) -> SearchResult:
    if generations is None and evaluations is None and time_limit is None:
        generations = 20
    state = GeneticSearch(layer, accelerator, objectives, **options)
    back_end = evaluator(backend, threads, state.cost_model)
    limits = _Limits(generations, evaluations, time_limit)
    history: list[Progress] = []
    stopped = False
    while not stopped and not limits.reached(state):
        genomes = state.ask(limits.evaluations_left(state))
        if genomes.size == 0:
            break
        costs = np.empty((genomes.size, 64), np.uint8)
        back_end.evaluate_rows([state.layer], [accelerator], rows(genomes), costs)
        state.tell(costs.view(cost_dtype))
        history.append(
            Progress(state.generation - 1, state.evaluations, state.best_values(), limits.seconds())
        )
        stopped = progress is not None and progress(history[-1]) is False
    return _result(state, history, limits.seconds(), back_end.name, stopped)


class _Limits:
    """When a search ends."""

    def __init__(self, generations: int | None, evaluations: int | None, time_limit: float | None):
        for name, value, least in (
            ("generations", generations, 0),
            ("evaluations", evaluations, 1),
            ("time_limit", time_limit, 0),
        ):
            if value is not None and not value >= least:
                raise InputError(f"{name}: found {value}, expected {least} or more")
        self._generations = generations
        self._evaluations = evaluations
        self._time_limit = time_limit
        self._start = time.monotonic()

    def seconds(self) -> float:
        return time.monotonic() - self._start

    def evaluations_left(self, state: GeneticSearch) -> int:
        most = np.iinfo(np.int64).max if self._evaluations is None else self._evaluations
        return most - state.evaluations

    def reached(self, state: GeneticSearch) -> bool:
        return (
            (self._generations is not None and state.generation > self._generations)
            or self.evaluations_left(state) <= 0
            or (self._time_limit is not None and self.seconds() >= self._time_limit)
        )


def _result(
    state: GeneticSearch, history: list[Progress], seconds: float, backend: str, stopped: bool
) -> SearchResult:
    found = state.best()
    genome, cost = found or (np.empty(0, genome_dtype), np.empty(0, cost_dtype))
    best = Mapping._from_row(rows(genome), state.layer) if found else None
    metrics = {}
    if best:
        metrics = _core.report(state.layer, state.accelerator, best, state.cost_model)["metrics"]
    return SearchResult(
        layer=state.layer,
        accelerator=state.accelerator,
        objectives=state.objectives,
        best=best,
        values=state.best_values(),
        metrics=metrics,
        genome=genome,
        cost=cost,
        evaluations=state.evaluations,
        rejected=state.rejected,
        history=history,
        seconds=seconds,
        backend=backend,
        stopped=stopped,
        front=state.front(),
    )


def _constraint(given: str | Constraint | None, flex: str | None) -> Constraint | None:
    if given is None:
        if flex is not None:
            raise InputError("flex: frees axes of a constraint, but there is none")
        return None
    if isinstance(given, str):
        return constraint_named(given, flex)
    return given if flex is None else given.flex(flex)


def _names(objectives: str | Sequence[str]) -> tuple[str, ...]:
    if isinstance(objectives, str):
        objectives = objectives.split(",")
    return tuple(name.strip() for name in objectives)
