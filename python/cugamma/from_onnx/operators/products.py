"""Rows of matrix products: Gemm, MatMul, their quantised and fused forms, recurrent layers."""

from __future__ import annotations

import math
from typing import Iterator, Sequence

from cugamma.from_onnx.node import Node
from cugamma.from_onnx.rows import Row

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def product(name: str, m: int, k: int, n: int, count: int = 1) -> Row:
    """(m x k) * (k x n), `count` times."""
    if m == 1:
        return Row(name, "FC", n, k, count=count)
    return Row(name, "GEMM", n, k, Y=m, count=count)


def gemm(node: Node, left_at: int = 0, right_at: int = 1) -> Iterator[Row]:
    left, right = node.input(left_at, [2]), node.input(right_at, [2])
    m, k = reversed(left) if node.integer("transA", 0) else left
    inner, n = reversed(right) if node.integer("transB", 0) else right
    yield product(node.name, m, _same(node, k, inner), n)


def matmul(node: Node, left_at: int = 0, right_at: int = 1) -> Iterator[Row]:
    yield matrix_product(node, node.input(left_at), node.input(right_at))


def matrix_product(node: Node, left: Sequence[int], right: Sequence[int]) -> Row:
    """A product of shapes as numpy.matmul takes them."""
    if not left or not right:
        raise node.fail("a scalar is no matrix")
    left = (1,) * (2 - len(left)) + tuple(left)
    right = tuple(right) + (1,) * (2 - len(right))
    batch = _broadcast(node, left[:-2], right[:-2])
    m, n = left[-2], right[-1]
    k = _same(node, left[-1], right[-2])
    if math.prod(right[:-2]) == 1:
        return product(node.name, m * batch, k, n)
    return product(node.name, m, k, n, batch)


def _same(node: Node, left: int, right: int) -> int:
    if left != right:
        raise node.fail(f"a row of {left} does not fit a column of {right}")
    return left


def _broadcast(node: Node, left: Sequence[int], right: Sequence[int]) -> int:
    """Elements of two batch shapes broadcast to each other."""
    rank = max(len(left), len(right))
    pairs = zip((1,) * (rank - len(left)) + tuple(left), (1,) * (rank - len(right)) + tuple(right))
    elements = 1
    for one, other in pairs:
        if one != other and 1 not in (one, other):
            raise node.fail(f"batches {list(left)} and {list(right)} do not fit each other")
        elements *= other if one == 1 else one
    return elements


def recurrent(node: Node) -> Iterator[Row]:
    yield from recurrent_steps(node, node.input(0, [3]), node.input(1, [3]), GATES[node.op])


def recurrent_steps(
    node: Node, sequence: Sequence[int], weights: Sequence[int], gates: int
) -> Iterator[Row]:
    """One product for the inputs of all steps, one for the state that counts the steps."""
    steps, batch, features = sequence
    directions, rows, inputs = weights
    if node.integer("layout", 0) == 1:
        steps, batch = batch, steps
    hidden = rows // gates
    if hidden * gates != rows or hidden < 1 or features != inputs:
        raise node.fail(
            f"its weights of {rows} rows and {inputs} columns are not {gates} gates for"
            f" {features} inputs"
        )
    yield product(f"{node.name}/input", steps * batch, inputs, rows, directions)
    yield product(f"{node.name}/state", batch, hidden, rows, directions * steps)
