"""Scoring populations."""

from __future__ import annotations

import functools
from typing import Sequence, Union

import numpy as np

from cugamma import _core
from cugamma._arrays import Mappings, cost_dtype, genome_dtype, rows, to_genomes
from cugamma._calls import expect, listed, pair, said
from cugamma._core import Accelerator, InputError, Layer

Layers = Union[Layer, Sequence[Layer]]
Accelerators = Union[Accelerator, Sequence[Accelerator]]

_ILLEGAL = 0xFF


@functools.lru_cache(maxsize=8)
def evaluator(backend: str, threads: int, cost_model: str = "maestro") -> _core.Evaluator:
    """The back end of that name with a cost model, made once."""
    return said(_core.Evaluator)(backend, threads, cost_model)


def evaluate(
    layer: Layers,
    accelerator: Accelerators,
    mappings: Mappings,
    *,
    backend: str = "auto",
    cost_model: str = "maestro",
    threads: int = 0,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Scores mappings in one call: an array of `cost_dtype`, one element a mapping.

    mappings: an array of `genome_dtype`, shape (n,), read without a copy when it is contiguous; or
        one Mapping, or several. With lists of layers or accelerators every genome names its own by
        `layer_index` and `accelerator_index`; Mapping objects belong to the first.
    backend: "auto", "reference", "cpu" or "cuda"; all give the same figures.
    cost_model: what mappings cost, one of `cost_models()`.
    threads: host threads, 0 for all cores.
    out: a contiguous array of `cost_dtype`, shape (n,), to be written and returned in place of a
        new one.

    Other Python threads run meanwhile. Raises InputError for an unknown back end or cost model, for
    indices out of range and for layers that genomes do not describe (strided ones: use `layer.unit_stride`),
    BackendError if the back end cannot run here. An illegal mapping is not an error; its status
    says why.
    """
    layers = listed("layer", layer, Layer)
    accelerators = listed("accelerator", accelerator, Accelerator)
    if not layers or not accelerators:
        raise InputError("evaluate: found no layer or no accelerator")
    genomes = to_genomes(mappings, layers[0])
    costs = _result(genomes, out)
    back_end = evaluator(backend, threads, cost_model)
    back_end.evaluate_rows(
        layers, accelerators, rows(genomes), costs.view(np.uint8).reshape(-1, 64)
    )
    return costs


def _result(genomes: np.ndarray, out: np.ndarray | None) -> np.ndarray:
    if out is None:
        return np.empty(genomes.size, cost_dtype)
    expect("out", out, np.ndarray, "an array of cost_dtype")
    if out.dtype != cost_dtype or out.shape != (genomes.size,) or not out.flags.c_contiguous:
        raise InputError(f"out: expected a contiguous array of cost_dtype, shape ({genomes.size},)")
    return out


def is_legal(costs: np.ndarray) -> np.ndarray:
    """Which costs belong to legal mappings, shape (n,)."""
    rows(costs, cost_dtype, "costs")
    return (costs["status"] & _ILLEGAL) == 0


def objective(
    name: str,
    layer: Layers,
    accelerator: Accelerators,
    mappings: Mappings,
    costs: np.ndarray,
) -> np.ndarray:
    """A figure of every mapping from its cost, float64, shape (n,); NaN where it is illegal.

    name: latency (cycles), energy (nJ), power (mW), EDP (nJ x cycles), area (um2), throughput
        (MACs per cycle), l1_size, l2_size (elements), LAP, LALP, EAP, L-PE, L-PE-L2, PE,
        maestro-energy (nJ), maestro-EDP, budget-area (um2). Raises InputError for another.
    """
    layers = listed("layer", layer, Layer)
    accelerators = listed("accelerator", accelerator, Accelerator)
    genomes = to_genomes(mappings, layers[0])
    told = rows(costs, cost_dtype, "costs")
    values = np.empty(len(told), np.float64)
    expect("name", name, str, "the name of an objective")
    _core.objective_rows(name, layers, accelerators, rows(genomes), told, values)
    return values


def random_mappings(
    layer: Layer,
    accelerator: Accelerator,
    count: int,
    *,
    seed: int = 1,
    levels: tuple[int, int] = (2, 2),
    parallel_rs: bool = False,
) -> np.ndarray:
    """Legal mappings as a first generation draws them: an array of `genome_dtype`, shape (count,).

    The same seed gives the same mappings; `levels` is the least and the largest number of cluster
    levels.
    """
    expect("layer", layer, Layer, "a Layer")
    expect("accelerator", accelerator, Accelerator, "an Accelerator")
    for what, number in (("count", count), ("seed", seed)):
        expect(what, number, (int, np.integer), "a whole number")
    least, most = pair("levels", levels)
    space = said(_core.SpaceOptions)(levels_min=least, levels_max=most, parallel_rs=parallel_rs)
    drawn = said(_core.random_rows)(layer, accelerator, count, seed, space)
    return drawn.view(genome_dtype).reshape(-1)
