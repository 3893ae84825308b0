"""GAMMA's algorithm, told apart from whoever evaluates."""

from __future__ import annotations

from collections.abc import Mapping as Mapping_
from collections.abc import Sequence

import numpy as np

from cugamma import _core
from cugamma._arrays import Mappings, cost_dtype, genome_dtype, rows, to_genomes
from cugamma._calls import expect, pair, said
from cugamma._core import Accelerator, Constraint, InputError, Layer
from cugamma._evaluate import objective
from cugamma._options import constraint_of, limit_list
from cugamma._results import Front


def names_of(objectives: str | Sequence[str]) -> tuple[str, ...]:
    """Objectives as their names: of a list with commas, or of a sequence."""
    if isinstance(objectives, str):
        objectives = objectives.split(",")
    return tuple(name.strip() for name in objectives)


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
        believe: str = "strict",
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
        expect("layer", layer, Layer, "a Layer")
        expect("accelerator", accelerator, Accelerator, "an Accelerator")
        for name, value in (("population", population or 2), ("seed", seed)):
            expect(name, value, (int, np.integer), "a whole number")
        for name, value in (("believe", believe), ("selection", selection), ("cost_model", cost_model)):
            expect(name, value, str, "a str")
        obeyed = constraint_of(constraint, flex)
        if levels is None:
            levels = (obeyed.levels, obeyed.levels) if obeyed else (2, 2)
        if obeyed:
            self.layer = obeyed.mapped_layer(layer, cost_model)
        else:
            self.layer = _core.searched_form(layer, cost_model)
        self.cost_model = cost_model
        self.accelerator = accelerator
        self.objectives = names_of(objectives)
        least, most = pair("levels", levels)
        space = said(_core.SpaceOptions)(
            levels_min=least,
            levels_max=most,
            parallel_rs=parallel_rs,
            cluster_size=cluster_size,
            factors_only=factors_only,
        )
        self._has_front = selection == "pareto"
        expect("reference", reference, (Sequence, np.ndarray), "numbers")
        if len(reference) and not self._has_front:
            raise InputError('reference: bounds the front of selection "pareto", but there is none')
        choice = said(_core.Selection)(selection, tournament_size, front_size, list(reference))
        start = rows(to_genomes(initial, self.layer))
        names = ",".join(self.objectives)
        self._core = said(_core.GeneticSearch)(
            layer,
            accelerator,
            names,
            population,
            seed,
            believe,
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
        expect("at_most", at_most, (int, np.integer), "a whole number")
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
        values = np.column_stack(columns)
        return Front(genomes, costs, values, hypervolume, figures, self.objectives)

    @property
    def generation(self) -> int:
        """Generations told so far."""
        return self._core.generation

    @property
    def evaluations(self) -> int:
        """Mappings told so far."""
        return self._core.evaluations

    @property
    def rejected(self) -> dict[str, int]:
        """Mappings that were not used, by reason."""
        return self._core.rejected
