"""Rows of convolutions: Conv, its quantised and fused forms, ConvTranspose, DeformConv."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import math
from typing import Iterator, Sequence

from cugamma.from_onnx.node import Node
from cugamma.from_onnx.operators.products import product
from cugamma.from_onnx.rows import LARGEST, Row

MOST_TAPS = 100_000
MOST_PARTS = 10_000


@dataclasses.dataclass(frozen=True)
class Window:
    """One spatial axis of a convolution. Sizes in elements, the padding before and behind; the
    output only of a transposed one."""

    input: int
    taps: int
    stride: int = 1
    dilation: int = 1
    pads: tuple[int, int] = (0, 0)
    output: int = 0

    @property
    def padded(self) -> int:
        """The padded input, less what dilation steps over."""
        return self.input + sum(self.pads) - (self.taps - 1) * (self.dilation - 1)

    @property
    def positions(self) -> int:
        """Outputs of an ordinary convolution; none where the window is larger than the input."""
        return max((self.padded - self.taps) // self.stride + 1, 0)

    @property
    def scattered(self) -> int:
        """How far the taps of a transposed axis reach."""
        return (self.input - 1) * self.stride + (self.taps - 1) * self.dilation + 1

    def scattered_runs(self) -> collections.Counter[tuple[int, int]]:
        """How often a transposed axis has a run of (outputs, taps): neighbours in one phase of the
        stride whose windows hold that many taps on real input. Tap k of input i lands on output
        i * stride + k * dilation - pads[0]."""
        runs: collections.Counter[tuple[int, int]] = collections.Counter()
        shared = math.gcd(self.stride, self.dilation)
        phases = self.stride // shared
        step = self.dilation // shared
        for tap in range(min(self.taps, phases)):
            # Taps tap, tap + phases, ... land on the same outputs, each `step` further on.
            count = len(range(tap, self.taps, phases))
            first = tap * self.dilation - self.pads[0]
            lowest = max(-(first // self.stride), 0)
            beyond = -((first - self.output) // self.stride)
            runs.update(_runs(self.input, count, step, lowest, beyond))
        return runs


def _runs(
    inputs: int, taps: int, step: int, lowest: int, beyond: int
) -> collections.Counter[tuple[int, int]]:
    """Runs of outputs from `lowest` to `beyond` that equally many of `taps` blocks cover. Block m
    covers the outputs from m * step to m * step + inputs."""
    changes: collections.Counter[int] = collections.Counter()
    for block in range(taps):
        begin = min(max(block * step, lowest), beyond)
        end = min(max(block * step + inputs, lowest), beyond)
        changes[begin] += 1
        changes[end] -= 1
    runs: collections.Counter[tuple[int, int]] = collections.Counter()
    covering = 0
    places = sorted(place for place, change in changes.items() if change)
    for place, following in zip(places, places[1:]):
        covering += changes[place]
        if covering:
            runs[following - place, covering] += 1
    return runs


def windows(node: Node, data: Sequence[int], weights: Sequence[int]) -> list[Window]:
    """The spatial axes of a convolution, each checked for what its attributes say."""
    rank = len(data) - 2
    if rank < 1 or len(weights) != rank + 2:
        raise node.fail(f"its input has {len(data)} dimensions, its weights {len(weights)}")
    taps = list(weights[2:])
    strides = _numbers(node, "strides", [1] * rank, 1)
    dilations = _numbers(node, "dilations", [1] * rank, 1)
    pads = _numbers(node, "pads", [0] * (2 * rank), -LARGEST)
    if node.integers("kernel_shape", taps) != taps:
        raise node.fail(f"kernel_shape = {node.integers('kernel_shape')}, its weights have {taps}")
    mode = node.text("auto_pad", "NOTSET")
    axes = []
    for i in range(rank):
        sizes = (data[2 + i], taps[i], strides[i], dilations[i])
        both = (pads[i], pads[i + rank]) if mode == "NOTSET" else (0, 0)
        axes.append(Window(*sizes, pads=both))
    if node.op == "ConvTranspose":
        return _transposed(node, axes, mode)
    if mode in ("SAME_UPPER", "SAME_LOWER"):
        return [_padded(axis, -(-axis.input // axis.stride), axis.input, mode) for axis in axes]
    return axes


def _numbers(node: Node, name: str, default: list[int], smallest: int) -> list[int]:
    values = node.integers(name, default)
    if len(values) != len(default) or any(not smallest <= v <= LARGEST for v in values):
        raise node.fail(
            f"{name} = {values}, expected {len(default)} numbers from {smallest} to {LARGEST}"
        )
    return values


def _padded(axis: Window, near: int, far: int, mode: str) -> Window:
    """The axis with the padding that makes up for what `far` lacks for `near` windows."""
    total = max((near - 1) * axis.stride + (axis.taps - 1) * axis.dilation + 1 - far, 0)
    small, large = total // 2, total - total // 2
    return dataclasses.replace(
        axis, pads=(small, large) if mode == "SAME_UPPER" else (large, small)
    )


def _transposed(node: Node, axes: list[Window], mode: str) -> list[Window]:
    """The axes with the outputs that a transposed convolution has."""
    outputs = node.integers("output_shape", [axis.input * axis.stride for axis in axes])
    if len(outputs) != len(axes):
        outputs = outputs[2:]  # the batch and the channels may stand before
    if len(outputs) != len(axes) or min(outputs) < 1:
        raise node.fail(f"output_shape = {node.integers('output_shape')}")
    if node.has("output_shape") or mode in ("SAME_UPPER", "SAME_LOWER"):
        return [
            dataclasses.replace(_padded(axis, axis.input, size, mode), output=size)
            for axis, size in zip(axes, outputs)
        ]
    extra = _numbers(node, "output_padding", [0] * len(axes), 0)
    return [
        dataclasses.replace(axis, output=axis.scattered + more - sum(axis.pads))
        for axis, more in zip(axes, extra)
    ]


def _channels(node: Node, into: int, weights_into: int, out: int) -> tuple[int, int, int]:
    """(K, C, groups) of the whole layer."""
    groups = node.integer("group", 1)
    if groups < 1 or out % groups or into % groups:
        raise node.fail(f"group = {groups} does not divide {into} input and {out} output channels")
    if into != weights_into:
        raise node.fail(f"its input has {into} channels, its weights are for {weights_into}")
    return out, into, groups


def _row(name: str, channels: tuple[int, int, int], count: int, axes: dict[str, int]) -> Row:
    """A row of (K, C, groups) channels, depthwise where each group has one input channel."""
    out, into, groups = channels
    if groups > 1 and groups == into:
        return Row(name, "DSCONV", 1, into, count=count * (out // into), **axes)
    return Row(name, "CONV", out, into, groups=groups, count=count, **axes)


def convolution(node: Node, data_at: int = 0, weights_at: int = 1) -> Iterator[Row]:
    """A layer of the last two axes; every output and tap of the axes before repeats it."""
    data, weights = node.input(data_at), node.input(weights_at)
    axes = windows(node, data, weights)
    groups = node.integer("group", 1)
    channels = _channels(node, data[1], weights[1] * groups, weights[0])
    count = data[0]
    for axis in axes[:-2]:
        count *= axis.positions * axis.taps
    y, x = axes[-2:] if len(axes) > 1 else (axes[0], Window(1, 1))
    sizes = {"Y": y.padded, "X": x.padded, "R": y.taps, "S": x.taps}
    yield _row(node.name, channels, count, {**sizes, "stride_y": y.stride, "stride_x": x.stride})


def transposed_convolution(node: Node) -> Iterator[Row]:
    """Ordinary convolutions of stride 1 that together multiply each input by each tap once."""
    data, weights = node.input(0), node.input(1)
    axes = windows(node, data, weights)
    groups = node.integer("group", 1)
    channels = _channels(node, data[1], weights[0], weights[1] * groups)
    if any(axis.taps > MOST_TAPS for axis in axes):
        raise node.fail(f"{max(weights[2:])} taps on an axis, at most {MOST_TAPS} can be mapped")
    runs = [axis.scattered_runs() for axis in axes]
    count = data[0]
    for axis in runs[:-2]:
        count *= sum(outputs * taps * times for (outputs, taps), times in axis.items())
    y, x = runs[-2:] if len(runs) > 1 else (runs[0], {(1, 1): 1})
    if len(y) * len(x) > MOST_PARTS:
        raise node.fail(f"it falls into {len(y) * len(x)} layers, at most {MOST_PARTS} can be")
    if not count * len(y) * len(x):
        raise node.fail("none of its taps meets an output")
    parts = itertools.product(sorted(y.items()), sorted(x.items()))
    for part, (((rows, r), down), ((columns, s), across)) in enumerate(parts):
        sizes = {"Y": rows + r - 1, "X": columns + s - 1, "R": r, "S": s}
        yield _row(f"{node.name}/part_{part}", channels, count * down * across, sizes)


def deformable_convolution(node: Node) -> Iterator[Row]:
    """The product of the sampled inputs and the weights; sampling itself has no weights."""
    data, weights, result = node.input(0, [4]), node.input(1, [4]), node.output(0, [4])
    groups = node.integer("group", 1)
    out, into, groups = _channels(node, data[1], weights[1] * groups, weights[0])
    taps = weights[2] * weights[3]
    outputs = result[2] * result[3]
    yield product(node.name, outputs, into // groups * taps, out // groups, data[0] * groups)
