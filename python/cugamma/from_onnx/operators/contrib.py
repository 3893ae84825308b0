"""Operators of onnxruntime's domain com.microsoft, for which onnx knows neither shapes nor MACs.

Most are a standard operator with something added that changes neither; they are written down as
the operator they stand for.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Callable, Iterator, Optional, Sequence

import onnx

from cugamma.from_onnx.inference import Opsets, infer
from cugamma.from_onnx.node import Node
from cugamma.from_onnx.operators import attention, convolutions, products
from cugamma.from_onnx.rows import Row
from cugamma.from_onnx.tensors import Scope, Tensor, element_type, tensor_type

DOMAIN = "com.microsoft"


@dataclasses.dataclass(frozen=True)
class Equivalent:
    """A standard operator, which inputs it takes, and the attributes that both have."""

    op: str
    inputs: Sequence[int] = (0,)
    attributes: Sequence[str] = ()


_CONV = ("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
_POOL = ("auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides")

# Products and convolutions.
_WITH_MACS = {
    "FusedConv": Equivalent("Conv", (0, 1), _CONV),
    "FusedGemm": Equivalent("Gemm", (0, 1), ("transA", "transB")),
    "GemmFloat8": Equivalent("Gemm", (0, 1), ("transA", "transB")),
    "QGemm": Equivalent("Gemm", (0, 3), ("transA", "transB")),
    "GemmFastGelu": Equivalent("MatMul", (0, 1)),
    "DynamicQuantizeMatMul": Equivalent("MatMul", (0, 1)),
    "MatMulIntegerToFloat": Equivalent("MatMul", (0, 1)),
    "MatMulInteger16": Equivalent("MatMul", (0, 1)),
    "QOrderedMatMul": Equivalent("MatMul", (0, 2)),
}

# Operators without MACs.
_WITHOUT_MACS = {
    **dict.fromkeys(
        "BiasAdd BiasDropout BiasGelu BiasSoftmax BitmaskBiasDropout BitmaskDropout"
        " DequantizeLinear DequantizeWithOrder FastGelu GatedAdd GatedRMSNorm Gelu"
        " GemmaRotaryEmbedding GroupNorm Inverse MRotaryEmbedding QLinearLeakyRelu QLinearSigmoid"
        " QLinearSoftmax QOrderedGelu QOrderedLayerNormalization QuantizeLinear QuantizeWithOrder"
        " QuickGelu RotaryEmbedding ScaledSiLU SimplifiedLayerNormalization SkipGroupNorm"
        " SkipLayerNormalization SkipSimplifiedLayerNormalization Trilu".split(),
        Equivalent("Identity"),
    ),
    "ComplexMul": Equivalent("Mul", (0, 1)),
    "ComplexMulConj": Equivalent("Mul", (0, 1)),
    "ExpandDims": Equivalent("Unsqueeze", (0, 1)),
    "GatherND": Equivalent("GatherND", (0, 1)),
    "GridSample": Equivalent("GridSample", (0, 1)),
    "MaxpoolWithMask": Equivalent("MaxPool", (0,), _POOL),
    "MulInteger": Equivalent("Mul", (0, 2)),
    "Pad": Equivalent("Pad", (0, 1, 2), ("mode",)),
    "QLinearAdd": Equivalent("Add", (0, 3)),
    "QLinearAveragePool": Equivalent("AveragePool", (0,), _POOL),
    "QLinearGlobalAveragePool": Equivalent("GlobalAveragePool"),
    "QLinearMul": Equivalent("Mul", (0, 3)),
    "QLinearReduceMean": Equivalent("ReduceMean", (0,), ("axes", "keepdims")),
    "QLinearWhere": Equivalent("Where", (0, 1, 4)),
    "Range": Equivalent("Range", (0, 1, 2)),
}

# Operators without MACs whose results nobody gives a shape but the model itself.
_SHAPELESS = frozenset(
    "BifurcationDetector CropAndResize DequantizeBFP DynamicTimeWarping GatherBlockQuantized"
    " GatherPacked IsAllFinite MurmurHash3 NGramHashMapping NGramRepeatBlock NhwcMaxPool"
    " QuantizeBFP ReduceSumInteger RelativePositionBias RemovePadding RestorePadding SampleOp"
    " SwiGLU Tokenizer TorchEmbedding UnfoldTensor Unique".split()
)


def standard_form(node: onnx.NodeProto) -> Optional[onnx.NodeProto]:
    """The standard node with the same shapes, None where there is none."""
    if node.domain != DOMAIN or any(a.name == "channels_last" and a.i for a in node.attribute):
        return None
    form = _WITH_MACS.get(node.op_type) or _WITHOUT_MACS.get(node.op_type)
    if form is None:
        return None
    inputs = [node.input[place] for place in form.inputs if place < len(node.input)]
    standard = onnx.helper.make_node(form.op, inputs, list(node.output[:1]), name=node.name)
    standard.attribute.extend(a for a in node.attribute if a.name in form.attributes)
    return standard


def unquantised(node: onnx.NodeProto, scope: Scope) -> Scope:
    """The inputs of a standard form with bytes as floats, as the standard operator takes them."""
    inputs = Scope()
    for name in node.input:
        tensor = scope.get(name) or Tensor()
        if element_type(tensor.type) in (onnx.TensorProto.UINT8, onnx.TensorProto.INT8):
            tensor = Tensor(tensor_type(onnx.TensorProto.FLOAT, tensor.shape))
        inputs[name] = tensor
    return inputs


def has_no_macs(op: str) -> bool:
    return op in _WITHOUT_MACS or op in _SHAPELESS or op in RULES


def _embedding(node: Node) -> Optional[onnx.TypeProto]:
    """EmbedLayerNormalization: a vector of the table for every word."""
    words, table = node.input_tensor(0).shape, node.input_tensor(2).shape
    if words is None or table is None or len(table) != 2:
        return None
    return tensor_type(onnx.TensorProto.FLOAT, [*words, table[1]])


def _halved(node: Node) -> Optional[onnx.TypeProto]:
    """BiasSplitGelu: one half of the last dimension gates the other."""
    data = node.input_tensor(0)
    if not data.shape:
        return None
    last = data.shape[-1]
    half = last // 2 if isinstance(last, int) else None
    return tensor_type(element_type(data.type) or onnx.TensorProto.FLOAT, [*data.shape[:-1], half])


def _concatenated(node: Node) -> Optional[onnx.TypeProto]:
    """QLinearConcat, whose parts come with scale and zero point each, after those of the result."""
    parts = [node.input_tensor(at).shape for at in range(2, len(node.proto.input), 3)]
    axis, rank = node.integer("axis"), len(parts[0] or ()) if parts else 0
    if not rank or any(part is None or len(part) != rank for part in parts):
        return None
    if not -rank <= axis < rank:
        raise node.fail(f"axis = {axis} of {rank} dimensions")
    shape = list(parts[0])
    along = [part[axis] for part in parts]
    shape[axis] = sum(along) if all(isinstance(size, int) for size in along) else None
    element = element_type(node.input_tensor(2).type) or onnx.TensorProto.UINT8
    return tensor_type(element, shape)


RULES = {
    "BiasSplitGelu": _halved,
    "EmbedLayerNormalization": _embedding,
    "QEmbedLayerNormalization": _embedding,
    "QLinearConcat": _concatenated,
}


def _standard_result(
    node: Node, standard: onnx.NodeProto, shapes: Sequence[Sequence[int]]
) -> tuple[Node, list[int]]:
    """A standard node on inputs of these shapes, and the shape of its result."""
    scope = Scope()
    for name, shape in zip(standard.input, shapes):
        scope[name] = Tensor(tensor_type(onnx.TensorProto.FLOAT, list(shape)))
    types, why = infer(standard, scope, Opsets())
    for name, found in types.items():
        scope[name] = Tensor(found)
    of = Node(standard, node.name, scope, label=node.label)
    if why:
        raise node.fail(why)
    return of, list(of.output())


def _transposed_matmul(node: Node) -> Iterator[Row]:
    """FusedMatMul: transA swaps the last two dimensions, transBatchA brings the first one there."""
    shapes = []
    for position, operand in enumerate("AB"):
        shape = list(node.input(position))
        if len(shape) > 2 and node.integer(f"transBatch{operand}", 0):
            shape = [*shape[1:-1], shape[0], shape[-1]]
        if len(shape) > 1 and node.integer(f"trans{operand}", 0):
            shape[-2:] = reversed(shape[-2:])
        shapes.append(shape)
    standard = onnx.helper.make_node("MatMul", ["left", "right"], ["result"])
    of, result = _standard_result(node, standard, shapes)
    node.set_output(0, result)
    yield from products.matmul(of)


def _blockwise_matmul(node: Node) -> Iterator[Row]:
    """MatMulNBits and MatMulBnb4: the weights are packed, attributes tell their sizes."""
    data, inner, columns = node.input(0), node.integer("K"), node.integer("N")
    row = products.matrix_product(node, data, (inner, columns))
    node.set_output(0, [*data[:-1], columns])
    yield row


def _packed_matmul(node: Node) -> Iterator[Row]:
    """MatMulFpQ4: the weights are packed, a constant tells their shape."""
    data, shape = node.input(0), node.input_numbers(2)
    if shape is None or len(shape) != 2:
        raise node.fail("the shape of its weights is no constant of two numbers")
    inner, columns = shape
    row = products.matrix_product(node, data, (inner, columns))
    node.set_output(0, [*data[:-1], columns])
    yield row


def _experts(node: Node) -> Iterator[Row]:
    """MoE: every token goes through k experts, whichever they are."""
    data, chosen = node.input(0), node.integer("k", 1)
    tokens, width = math.prod(data[:-1]), data[-1] if data else 0
    node.set_output(0, data)
    for name, position in (("first", 2), ("second", 4), ("third", 6)):
        if position > 4 and not node.has_input(position):
            continue
        _, rows, columns = node.input(position, [3])
        if width < 1 or rows * columns % width:
            raise node.fail(f"weights of {rows} x {columns} do not fit tokens of {width}")
        other = rows * columns // width
        inner, outer = (other, width) if position == 4 else (width, other)
        yield products.product(f"{node.name}/{name}", tokens, inner, outer, chosen)


def _channels_last(node: Node, weights_at: int = 1) -> Iterator[Row]:
    """A convolution whose data has its channels last; its weights may have them last, too."""
    data, weights = node.input(0), node.input(weights_at)
    if len(data) < 3 or len(weights) != len(data):
        raise node.fail(f"weights {list(weights)} do not fit an input {list(data)}")
    if weights[1] * node.integer("group", 1) != data[-1]:
        weights = (weights[0], weights[-1], *weights[1:-1])
    standard = onnx.helper.make_node("Conv", ["data", "weights"], ["result"])
    standard.attribute.extend(a for a in node.proto.attribute if a.name in _CONV)
    of, result = _standard_result(node, standard, [(data[0], data[-1], *data[1:-1]), weights])
    node.set_output(0, [result[0], *result[2:], result[1]])
    yield from convolutions.convolution(of)


def _quantised_convolution(node: Node) -> Iterator[Row]:
    """com.microsoft's QLinearConv, which the attribute channels_last turns around."""
    if node.integer("channels_last", 0):
        yield from _channels_last(node, 3)
        return
    standard = onnx.helper.make_node("Conv", ["data", "weights"], ["result"])
    standard.attribute.extend(a for a in node.proto.attribute if a.name in _CONV)
    of, result = _standard_result(node, standard, [node.input(0), node.input(3)])
    node.set_output(0, result)
    yield from convolutions.convolution(of)


