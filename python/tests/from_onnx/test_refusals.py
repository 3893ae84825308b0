"""What is no model, no row or no name: said in one line, with the node."""

import csv
import io

import onnx
import pytest
from graphs import convert, integers, model, node, value, weights
from onnx import TensorProto, helper

from cugamma.from_onnx import ModelError, Row, UnmappableError, merge_repeats, write_csv

FILTER = weights("w", 4, 3, 3, 3)


def refused(made, reason, **options):
    with pytest.raises(UnmappableError, match=reason) as error:
        convert(made, **options)
    assert str(error.value).isprintable()


def one(op, inputs, constants=(), **attributes):
    names = [*inputs, *(constant.name for constant in constants)]
    return model([node(op, names, name="n", **attributes)], inputs, constants)


def wide(name, *shape):
    """Weights of which only the shape is in the file."""
    return TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)


@pytest.mark.parametrize("content", [b"", b"\n", b"no model at all", b"\x08\x09", bytes(100)])
def test_what_is_no_model_is_refused(content, tmp_path):
    (tmp_path / "net.onnx").write_bytes(content)
    with pytest.raises(ModelError, match="holds no graph|not an ONNX model"):
        convert(str(tmp_path / "net.onnx"))


def test_a_model_without_nodes_or_with_broken_names_is_refused():
    empty = model([], {"x": (1, 2)}, outputs=["x"])
    with pytest.raises(ModelError, match="holds no graph with nodes"):
        convert(empty)
    text = model([node("Relu", "x", name="broken")], {"x": (1, 2)}).SerializeToString()
    damaged = onnx.ModelProto.FromString(text.replace(b"broken", b"\xff\xfeoken"))
    with pytest.raises(ModelError, match="not UTF-8"):
        convert(damaged)


@pytest.mark.parametrize(
    "made,reason",
    [
        (one("Conv", {"x": (1, 3, 8, 8)}, [FILTER], dilations=[2**40, 1]), "dilations"),
        (one("Conv", {"x": (1, 3, 8, 8)}, [FILTER], strides=[0, 1]), "strides"),
        (one("Conv", {"x": (1, 3, 8, 8)}, [FILTER], strides=[1]), "strides"),
        (one("Conv", {"x": (1, 3, 8, 8)}, [FILTER], pads=[1, 1]), "pads"),
        (one("Conv", {"x": (1, 3, 8, 8)}, [FILTER], group=-1), "group = -1"),
        (one("Conv", {"x": (1, 3, 8, 8)}, [FILTER], group=7), "group = 7"),
        (one("Conv", {"x": (1, 6, 8, 8)}, [FILTER]), "6 channels, its weights are for 3"),
        (
            one("Conv", {"x": (1, 3, 2, 8)}, [FILTER]),
            "its window R = 3 exceeds the padded input",
        ),
        (one("Conv", {"x": (1, 3, 8, 8)}, [FILTER], dilations=[9, 1]), "Y would be -8"),
        (one("Conv", {"x": (1, 3, 8, 8)}, [FILTER], pads=[-5, 0, -5, 0]), "Y would be -2"),
        (one("Conv", {"x": (1, 3, 2, 8, 8)}, [wide("w", 4, 3, 3, 3, 3)]), "count would be 0"),
        (one("Conv", {"x": (1, 3, 8, 8)}, [FILTER], kernel_shape=[5, 5]), "kernel_shape"),
        (one("Conv", {"x": (1, 3, 8)}, [FILTER]), "its input has 3 dimensions, its weights 4"),
        (one("Conv", {"x": (2**31, 3, 8, 8)}, [FILTER]), "count would be 2147483648"),
        (one("Conv", {"x": (1, 3, 2**31 - 1, 2**31 - 1)}, [FILTER]), "fewer than 2.53"),
        (
            one("MatMul", {"x": (4, 5)}, [weights("w", 6, 7)]),
            "a row of 5 does not fit a column of 6",
        ),
        (one("MatMul", {"x": (2, 4, 5), "w": (3, 5, 6)}), "batches"),
        (one("MatMul", {"x": (), "w": (3, 5)}), "a scalar is no matrix"),
        (one("MatMul", {"x": (2**40, 2)}, [weights("w", 2, 3)]), "Y would be 1099511627776"),
        (one("MatMul", {"x": (4, 0)}, [weights("w", 0, 3)]), "unknown dimension"),
        (one("Gemm", {"x": (4, 5)}, [weights("w", 5, 6)], transB=1), "a row of 5"),
        (one("Gemm", {"x": (2, 4, 5)}, [weights("w", 5, 6)]), "expected 2 dimensions"),
        (
            one(
                "LSTM",
                {"x": (2, 3, 4)},
                [weights("w", 1, 2, 4), weights("r", 1, 20, 5)],
                hidden_size=5,
            ),
            "2 rows and 4 columns are not 4 gates",
        ),
        (
            one(
                "GRU",
                {"x": (2, 3, 4)},
                [weights("w", 1, 15, 9), weights("r", 1, 15, 5)],
                hidden_size=5,
            ),
            "not 3 gates for 4 inputs",
        ),
        (
            one(
                "LSTM",
                {"x": (2, 3)},
                [weights("w", 1, 20, 4), weights("r", 1, 20, 5)],
                hidden_size=5,
            ),
            "expected 3 dimensions",
        ),
        (one("ConvTranspose", {"x": (1, 3, 8, 8)}, [weights("w", 4, 3, 3, 3)]), "3 channels"),
        (
            one("ConvTranspose", {"x": (1, 4, 8, 8)}, [wide("w", 4, 3, 3, 2**31 - 1)]),
            "taps on an axis",
        ),
        (one("DFT", {"x": (1, 8, 1)}), "cannot be mapped; --skip DFT"),
        (one("Nonsense", {"x": (1, 8)}), "not known; --skip Nonsense"),
        (one("Conv", {"x": (1, 3, 8, 8)}), "input 1 is missing"),
        (one("Conv", {"x": (1, 3, 8, 8)}, [FILTER], group="two"), "'group' is not a whole number"),
    ],
)
def test_rows_that_no_layer_can_be_are_refused_with_the_node(made, reason):
    refused(made, rf"node 'n' \(\w+\): .*{reason}")


