"""Turn an ONNX network into cuGAMMA's CSV of layers.

    python -m cugamma.from_onnx model.onnx -o net.csv

Every node with multiply-accumulates becomes one row
``name,type,K,C,Y,X,R,S,stride_y,stride_x,groups,count``; Y and X are the padded input. Equal shapes
become one row with a count. How the operators are written:

Conv
    ``CONV`` (K and C of the whole layer, ``groups`` as in ONNX), or ``DSCONV`` with K = 1 where
    every group has one input channel; a channel multiplier m counts m such layers. A batch counts
    repeats. 1-D convolutions have X = S = 1.
    Dilation d keeps the R taps and shrinks the input by (R - 1)(d - 1) rows, so that outputs and
    MACs are exact and the input is a lower bound; likewise for columns.
ConvTranspose
    stride_y x stride_x ordinary convolutions of stride 1, one for each phase of the output: those
    taps of the filter that meet real input, never the zeros of an upsampled one. A phase without
    taps has no row.
Gemm, MatMul, Einsum
    ``GEMM`` with K = N, C = K, Y = M of (M x K) * (K x N); with M = 1 ``FC``. A batch that shares
    its right-hand side goes into M, every other batch counts repeats, as do attention heads.
LSTM, GRU, RNN
    one product for the inputs of all steps, and one for the state that counts the steps.

Nodes without MACs are listed on standard error; a node that has MACs and cannot be mapped is an
error that names it.
"""

from __future__ import annotations

import argparse
import collections
import csv
import dataclasses
import math
import sys
from typing import IO, Iterable, Iterator, Mapping, Sequence

import onnx
import onnx.inliner
import onnx.shape_inference
from google.protobuf.message import DecodeError

HEADER = ("name", "type", "K", "C", "Y", "X", "R", "S", "stride_y", "stride_x", "groups", "count")
STANDARD_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
UNMAPPABLE = frozenset({"Attention", "DFT", "DeformConv", "STFT"})
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


class UnmappableError(ValueError):
    """A node has multiply-accumulates that no row can stand for. The message names the node."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One layer of a network; sizes in elements, Y and X with padding."""

    name: str
    type: str
    K: int
    C: int
    Y: int = 1
    X: int = 1
    R: int = 1
    S: int = 1
    stride_y: int = 1
    stride_x: int = 1
    groups: int = 1
    count: int = 1

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the row, its count included."""
        rows = (self.Y - self.R) // self.stride_y + 1
        columns = (self.X - self.S) // self.stride_x + 1
        taps = self.R * self.S * self.K * self.C // self.groups
        return rows * columns * taps * self.count


@dataclasses.dataclass(frozen=True)
class Network:
    """The rows of a network, and how many nodes of each operator were skipped: no MACs."""

    rows: list[Row]
    skipped: dict[str, int]

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the whole network."""
        return sum(row.macs for row in self.rows)


class _Node:
    """A node of the graph with the shapes of its inputs and outputs."""

    def __init__(self, proto: onnx.NodeProto, index: int, shapes: Mapping[str, Sequence]):
        self.op = proto.op_type
        self.name = proto.name or f"{proto.op_type}_{index}"
        self.proto = proto
        self._shapes = shapes
        self._attributes = {a.name: onnx.helper.get_attribute_value(a) for a in proto.attribute}

    def attribute(self, name: str, default=None):
        value = self._attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else value

    def fail(self, why: str) -> UnmappableError:
        return UnmappableError(f"node '{self.name}' ({self.op}): {why}")

    def input(self, position: int) -> tuple[int, ...]:
        return self._shape(self.proto.input, position, "input")

    def output(self, position: int = 0) -> tuple[int, ...]:
        return self._shape(self.proto.output, position, "output")

    def _shape(self, names: Sequence[str], position: int, what: str) -> tuple[int, ...]:
        if position >= len(names) or not names[position]:
            raise self.fail(f"{what} {position} is missing")
        shape = self._shapes.get(names[position])
        if shape is None:
            raise self.fail(f"shape inference found no shape for {what} '{names[position]}'")
        for size in shape:
            if not isinstance(size, int):
                hint = f"; give it with --dim {size}=N" if size else ""
                raise self.fail(
                    f"{what} '{names[position]}' has the unknown dimension '{size}'{hint}"
                )
        return tuple(shape)


