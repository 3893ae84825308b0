"""Searching for the mappings of layers and networks."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import os
import pathlib
from typing import Any, Callable, Sequence, Union

import numpy as np

from cugamma import _core
from cugamma._arrays import cost_dtype, genome_dtype, rows
from cugamma._calls import expect, found_text
from cugamma._constraints import constraint as constraint_named
from cugamma._constraints import styles
from cugamma._core import Accelerator, CallError, Constraint, InputError, Layer, Mapping
from cugamma._core import NetworkLayer
from cugamma._networks import network as network_named
from cugamma._options import set_options
from cugamma._results import Front, LayerResult, NetworkResult, Progress

Network = Union[str, "os.PathLike[str]", NetworkLayer, Sequence[Union[NetworkLayer, Layer]]]
Machine = Union[Accelerator, str, "os.PathLike[str]"]
#: Told generation, evaluations, seconds, stage and the best of a search of one layer.
Observer = Callable[[int, int, float, str, "tuple[float, ...] | None"], object]


def layers_of(network: Any) -> tuple[list[NetworkLayer], str]:
    """The rows of what a search is given, and the name of the network."""
    if isinstance(network, (str, os.PathLike)):
        return network_named(network), pathlib.Path(network).stem
    if isinstance(network, NetworkLayer):
        return [network], network.name
    if isinstance(network, Layer):
        return [NetworkLayer("layer", network)], "layer"
    words = "a network's name or file, a Layer, or layers"
    try:
        given = list(network)
    except TypeError:
        raise CallError(f"search: found {found_text(network)}, expected {words}") from None
    layers = []
    for number, each in enumerate(given, 1):
        expect("search", each, (NetworkLayer, Layer), words)
        is_row = isinstance(each, NetworkLayer)
        layers.append(each if is_row else NetworkLayer(f"layer{number}", each))
    return layers, "network"


def accelerator_of(given: Any) -> Accelerator:
    """The accelerator that a search is given: itself, or by its name or file; None: the usual."""
    if given is None:
        return Accelerator()
    if isinstance(given, (str, os.PathLike)):
        return Accelerator.read(given)
    expect("accelerator", given, Accelerator, "an Accelerator, a name or a file")
    return given


def search_network(
    network: Any,
    accelerator: Any,
    objectives: str | Sequence[str] | None,
    observe: Observer | None,
    options: dict[str, Any],
) -> NetworkResult:
    """Searches the mappings of layers; see `search`. The observer ends the search by False."""
    request = _core.NetworkSearchRequest()
    request.layers, request.model = layers_of(network)
    request.accelerator = accelerator_of(accelerator)
    request.set_dataflows(_dataflows())
    _set_objectives(request, objectives, options)
    set_options(request, {name: given for name, given in options.items() if name != "pareto"})
    stopped = False

    def report(*now: Any) -> bool:
        nonlocal stopped
        stopped = observe is not None and observe(*now) is False
        return not stopped

    found = request.run(report if observe is not None else None)
    return _result_of(found, stopped)


def _set_objectives(
    request: Any, objectives: str | Sequence[str] | None, options: dict[str, Any]
) -> None:
    pareto = options.get("pareto")
    has_front = pareto is not None or options.get("selection") == "pareto"
    if options.get("reference") and not has_front:
        raise InputError("reference: bounds the front of pareto, but there is none")
    if pareto is not None:
        if objectives is not None or options.get("selection") is not None:
            raise InputError("pareto: a front has no first objective and a selection of its own")
        objectives = pareto
        request.set_selection("pareto")
    if objectives is not None:
        request.set_objectives(_names(objectives))


def _names(objectives: str | Sequence[str]) -> str:
    """Objectives as the command line spells them."""
    names = [objectives] if isinstance(objectives, str) else objectives
    try:
        return ",".join(names)
    except TypeError:
        words = "names of objectives"
        raise CallError(f"objectives: found {found_text(objectives)}, expected {words}") from None


@functools.lru_cache(maxsize=1)
def _dataflows() -> list[Constraint]:
    """What gains compare with."""
    return [constraint_named(name) for name in styles()]


def _number(value: Any) -> Any:
    """A number of result.json, where null stands for those that are not finite."""
    return math.nan if value is None else value


def _numbers(values: Sequence[Any] | None) -> tuple[float, ...] | None:
    return None if values is None else tuple(_number(value) for value in values)


def _result_of(found: Any, stopped: bool) -> NetworkResult:
    text = found.json
    told = json.loads(text)
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
        _json=text,
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
    front = None
    if "front" in told:
        front = _front_of(told, genomes[members:], costs[members:], objectives)
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
        history=[Progress(*step, math.nan) for step in entry["history"]],
        seconds=told["seconds"],
        backend=backend,
        stopped=stopped,
        front=front,
        name=told["name"],
        given=entry["given"],
        count=told["count"],
        gains={name: _number(gain) for name, gain in told["gain_over_styles"].items()},
        above_bound=told["above_bound"],
    )


def _front_of(
    told: dict[str, Any], genomes: np.ndarray, costs: np.ndarray, objectives: tuple[str, ...]
) -> Front:
    values = [_numbers(member["objectives"]) for member in told["front"]]
    table = np.array(values, np.float64).reshape(len(values), len(objectives))
    reference = _numbers(told["reference"]) or ()
    return Front(genomes, costs, table, told["hypervolume"], reference, objectives)


def of_one_layer(result: NetworkResult, seconds: dict[int, float]) -> LayerResult:
    """The layer of a search of one, with the seconds that were seen of its generations."""
    (layer,) = result.layers
    history = [
        dataclasses.replace(step, seconds=seconds.get(step.generation, math.nan))
        for step in layer.history
    ]
    return dataclasses.replace(layer, history=history, run=result)
