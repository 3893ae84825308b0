"""Shapes and values of what one node makes: onnx's own rules, and its reference evaluator."""

from __future__ import annotations

import functools
import warnings
from typing import Mapping, Optional

import numpy
import onnx
import onnx.defs
import onnx.reference
import onnx.shape_inference
from onnx import numpy_helper

from cugamma.from_onnx.errors import printable
from cugamma.from_onnx.node import STANDARD_DOMAINS
from cugamma.from_onnx.tensors import Scope, Tensor, tensor_type, without_impossible_sizes

# Larger tensors are data, no shapes; their values are not looked at.
MOST_ELEMENTS = 65_536

# Operators that onnx has no rule for and that change no shape.
_KEEP_SHAPE = frozenset(
    "Affine Binarizer GroupNormalization ImageScaler Imputer MeanVarianceNormalization"
    " MemcpyFromHost MemcpyToHost Normalizer ParametricSoftplus Scale ScaledTanh Scaler"
    " SimplifiedLayerNormalization".split()
)

# Operators whose result has as many dimensions as the named input has elements, and how many onnx
# may be asked to write down.
_GIVES_RANK = {
    "Col2Im": 1,
    "ConstantOfShape": 0,
    "Expand": 1,
    "MaxUnpool": 2,
    "Reshape": 1,
    "Tile": 1,
}
MOST_DIMENSIONS = 1000

# Attributes that onnx divides by, some releases without a look.
_DIVISORS = frozenset({"blocksize", "dilations", "group", "num_groups", "num_outputs", "strides"})

# Operators that shapes are computed with.
_FOLDED = frozenset(
    """Abs Add And ArgMax ArgMin BitShift Cast CastLike Ceil Clip Compress Concat Constant
    ConstantOfShape CumSum Div Equal Exp Expand EyeLike Flatten Floor Gather GatherElements GatherND
    Greater GreaterOrEqual Identity IsInf IsNaN Less LessOrEqual Log Max Mean Min Mod Mul Neg
    NonZero Not OneHot Or Pad Pow Range Reciprocal ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin
    ReduceProd ReduceSum Reshape Round ScatterElements ScatterND Sign Slice Split Sqrt Squeeze Sub
    Sum Tile TopK Transpose Trilu Unique Unsqueeze Where Xor""".split()
)
# Those whose results are no larger than their inputs, whatever their shapes.
_BOUNDED = frozenset({"Compress", "NonZero", "Unique"})


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
    for allowed in (min(max(version, 1), _NEWEST), _NEWEST):
        try:
            return onnx.defs.get_schema(op, allowed, domain)
        except onnx.defs.SchemaError:
            continue
    return None


def infer(
    node: onnx.NodeProto, scope: Scope, opsets: Opsets
) -> tuple[Mapping[str, onnx.TypeProto], str]:
    """Types of a node's outputs, and what onnx had to say where it found none."""
    inputs = {name: scope.get(name) or Tensor() for name in node.input if name}
    if node.op_type == "Einsum":
        return {}, ""  # onnx's rule does not end on some equations; see operators/einsum.py
    if _has_too_many_dimensions(node, inputs):
        return {}, f"its result would have more than {MOST_DIMENSIONS} dimensions"
    for attribute in node.attribute:
        if attribute.name in _DIVISORS and any(n < 1 for n in attribute.ints or [attribute.i]):
            return {}, f"{printable(attribute.name)} is below 1"
    schema = opsets.schema(node)
    if node.op_type in _KEEP_SHAPE and node.input and node.output:
        return {node.output[0]: inputs.get(node.input[0], Tensor()).type}, ""
    if schema is None or not schema.has_type_and_shape_inference_function:
        return {}, ""
    values = {name: _shape_data(tensor, name) for name, tensor in inputs.items()}
    try:
        types = onnx.shape_inference.infer_node_outputs(
            schema,
            node,
            {name: tensor.type for name, tensor in inputs.items()},
            {name: value for name, value in values.items() if value is not None},
            opset_imports=[onnx.helper.make_opsetid(d, v) for d, v in opsets.items()],
        )
    except Exception as error:  # whatever the C++ library raises about a strange node
        return {}, printable(error)
    return {name: without_impossible_sizes(found, 0) for name, found in types.items()}, ""


