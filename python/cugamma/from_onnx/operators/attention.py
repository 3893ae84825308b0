"""Rows of attention: scores = queries * keys, results = scores * values, for every head."""

from __future__ import annotations

import dataclasses
from typing import Iterator

from cugamma.from_onnx.node import Node
from cugamma.from_onnx.operators.products import product
from cugamma.from_onnx.rows import Row


@dataclasses.dataclass(frozen=True)
class Heads:
    """Sizes of one attention: `heads` of queries, keys of `size`, values of `value_size`."""

    batch: int
    heads: int
    queries: int
    keys: int
    size: int
    value_size: int


def _rows(node: Node, heads: Heads) -> Iterator[Row]:
    """Every query meets every key, as the operator is defined; a mask saves no work."""
    count = heads.batch * heads.heads
    yield product(f"{node.name}/scores", heads.queries, heads.size, heads.keys, count)
    yield product(f"{node.name}/values", heads.queries, heads.keys, heads.value_size, count)


def _divided(node: Node, size: int, heads: int) -> int:
    if heads < 1 or size % heads:
        raise node.fail(f"{heads} heads do not divide a size of {size}")
    return size // heads


def _past(node: Node, position: int, axis: int) -> int:
    return node.input(position)[axis] if node.has_input(position) else 0


def attention(node: Node) -> Iterator[Row]:
    """ONNX's Attention: queries, keys and values of three or four dimensions."""
    query, key, value = (node.input(position, [3, 4]) for position in range(3))
    past = _past(node, 4, 2)
    if len(query) == 4:
        batch, heads, queries, size = query
        keys, value_size = key[-2], value[-1]
        if len(key) != 4 or len(value) != 4 or heads % key[1] or key[3] != size:
            raise node.fail(f"queries {list(query)} do not fit keys {list(key)}")
    else:
        batch, queries, width = query
        heads, value_heads = node.integer("q_num_heads"), node.integer("kv_num_heads")
        size, keys = _divided(node, width, heads), key[1]
        value_size = _divided(node, value[-1], value_heads)
        if len(key) != 3 or len(value) != 3 or key[2] != size * value_heads:
            raise node.fail(f"queries {list(query)} do not fit keys {list(key)}")
    wide = [batch, queries, heads * value_size]
    node.set_output(0, [*query[:3], value_size] if len(query) == 4 else wide)
    yield from _rows(node, Heads(batch, heads, queries, past + keys, size, value_size))


def projected_attention(node: Node, past_at: int = 4) -> Iterator[Row]:
    """com.microsoft's Attention and QAttention: the projections are part of the operator."""
    data, weights = node.input(0, [3]), node.input(1, [2])
    batch, queries, inputs = data
    widths = node.integers("qkv_hidden_sizes", [weights[1] // 3] * 3)
    heads = node.integer("num_heads")
    if len(widths) != 3 or sum(widths) != weights[1] or inputs != weights[0]:
        raise node.fail(f"weights {list(weights)} do not fit inputs {list(data)} and {widths}")
    node.set_output(0, [batch, queries, widths[2]])
    size, value_size = _divided(node, widths[0], heads), _divided(node, widths[2], heads)
    keys = queries + _past(node, past_at, 3)
    yield product(f"{node.name}/projections", batch * queries, inputs, weights[1])
    yield from _rows(node, Heads(batch, heads, queries, keys, size, value_size))


def multi_head_attention(node: Node) -> Iterator[Row]:
    """com.microsoft's MultiHeadAttention, with keys and values packed or not."""
    query, heads = node.input(0, [3, 5]), node.integer("num_heads")
    batch, queries = query[0], query[1]
    if len(query) == 5:  # batch, queries, heads, 3, size
        size = value_size = query[4]
        keys = queries
    else:
        size = _divided(node, query[2], heads)
        key = node.input(1, [3, 4, 5])
        keys = key[2] if len(key) == 4 else key[1]
        value_size = key[-1] if len(key) == 5 else _value_size(node, heads)
    node.set_output(0, [batch, queries, heads * value_size])
    keys += _past(node, 6, 2)
    yield from _rows(node, Heads(batch, heads, queries, keys, size, value_size))


def _value_size(node: Node, heads: int) -> int:
    value = node.input(2, [3, 4])
    return value[3] if len(value) == 4 else _divided(node, value[2], heads)


def group_query_attention(node: Node) -> Iterator[Row]:
    """com.microsoft's GroupQueryAttention: several heads of queries share keys and values."""
    batch, queries, width = node.input(0, [3])
    heads, shared = node.integer("num_heads"), node.integer("kv_num_heads")
    packed = not node.has_input(1)
    size = _divided(node, width, heads + 2 * shared if packed else heads)
    node.set_output(0, [batch, queries, heads * size])
    keys = node.input_number(6)
    if keys is None:
        keys = queries + _past(node, 3, 2)
    yield from _rows(node, Heads(batch, heads, queries, keys, size, size))