@dataclasses.dataclass(frozen=True)
class _Window:
    """One spatial axis of a convolution. Sizes in elements, the padding before and behind."""

    input: int
    output: int
    taps: int
    stride: int = 1
    dilation: int = 1
    pads: tuple[int, int] = (0, 0)

    @property
    def padded(self) -> int:
        """The padded input, less what dilation steps over."""
        return self.input + sum(self.pads) - (self.taps - 1) * (self.dilation - 1)

    def phases(self) -> Iterator[tuple[int, int]]:
        """(outputs, taps) of each residue of the output by the stride, for a transposed axis."""
        for residue in range(self.stride):
            outputs = len(range((residue - self.pads[0]) % self.stride, self.output, self.stride))
            taps = sum(k * self.dilation % self.stride == residue for k in range(self.taps))
            yield outputs, taps


def _windows(node: _Node, data: Sequence[int], weights: Sequence[int]) -> list[_Window]:
    """The two spatial axes; a 1-D convolution gets a second one of a single element."""
    rank = len(data) - 2
    if rank not in (1, 2):
        raise node.fail(f"{rank} spatial dimensions, only 1 and 2 can be mapped")
    taps = weights[2:]
    strides = node.attribute("strides", [1] * rank)
    dilations = node.attribute("dilations", [1] * rank)
    pads = node.attribute("pads", [0] * (2 * rank))
    outputs = node.output()[2:]
    axes = []
    for i in range(rank):
        axis = _Window(
            data[2 + i], outputs[i], taps[i], strides[i], dilations[i], (pads[i], pads[i + rank])
        )
        axes.append(_automatic_padding(node, axis))
    return axes + [_Window(1, 1, 1)] * (2 - rank)


def _automatic_padding(node: _Node, axis: _Window) -> _Window:
    """The axis with the padding that auto_pad chooses, which makes up for what its sizes lack."""
    mode = node.attribute("auto_pad", "NOTSET")
    if mode not in ("SAME_UPPER", "SAME_LOWER"):
        return axis
    near, far = (
        (axis.output, axis.input) if node.op != "ConvTranspose" else (axis.input, axis.output)
    )
    total = max((near - 1) * axis.stride + (axis.taps - 1) * axis.dilation + 1 - far, 0)
    small, large = total // 2, total - total // 2
    pads = (small, large) if mode == "SAME_UPPER" else (large, small)
    return dataclasses.replace(axis, pads=pads)


