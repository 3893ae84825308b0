"""Which operator is mapped by what, and which have no multiply-accumulates."""

from __future__ import annotations

import functools
from typing import Callable, Iterator, Optional

import onnx
import onnx.defs

from cugamma.from_onnx.errors import UnmappableError, printable
from cugamma.from_onnx.node import STANDARD_DOMAINS, Node
from cugamma.from_onnx.operators import attention, contrib, convolutions, einsum, learning, products
from cugamma.from_onnx.rows import Row
from cugamma.from_onnx.tensors import Scope

Mapper = Callable[[Node], Iterator[Row]]

_STANDARD: dict[str, Mapper] = {
    "Attention": attention.attention,
    "Conv": convolutions.convolution,
    "ConvInteger": convolutions.convolution,
    "ConvTranspose": convolutions.transposed_convolution,
    "DeformConv": convolutions.deformable_convolution,
    "Einsum": einsum.einsum,
    "Gemm": products.gemm,
    "MatMul": products.matmul,
    "MatMulInteger": products.matmul,
    "QLinearConv": lambda node: convolutions.convolution(node, 0, 3),
    "QLinearMatMul": lambda node: products.matmul(node, 0, 3),
    **dict.fromkeys(products.GATES, products.recurrent),
}
_MAPPERS: dict[str, dict[str, Mapper]] = {
    **dict.fromkeys(STANDARD_DOMAINS, _STANDARD),
    "ai.onnx.ml": learning.MAPPERS,
    contrib.DOMAIN: contrib.MAPPERS,
}
# What these compute has no row: a transform is no product with weights.
_UNMAPPABLE = {"DFT", "STFT", "Gradient"}
# Operators that are looked into by the function that defines them.
EXPANDED = frozenset({"CausalConvWithState", "FlexAttention", "LinearAttention", "SequenceMap"})
# Operators without a domain that onnx does not know but onnxruntime and TensorRT do; without MACs.
_UNOFFICIAL = frozenset(
    "Affine Crop DynamicSlice EfficientNMS_TRT GivenTensorFill ImageScaler MemcpyFromHost"
    " MemcpyToHost MultilevelCropAndResize_TRT ParametricSoftplus PyramidROIAlign_TRT Scale"
    " ScaledTanh SimplifiedLayerNormalization".split()
)
# Their convolutions are laid out for the machine that wrote the file.
_LAID_OUT = ("com.microsoft.nchwc", "com.ms.internal.nhwc")
_KNOWN_DOMAINS = (*STANDARD_DOMAINS, "ai.onnx.ml", "ai.onnx.preview", "ai.onnx.preview.training")


def mapper(node: Node) -> Optional[Mapper]:
    """What makes the rows of a node; None where it has no multiply-accumulates."""
    domain, op = node.proto.domain, node.op
    if op == "Einsum" and domain in STANDARD_DOMAINS and not einsum.is_product(node):
        return None
    found = _MAPPERS.get(domain, {}).get(op)
    if found is not None:
        return found
    if domain == contrib.DOMAIN and contrib.has_no_macs(op):
        return None
    if domain in _LAID_OUT:
        raise node.fail(
            f"the domain '{domain}' is onnxruntime's own layout for one machine; convert the model"
            " as it was before that optimisation"
        )
    if op in _UNMAPPABLE and domain in _KNOWN_DOMAINS:
        raise node.fail(f"this operator cannot be mapped; {_skipping(op)}")
    if domain not in _KNOWN_DOMAINS or not _is_known(op, domain):
        raise node.fail(
            f"this operator of the domain '{printable(domain) or 'ai.onnx'}' is not known;"
            f" {_skipping(op)}"
        )
    return None


def has_macs(proto: onnx.NodeProto) -> bool:
    """Whether a node has multiply-accumulates, or may have: nobody knows it."""
    try:
        return proto.op_type in EXPANDED or mapper(Node(proto, proto.name, Scope())) is not None
    except UnmappableError:
        return True


# Operators whose results have their types from here, as onnx has no rule or one not to be used.
_OWN_RULES = {
    **{(domain, "Einsum"): einsum.result_type for domain in STANDARD_DOMAINS},
    **{(contrib.DOMAIN, op): rule for op, rule in contrib.RULES.items()},
}


def own_types(node: Node) -> Optional[tuple[dict[str, onnx.TypeProto], str]]:
    """The type of a node's first output by a rule of ours, and why there is none where the node
    does not fit its inputs; None where onnx's rules hold."""
    rule = _OWN_RULES.get((node.proto.domain, node.op))
    if rule is None:
        return None
    try:
        found = rule(node)
    except UnmappableError as error:
        return {}, str(error)
    return ({node.proto.output[0]: found} if found and node.proto.output else {}), ""


def _skipping(op: str) -> str:
    return f"--skip {printable(op)} leaves it out"


def _is_known(op: str, domain: str) -> bool:
    domain = "" if domain in STANDARD_DOMAINS else domain
    return (op, domain) in _schemas() or (not domain and op in _UNOFFICIAL)


@functools.lru_cache(maxsize=None)
def _schemas() -> frozenset[tuple[str, str]]:
    return frozenset((s.name, s.domain) for s in onnx.defs.get_all_schemas_with_history())
