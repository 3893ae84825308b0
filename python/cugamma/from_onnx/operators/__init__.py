"""Which operator is mapped by what, and which have no multiply-accumulates."""

from __future__ import annotations

from typing import Callable, Iterator, Optional

import onnx
import onnx.defs

from cugamma.from_onnx.errors import UnmappableError
from cugamma.from_onnx.operators import attention, contrib, convolutions, einsum, learning, products
from cugamma.from_onnx.node import STANDARD_DOMAINS, Node
from cugamma.from_onnx.rows import Row
from cugamma.from_onnx.tensors import element_type, tensor_type

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
    if op in _UNMAPPABLE and domain in _KNOWN_DOMAINS:
        raise node.fail(f"this operator cannot be mapped; {_skipping(op)}")
    if domain not in _KNOWN_DOMAINS or not _is_known(op, domain):
        raise node.fail(
            f"this operator of the domain '{domain or 'ai.onnx'}' is not known; {_skipping(op)}"
        )
    return None


# Operators whose results have their shapes from here, as onnx's rule is not to be had.
OWN_RULES = {"Einsum": einsum.result_shape}


def own_types(node: Node) -> tuple[dict[str, onnx.TypeProto], str]:
    """Types of a node's outputs, and why there are none where it does not fit its inputs."""
    try:
        shape = OWN_RULES[node.op](node)
    except UnmappableError as error:
        return {}, str(error)
    element = element_type(node.input_tensor(0).type)
    if shape is None or not element or not node.proto.output:
        return {}, ""
    return {node.proto.output[0]: tensor_type(element, shape)}, ""


def _skipping(op: str) -> str:
    return f"--skip {op} leaves it out"


def _is_known(op: str, domain: str) -> bool:
    return (op, "" if domain in STANDARD_DOMAINS else domain) in _schemas()


def _schemas() -> set[tuple[str, str]]:
    if not _names:
        _names.update((s.name, s.domain) for s in onnx.defs.get_all_schemas_with_history())
        # onnxruntime registers these without a domain.
        _names.update((op, "") for op in ("SimplifiedLayerNormalization", "ParametricSoftplus"))
    return _names


_names: set[tuple[str, str]] = set()
