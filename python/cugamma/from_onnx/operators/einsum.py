"""Rows of Einsum: products of two operands at a time, from the left, as onnxruntime takes them."""

from __future__ import annotations

import dataclasses
import math
import string
from typing import Iterator, Mapping, Optional, Sequence

import onnx

from cugamma.from_onnx.errors import printable
from cugamma.from_onnx.node import Node
from cugamma.from_onnx.operators.products import product
from cugamma.from_onnx.rows import Row
from cugamma.from_onnx.tensors import Size, described, element_type, tensor_type


@dataclasses.dataclass(frozen=True)
class Equation:
    """The labels of each operand and of the result; '...' stands for any number of dimensions."""

    operands: list[str]
    result: str


def is_product(node: Node) -> bool:
    """Whether two operands meet; one alone is only summed, transposed or cut to its diagonal."""
    return len(node.proto.input) > 1


def einsum(node: Node) -> Iterator[Row]:
    equation = _parsed(node, node.text("equation"))
    shapes = [node.input(position) for position in range(len(node.proto.input))]
    operands, sizes = _labelled(node, equation, shapes)
    # A dimension of size 1 is broadcast: the operand does not have it.
    left, *others = ({label for label, size in one.items() if size != 1} for one in operands)
    result = set(_result_labels(equation, sizes))
    needed = [result]
    for one in reversed(others[1:]):
        needed.append(needed[-1] | one)
    for place, right in enumerate(others):
        later = needed.pop()
        name = node.name if len(others) == 1 else f"{node.name}/product_{place}"
        yield _pair(name, left, right, later, sizes)
        left = (left | right) & later


def result_type(node: Node) -> Optional[onnx.TypeProto]:
    """The type of the result as far as it is known; onnx's own rule hangs on some equations."""
    shapes = [node.input_tensor(position).shape for position in range(len(node.proto.input))]
    element = element_type(node.input_tensor(0).type)
    if not shapes or not element or any(shape is None for shape in shapes):
        return None
    equation = _parsed(node, node.text("equation"))
    _, sizes = _labelled(node, equation, shapes)
    return tensor_type(element, [sizes[label] for label in _result_labels(equation, sizes)])


def _pair(name: str, left: set[str], right: set[str], out: set[str], sizes: dict[str, int]) -> Row:
    """One product. What a single operand has and nobody needs is summed before it."""

    def elements(labels: set[str]) -> int:
        return math.prod(sizes[label] for label in labels)

    both = left & right
    m, n = elements((left - right) & out), elements((right - left) & out)
    return product(name, m, elements(both - out), n, elements(both & out))


def _parsed(node: Node, text: str) -> Equation:
    """The parts of an equation, its result spelled out."""
    equation = "".join(text.split())
    terms, arrow, result = equation.partition("->")
    operands = terms.split(",")
    for labels in (*operands, result):
        plain = labels.replace("...", "", 1)
        if any(label not in string.ascii_letters for label in plain):
            raise node.fail(
                f"equation '{printable(text)}', expected letters, '...', ',' and one '->'"
            )
    if not arrow:
        # Without an arrow the result has what occurs once, in order of the alphabet.
        letters = terms.replace(",", "").replace(".", "")
        result = "..." if "..." in terms else ""
        result += "".join(sorted(label for label in letters if letters.count(label) == 1))
    unknown = set(result.replace(".", "")) - set(terms)
    if unknown or ("..." in result and "..." not in terms):
        raise node.fail(f"equation '{printable(text)}', its result has an index of no operand")
    if len(set(result.replace(".", ""))) < len(result.replace(".", "")):
        raise node.fail(f"equation '{printable(text)}', its result has an index twice")
    return Equation(operands, result)


def _labelled(
    node: Node, equation: Equation, shapes: Sequence[Sequence[Size]]
) -> tuple[list[dict[str, Size]], dict[str, Size]]:
    """Sizes by label, of each operand and of all; a size that is not a number may be any."""
    if len(shapes) != len(equation.operands):
        raise node.fail(f"equation of {len(equation.operands)} operands, it has {len(shapes)}")
    sizes: dict[str, Size] = {}
    operands = []
    for labels, shape in zip(equation.operands, shapes):
        operands.append(_operand(node, labels, shape))
        for label, size in operands[-1].items():
            before = sizes.get(label, 1)
            if before == 1 or (isinstance(size, int) and size != 1 and not isinstance(before, int)):
                sizes[label] = size
            elif isinstance(before, int) and isinstance(size, int) and size not in (1, before):
                raise node.fail(f"index '{label}' is of size {before} and of size {size}")
    return operands, sizes


def _operand(node: Node, labels: str, shape: Sequence[Size]) -> dict[str, Size]:
    """Sizes by label; dimensions of an ellipsis are '0', '1', ... from the last one."""
    before, dots, behind = labels.partition("...")
    covered = len(shape) - len(before) - len(behind)
    if covered < 0 or (covered and not dots):
        raise node.fail(f"'{labels}' does not label the dimensions of {described(shape)}")
    sizes: dict[str, Size] = {}
    for label, size in zip([*before, *_hidden(covered), *behind], shape):
        # An index that stands twice takes the diagonal.
        found = sizes.setdefault(label, size)
        if found != size and isinstance(found, int) and isinstance(size, int):
            raise node.fail(f"index '{label}' is of size {found} and of size {size}")
    return sizes


def _hidden(count: int) -> list[str]:
    """Labels of the dimensions that an ellipsis stands for."""
    return [str(count - 1 - place) for place in range(count)]


def _result_labels(equation: Equation, sizes: Mapping[str, Size]) -> list[str]:
    before, dots, behind = equation.result.partition("...")
    hidden = _hidden(sum(label.isdigit() for label in sizes)) if dots else []
    return [*before, *hidden, *behind]
