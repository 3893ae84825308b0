"""A node as the operators see it: its attributes and the shapes of what goes in and out."""

from __future__ import annotations

from typing import Any, Optional, Sequence

import onnx

from cugamma.from_onnx.errors import UnmappableError, printable
from cugamma.from_onnx.tensors import Scope, Tensor, described, tensor_type

LONGEST_REASON = 1500
STANDARD_DOMAINS = ("", "ai.onnx")


class Node:
    """A node under its full name: the calls and subgraphs around it, and its own."""

    def __init__(self, proto: onnx.NodeProto, name: str, scope: Scope, label: str = ""):
        """`label` is the operator as messages call it, where the model has another one."""
        domain = "" if proto.domain in STANDARD_DOMAINS else f"{proto.domain}."
        self.proto = proto
        self.op = proto.op_type
        self.label = label or domain + proto.op_type
        self.name = name
        self.scope = scope
        self._attributes = {a.name: a for a in proto.attribute}

    def fail(self, why: str) -> UnmappableError:
        return UnmappableError(f"{self.described}: {printable(why, LONGEST_REASON)}")

    @property
    def described(self) -> str:
        return f"node '{printable(self.name)}' ({printable(self.label)})"

    def has(self, name: str) -> bool:
        return name in self._attributes

    def integer(self, name: str, default: Optional[int] = None) -> int:
        return self._attribute(name, default, onnx.AttributeProto.INT, "a whole number")

    def text(self, name: str, default: Optional[str] = None) -> str:
        value = self._attribute(name, default, onnx.AttributeProto.STRING, "a text")
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

    def integers(self, name: str, default: Optional[list[int]] = None) -> list[int]:
        value = self._attribute(name, default, onnx.AttributeProto.INTS, "whole numbers")
        return list(value)

    def floats(self, name: str, default: Optional[list[float]] = None) -> list[float]:
        return list(self._attribute(name, default, onnx.AttributeProto.FLOATS, "numbers"))

    def graph(self, name: str) -> onnx.GraphProto:
        return self._attribute(name, None, onnx.AttributeProto.GRAPH, "a graph")

    def _attribute(self, name: str, default: Any, kind: int, what: str) -> Any:
        attribute = self._attributes.get(name)
        if attribute is None:
            if default is None:
                raise self.fail(f"the attribute '{name}' is missing")
            return default
        if attribute.type != kind:
            raise self.fail(f"the attribute '{name}' is not {what}")
        return onnx.helper.get_attribute_value(attribute)

    def has_input(self, position: int) -> bool:
        return position < len(self.proto.input) and bool(self.proto.input[position])

    def input_numbers(self, position: int) -> Optional[list[int]]:
        """The whole numbers, or truth values, of a constant input; None where it is not known."""
        value = self.input_tensor(position).value
        if value is None or value.dtype.kind not in "iub":
            return None
        return [int(number) for number in value.reshape(-1)]

    def input_number(self, position: int) -> Optional[int]:
        """The one whole number, or truth value, of a constant input."""
        numbers = self.input_numbers(position)
        return numbers[0] if numbers is not None and len(numbers) == 1 else None

    def input_tensor(self, position: int) -> Tensor:
        """What is known of an input; nothing where it is left out."""
        found = self.scope.get(self.proto.input[position]) if self.has_input(position) else None
        return found or Tensor()

    def input(self, position: int, ranks: Sequence[int] = ()) -> tuple[int, ...]:
        """The shape of an input, every size known; of one of the ranks, where they are given."""
        return self._shape(self.proto.input, position, "input", ranks)

    def output(self, position: int = 0, ranks: Sequence[int] = ()) -> tuple[int, ...]:
        return self._shape(self.proto.output, position, "output", ranks)

    def set_output(self, position: int, shape: Sequence[int]) -> None:
        """Says what an operator makes that the inference of shapes does not know."""
        if position < len(self.proto.output) and self.proto.output[position]:
            like = self.input_tensor(0).type
            element = like.tensor_type.elem_type or onnx.TensorProto.FLOAT
            self.scope[self.proto.output[position]] = Tensor(tensor_type(element, list(shape)))

    def _shape(
        self, names: Sequence[str], position: int, what: str, ranks: Sequence[int]
    ) -> tuple[int, ...]:
        if position >= len(names) or not names[position]:
            raise self.fail(f"{what} {position} is missing")
        name = printable(names[position])
        tensor = self.scope.get(names[position])
        if tensor is None:
            raise self.fail(f"no node before it makes its {what} '{name}'")
        shape = tensor.shape
        because = f"; {tensor.unknown.why}" if tensor.unknown else ""
        if shape is None:
            raise self.fail(f"the shape of {what} '{name}' is not known{because}")
        for axis, size in enumerate(shape):
            if not isinstance(size, int):
                called = "an unknown dimension"
                if size:
                    called = f"the unknown dimension '{printable(size)}'"
                where = f"at position {axis}"
                if not tensor.unknown or tensor.unknown.model_input != names[position]:
                    where = f"{where} of {printable(described(shape))}"
                raise self.fail(f"{what} '{name}' has {called} {where}{because}")
        if ranks and len(shape) not in ranks:
            expected = " or ".join(str(rank) for rank in ranks)
            raise self.fail(
                f"{what} '{name}' is {described(shape)}, expected {expected} dimensions"
            )
        return tuple(shape)
