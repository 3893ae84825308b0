"""What is known of a tensor before the network runs: its type, its shape, perhaps its value."""

from __future__ import annotations

import dataclasses
from typing import Iterator, Optional, Sequence, Union

import numpy
import onnx

# The size of a dimension: a number, the name of an unknown one, or nothing at all.
Size = Union[int, str, None]


@dataclasses.dataclass(frozen=True)
class Unknown:
    """Why a shape, or a value that shapes are computed from, is not known."""

    why: str
    # The input of the model whose dimensions are not known; '' where a node is the cause.
    model_input: str = ""


@dataclasses.dataclass
class Tensor:
    """A tensor, sequence or optional. `unknown` says why its shape or its value is not known."""

    type: onnx.TypeProto = dataclasses.field(default_factory=onnx.TypeProto)
    value: Optional[numpy.ndarray] = None
    unknown: Optional[Unknown] = None

    @property
    def shape(self) -> Optional[list[Size]]:
        return shape_of(self.type)

    @property
    def is_collection(self) -> bool:
        """Whether it is a sequence, an optional or a map, which have no shape."""
        return self.type.WhichOneof("value") in ("sequence_type", "optional_type", "map_type")

    @property
    def has_known_shape(self) -> bool:
        shape = self.shape
        return shape is not None and all(isinstance(size, int) for size in shape)


class Scope:
    """Tensors by name; a subgraph also sees those around it, a function's body does not."""

    def __init__(self, around: Optional[Scope] = None):
        self._tensors: dict[str, Tensor] = {}
        self._around = around

    def __setitem__(self, name: str, tensor: Tensor) -> None:
        self._tensors[name] = tensor

    def get(self, name: str) -> Optional[Tensor]:
        scope: Optional[Scope] = self
        while scope is not None:
            if name in scope._tensors:
                return scope._tensors[name]
            scope = scope._around
        return None


def shape_of(of: onnx.TypeProto) -> Optional[list[Size]]:
    """The sizes of a tensor type, None for another type or where not even the rank is known."""
    kind = of.WhichOneof("value")
    if kind not in ("tensor_type", "sparse_tensor_type"):
        return None
    tensor = getattr(of, kind)
    if not tensor.HasField("shape"):
        return None
    return [_size(dimension) for dimension in tensor.shape.dim]


def _size(dimension: onnx.TensorShapeProto.Dimension) -> Size:
    if dimension.HasField("dim_value"):
        return dimension.dim_value
    return dimension.dim_param or None


def tensor_type(element: int, shape: Optional[Sequence[Size]]) -> onnx.TypeProto:
    return onnx.helper.make_tensor_type_proto(element, shape)


def element_type(of: onnx.TypeProto) -> int:
    """The element type of a tensor; 0 where it is not known."""
    kind = of.WhichOneof("value")
    return getattr(of, kind).elem_type if kind in ("tensor_type", "sparse_tensor_type") else 0


def with_shape(of: onnx.TypeProto, shape: Optional[Sequence[Size]]) -> onnx.TypeProto:
    """The type with another shape."""
    return tensor_type(element_type(of), shape)


def without_impossible_sizes(of: onnx.TypeProto, smallest: int) -> onnx.TypeProto:
    """The type with sizes below `smallest` made unknown: exporters write them for 'any'."""
    shape = shape_of(of)
    if shape is None or all(not isinstance(size, int) or size >= smallest for size in shape):
        return of
    sizes = [None if isinstance(size, int) and size < smallest else size for size in shape]
    return with_shape(of, sizes)


def without_names(of: onnx.TypeProto) -> onnx.TypeProto:
    """The type without names of sizes: exporters make them up for results, no input has them."""
    shape = shape_of(of)
    if shape is None or not any(isinstance(size, str) for size in shape):
        return of
    return with_shape(of, [size if isinstance(size, int) else None for size in shape])


def joined(left: onnx.TypeProto, right: onnx.TypeProto) -> onnx.TypeProto:
    """What holds for a tensor that is of one of two types."""
    if left == right:
        return left
    one, other = shape_of(left), shape_of(right)
    if element_type(left) != element_type(right) or not element_type(left):
        return onnx.TypeProto()
    if one is None or other is None or len(one) != len(other):
        return with_shape(left, None)
    return with_shape(left, [a if a == b else None for a, b in zip(one, other)])


def completed(known: onnx.TypeProto, declared: onnx.TypeProto) -> onnx.TypeProto:
    """The known type; where it leaves something open, what the model declares."""
    sizes, hints = shape_of(known), shape_of(declared)
    if known.WhichOneof("value") is None:
        return declared
    if hints is None or element_type(known) == 0:
        return known
    if sizes is None:
        return with_shape(known, hints)
    if len(sizes) != len(hints):
        return known
    return with_shape(known, [b if a is None else a for a, b in zip(sizes, hints)])


def described(shape: Optional[Sequence[Size]]) -> str:
    """A shape as text: [batch, 3, ?, ?]."""
    if shape is None:
        return "without a shape"
    return "[" + ", ".join("?" if size is None else str(size) for size in shape) + "]"


def nodes_of(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """The nodes of a graph and of all graphs within it."""
    pending = [graph]
    while pending:
        for node in pending.pop().node:
            yield node
            pending.extend(subgraphs(node))


def subgraphs(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.GRAPH:
            yield attribute.g
        yield from attribute.graphs
