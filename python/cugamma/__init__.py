"""Mapping search for DNN accelerators: MAESTRO's cost model, exact, and scored in bulk.

    import cugamma
    layer = cugamma.Layer("CONV", K=64, C=3, Y=226, X=226, R=3, S=3)
    machine = cugamma.Accelerator(num_pes=168, l1_size_elems=512, l2_size_elems=108000)
    result = cugamma.search(layer, machine, objectives="latency", evaluations=10_000)
    print(result)
    print(cugamma.search("vgg16", machine, evaluations=10_000))  # all layers

Populations are numpy arrays: mappings of ``genome_dtype``, figures of ``cost_dtype``.
"""

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
    Constraint,
    CostConstants,
    InputError,
    Layer,
    Mapping,
    NamedMapping,
    NetworkLayer,
    available_evaluators,
    cost_models,
    read_maestro,
    reasons,
    report,
)
from cugamma._constraints import constraint, style_mapping, styles
from cugamma._evaluate import evaluate, is_legal, objective, random_mappings
from cugamma._networks import model_names, network
from cugamma._network_search import LayerResult, NetworkProgress, NetworkResult, Proof
from cugamma._results import Front, Progress, SearchResult
from cugamma._search import GeneticSearch, search

__all__ = [
    "NO_DIMENSION",
    "Accelerator",
    "BackendError",
    "Constraint",
    "CostConstants",
    "Front",
    "GeneticSearch",
    "InputError",
    "Layer",
    "LayerResult",
    "Mapping",
    "NamedMapping",
    "NetworkLayer",
    "NetworkProgress",
    "NetworkResult",
    "Proof",
    "Progress",
    "SearchResult",
    "available_evaluators",
    "constraint",
    "cost_dtype",
    "cost_models",
    "evaluate",
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
