"""A walk over the nodes of a model: shapes and constants from the inputs on, rows on the way."""

from __future__ import annotations

import collections
import dataclasses
from typing import Callable, Iterable, Mapping, Optional, Sequence

import onnx

from cugamma.from_onnx import control_flow, functions, operators
from cugamma.from_onnx.errors import ModelError, UnmappableError, printable
from cugamma.from_onnx.folding import constant, fold
from cugamma.from_onnx.inference import Opsets, infer
from cugamma.from_onnx.node import STANDARD_DOMAINS, Node
from cugamma.from_onnx.operators import contrib
from cugamma.from_onnx.outcome import Outcome, Place
from cugamma.from_onnx.tensors import (
    Scope,
    Tensor,
    Unknown,
    completed,
    described,
    element_type,
    nodes_of,
    subgraphs,
    tensor_type,
    without_impossible_sizes,
    without_names,
)

# Visits beyond those of a model without functions and loops; a visit takes about 0.1 ms.
MOST_EXTRA_VISITS = 50_000
# Of these, visits in the turns of loops that are walked turn by turn.
MOST_TURN_VISITS = 5_000
DEEPEST = 40


class Walk:
    """Walks a model once. `given` are shapes by name of a tensor that the user knows better."""

    def __init__(
        self,
        model: onnx.ModelProto,
        given: Mapping[str, Sequence[int]],
        skip: Iterable[str] = (),
    ):
        self._functions = functions.table(model)
        self._given = given
        self._skip = frozenset(skip)
        self._visits_left = sum(1 for _ in nodes_of(model.graph)) + MOST_EXTRA_VISITS
        self.turn_visits_left = MOST_TURN_VISITS

    def graph(self, graph: onnx.GraphProto, place: Place) -> Outcome:
        """Visits the nodes of a graph whose inputs the scope already has."""
        for tensor in graph.initializer:
            kind = tensor_type(tensor.data_type, list(tensor.dims))
            place.scope[tensor.name] = Tensor(kind, constant(tensor))
        for sparse in graph.sparse_initializer:
            kind = tensor_type(sparse.values.data_type, list(sparse.dims))
            place.scope[sparse.values.name] = Tensor(kind)
        declared = {
            value.name: without_names(without_impossible_sizes(value.type, 1))
            for value in (*graph.value_info, *graph.output)
        }
        return self.nodes(graph.node, dataclasses.replace(place, declared=declared))

    def nodes(self, nodes: Iterable[onnx.NodeProto], place: Place) -> Outcome:
        total = Outcome()
        for index, proto in enumerate(nodes):
            own = proto.name or f"{proto.op_type}_{index}"
            total.add(self._visit(proto, own, place))
        return total

    def _visit(self, proto: onnx.NodeProto, own: str, place: Place) -> Outcome:
        node = Node(proto, "/".join((*place.path, own)), place.scope)
        self._visits_left -= 1
        if self._visits_left < 0:
            raise node.fail(
                f"functions, loops and branches lead to more than {MOST_EXTRA_VISITS} further nodes"
            )
        if len(place.path) > DEEPEST:
            raise node.fail(f"graphs are nested more than {DEEPEST} deep")
        if proto.op_type in self._skip:
            return self._plain(node, place, None)
        function = self._functions.get(functions.key(proto))
        if function is not None:
            return self._called(node, own, function, place)
        control = control_flow.HANDLERS.get(proto.op_type)
        if control is not None and proto.domain in STANDARD_DOMAINS:
            return self._controlled(node, control, place, own)
        if proto.op_type in operators.EXPANDED:
            function = functions.of_operator(node, place.opsets)
            if function is not None:
                return self._called(node, own, function, place)
        return self._plain(node, place, operators.mapper(node))

    def _controlled(
        self, node: Node, control: Callable[..., Outcome], place: Place, own: str
    ) -> Outcome:
        """An If, Loop or Scan; one without MACs stops nothing, whatever is wrong with it."""
        try:
            outcome = control(self, node, place.within(own))
        except UnmappableError as error:
            within = (inner for graph in subgraphs(node.proto) for inner in nodes_of(graph))
            if any(functions.key(n) in self._functions or operators.has_macs(n) for n in within):
                raise
            self._finish(node, place, str(error))
            return Outcome(skipped=collections.Counter({node.op: 1}))
        self._finish(node, place, "")
        return self._checked(node, outcome)

    def _plain(self, node: Node, place: Place, mapper: Optional[operators.Mapper]) -> Outcome:
        """A node without graphs of its own."""
        proto, scope = node.proto, place.scope
        standard = contrib.standard_form(proto)
        if standard is not None:
            proto, scope = standard, contrib.unquantised(standard, scope)
        types, why = operators.own_types(node) or infer(proto, scope, place.opsets)
        values = fold(proto, scope, types, place.opsets)
        for name in node.proto.output:
            value = values.get(name)
            found = types.get(name, onnx.TypeProto())
            if value is not None:
                element = element_type(found) or onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
                found = tensor_type(element, list(value.shape))
            place.scope[name] = Tensor(found, value)
        self._finish(node, place, why)
        if mapper is None:
            return Outcome(skipped=collections.Counter({node.op: 1}))
        try:
            rows = list(mapper(node))
        except UnmappableError as error:
            told = not why or why in str(error)
            raise UnmappableError(str(error) if told else f"{error}; {why}") from None
        self._finish(node, place, why)
        return self._checked(node, Outcome(rows))

    def _called(self, node: Node, own: str, function: onnx.FunctionProto, place: Place) -> Outcome:
        """The nodes of a function, on the inputs of the node that calls it."""
        scope = Scope()
        for position, name in enumerate(function.input):
            if node.has_input(position):
                scope[name] = node.input_tensor(position)
        opsets = Opsets(function.opset_import) or place.opsets
        inside = place.of_function(own, scope, opsets)
        outcome = self.nodes(functions.body(function, node.proto), inside)
        for name, inner in zip(node.proto.output, function.output):
            place.scope[name] = scope.get(inner) or Tensor()
        self._finish(node, place, "")
        return outcome

    def _finish(self, node: Node, place: Place, why: str) -> None:
        """Completes the outputs by what the model and the user say; notes why any is unknown."""
        for name in filter(None, node.proto.output):
            tensor = dataclasses.replace(place.scope.get(name) or Tensor())
            if name in place.declared and not tensor.has_known_shape:
                tensor.type = completed(tensor.type, place.declared[name])
            if name in self._given and not place.in_function:
                tensor.type = self._as_given(node, name, tensor)
            if tensor.value is not None:
                tensor.unknown = None
            elif tensor.unknown is None and not (tensor.has_known_shape or tensor.is_collection):
                tensor.unknown = _cause(node, "" if place.in_function else name, why)
            elif tensor.unknown is None:
                tensor.unknown = next(_unknown_inputs(node), None)
            place.scope[name] = tensor

    def _as_given(self, node: Node, name: str, tensor: Tensor) -> onnx.TypeProto:
        given, known = list(self._given[name]), tensor.shape
        if tensor.is_collection:
            raise ModelError(f"{node.described} makes '{printable(name)}', which is no tensor")
        if known is not None and (
            len(known) != len(given)
            or any(isinstance(a, int) and a != b for a, b in zip(known, given))
        ):
            raise ModelError(
                f"{node.described} makes '{printable(name)}' as {described(known)},"
                f" --shape says {described(given)}"
            )
        return tensor_type(element_type(tensor.type) or onnx.TensorProto.FLOAT, given)

    def _checked(self, node: Node, outcome: Outcome) -> Outcome:
        for row in outcome.rows:
            fault = row.fault()
            if fault:
                raise node.fail(f"no layer can be like it: {fault}")
        return outcome


def _unknown_inputs(node: Node) -> Iterable[Unknown]:
    for position in range(len(node.proto.input)):
        unknown = node.input_tensor(position).unknown
        if unknown is not None:
            yield unknown


def _cause(node: Node, name: str, why: str) -> Unknown:
    """Why an output is not known: an input of the model, a node before, or this one. `name` is what
    the user can call the output, if anything."""
    causes = list(_unknown_inputs(node))
    for cause in causes:
        if cause.model_input:
            return cause
    if causes:
        return causes[0]
    reason = f"does not tell it ({why})" if why else "computes it at run time"
    advice = (
        f"; give the shape of its output with --shape '{printable(name)}=N,...'" if name else ""
    )
    return Unknown(f"{node.described} {reason}{advice}")
