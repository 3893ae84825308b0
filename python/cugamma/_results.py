"""What searches return."""

from __future__ import annotations

import dataclasses

import numpy as np

from cugamma._core import Accelerator, Layer, Mapping


@dataclasses.dataclass(frozen=True)
class Progress:
    """Where a search stands after a generation."""

    generation: int  #: 0: the first population
    evaluations: int
    best: tuple[float, ...] | None  #: values of the objectives; None before a feasible mapping
    seconds: float


@dataclasses.dataclass(frozen=True)
class Front:
    """The feasible mappings found that no other one beats in all objectives, in the order of the
    first objective."""

    genomes: np.ndarray  #: genome_dtype, shape (n,)
    costs: np.ndarray  #: cost_dtype, shape (n,)
    values: np.ndarray  #: float64, shape (n, number of objectives)
    hypervolume: float  #: what they beat, up to the reference, in units of it (docs/fronts.md)
    reference: tuple[float, ...]  #: figures, one an objective; all 0 before a feasible mapping


@dataclasses.dataclass(frozen=True)
class SearchResult:
    """What a search found, and how."""

    layer: Layer  #: as it was searched: with unit stride
    accelerator: Accelerator
    objectives: tuple[str, ...]
    best: Mapping | None  #: None if no mapping was feasible
    values: tuple[float, ...] | None  #: the best mapping's, one an objective
    metrics: dict[str, float]  #: MAESTRO's columns and energy_nj of the best mapping
    genome: np.ndarray  #: the best mapping, genome_dtype, shape (1,) or (0,)
    cost: np.ndarray  #: its cost, cost_dtype, shape (1,) or (0,)
    evaluations: int
    rejected: dict[str, int]  #: individuals not used, by reason
    history: list[Progress]
    seconds: float
    backend: str
    stopped: bool  #: by the progress callback
    front: Front | None = None  #: with selection="pareto"

    def __str__(self) -> str:
        if self.best is None:
            return (
                f"no feasible mapping in {self.evaluations} evaluations, rejected {self.rejected}"
            )
        found = ", ".join(f"{n} {v:g}" for n, v in zip(self.objectives, self.values or ()))
        head = f"{found} after {self.evaluations} evaluations in {self.seconds:.2f} s\n"
        return head + self.best.to_maestro(self.layer)