def _convolution(
    name: str, channels: tuple[int, int, int], count: int, axes: dict[str, int]
) -> Row:
    """A row of (K, C, groups) channels, depthwise where each group has one input channel."""
    out, into, groups = channels
    if groups > 1 and groups == into:
        return Row(name, "DSCONV", 1, into, count=count * (out // into), **axes)
    return Row(name, "CONV", out, into, groups=groups, count=count, **axes)


def _conv(node: _Node, data_at: int = 0, weights_at: int = 1) -> Iterator[Row]:
    data, weights = node.input(data_at), node.input(weights_at)
    y, x = _windows(node, data, weights)
    channels = (weights[0], data[1], node.attribute("group", 1))
    axes = {
        "Y": y.padded,
        "X": x.padded,
        "R": y.taps,
        "S": x.taps,
        "stride_y": y.stride,
        "stride_x": x.stride,
    }
    yield _convolution(node.name, channels, data[0], axes)


def _conv_transpose(node: _Node) -> Iterator[Row]:
    data, weights = node.input(0), node.input(1)
    y, x = _windows(node, data, weights)
    groups = node.attribute("group", 1)
    channels = (weights[1] * groups, data[1], groups)
    for i, (rows, r) in enumerate(y.phases()):
        for j, (columns, s) in enumerate(x.phases()):
            if rows * columns * r * s == 0:
                continue
            axes = {"Y": rows + r - 1, "X": columns + s - 1, "R": r, "S": s}
            yield _convolution(f"{node.name}/phase_{i}_{j}", channels, data[0], axes)


def _product(name: str, m: int, k: int, n: int, count: int = 1) -> Row:
    """(m x k) * (k x n), `count` times."""
    if m == 1:
        return Row(name, "FC", n, k, count=count)
    return Row(name, "GEMM", n, k, Y=m, count=count)


def _gemm(node: _Node) -> Iterator[Row]:
    a, b = node.input(0), node.input(1)
    m, k = reversed(a) if node.attribute("transA", 0) else a
    n = b[0] if node.attribute("transB", 0) else b[1]
    yield _product(node.name, m, k, n)


def _matmul(node: _Node, left_at: int = 0, right_at: int = 1) -> Iterator[Row]:
    left, right = node.input(left_at), node.input(right_at)
    left = (1,) * (2 - len(left)) + tuple(left)
    right = tuple(right) + (1,) * (2 - len(right))
    batch = _broadcast(left[:-2], right[:-2])
    m, k, n = left[-2], left[-1], right[-1]
    if math.prod(right[:-2]) == 1:
        yield _product(node.name, m * batch, k, n)
    else:
        yield _product(node.name, m, k, n, batch)


def _broadcast(left: Sequence[int], right: Sequence[int]) -> int:
    """Elements of two batch shapes broadcast to each other."""
    rank = max(len(left), len(right))
    pairs = zip((1,) * (rank - len(left)) + tuple(left), (1,) * (rank - len(right)) + tuple(right))
    return math.prod(a if b == 1 else b for a, b in pairs)


def _einsum(node: _Node) -> Iterator[Row]:
    equation = node.attribute("equation").replace(" ", "")
    terms, _, result = equation.partition("->")
    operands = terms.split(",")
    if len(operands) != 2 or "->" not in equation or "." in equation:
        raise node.fail(f"equation '{equation}', only 'a,b->c' of named indices can be mapped")
    sizes: dict[str, int] = {}
    for position, labels in enumerate(operands):
        sizes.update(zip(labels, node.input(position)))
    left, right, out = (set(labels) for labels in (*operands, result))
    if not left | right >= out or (left ^ right) - out:
        raise node.fail(f"equation '{equation}' sums an index of one operand alone")
    if any(len(set(labels)) < len(labels) for labels in operands):
        raise node.fail(f"equation '{equation}' takes a diagonal")

    def elements(labels: set[str]) -> int:
        return math.prod(sizes[label] for label in labels)

    both = left & right
    yield _product(
        node.name, elements(left - right), elements(both - out), elements(right - left),
        elements(both & out),
    )  # fmt: skip


def _recurrent(node: _Node) -> Iterator[Row]:
    sequence, weights = node.input(0), node.input(1)
    steps, batch = sequence[0], sequence[1]
    if node.attribute("layout", 0) == 1:
        steps, batch = batch, steps
    directions, gates, inputs = weights
    hidden = gates // GATES[node.op]
    yield _product(f"{node.name}/input", steps * batch, inputs, gates, directions)
    yield _product(f"{node.name}/state", batch, hidden, gates, directions * steps)


_MAPPERS = {
    "Conv": _conv,
    "ConvInteger": _conv,
    "QLinearConv": lambda node: _conv(node, 0, 3),
    "ConvTranspose": _conv_transpose,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "MatMulInteger": _matmul,
    "QLinearMatMul": lambda node: _matmul(node, 0, 3),
    "Einsum": _einsum,
    **dict.fromkeys(GATES, _recurrent),
}


def _with_dimensions(model: onnx.ModelProto, sizes: Mapping[str, int]) -> onnx.ModelProto:
    """The model with the sizes of the graph inputs' named dimensions."""
    bound = onnx.ModelProto()
    bound.CopyFrom(model)
    for value in bound.graph.input:
        for dimension in value.type.tensor_type.shape.dim:
            if dimension.dim_param in sizes:
                dimension.dim_value = sizes[dimension.dim_param]
    return bound


def _shapes(graph: onnx.GraphProto) -> dict[str, list]:
    """Shape of every tensor; a size that is not known is its symbol, or ''."""
    shapes = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    for value in (*graph.input, *graph.output, *graph.value_info):
        if value.type.tensor_type.HasField("shape"):
            shapes[value.name] = [
                d.dim_value if d.HasField("dim_value") else d.dim_param
                for d in value.type.tensor_type.shape.dim
            ]
    return shapes


def _subgraphs(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.GRAPH:
            yield attribute.g
        yield from attribute.graphs


def _has_macs(node: onnx.NodeProto) -> bool:
    """Whether a node multiplies and accumulates, itself or in a subgraph."""
    if node.domain not in STANDARD_DOMAINS:
        return True
    inner = any(_has_macs(n) for graph in _subgraphs(node) for n in graph.node)
    return inner or node.op_type in _MAPPERS or node.op_type in UNMAPPABLE


def _map_node(node: _Node) -> Iterator[Row]:
    if node.proto.domain not in STANDARD_DOMAINS:
        raise node.fail(f"operators of the domain '{node.proto.domain}' are not known")
    if node.op in UNMAPPABLE:
        raise node.fail("this operator cannot be mapped")
    if node.op not in _MAPPERS:
        raise node.fail("its subgraph has MACs, and how often it runs is not known")
    return _MAPPERS[node.op](node)


def merge_repeats(rows: Iterable[Row]) -> list[Row]:
    """Rows of equal shape as one row, under the first one's name, with their counts added."""
    counts: dict[Row, int] = {}
    names: dict[Row, str] = {}
    for row in rows:
        shape = dataclasses.replace(row, name="", count=1)
        names.setdefault(shape, row.name)
        counts[shape] = counts.get(shape, 0) + row.count
    return [dataclasses.replace(s, name=names[s], count=n) for s, n in counts.items()]


def convert(
    model: onnx.ModelProto | str,
    dimensions: Mapping[str, int] | None = None,
    merge: bool = True,
) -> Network:
    """Rows for the nodes of a model, or of the file it is read from.

    `dimensions` gives sizes to named dimensions of the inputs, such as ``{"batch": 1}``; `merge`
    writes equal shapes once. Raises UnmappableError for a node that has MACs but no row.
    """
    if isinstance(model, str):
        model = onnx.load(model, load_external_data=False)
    if model.functions:
        model = onnx.inliner.inline_local_functions(model)
    if dimensions:
        model = _with_dimensions(model, dimensions)
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    shapes = _shapes(model.graph)
    rows: list[Row] = []
    skipped: collections.Counter[str] = collections.Counter()
    for index, proto in enumerate(model.graph.node):
        if _has_macs(proto):
            rows.extend(_map_node(_Node(proto, index, shapes)))
        else:
            skipped[proto.op_type] += 1
    return Network(merge_repeats(rows) if merge else rows, dict(sorted(skipped.items())))


def write_csv(rows: Iterable[Row], file: IO[str]) -> None:
    """Writes the rows under cuGAMMA's header."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER)
    for row in rows:
        fields = dataclasses.astuple(row)
        writer.writerow((_csv_name(fields[0]), *fields[1:]))


def _csv_name(name: str) -> str:
    """A name without separators, as layers of a network are addressed by it."""
    return "".join("_" if c in ', "\t\n' else c for c in name.strip("/"))


def _dimension(text: str) -> tuple[str, int]:
    name, _, size = text.partition("=")
    if not name or not size.isdigit() or int(size) < 1:
        raise argparse.ArgumentTypeError(f"'{text}', expected NAME=N with N at least 1")
    return name, int(size)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cugamma.from_onnx", description="ONNX network to cuGAMMA's CSV of layers."
    )
    parser.add_argument("model", help="an .onnx file")
    parser.add_argument("-o", "--output", help="CSV to write (default: standard output)")
    parser.add_argument(
        "--dim", type=_dimension, action="append", default=[], metavar="NAME=N",
        help="size of a named dimension of the inputs, such as batch=1",
    )  # fmt: skip
    parser.add_argument("--no-merge", action="store_true", help="one row a node, repeats included")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status: 0, or 1 for a model that cannot be mapped."""
    options = _parser().parse_args(arguments)
    try:
        network = convert(options.model, dict(options.dim), merge=not options.no_merge)
    except (OSError, ValueError, DecodeError, onnx.shape_inference.InferenceError) as error:
        print(f"{options.model}: {error}", file=sys.stderr)
        return 1
    if options.output:
        with open(options.output, "w", encoding="utf-8", newline="") as file:
            write_csv(network.rows, file)
    else:
        write_csv(network.rows, sys.stdout)
    skipped = ", ".join(f"{op} x{n}" for op, n in network.skipped.items()) or "nothing"
    print(f"{len(network.rows)} layers, {network.macs:,} MACs", file=sys.stderr)
    print(f"skipped, no MACs: {skipped}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
