"""The inputs of a model, with the sizes that the user gives them."""

from __future__ import annotations

from typing import Mapping, Sequence

import numpy
import onnx

from cugamma.from_onnx.errors import ModelError, printable
from cugamma.from_onnx.rows import LARGEST
from cugamma.from_onnx.tensors import (
    Scope,
    Size,
    Tensor,
    Unknown,
    described,
    element_type,
    nodes_of,
    shape_of,
    tensor_type,
    without_impossible_sizes,
)

_WHOLE_NUMBERS = {
    onnx.TensorProto.BOOL: numpy.bool_,
    onnx.TensorProto.INT32: numpy.int32,
    onnx.TensorProto.INT64: numpy.int64,
    onnx.TensorProto.UINT8: numpy.uint8,
}


class Inputs:
    """Types of a model's inputs, those that are no weights. A size below 1 is not a size."""

    def __init__(self, graph: onnx.GraphProto):
        weights = {tensor.name for tensor in graph.initializer}
        weights |= {sparse.values.name for sparse in graph.sparse_initializer}
        self._types = {
            value.name: without_impossible_sizes(value.type, 1)
            for value in graph.input
            if value.name not in weights
        }
        self._values: dict[str, numpy.ndarray] = {}
        self._made = {name for node in nodes_of(graph) for name in node.output if name}

    def give_dimensions(self, sizes: Mapping[str, int]) -> None:
        """Sets named dimensions wherever they stand."""
        for name, size in sizes.items():
            if not _is_name(name):
                raise ModelError(
                    f"'{printable(name)}' is no name of a dimension; give shapes with"
                    f" --shape INPUT=N,N,...; the inputs: {self._listed()}"
                )
            if not any(name in (shape_of(kind) or ()) for kind in self._types.values()):
                raise ModelError(
                    f"no input has a dimension '{printable(name)}'; the inputs: {self._listed()}"
                )
            self._set(name, _checked(size, f"dimension '{name}'"))

    def give_shapes(self, shapes: Mapping[str, Sequence[int]]) -> Mapping[str, Sequence[int]]:
        """Sets whole inputs; returns the shapes that are given to tensors within the model."""
        within = {}
        for name, shape in shapes.items():
            for size in shape:
                _checked(size, f"the shape of '{name}'")
            if name in self._types:
                self._set_input(name, shape)
            elif name in self._made:
                within[name] = shape
            else:
                raise ModelError(
                    f"no input or tensor is called '{printable(name)}';"
                    f" the inputs: {self._listed()}"
                )
        return within

    def give_values(self, values: Mapping[str, Sequence[int]]) -> None:
        """Sets what whole-number inputs hold: a shape, a number of turns, a condition."""
        for name, numbers in values.items():
            if name not in self._types:
                raise ModelError(
                    f"no input is called '{printable(name)}'; the inputs: {self._listed()}"
                )
            kind = self._types[name]
            shape, element = shape_of(kind), element_type(kind)
            if element not in _WHOLE_NUMBERS:
                raise ModelError(f"input '{printable(name)}' holds no whole numbers")
            if shape is not None and (
                len(shape) > 1
                or (len(shape) == 0 and len(numbers) != 1)
                or any(isinstance(size, int) and size != len(numbers) for size in shape)
            ):
                raise ModelError(
                    f"input '{printable(name)}' is {described(shape)}, --value gives"
                    f" {len(numbers)} numbers"
                )
            sizes = [len(numbers)] if shape or len(numbers) != 1 else []
            try:
                value = numpy.array(numbers, _WHOLE_NUMBERS[element]).reshape(sizes)
            except (OverflowError, ValueError, TypeError) as error:
                raise ModelError(f"input '{printable(name)}': {printable(error)}") from None
            self._types[name], self._values[name] = tensor_type(element, sizes), value

    def scope(self) -> Scope:
        """The inputs as tensors, each with what to do about sizes that are not known."""
        scope = Scope()
        for name, kind in self._types.items():
            tensor = Tensor(kind, self._values.get(name))
            if not tensor.has_known_shape:
                tensor.unknown = Unknown(_advice(name, tensor.shape), model_input=name)
            scope[name] = tensor
        return scope

    def _set(self, dimension: str, size: int) -> None:
        for name, kind in self._types.items():
            shape = shape_of(kind)
            if shape and dimension in shape:
                sizes = [size if one == dimension else one for one in shape]
                self._types[name] = tensor_type(element_type(kind), sizes)

    def _set_input(self, name: str, given: Sequence[int]) -> None:
        kind = self._types[name]
        known = shape_of(kind)
        if known is not None and (
            len(known) != len(given)
            or any(isinstance(a, int) and a != b for a, b in zip(known, given))
        ):
            raise ModelError(
                f"input '{printable(name)}' is {described(known)}, --shape says {described(given)}"
            )
        self._types[name] = tensor_type(element_type(kind) or onnx.TensorProto.FLOAT, list(given))
        for size, number in zip(known or (), given):
            if isinstance(size, str) and _is_name(size):
                self._set(size, number)

    def _listed(self) -> str:
        shapes = [f"{name} {described(shape_of(kind))}" for name, kind in self._types.items()]
        return printable(", ".join(shapes)) or "none"


def _is_name(dimension: str) -> bool:
    """Whether the text names a dimension; exporters write '?' for one without a name."""
    return any(character.isalnum() for character in dimension)


def _checked(size: int, what: str) -> int:
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= LARGEST:
        raise ModelError(f"{printable(what)}: {size}, expected a whole number from 1 to {LARGEST}")
    return size


def _advice(name: str, shape: Sequence[Size] | None) -> str:
    """What an input lacks and how to give it; a --dim for each name, a --shape for all."""
    named = [
        f"--dim {printable(size)}=N"
        for size in dict.fromkeys(shape or ())
        if isinstance(size, str) and _is_name(size)
    ]
    sizes = "N,N,..." if shape is None else ",".join(_blank(size) for size in shape)
    options = [" ".join(named)] if named else []
    options.append(f"--shape {printable(name)}={sizes}")
    is_what = "has no shape" if shape is None else f"is {printable(described(shape))}"
    return f"the model's input '{printable(name)}' {is_what}; give it with {' or '.join(options)}"


def _blank(size: Size) -> str:
    return str(size) if isinstance(size, int) else "N"
