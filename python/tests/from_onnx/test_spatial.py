"""Convolutions over one to four axes, and transposed ones against a count of every meeting."""

import itertools
import math
import random

import pytest
from graphs import convert, macs_of, model, node, rows_of, weights

from cugamma.from_onnx import Row, UnmappableError


def meetings(inputs, taps, stride, dilation, before, outputs):
    """Pairs of an input and a tap that land on an output, on one axis."""
    return sum(
        0 <= i * stride + k * dilation - before < outputs
        for i, k in itertools.product(range(inputs), range(taps))
    )


def test_a_pixel_meets_each_tap_once():
    assert (
        macs_of([node("ConvTranspose", "x w")], {"x": (1, 32, 1, 1)}, [weights("w", 32, 1, 3, 3)])
        == 288
    )


@pytest.mark.parametrize(
    "inputs,filter_shape,attributes,macs",
    [
        # The figures of ONNX's own node tests.
        ((1, 1, 3, 3), (1, 2, 3, 3), {}, 162),
        ((1, 1, 3), (1, 2, 3), {}, 18),
        ((1, 1, 3, 3), (1, 1, 2, 2), {"dilations": [2, 2]}, 36),
        ((1, 1, 3, 4, 5), (1, 2, 3, 3, 3), {}, 3 * 4 * 5 * 27 * 2),
    ],
)
def test_without_padding_every_input_meets_every_tap(inputs, filter_shape, attributes, macs):
    assert (
        macs_of(
            [node("ConvTranspose", "x w", **attributes)],
            {"x": inputs},
            [weights("w", *filter_shape)],
        )
        == macs
    )


@pytest.mark.parametrize("seed", range(80))
def test_random_transposed_convolutions(seed):
    chance = random.Random(seed)
    rank = chance.choice((1, 2, 2, 2, 3))
    size = [chance.randint(1, 7) for _ in range(rank)]
    taps = [chance.randint(1, 6) for _ in range(rank)]
    strides = [chance.randint(1, 5) for _ in range(rank)]
    dilations = [chance.randint(1, 4) for _ in range(rank)]
    extra = [chance.randrange(stride) for stride in strides]
    full = [
        strides[a] * (size[a] - 1) + extra[a] + (taps[a] - 1) * dilations[a] + 1
        for a in range(rank)
    ]
    pads = [[chance.randint(0, min(2, (full[a] - 1) // 2)) for a in range(rank)] for _ in range(2)]
    outputs = [full[a] - pads[0][a] - pads[1][a] for a in range(rank)]
    groups = chance.choice((1, 1, 2))
    pairs = [
        meetings(size[a], taps[a], strides[a], dilations[a], pads[0][a], outputs[a])
        for a in range(rank)
    ]
    one = node("ConvTranspose", "x w", strides=strides, dilations=dilations, group=groups,
               pads=pads[0] + pads[1], output_padding=extra)  # fmt: skip
    made = model([one], {"x": (2, 4, *size)}, [weights("w", 4, 3, *taps)])
    if not math.prod(pairs):
        with pytest.raises(UnmappableError, match="none of its taps meets an output"):
            convert(made)
        return
    network = convert(made)
    assert network.macs == 2 * 4 * 3 * math.prod(pairs)
    assert all(not row.fault() for row in network.rows)


@pytest.mark.parametrize("mode", ["SAME_UPPER", "SAME_LOWER"])
@pytest.mark.parametrize("taps", [3, 4])
def test_automatic_padding_of_a_transposed_convolution(mode, taps):
    one = node("ConvTranspose", "x w", strides=[2], auto_pad=mode)
    total = 4 * 2 + taps - 10
    before = total // 2 if mode == "SAME_UPPER" else total - total // 2
    macs = macs_of([one], {"x": (1, 1, 5)}, [weights("w", 1, 1, taps)])
    assert macs == meetings(5, taps, 2, 1, before, 10)


def test_a_given_output_shape():
    one = node("ConvTranspose", "x w", strides=[3, 2], output_shape=[10, 8])
    macs = macs_of([one], {"x": (1, 1, 3, 3)}, [weights("w", 1, 2, 3, 3)])
    # Three taps on three inputs at stride 3 fill 9 rows, at stride 2 7 columns: nothing is cut.
    assert macs == 162


def test_few_rows_for_a_common_up_sampling():
    one = node("ConvTranspose", "x w", name="up", strides=[2, 2], pads=[1, 1, 1, 1])
    rows = rows_of([one], {"x": (1, 64, 14, 14)}, [weights("w", 64, 32, 4, 4)])
    # 28 outputs on an axis: two at the border have one tap, the 26 others two.
    assert sum(row.macs for row in rows) == (2 * 1 + 26 * 2) ** 2 * 64 * 32
    assert len(rows) == 4
    assert len({row.name for row in rows}) == 4


def test_convolutions_of_three_axes_and_more():
    one = node(
        "Conv", "x w", name="c", strides=[2, 1, 2], pads=[1] * 6, dilations=[1, 2, 1], group=3
    )
    rows = rows_of([one], {"x": (1, 6, 9, 12, 12)}, [weights("w", 9, 2, 3, 3, 3)])
    assert rows == [Row("c", "CONV", 9, 6, 12, 14, 3, 3, 1, 2, groups=3, count=5 * 3)]
    assert rows[0].macs == 9 * (5 * 10 * 6) * 2 * 27
    four = macs_of(
        [node("Conv", "x w")], {"x": (1, 2, 4, 5, 6, 7)}, [weights("w", 3, 2, 2, 2, 3, 3)]
    )
    assert four == 3 * (3 * 4 * 4 * 5) * 2 * (2 * 2 * 3 * 3)


def test_a_depthwise_convolution_of_three_axes():
    rows = rows_of(
        [node("Conv", "x w", group=4)], {"x": (1, 4, 6, 8, 8)}, [weights("w", 4, 1, 2, 3, 3)]
    )
    assert [(row.type, row.count) for row in rows] == [("DSCONV", 5 * 2)]
    assert rows[0].macs == 4 * (5 * 6 * 6) * (2 * 3 * 3)


def test_a_transposed_convolution_of_three_axes_with_padding():
    one = node("ConvTranspose", "x w", strides=[2, 2, 2], pads=[1] * 6)
    macs = macs_of([one], {"x": (1, 3, 4, 4, 4)}, [weights("w", 3, 5, 4, 4, 4)])
    assert macs == meetings(4, 4, 2, 1, 1, 8) ** 3 * 15


def test_a_deformable_convolution_is_the_product_behind_its_samples():
    inputs = {"x": (2, 4, 10, 10), "o": (2, 18, 8, 8)}
    rows = rows_of(
        [node("DeformConv", "x w o", name="d", group=2)],
        inputs,
        [weights("w", 6, 2, 3, 3)],
        opset=19,
    )
    assert rows == [Row("d", "GEMM", 3, 18, 64, count=4)]