def test_sizes_that_a_constant_makes_zero_are_refused():
    nodes = [node("Slice", "x z z", "s"), node("MatMul", "s w", name="n")]
    refused(
        model(nodes, {"x": (4, 5)}, [integers("z", [0]), weights("w", 5, 6)]), "'n' .*Y would be 0"
    )


def test_counts_that_loops_make_too_large_are_refused():
    turn = helper.make_graph(
        [node("MatMul", "s w", "t")], "b",
        [value("i", [], TensorProto.INT64), value("c", [], TensorProto.BOOL), value("s", None)],
        [value("c", [], TensorProto.BOOL), value("t", None)],
    )  # fmt: skip
    nodes = [node("Loop", "m - x", name="loop", body=turn)]
    made = model(nodes, {"x": (4, 4)}, [integers("m", 2**31), weights("w", 4, 4)])
    refused(made, r"'loop' \(Loop\): .*count would be 2147483648")


def test_names_reach_a_message_as_one_line_without_control_characters():
    made = model([node("MatMul", "x w", name="a\n\x1b[31m" + "z" * 10_000)], {"x": ("q\x07", 4)},
                 [weights("w", 4, 4)])  # fmt: skip
    refused(made, r"^node 'a \\x1b\[31mzz.*\.\.\.' \(MatMul\): ")
    with pytest.raises(UnmappableError) as error:
        convert(made)
    assert len(str(error.value)) < 2000


def test_every_layer_keeps_its_row_whatever_its_name():
    names = [
        "#c",
        "a,b",
        'say "so"',
        "tab\there",
        "a b",
        "a_b",
        "",
        "/",
        "x" * 5000,
        "é",
        "\x1b[0m",
        "#c",
    ]
    nodes = [node("Conv", "x w", f"y{place}", name=name, pads=[place] * 4)
             for place, name in enumerate(names)]  # fmt: skip
    network = convert(model(nodes, {"x": (1, 3, 8, 8)}, [FILTER], ["y0"]))
    text = io.StringIO()
    write_csv(network.rows, text)
    assert '"' not in text.getvalue()
    _, *rows = csv.reader(io.StringIO(text.getvalue()))
    assert len(rows) == len(names)
    written = [row[0] for row in rows]
    assert len(set(written)) == len(names)
    assert written[:6] == ["_c", "a_b", "say__so_", "tab_here", "a_b_2", "a_b_3"]
    assert all(0 < len(name) < 256 and name.isprintable() and name[0] != "#" for name in written)


def test_counts_beyond_what_a_row_holds_stay_apart():
    rows = [
        Row("a", "FC", 8, 8, count=2**31 - 1),
        Row("b", "FC", 8, 8, count=5),
        Row("c", "FC", 8, 8),
    ]
    assert [(row.name, row.count) for row in merge_repeats(rows)] == [("a", 2**31 - 1), ("b", 6)]
