"""Functions: a model's own, and those that define operators of the standard."""

from __future__ import annotations

from typing import Iterator, Mapping, Optional

import onnx

from cugamma.from_onnx.errors import ModelError, printable
from cugamma.from_onnx.inference import Opsets
from cugamma.from_onnx.node import Node
from cugamma.from_onnx.tensors import nodes_of, subgraphs

Key = tuple[str, str, str]
MOST_NODES = 50_000


def key(of: onnx.NodeProto) -> Key:
    """What a node calls: domain, name and overload of a function."""
    return of.domain, of.op_type, getattr(of, "overload", "")


def table(model: onnx.ModelProto) -> Mapping[Key, onnx.FunctionProto]:
    """The functions of a model, none of which may call itself or grow without end."""
    found = {(f.domain, f.name, getattr(f, "overload", "")): f for f in model.functions}
    calls = {name: _calls(function, found) for name, function in found.items()}
    sizes: dict[Key, int] = {}
    for name in _callees_first(calls):
        # A call that has no size yet is one that comes back to its caller.
        if any(callee not in sizes for callee in calls[name]):
            raise ModelError(f"the function '{_label(name)}' calls itself")
        sizes[name] = len(found[name].node) + sum(sizes[callee] for callee in calls[name])
        if sizes[name] > MOST_NODES:
            raise ModelError(f"the function '{_label(name)}' comes to more than {MOST_NODES} nodes")
    return found


def _calls(function: onnx.FunctionProto, known: Mapping[Key, object]) -> list[Key]:
    graph = onnx.GraphProto(node=function.node)
    return [key(node) for node in nodes_of(graph) if key(node) in known]


def _callees_first(calls: Mapping[Key, list[Key]]) -> Iterator[Key]:
    """Every function once, after those that it calls, where that is possible."""
    begun: set[Key] = set()
    for first in calls:
        pending = [(first, False)]
        while pending:
            name, ready = pending.pop()
            if ready:
                yield name
            elif name not in begun:
                begun.add(name)
                pending.append((name, True))
                pending.extend((callee, False) for callee in dict.fromkeys(calls[name]))


def _label(name: Key) -> str:
    return printable(".".join(part for part in name if part))


def of_operator(node: Node, opsets: Opsets) -> Optional[onnx.FunctionProto]:
    """The function that defines a standard operator on these inputs, None where there is none."""
    schema = opsets.schema(node.proto)
    if schema is None:
        return None
    if schema.has_function:
        return schema.function_body
    if not schema.has_context_dependent_function:
        return None
    types = [node.input_tensor(position).type for position in range(len(node.proto.input))]
    try:
        text = schema.get_context_dependent_function(
            node.proto.SerializeToString(), [kind.SerializeToString() for kind in types]
        )
        return onnx.FunctionProto.FromString(text)
    except Exception as error:  # what onnx raises where its builder lacks a type
        raise node.fail(f"the function that defines it: {printable(error)}") from None


def body(function: onnx.FunctionProto, call: onnx.NodeProto) -> Iterator[onnx.NodeProto]:
    """The nodes of a function with the attributes of the call."""
    attributes = {a.name: a for a in getattr(function, "attribute_proto", ())}
    attributes.update((a.name, a) for a in call.attribute)
    for node in function.node:
        bound = onnx.NodeProto()
        bound.CopyFrom(node)
        pending = [bound]
        while pending:
            inner = pending.pop()
            _bind(inner, attributes)
            for graph in subgraphs(inner):
                pending.extend(graph.node)
        yield bound


def _bind(node: onnx.NodeProto, values: Mapping[str, onnx.AttributeProto]) -> None:
    """Puts the call's values in place of references; an attribute without a value goes."""
    kept = []
    for attribute in node.attribute:
        if not attribute.ref_attr_name:
            kept.append(attribute)
        elif attribute.ref_attr_name in values:
            bound = onnx.AttributeProto()
            bound.CopyFrom(values[attribute.ref_attr_name])
            bound.name = attribute.name
            kept.append(bound)
    if len(kept) < len(node.attribute) or any(a.ref_attr_name for a in node.attribute):
        copies = [onnx.AttributeProto.FromString(a.SerializeToString()) for a in kept]
        del node.attribute[:]
        node.attribute.extend(copies)
