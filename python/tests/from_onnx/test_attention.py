"""Attention, of the standard and of onnxruntime, by hand counts."""

import pytest
from graphs import MICROSOFT, convert, integers, macs_of, model, node, rows_of, weights

from cugamma.from_onnx import Row, UnmappableError


def attention(*shapes, past=(), **attributes):
    """MACs of ONNX's Attention on queries, keys, values, and past keys and values."""
    inputs = dict(zip("qkv", shapes))
    names = list("qkv")
    if past:
        inputs.update(zip(("pk", "pv"), past))
        names += ["", "pk", "pv"]
    outputs = ["y", "k2", "v2"] if past else ["y"]
    made = model([node("Attention", names, outputs, **attributes)], inputs, opset=23)
    return convert(made).macs


def test_rows_of_scores_and_values():
    inputs = dict.fromkeys("qkv", (1, 4, 10, 16))
    assert rows_of([node("Attention", "q k v", name="a")], inputs, opset=23) == [
        Row("a/scores", "GEMM", 10, 16, 10, count=4),
        Row("a/values", "GEMM", 16, 10, 10, count=4),
    ]


def test_four_dimensional_attention():
    assert attention(*[(1, 4, 10, 16)] * 3) == 12_800
    assert attention((2, 4, 10, 16), (2, 4, 6, 16), (2, 4, 6, 5)) == 2 * 4 * 10 * 6 * (16 + 5)


def test_shared_heads_count_for_every_head_of_queries():
    assert attention((2, 8, 10, 16), (2, 2, 6, 16), (2, 2, 6, 16)) == 2 * 8 * 10 * 6 * 32


def test_past_keys_are_met_too():
    past = [(1, 4, 7, 16), (1, 4, 7, 16)]
    assert attention(*[(1, 4, 10, 16)] * 3, past=past) == 4 * 10 * 17 * 32


def test_three_dimensional_attention():
    shapes = [(2, 10, 32), (2, 6, 32), (2, 6, 40)]
    assert attention(*shapes, q_num_heads=4, kv_num_heads=4) == 2 * 4 * 10 * 6 * (8 + 10)
    shapes = [(2, 10, 32), (2, 6, 16), (2, 6, 16)]
    assert attention(*shapes, q_num_heads=4, kv_num_heads=2) == 2 * 4 * 10 * 6 * 16


def test_a_mask_saves_nothing():
    assert attention(*[(1, 4, 10, 16)] * 3, is_causal=1) == 12_800


def test_the_result_feeds_the_next_layer():
    nodes = [node("Attention", "q k v", "a"), node("MatMul", "a w")]
    inputs = dict.fromkeys("qkv", (1, 4, 10, 16))
    assert macs_of(nodes, inputs, [weights("w", 16, 3)], opset=23) == 12_800 + 4 * 10 * 16 * 3


@pytest.mark.parametrize(
    "shapes,attributes",
    [
        ([(1, 4, 10, 16), (1, 3, 10, 16), (1, 3, 10, 16)], {}),
        ([(1, 4, 10, 16), (1, 4, 10, 8), (1, 4, 10, 8)], {}),
        ([(2, 10, 32), (2, 6, 32), (2, 6, 32)], {}),
        ([(2, 10, 32), (2, 6, 32), (2, 6, 32)], {"q_num_heads": 5, "kv_num_heads": 5}),
        ([(10, 32), (6, 32), (6, 32)], {}),
    ],
)
def test_what_does_not_fit_is_refused_by_name(shapes, attributes):
    with pytest.raises(UnmappableError, match=r"node 'Attention_0' \(Attention\)"):
        attention(*shapes, **attributes)


def fused(op, inputs, constants=(), outputs=("y",), names=None, **attributes):
    names = names or [*inputs, *(constant.name for constant in constants)]
    one = node(op, names, outputs, domain=MICROSOFT, **attributes)
    return convert(model([one], inputs, constants, outputs))


def test_attention_with_its_projections():
    network = fused("Attention", {"x": (2, 10, 64)}, [weights("w", 64, 192), weights("b", 192)],
                    num_heads=4)  # fmt: skip
    assert [(row.name, row.macs) for row in network.rows] == [
        ("Attention_0/projections", 2 * 10 * 64 * 192),
        ("Attention_0/scores", 2 * 4 * 10 * 16 * 10),
        ("Attention_0/values", 2 * 4 * 10 * 10 * 16),
    ]