def _dynamic_pads(node: Node) -> Iterator[Row]:
    """ConvTransposeWithDynamicPads, whose padding is an input."""
    pads = node.input_numbers(2)
    if node.has_input(2) and pads is None:
        raise node.fail("its padding is computed at run time")
    attributes = [a for a in node.proto.attribute if a.name in (*_CONV, "output_padding")]
    standard = onnx.helper.make_node("ConvTranspose", ["data", "weights"], ["result"])
    standard.attribute.extend(a for a in attributes if a.name != "pads")
    if pads is not None:
        standard.attribute.append(
            onnx.helper.make_attribute("pads", pads, attr_type=onnx.AttributeProto.INTS)
        )
    of, result = _standard_result(node, standard, [node.input(0), node.input(1)])
    node.set_output(0, result)
    yield from convolutions.transposed_convolution(of)


def _through(mapper: Callable[[Node], Iterator[Row]]):
    """The mapper of a standard operator for one that stands for it."""

    def mapped(node: Node) -> Iterator[Row]:
        standard = standard_form(node.proto)
        if standard is None:
            raise node.fail("channels_last is not known of this operator")
        yield from mapper(Node(standard, node.name, node.scope, label=node.label))

    return mapped


def _quantised_lstm(node: Node) -> Iterator[Row]:
    """DynamicQuantizeLSTM, whose weights are transposed."""
    sequence, weights = node.input(0, [3]), node.input(1, [3])
    directions, hidden = weights[0], weights[2] // products.GATES["LSTM"]
    steps, batch = sequence[0], sequence[1]
    node.set_output(0, [steps, directions, batch, hidden])
    for position in (1, 2):
        node.set_output(position, [directions, batch, hidden])
    turned = (directions, weights[2], weights[1])
    yield from products.recurrent_steps(node, sequence, turned, products.GATES["LSTM"])


_STANDARD_MAPPERS = {
    "Conv": convolutions.convolution,
    "Gemm": products.gemm,
    "MatMul": products.matmul,
}
MAPPERS = {
    **{op: _through(_STANDARD_MAPPERS[form.op]) for op, form in _WITH_MACS.items()},
    "Attention": attention.projected_attention,
    "ConvTransposeWithDynamicPads": _dynamic_pads,
    "DynamicQuantizeLSTM": _quantised_lstm,
    "FusedMatMul": _transposed_matmul,
    "FusedMatMulActivation": _transposed_matmul,
    "GroupQueryAttention": attention.group_query_attention,
    "MatMulBnb4": _blockwise_matmul,
    "MatMulFpQ4": _packed_matmul,
    "MatMulNBits": _blockwise_matmul,
    "MoE": _experts,
    "MultiHeadAttention": attention.multi_head_attention,
    "NhwcConv": _channels_last,
    "NhwcFusedConv": _channels_last,
    "QAttention": lambda node: attention.projected_attention(node, 8),
    "QLinearConv": _quantised_convolution,
    "TransposeMatMul": _transposed_matmul,
}
