"""Reading a model from its file."""

from __future__ import annotations

from typing import Iterator, Union

import onnx

from cugamma.from_onnx.errors import ModelError, printable
from cugamma.from_onnx.tensors import subgraphs


def read_model(path: str) -> onnx.ModelProto:
    """The model of a file, its external weights left where they are."""
    try:
        return onnx.load(path, load_external_data=False)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # each of the formats that onnx reads has errors of its own
        raise ModelError(f"not an ONNX model: {printable(error)}") from None


def check_model(model: onnx.ModelProto) -> None:
    """Refuses what has no graph, and names that are no text, which protobuf hands out as bytes."""
    if not model.HasField("graph") or not model.graph.node:
        raise ModelError("it holds no graph with nodes, is it a whole ONNX model?")
    for text in _texts(model):
        if isinstance(text, bytes):
            raise ModelError(f"damaged: the name {printable(text)} is not UTF-8")


def _texts(model: onnx.ModelProto) -> Iterator[Union[str, bytes]]:
    yield from (entry.domain for entry in model.opset_import)
    pending = [model.graph]
    for function in model.functions:
        yield from (function.name, function.domain, *function.input, *function.output)
        yield from (entry.domain for entry in function.opset_import)
        yield from (attribute.name for attribute in function.attribute_proto)
        pending.append(onnx.GraphProto(node=function.node))
    while pending:
        graph = pending.pop()
        yield from (tensor.name for tensor in graph.initializer)
        yield from (sparse.values.name for sparse in graph.sparse_initializer)
        for value in (*graph.input, *graph.output, *graph.value_info):
            yield value.name
            yield from (size.dim_param for size in value.type.tensor_type.shape.dim)
        for node in graph.node:
            yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
            yield getattr(node, "overload", "")
            for attribute in node.attribute:
                yield from (attribute.name, attribute.ref_attr_name)
            pending.extend(subgraphs(node))