def _has_too_many_dimensions(node: onnx.NodeProto, inputs: Mapping[str, Tensor]) -> bool:
    position = _GIVES_RANK.get(node.op_type)
    if position is None or position >= len(node.input):
        return False
    tensor = inputs.get(node.input[position], Tensor())
    return any(isinstance(size, int) and size > MOST_DIMENSIONS for size in tensor.shape or ())


def _shape_data(tensor: Tensor, name: str) -> Optional[onnx.TensorProto]:
    """A constant that a shape may depend on, as onnx's rules take it."""
    value = tensor.value
    if value is None or value.ndim > 1 or value.size > 4096 or value.dtype.kind not in "iufb":
        return None
    return numpy_helper.from_array(value, name)


def constant(tensor: onnx.TensorProto) -> Optional[numpy.ndarray]:
    """The value of a small tensor that lies in the file; None for weights and damaged ones."""
    elements = 1
    for size in tensor.dims:
        elements *= size
    if not 0 <= elements <= MOST_ELEMENTS or tensor.data_location == tensor.EXTERNAL:
        return None
    try:
        return numpy_helper.to_array(tensor)
    except Exception:  # too little data for its shape, an unknown type
        return None


def fold(
    node: onnx.NodeProto, scope: Scope, types: Mapping[str, onnx.TypeProto], opsets: Opsets
) -> Mapping[str, numpy.ndarray]:
    """Values of what the node makes, where they follow from constants and from shapes."""
    if node.domain not in STANDARD_DOMAINS:
        return {}
    if node.op_type in ("Shape", "Size"):
        return _measured(node, scope)
    if node.op_type not in _FOLDED or any(a.type == a.GRAPH for a in node.attribute):
        return {}
    inputs = {name: scope.get(name) for name in node.input if name}
    if any(tensor is None or tensor.value is None for tensor in inputs.values()):
        return {}
    outputs = [name for name in node.output if name]
    if node.op_type not in _BOUNDED and not all(_is_small(types.get(name)) for name in outputs):
        return {}
    return _evaluated(node, {name: tensor.value for name, tensor in inputs.items()}, opsets)


def _is_small(of: Optional[onnx.TypeProto]) -> bool:
    tensor = Tensor(of) if of is not None else Tensor()
    if not tensor.has_known_shape:
        return False
    elements = 1
    for size in tensor.shape:
        elements *= size
    return 0 <= elements <= MOST_ELEMENTS


def _measured(node: onnx.NodeProto, scope: Scope) -> Mapping[str, numpy.ndarray]:
    """Shape and Size need the shape of their input alone."""
    tensor = scope.get(node.input[0]) if node.input else None
    if tensor is None or not tensor.has_known_shape or not node.output:
        return {}
    ends = {a.name: a.i for a in node.attribute}
    sizes = tensor.shape[ends.get("start", 0) : ends.get("end", None)]
    if node.op_type == "Size":
        elements = 1
        for size in tensor.shape:
            elements *= size
        sizes = elements
    if max([0, *numpy.atleast_1d(numpy.array(sizes, object))]) >= 2**63:
        return {}
    return {node.output[0]: numpy.array(sizes, numpy.int64)}


def _evaluated(
    node: onnx.NodeProto, inputs: Mapping[str, numpy.ndarray], opsets: Opsets
) -> Mapping[str, numpy.ndarray]:
    names = [name for name in node.output if name]
    graph = onnx.helper.make_graph(
        [node],
        "node",
        [_value_info(name, value) for name, value in inputs.items()],
        [onnx.helper.make_tensor_value_info(name, 0, None) for name in names],
    )
    version = min(opsets.get("", onnx.defs.onnx_opset_version()), onnx.defs.onnx_opset_version())
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", version)])
    try:
        with numpy.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = onnx.reference.ReferenceEvaluator(model).run(None, dict(inputs))
    except Exception:  # no value then; shapes that depend on it stay unknown
        return {}
    return {
        name: value
        for name, value in zip(names, map(numpy.asarray, found))
        if value.dtype != object and value.size <= MOST_ELEMENTS
    }


def _value_info(name: str, value: numpy.ndarray) -> onnx.ValueInfoProto:
    element = onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
    return onnx.helper.make_value_info(name, tensor_type(element, list(value.shape)))
