"""Mapping search for DNN accelerators: MAESTRO's cost model, exact, and scored in bulk.

    import cugamma
    layer = cugamma.Layer("CONV", K=64, C=3, Y=226, X=226, R=3, S=3)
    machine = cugamma.Accelerator(num_pes=168, l1_size_elems=512, l2_size_elems=108000)
    result = cugamma.search(layer, machine, objectives="latency", evaluations=10_000)
    print(result)
    print(cugamma.search("vgg16", machine, evaluations=10_000))  # all layers

Results have to_frame() and plot(), and notebooks show them as tables (docs/python.md). Populations
are numpy arrays: mappings of ``genome_dtype``, figures of ``cost_dtype``.
"""

import importlib.metadata

from cugamma._arrays import (
    NO_DIMENSION,
    cost_dtype,
    genome_dtype,
    pack,
    to_genomes,
    to_mapping,
    unpack,
)
from cugamma._core import (
    Accelerator,
    BackendError,
    CallError,
    Constraint,
    CostConstants,
    InputError,
    Layer,
    Mapping,
    NamedMapping,
    NetworkLayer,
)
from cugamma import _core
from cugamma._calls import say_methods, said
from cugamma._constraints import constraint, style_mapping, styles
from cugamma._evaluate import evaluate, is_legal, objective, random_mappings
from cugamma._genetic_search import GeneticSearch
from cugamma._networks import from_torch, model_names, network
from cugamma._options import SearchOptions
from cugamma._results import (
    Front,
    LayerResult,
    NetworkFront,
    NetworkProgress,
    NetworkResult,
    Progress,
    Proof,
    SearchResult,
)
from cugamma._search import search

__version__ = importlib.metadata.version("cugamma")

available_evaluators = said(_core.available_evaluators)
cost_models = said(_core.cost_models)
read_maestro = said(_core.read_maestro)
reasons = said(_core.reasons)
report = said(_core.report)
for _kind in (Accelerator, Constraint, CostConstants, Layer, Mapping, NamedMapping, NetworkLayer):
    say_methods(_kind)

__all__ = [
    "__version__",
    "NO_DIMENSION",
    "Accelerator",
    "BackendError",
    "CallError",
    "Constraint",
    "CostConstants",
    "Front",
    "GeneticSearch",
    "InputError",
    "Layer",
    "LayerResult",
    "Mapping",
    "NamedMapping",
    "NetworkFront",
    "NetworkLayer",
    "NetworkProgress",
    "NetworkResult",
    "Proof",
    "Progress",
    "SearchOptions",
    "SearchResult",
    "available_evaluators",
    "constraint",
    "cost_dtype",
    "cost_models",
    "evaluate",
    "from_torch",
    "genome_dtype",
    "is_legal",
    "model_names",
    "network",
    "objective",
    "pack",
    "random_mappings",
    "read_maestro",
    "reasons",
    "report",
    "search",
    "style_mapping",
    "styles",
    "to_genomes",
    "to_mapping",
    "unpack",
]
