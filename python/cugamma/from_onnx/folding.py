"""Values that are known before the network runs: constants, and what follows from them and shapes.

onnx's reference evaluator computes them, so that no runtime is needed.
"""

from __future__ import annotations

import math
import warnings
from typing import Mapping, Optional, Sequence

import numpy
import onnx
import onnx.defs
import onnx.reference
from onnx import numpy_helper

from cugamma.from_onnx.inference import Opsets
from cugamma.from_onnx.node import STANDARD_DOMAINS
from cugamma.from_onnx.tensors import Scope, Tensor, tensor_type

# Larger tensors are data, no shapes; their values are not looked at.
MOST_ELEMENTS = 65_536

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
    if node.op_type == "Range":
        return _range(node, [inputs[name].value for name in node.input if name])
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


def _range(node: onnx.NodeProto, ends: Sequence[numpy.ndarray]) -> Mapping[str, numpy.ndarray]:
    """Exporters give its ends as lists of one number, too, which onnx's rule does not take."""
    if len(ends) != 3 or any(end.size != 1 or end.dtype.kind not in "if" for end in ends):
        return {}
    start, limit, step = (end.reshape(-1)[0].item() for end in ends)
    if not step or not all(map(math.isfinite, (start, limit, step))):
        return {}
    if abs(limit - start) > abs(step) * MOST_ELEMENTS or not node.output:
        return {}
    return {node.output[0]: numpy.arange(start, limit, step, ends[0].dtype)}


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
