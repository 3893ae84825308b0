"""Types of what one node makes, by onnx's own rules."""

from __future__ import annotations

import functools
from typing import Mapping, Optional, Sequence

import numpy
import onnx
import onnx.defs
import onnx.shape_inference
from onnx import numpy_helper

from cugamma.from_onnx.errors import printable
from cugamma.from_onnx.node import STANDARD_DOMAINS
from cugamma.from_onnx.tensors import Scope, Size, Tensor, tensor_type, without_impossible_sizes

# Operators that onnx has no rule for and that change no shape.
_KEEP_SHAPE = frozenset(
    "Affine Binarizer GroupNormalization ImageScaler Imputer MeanVarianceNormalization"
    " MemcpyFromHost MemcpyToHost Normalizer ParametricSoftplus Scale ScaledTanh Scaler"
    " SimplifiedLayerNormalization".split()
)

# Operators whose result has as many dimensions as the named input has elements.
_GIVES_RANK = {
    "Col2Im": 1,
    "ConstantOfShape": 0,
    "Expand": 1,
    "MaxUnpool": 2,
    "Reshape": 1,
    "Tile": 1,
}
MOST_DIMENSIONS = 1000

# Operators whose weights have as many dimensions as their data.
_WEIGHTS = {"Conv": 1, "ConvInteger": 1, "ConvTranspose": 1, "DeformConv": 1, "QLinearConv": 3}
# Attributes that onnx divides by.
_DIVISORS = frozenset({"blocksize", "dilations", "group", "num_groups", "num_outputs", "strides"})


class Opsets(dict):
    """Version of the operators by domain, as a model or a function imports them."""

    def __init__(self, imports=()):
        super().__init__((entry.domain, entry.version) for entry in imports)
        if "ai.onnx" in self:
            self.setdefault("", self["ai.onnx"])

    def schema(self, node: onnx.NodeProto) -> Optional[onnx.defs.OpSchema]:
        domain = "" if node.domain in STANDARD_DOMAINS else node.domain
        return _schema(node.op_type, self.get(domain, _NEWEST), domain)


_NEWEST = 2**31 - 1


@functools.lru_cache(maxsize=None)
def _schema(op: str, version: int, domain: str) -> Optional[onnx.defs.OpSchema]:
    """The operator of that version; where that has no rule of shapes, or is none, the newest."""
    found = None
    for allowed in (min(max(version, 1), _NEWEST), _NEWEST):
        try:
            found = onnx.defs.get_schema(op, allowed, domain)
        except onnx.defs.SchemaError:
            continue
        if found.has_type_and_shape_inference_function:
            return found
    return found


def infer(
    node: onnx.NodeProto, scope: Scope, opsets: Opsets
) -> tuple[Mapping[str, onnx.TypeProto], str]:
    """Types of a node's outputs, and what onnx had to say where it found none."""
    inputs = {name: scope.get(name) or Tensor() for name in node.input if name}
    danger = _danger(node, inputs)
    if danger:
        return {}, danger
    if node.op_type == "Reshape" and any(a.name == "shape" for a in node.attribute):
        node, inputs = _with_shape_as_input(node, inputs)
    schema = opsets.schema(node)
    if node.op_type in _KEEP_SHAPE and node.input and node.output:
        return {node.output[0]: inputs.get(node.input[0], Tensor()).type}, ""
    if schema is None or not schema.has_type_and_shape_inference_function:
        return {}, ""
    values = {name: _shape_data(tensor, name) for name, tensor in inputs.items()}
    try:
        types = onnx.shape_inference.infer_node_outputs(
            schema,
            _without_strange_attributes(node, schema),
            {name: tensor.type for name, tensor in inputs.items()},
            {name: value for name, value in values.items() if value is not None},
            opset_imports=[onnx.helper.make_opsetid(d, v) for d, v in opsets.items()],
        )
    except Exception as error:  # whatever the C++ library raises about a strange node
        return {}, printable(error)
    return {name: without_impossible_sizes(found, 0) for name, found in types.items()}, ""


def _without_strange_attributes(node: onnx.NodeProto, schema: onnx.defs.OpSchema) -> onnx.NodeProto:
    """The node as its schema knows it: exporters add attributes, newer versions drop them."""
    if all(attribute.name in schema.attributes for attribute in node.attribute):
        return node
    plain = onnx.helper.make_node(node.op_type, list(node.input), list(node.output))
    plain.domain = node.domain
    plain.attribute.extend(a for a in node.attribute if a.name in schema.attributes)
    return plain


def _with_shape_as_input(
    node: onnx.NodeProto, inputs: Mapping[str, Tensor]
) -> tuple[onnx.NodeProto, Mapping[str, Tensor]]:
    """Reshape of version 1 as that of version 5."""
    (shape,) = (list(a.ints) for a in node.attribute if a.name == "shape")
    newer = onnx.helper.make_node("Reshape", [*node.input[:1], "shape"], list(node.output))
    kind = tensor_type(onnx.TensorProto.INT64, [len(shape)])
    return newer, {**inputs, "shape": Tensor(kind, numpy.array(shape, numpy.int64))}


def _danger(node: onnx.NodeProto, inputs: Mapping[str, Tensor]) -> str:
    """Why onnx must not see a node: some releases crash, hang or fill the memory on it."""

    def shape(position: int) -> Sequence[Size]:
        known = position < len(node.input)
        return (inputs.get(node.input[position], Tensor()).shape if known else None) or ()

    for attribute in node.attribute:
        if attribute.name in _DIVISORS and any(n < 1 for n in attribute.ints or [attribute.i]):
            return f"{printable(attribute.name)} is below 1"
    rank = _GIVES_RANK.get(node.op_type)
    if rank is not None and any(isinstance(n, int) and n > MOST_DIMENSIONS for n in shape(rank)):
        return f"its result would have more than {MOST_DIMENSIONS} dimensions"
    weights = _WEIGHTS.get(node.op_type)
    if weights is not None and shape(0) and shape(weights):
        data, taps = len(shape(0)), len(shape(weights))
        if data != taps or data < 3:
            return f"its input has {data} dimensions, its weights {taps}"
    return ""


def _shape_data(tensor: Tensor, name: str) -> Optional[onnx.TensorProto]:
    """A constant that a shape may depend on, as onnx's rules take it."""
    value = tensor.value
    if value is None or value.ndim > 1 or value.size > 4096 or value.dtype.kind not in "iufb":
        return None
    return numpy_helper.from_array(value, name)
