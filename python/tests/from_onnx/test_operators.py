"""ONNX graphs built by hand, and the rows and MACs that they must give."""

import csv
import io
import subprocess
import sys

import numpy
import onnx
import pytest
from onnx import TensorProto, helper

from cugamma import from_onnx
from cugamma.from_onnx import Row, UnmappableError, convert

FLOAT = TensorProto.FLOAT


def model_of(nodes, inputs, weights=None, outputs=("y",)):
    """A model of the given nodes; inputs and weights map names to shapes."""
    values = [helper.make_tensor_value_info(name, FLOAT, shape) for name, shape in inputs.items()]
    tensors = [
        helper.make_tensor(name, FLOAT, shape, numpy.zeros(shape, numpy.float32).ravel())
        for name, shape in (weights or {}).items()
    ]
    results = [helper.make_tensor_value_info(name, FLOAT, None) for name in outputs]
    graph = helper.make_graph(nodes, "test", values, results, initializer=tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 9
    return model


def rows_of(op, inputs, weights=None, **attributes):
    node = helper.make_node(op, [*inputs, *(weights or {})], ["y"], name="node", **attributes)
    return convert(model_of([node], inputs, weights)).rows


def test_conv_counts_padding_into_its_input():
    rows = rows_of(
        "Conv", {"x": (1, 3, 224, 200)}, {"w": (64, 3, 7, 5)}, strides=[2, 1], pads=[3, 2, 3, 2]
    )
    assert rows == [Row("node", "CONV", 64, 3, 230, 204, 7, 5, 2, 1)]
    assert rows[0].macs == 112 * 200 * 64 * 3 * 7 * 5


def test_conv_keeps_asymmetric_padding():
    (row,) = rows_of("Conv", {"x": (1, 4, 10, 10)}, {"w": (8, 4, 3, 3)}, pads=[0, 1, 1, 1])
    assert (row.Y, row.X) == (11, 12)


@pytest.mark.parametrize("mode", ["SAME_UPPER", "SAME_LOWER"])
def test_auto_pad_gives_as_many_outputs_as_onnx_says(mode):
    (row,) = rows_of(
        "Conv", {"x": (1, 4, 15, 16)}, {"w": (8, 4, 3, 3)}, strides=[2, 2], auto_pad=mode
    )
    assert row.macs == 8 * 8 * 8 * 4 * 9


def test_a_batch_counts_repeats():
    (row,) = rows_of("Conv", {"x": (5, 4, 8, 8)}, {"w": (8, 4, 3, 3)})
    assert row.count == 5


def test_groups_keep_the_channels_of_the_whole_layer():
    (row,) = rows_of("Conv", {"x": (1, 128, 58, 58)}, {"w": (256, 4, 3, 3)}, group=32)
    assert row == Row("node", "CONV", 256, 128, 58, 58, 3, 3, groups=32)
    assert row.macs == 56 * 56 * 256 * 4 * 9


def test_depthwise():
    (row,) = rows_of("Conv", {"x": (1, 32, 112, 112)}, {"w": (32, 1, 3, 3)}, group=32, pads=[1] * 4)
    assert row == Row("node", "DSCONV", 1, 32, 114, 114, 3, 3)
    assert row.macs == 112 * 112 * 32 * 9


def test_depthwise_with_a_multiplier_counts_it():
    (row,) = rows_of("Conv", {"x": (1, 16, 10, 10)}, {"w": (48, 1, 3, 3)}, group=16)
    assert (row.type, row.K, row.C, row.count) == ("DSCONV", 1, 16, 3)
    assert row.macs == 8 * 8 * 48 * 9


@pytest.mark.parametrize("stride,dilation", [(1, 2), (1, 3), (2, 2), (3, 2)])
def test_dilation_keeps_outputs_and_macs(stride, dilation):
    inputs, weights = {"x": (1, 2, 33, 21)}, {"w": (4, 2, 3, 2)}
    (row,) = rows_of("Conv", inputs, weights, strides=[stride] * 2, dilations=[dilation] * 2)
    rows = (33 - (2 * dilation + 1)) // stride + 1
    columns = (21 - (dilation + 1)) // stride + 1
    assert (row.R, row.S) == (3, 2)
    assert row.macs == rows * columns * 4 * 2 * 6


def test_one_dimensional_conv():
    (row,) = rows_of("Conv", {"x": (1, 80, 3000)}, {"w": (384, 80, 3)}, pads=[1, 1])
    assert row == Row("node", "CONV", 384, 80, 3002, 1, 3, 1)


def test_a_three_dimensional_conv_repeats_the_layer_of_its_last_axes():
    rows = rows_of("Conv", {"x": (2, 3, 10, 8, 9)}, {"w": (4, 3, 5, 3, 2)}, strides=[2, 1, 1])
    assert rows == [Row("node", "CONV", 4, 3, 8, 9, 3, 2, count=2 * 3 * 5)]
    assert rows[0].macs == 2 * 4 * (3 * 6 * 8) * 3 * (5 * 3 * 2)


def test_unet_up_convolution_multiplies_no_zeros():
    rows = rows_of("ConvTranspose", {"x": (1, 128, 28, 28)}, {"w": (128, 64, 2, 2)}, strides=[2, 2])
    assert len(rows) == 1 and rows[0].count == 4
    assert sum(row.macs for row in rows) == 28 * 28 * 128 * 64 * 4


@pytest.mark.parametrize(
    "kernel,stride,dilation", [(3, 2, 1), (4, 2, 1), (5, 3, 1), (3, 2, 2), (2, 3, 1), (3, 1, 1)]
)
def test_conv_transpose_has_the_macs_of_its_scatter(kernel, stride, dilation):
    size = 9
    rows = rows_of(
        "ConvTranspose", {"x": (1, 6, size, 1)}, {"w": (6, 4, kernel, 1)},
        strides=[stride, 1], dilations=[dilation, 1],
    )  # fmt: skip
    assert sum(row.macs for row in rows) == size * kernel * 6 * 4


def test_depthwise_conv_transpose():
    rows = rows_of(
        "ConvTranspose", {"x": (1, 8, 5, 5)}, {"w": (8, 1, 2, 2)}, strides=[2, 2], group=8
    )
    assert [(row.type, row.K, row.C, row.count) for row in rows] == [("DSCONV", 1, 8, 4)]


def test_gemm_transposes():
    (row,) = rows_of("Gemm", {"a": (64, 10)}, {"b": (32, 64)}, transA=1, transB=1)
    assert row == Row("node", "GEMM", 32, 64, 10)


def test_gemm_of_one_row_is_a_fully_connected_layer():
    (row,) = rows_of("Gemm", {"a": (1, 2048)}, {"b": (1000, 2048)}, transB=1)
    assert row == Row("node", "FC", 1000, 2048)


def test_matmul_with_shared_weights_flattens_its_batch():
    (row,) = rows_of("MatMul", {"a": (4, 197, 768)}, {"b": (768, 3072)})
    assert row == Row("node", "GEMM", 3072, 768, 4 * 197)


def test_attention_heads_count_repeats():
    (row,) = rows_of("MatMul", {"a": (2, 12, 197, 64), "b": (2, 12, 64, 197)})
    assert row == Row("node", "GEMM", 197, 64, 197, count=24)


@pytest.mark.parametrize(
    "left,right,macs",
    [
        ((7,), (7, 5), 35),
        ((6, 7), (7,), 42),
        ((7,), (7,), 7),
        ((3, 1, 6, 7), (4, 7, 2), 12 * 6 * 7 * 2),
    ],
)
def test_matmul_broadcasts_as_numpy(left, right, macs):
    rows = rows_of("MatMul", {"a": left, "b": right})
    assert sum(row.macs for row in rows) == macs


def test_einsum_of_attention():
    (row,) = rows_of(
        "Einsum", {"a": (2, 10, 4, 16), "b": (2, 11, 4, 16)}, equation="bqhd,bkhd->bhqk"
    )
    assert row == Row("node", "GEMM", 11, 16, 10, count=8)


def test_lstm_counts_its_steps():
    weights = {"w": (2, 4 * 32, 20), "r": (2, 4 * 32, 32)}
    node = helper.make_node(
        "LSTM", ["x", "w", "r"], ["y"], name="lstm", hidden_size=32, direction="bidirectional"
    )
    network = convert(model_of([node], {"x": (15, 3, 20)}, weights))
    assert network.rows == [
        Row("lstm/input", "GEMM", 128, 20, 45, count=2),
        Row("lstm/state", "GEMM", 128, 32, 3, count=30),
    ]


def chain(count):
    nodes = [
        helper.make_node("Conv", [f"t{i}", "w"], [f"t{i + 1}"], name=f"conv{i}", pads=[1] * 4)
        for i in range(count)
    ]
    return model_of(nodes, {"t0": (1, 8, 16, 16)}, {"w": (8, 8, 3, 3)}, [f"t{count}"])


def test_equal_shapes_are_counted_repeats():
    assert convert(chain(5)).rows == [Row("conv0", "CONV", 8, 8, 18, 18, 3, 3, count=5)]
    assert [row.name for row in convert(chain(2), merge=False).rows] == ["conv0", "conv1"]


def test_the_model_of_the_caller_stays_as_it_was():
    made = chain(2)
    before = made.SerializeToString(deterministic=True)
    convert(made, shapes={"t0": [1, 8, 16, 16]})
    assert made.SerializeToString(deterministic=True) == before


def test_what_has_no_macs_is_listed():
    nodes = [
        helper.make_node("Relu", ["x"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Softmax", ["b"], ["y"]),
    ]
    network = convert(model_of(nodes, {"x": (1, 8)}))
    assert (network.rows, network.skipped) == ([], {"Relu": 2, "Softmax": 1})


def test_an_operator_of_another_domain_is_refused_by_name():
    node = helper.make_node("FusedConv", ["x"], ["y"], name="fused", domain="com.vendor")
    model = model_of([node], {"x": (1, 8)})
    model.opset_import.append(helper.make_opsetid("com.vendor", 1))
    with pytest.raises(UnmappableError, match="node 'fused' .*com.vendor"):
        convert(model)


def test_a_named_dimension_needs_a_size():
    node = helper.make_node("MatMul", ["a", "w"], ["y"], name="product")
    with pytest.raises(
        UnmappableError, match="'product' .*unknown dimension 'tokens'.*--dim tokens=N"
    ):
        convert(model_of([node], {"a": ("tokens", 8)}, {"w": (8, 3)}))
    network = convert(model_of([node], {"a": ("tokens", 8)}, {"w": (8, 3)}), {"tokens": 7})
    assert network.macs == 7 * 8 * 3


def test_local_functions_are_looked_into():
    body = [helper.make_node("MatMul", ["a", "b"], ["c"], name="inner")]
    opset = [helper.make_opsetid("", 18)]
    function = helper.make_function("local", "product", ["a", "b"], ["c"], body, opset)
    node = helper.make_node("product", ["x", "w"], ["y"], name="call", domain="local")
    model = model_of([node], {"x": (5, 8)}, {"w": (8, 3)})
    model.functions.append(function)
    model.opset_import.append(helper.make_opsetid("local", 1))
    assert convert(model).macs == 5 * 8 * 3


def test_csv_has_the_header_and_names_without_separators():
    text = io.StringIO()
    from_onnx.write_csv([Row("/features/conv 0, a", "FC", 10, 20)], text)
    header, row = csv.reader(io.StringIO(text.getvalue()))
    assert header == "name,type,K,C,Y,X,R,S,stride_y,stride_x,groups,count".split(",")
    assert row == ["features/conv_0__a", "FC", "10", "20", *["1"] * 8]


def test_command_line(tmp_path):
    onnx.save(chain(3), tmp_path / "net.onnx")
    command = [sys.executable, "-m", "cugamma.from_onnx"]
    files = [str(tmp_path / "net.onnx"), "-o", str(tmp_path / "net.csv")]
    done = subprocess.run(command + files, capture_output=True, text=True)
    assert done.returncode == 0
    assert "442,368 MACs" in done.stderr
    assert (tmp_path / "net.csv").read_text().splitlines()[1] == "conv0,CONV,8,8,18,18,3,3,1,1,1,3"

    (tmp_path / "bad.onnx").write_bytes(b"no model at all")
    done = subprocess.run([*command, str(tmp_path / "bad.onnx")], capture_output=True, text=True)
    assert done.returncode == 1 and "bad.onnx" in done.stderr
    assert "Traceback" not in done.stderr
