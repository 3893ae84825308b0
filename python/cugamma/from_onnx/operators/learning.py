"""Rows of the domain ai.onnx.ml: linear models and support vector machines."""

from __future__ import annotations

from typing import Iterator

from cugamma.from_onnx.node import Node
from cugamma.from_onnx.operators.products import product
from cugamma.from_onnx.rows import Row


def _samples(node: Node) -> tuple[int, int]:
    shape = node.input(0, [1, 2])
    return (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])


def _columns(node: Node, name: str, rows: int) -> int:
    """Columns of an attribute that is a matrix of so many rows."""
    elements = len(node.floats(name))
    if rows < 1 or not elements or elements % rows:
        raise node.fail(f"{elements} {name} are no matrix of {rows} rows")
    return elements // rows


def linear(node: Node) -> Iterator[Row]:
    samples, features = _samples(node)
    yield product(node.name, samples, features, _columns(node, "coefficients", features))


def support_vectors(node: Node) -> Iterator[Row]:
    """The kernel of every sample with every support vector, then their weighted sums."""
    samples, features = _samples(node)
    if not node.floats("support_vectors", [0.0]) or not node.has("support_vectors"):
        yield from linear(node)
        return
    vectors = _columns(node, "support_vectors", features)
    yield product(f"{node.name}/kernel", samples, features, vectors)
    yield product(f"{node.name}/sum", samples, vectors, _columns(node, "coefficients", vectors))


MAPPERS = {
    "LinearClassifier": linear,
    "LinearRegressor": linear,
    "SVMClassifier": support_vectors,
    "SVMRegressor": support_vectors,
}
