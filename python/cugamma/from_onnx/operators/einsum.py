"""Rows of Einsum: products of two operands at a time, from the left, as onnxruntime takes them."""

from __future__ import annotations

import dataclasses
import math
import string
from typing import Iterator, Sequence

from cugamma.from_onnx.errors import printable
from cugamma.from_onnx.node import Node
from cugamma.from_onnx.operators.products import product
from cugamma.from_onnx.rows import Row


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
    if len(shapes) != len(equation.operands):
        raise node.fail(f"equation of {len(equation.operands)} operands, it has {len(shapes)}")
    sizes: dict[str, int] = {}
    operands = []
    for labels, shape in zip(equation.operands, shapes):
        operands.append(_labelled(node, labels, shape))
        for label, size in operands[-1].items():
            if sizes.setdefault(label, size) == 1:
                sizes[label] = size
            elif size not in (1, sizes[label]):
                raise node.fail(f"index '{label}' is of size {sizes[label]} and of size {size}")
    # A dimension of size 1 is broadcast: the operand does not have it.
    left, *others = ({label for label, size in one.items() if size != 1} for one in operands)
    result = _result_labels(equation, sizes)
    needed = [result]
    for one in reversed(others[1:]):
        needed.append(needed[-1] | one)
    for place, right in enumerate(others):
        later = needed.pop()
        name = node.name if len(others) == 1 else f"{node.name}/product_{place}"
        yield _pair(name, left, right, later, sizes)
        left = (left | right) & later


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


def _labelled(node: Node, labels: str, shape: Sequence[int]) -> dict[str, int]:
    """Sizes by label; dimensions of an ellipsis are '0', '1', ... from the last one."""
    before, dots, behind = labels.partition("...")
    covered = len(shape) - len(before) - len(behind)
    if covered < 0 or (covered and not dots):
        raise node.fail(f"'{labels}' does not label the dimensions of {list(shape)}")
    hidden = [str(covered - 1 - place) for place in range(covered)]
    sizes: dict[str, int] = {}
    for label, size in zip([*before, *hidden, *behind], shape):
        # An index that stands twice takes the diagonal.
        if sizes.setdefault(label, size) != size:
            raise node.fail(f"index '{label}' is of size {sizes[label]} and of size {size}")
    return sizes


def _result_labels(equation: Equation, sizes: dict[str, int]) -> set[str]:
    kept = set(equation.result.replace(".", ""))
    if "..." in equation.result:
        kept |= {label for label in sizes if label.isdigit()}
    return kept