def test_attention_of_widths_of_its_own_and_with_a_past():
    constants = [weights("w", 64, 32 + 32 + 80), weights("b", 144)]
    widths = [32, 32, 80]
    assert fused(
        "Attention", {"x": (1, 10, 64)}, constants, num_heads=4, qkv_hidden_sizes=widths
    ).macs == (10 * 64 * 144 + 4 * 10 * 10 * (8 + 20))
    inputs = {"x": (1, 1, 64), "past": (2, 1, 4, 9, 16)}
    constants = [weights("w", 64, 192), weights("b", 192)]
    network = fused("Attention", inputs, constants, names="x w b - past".split(), num_heads=4)
    assert network.macs == 64 * 192 + 2 * 4 * 10 * 16


def test_quantised_attention():
    inputs = {"x": (2, 10, 64), "s": (), "t": ()}
    constants = [weights("w", 64, 192), weights("b", 192)]
    network = fused("QAttention", inputs, constants, names="x w b s t".split(), num_heads=4)
    assert network.macs == 2 * (10 * 64 * 192 + 2 * 4 * 10 * 10 * 16)


@pytest.mark.parametrize(
    "shapes,macs",
    [
        ({"q": (2, 10, 64), "k": (2, 6, 64), "v": (2, 6, 64)}, 2 * 4 * 10 * 6 * 32),
        ({"q": (2, 10, 64), "k": (2, 6, 64), "v": (2, 6, 80)}, 2 * 4 * 10 * 6 * (16 + 20)),
        ({"q": (2, 10, 4, 3, 16)}, 2 * 4 * 10 * 10 * 32),
        ({"q": (2, 10, 64), "k": (2, 6, 4, 2, 16)}, 2 * 4 * 10 * 6 * 32),
        ({"q": (2, 10, 64), "k": (2, 4, 6, 16), "v": (2, 4, 6, 16)}, 2 * 4 * 10 * 6 * 32),
    ],
)
def test_multi_head_attention(shapes, macs):
    assert fused("MultiHeadAttention", shapes, num_heads=4).macs == macs


def test_multi_head_attention_with_a_past():
    inputs = {"q": (1, 1, 64), "k": (1, 1, 64), "v": (1, 1, 64), "pk": (1, 4, 9, 16),
              "pv": (1, 4, 9, 16)}  # fmt: skip
    names = "q k v - - - pk pv".split()
    assert fused("MultiHeadAttention", inputs, names=names, num_heads=4).macs == 4 * 10 * 32


def test_group_query_attention():
    inputs = {"q": (1, 5, 64), "k": (1, 5, 32), "v": (1, 5, 32), "pk": (1, 2, 9, 16),
              "pv": (1, 2, 9, 16)}  # fmt: skip
    heads = {"num_heads": 4, "kv_num_heads": 2}
    names = "q k v pk pv".split()
    assert fused("GroupQueryAttention", inputs, names=names, **heads).macs == 4 * 5 * 14 * 32
    names = "q k v pk pv - total".split()
    constants = [integers("total", 7)]
    assert (
        fused("GroupQueryAttention", inputs, constants, names=names, **heads).macs == 4 * 5 * 7 * 32
    )
    packed = {"q": (1, 5, 128)}
    assert fused("GroupQueryAttention", packed, **heads).macs == 4 * 5 * 5 * 32


def test_linear_attention_is_followed_into_its_definition():
    inputs = dict.fromkeys("qkv", (1, 6, 8))
    one = node(
        "LinearAttention", "q k v", "y s", q_num_heads=2, kv_num_heads=2, update_rule="linear"
    )
    try:
        made = model([one], inputs, opset=27)
        # Each of 6 steps updates a state of 4 x 4 and reads it, for two heads.
        assert convert(made).macs == 6 * 2 * (4 * 4 + 4 * 4)
    except UnmappableError as error:
        if "not known" not in str(error):
            raise
        pytest.skip("this release of onnx does not know LinearAttention")
