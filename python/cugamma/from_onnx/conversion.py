"""A model to the rows of a network."""

from __future__ import annotations

import os
from typing import Iterable, Mapping, Optional, Sequence, Union

import onnx

from cugamma.from_onnx.errors import ModelError, printable
from cugamma.from_onnx.inference import Opsets
from cugamma.from_onnx.input_shapes import Inputs
from cugamma.from_onnx.model_file import check_model, read_model
from cugamma.from_onnx.outcome import Outcome, Place
from cugamma.from_onnx.rows import Network, merge_repeats
from cugamma.from_onnx.tensors import nodes_of
from cugamma.from_onnx.walk import Walk


def convert(
    model: Union[onnx.ModelProto, str, os.PathLike],
    dimensions: Optional[Mapping[str, int]] = None,
    merge: bool = True,
    shapes: Optional[Mapping[str, Sequence[int]]] = None,
    values: Optional[Mapping[str, Sequence[int]]] = None,
    skip: Iterable[str] = (),
) -> Network:
    """Rows for the nodes of a model, or of the file it is read from.

    `dimensions` gives sizes to named dimensions of the inputs, such as ``{"batch": 1}``, `shapes`
    whole shapes to inputs, such as ``{"image": [1, 3, 224, 224]}``, or to tensors that the model
    computes, `values` what a whole-number input holds, such as ``{"turns": [5]}``; `skip` names
    operators to leave out; `merge` writes equal shapes once. Raises UnmappableError for a node that
    has MACs but no row, ModelError for what is no model and for sizes that do not fit it.
    """
    if not isinstance(model, onnx.ModelProto):
        model = read_model(os.fspath(model))
    check_model(model)
    skip = list(skip)
    _check_skipped(model, skip)
    inputs = Inputs(model.graph)
    try:
        inputs.give_dimensions(dimensions or {})
    except ModelError as refused:
        raise ModelError(f"{refused}{_cause_behind(model, shapes)}") from None
    given = inputs.give_shapes(shapes or {})
    inputs.give_values(values or {})
    outcome = _walked(model, inputs, given, skip)
    rows = merge_repeats(outcome.rows) if merge else outcome.rows
    return Network(rows, dict(sorted(outcome.skipped.items())), outcome.notes)


def _walked(
    model: onnx.ModelProto, inputs: Inputs, given: Mapping[str, Sequence[int]], skip: Iterable[str]
) -> Outcome:
    place = Place(inputs.scope(), Opsets(model.opset_import))
    return Walk(model, given, skip).graph(model.graph, place)


def _cause_behind(model: onnx.ModelProto, shapes: Optional[Mapping[str, Sequence[int]]]) -> str:
    """What is unknown in a model for which somebody gave a dimension that it does not have."""
    try:
        inputs = Inputs(model.graph)
        _walked(model, inputs, inputs.give_shapes(shapes or {}), ())
    except ModelError as error:
        return f"; without it: {error}"
    return ""


def _check_skipped(model: onnx.ModelProto, skip: Iterable[str]) -> None:
    found = {node.op_type for node in nodes_of(model.graph)}
    for function in model.functions:
        found |= {node.op_type for node in nodes_of(onnx.GraphProto(node=function.node))}
    for op in skip:
        if op not in found:
            raise ModelError(f"no node is a '{printable(op)}', nothing to skip")
