"""Operators of com.microsoft: MACs by hand, and the shapes that onnxruntime gives where it is."""

import numpy
import onnx
import pytest
from graphs import MICROSOFT, convert, integers, model, node, value, weights
from onnx import TensorProto, numpy_helper

from cugamma.from_onnx import UnmappableError

FLOAT, UINT8, INT8 = TensorProto.FLOAT, TensorProto.UINT8, TensorProto.INT8


def constant(name, shape, kind=numpy.float32):
    return numpy_helper.from_array(numpy.zeros(shape, kind), name)


def one_node(op, inputs, constants, names, kinds=None, **attributes):
    """A model of one node; kinds gives element types other than float."""
    kinds = kinds or {}
    values = [value(name, shape, kinds.get(name, FLOAT)) for name, shape in inputs.items()]
    result = onnx.helper.make_empty_tensor_value_info("y")
    return model([node(op, names, domain=MICROSOFT, **attributes)], values, constants, [result])


def with_probe(made, columns=3):
    """The model with a product behind it, whose MACs tell the size of the node's result."""
    probed = onnx.ModelProto()
    probed.CopyFrom(made)
    probed.graph.node.extend(
        [node("Flatten", "y", "rows", axis=0), node("MatMul", "rows p", "end")]
    )
    return probed


SCALE = [constant("one", (), numpy.float32), constant("zero", (), numpy.uint8)]
CASES = {
    "FusedConv": (
        one_node(
            "FusedConv",
            {"x": (1, 3, 16, 16)},
            [weights("w", 8, 3, 3, 3)],
            "x w",
            activation="Relu",
            pads=[1] * 4,
            strides=[2, 2],
        ),
        8 * 27 * 8 * 8,
        (1, 8, 8, 8),
    ),
    "FusedConv with a sum": (
        one_node(
            "FusedConv",
            {"x": (2, 4, 9, 9), "z": (2, 8, 7, 7)},
            [weights("w", 8, 1, 3, 3), weights("b", 8)],
            "x w b z",
            activation="Relu",
            group=4,
        ),
        2 * 8 * 9 * 49,
        (2, 8, 7, 7),
    ),
    "FusedGemm": (
        one_node(
            "FusedGemm",
            {"x": (8, 5)},
            [weights("w", 7, 8), weights("b", 7)],
            "x w b",
            activation="Relu",
            transA=1,
            transB=1,
        ),
        5 * 8 * 7,
        (5, 7),
    ),
    "FusedMatMul": (
        one_node(
            "FusedMatMul",
            {"x": (2, 8, 5), "w": (2, 7, 8)},
            [],
            "x w",
            transA=1,
            transB=1,
            alpha=0.5,
        ),
        2 * 5 * 8 * 7,
        (2, 5, 7),
    ),
    "FusedMatMul with its batch turned": (
        one_node("FusedMatMul", {"x": (5, 2, 8), "w": (2, 8, 7)}, [], "x w", transBatchA=1),
        2 * 5 * 8 * 7,
        (2, 5, 7),
    ),
    "TransposeMatMul": (
        one_node("TransposeMatMul", {"x": (8, 5)}, [weights("w", 8, 7)], "x w", transA=1),
        5 * 8 * 7,
        (5, 7),
    ),
    "DynamicQuantizeMatMul": (
        one_node(
            "DynamicQuantizeMatMul",
            {"x": (4, 6, 8)},
            [constant("w", (8, 7), numpy.int8), SCALE[0]],
            "x w one",
        ),
        24 * 8 * 7,
        (4, 6, 7),
    ),
    "MatMulIntegerToFloat": (
        one_node(
            "MatMulIntegerToFloat",
            {"x": (4, 8)},
            [constant("w", (8, 7), numpy.uint8), *SCALE],
            "x w one one zero zero",
            {"x": UINT8},
        ),
        4 * 8 * 7,
        (4, 7),
    ),
    "QGemm": (
        one_node(
            "QGemm",
            {"x": (4, 8)},
            [constant("w", (7, 8), numpy.uint8), *SCALE],
            "x one zero w one zero - one zero",
            {"x": UINT8},
            transB=1,
        ),
        4 * 8 * 7,
        (4, 7),
    ),
    "QLinearConv, channels last": (
        one_node(
            "QLinearConv",
            {"x": (1, 10, 12, 4)},
            [constant("w", (8, 4, 3, 3), numpy.uint8), *SCALE],
            "x one zero w one zero one zero",
            {"x": UINT8},
            channels_last=1,
        ),
        8 * 36 * 8 * 10,
        (1, 8, 10, 8),
    ),
    "MatMulNBits": (
        one_node(
            "MatMulNBits",
            {"x": (2, 5, 64)},
            [constant("w", (7, 2, 16), numpy.uint8), constant("s", (14,))],
            "x w s",
            K=64,
            N=7,
            bits=4,
            block_size=32,
        ),
        10 * 64 * 7,
        (2, 5, 7),
    ),
    "DynamicQuantizeLSTM": (
        one_node(
            "DynamicQuantizeLSTM",
            {"x": (6, 2, 8)},
            [
                constant("w", (1, 8, 16), numpy.uint8),
                constant("r", (1, 4, 16), numpy.uint8),
                constant("s", (1,)),
                constant("z", (1,), numpy.uint8),
            ],
            "x w r - - - - - s z s z",
            hidden_size=4,
        ),
        6 * 2 * 16 * (8 + 4),
        (6, 1, 2, 4),
    ),
    "Attention": (
        one_node(
            "Attention",
            {"x": (2, 10, 64)},
            [weights("w", 64, 192), weights("b", 192)],
            "x w b",
            num_heads=4,
        ),
        2 * (10 * 64 * 192 + 2 * 4 * 10 * 10 * 16),
        (2, 10, 64),
    ),
    "MultiHeadAttention": (
        one_node(
            "MultiHeadAttention",
            {"q": (2, 10, 64), "k": (2, 6, 64), "v": (2, 6, 80)},
            [],
            "q k v",
            num_heads=4,
        ),
        2 * 4 * 10 * 6 * 36,
        (2, 10, 80),
    ),
    "QuickGelu": (one_node("QuickGelu", {"x": (2, 7)}, [], "x", alpha=1.7), 0, (2, 7)),
    "BiasGelu": (one_node("BiasGelu", {"x": (2, 7)}, [weights("b", 7)], "x b"), 0, (2, 7)),
    "SkipLayerNormalization": (
        one_node(
            "SkipLayerNormalization", {"x": (2, 5, 7), "s": (2, 5, 7)}, [weights("g", 7)], "x s g"
        ),
        0,
        (2, 5, 7),
    ),
    "QLinearAdd": (
        one_node(
            "QLinearAdd",
            {"x": (2, 5, 7), "b": (5, 1)},
            SCALE,
            "x one zero b one zero one zero",
            {"x": UINT8, "b": UINT8},
        ),
        0,
        (2, 5, 7),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_macs_and_the_size_of_the_result(case):
    made, macs, result = CASES[case]
    assert convert(made).macs == macs
    probed = with_probe(made)
    elements = int(numpy.prod(result))
    probed.graph.initializer.append(weights("p", elements, 3))
    assert convert(probed).macs == macs + elements * 3


@pytest.mark.parametrize("case", CASES)
def test_onnxruntime_gives_the_same_shape(case):
    runtime = pytest.importorskip("onnxruntime")
    made, _, result = CASES[case]
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = runtime.InferenceSession(
            made.SerializeToString(), options, ["CPUExecutionProvider"]
        )
    except Exception as error:
        pytest.skip(f"onnxruntime does not take the node: {str(error)[:200]}")
    kinds = {"tensor(float)": numpy.float32, "tensor(uint8)": numpy.uint8}
    feeds = {one.name: numpy.ones(one.shape, kinds[one.type]) for one in session.get_inputs()}
    assert session.run(["y"], feeds)[0].shape == result


def test_an_operator_without_macs_is_listed():
    conv = node("Conv", "x w", "c", pads=[1] * 4)
    gelu = node("QuickGelu", "c", domain=MICROSOFT, alpha=1.702)
    network = convert(model([conv, gelu], {"x": (1, 3, 16, 16)}, [weights("w", 8, 3, 3, 3)]))
    assert network.macs == 8 * 27 * 16 * 16
    assert network.skipped == {"QuickGelu": 1}


def test_layers_follow_each_other_through_such_operators():
    nodes = [
        node("FusedConv", "x w", "a", domain=MICROSOFT, activation="Relu"),
        node("BiasAdd", "a b a", "c", domain=MICROSOFT),
        node("Flatten", "c", "d"),
        node("FusedGemm", "d g", domain=MICROSOFT, transB=1, activation="Relu"),
    ]
    constants = [weights("w", 4, 3, 3, 3), weights("b", 4), weights("g", 10, 4 * 36)]
    assert convert(model(nodes, {"x": (1, 3, 8, 8)}, constants)).macs == 4 * 27 * 36 + 144 * 10


def test_a_fused_transformer():
    """The operators that onnxruntime's optimiser makes of BERT, for 2 x 10 words of 32 numbers."""
    nodes = [
        node("EmbedLayerNormalization", "ids - table places - g g", "e m", domain=MICROSOFT),
        node("Attention", "e w b m", "a", domain=MICROSOFT, num_heads=4),
        node("SkipLayerNormalization", "a e g", "n", domain=MICROSOFT),
        node("MatMul", "n up", "u"),
        node("FastGelu", "u bu", "v", domain=MICROSOFT),
        node("MatMul", "v down", "d"),
        node("SkipLayerNormalization", "d n g", "y", domain=MICROSOFT),
    ]
    constants = [weights("table", 100, 32), weights("places", 50, 32), weights("g", 32)]
    constants += [weights("w", 32, 96), weights("b", 96), weights("up", 32, 128)]
    constants += [weights("bu", 128), weights("down", 128, 32)]
    inputs = [value("ids", ["batch", "words"], TensorProto.INT32)]
    network = convert(model(nodes, inputs, constants), {"batch": 2, "words": 10})
    heads = 2 * 2 * 4 * 10 * 10 * 8
    assert network.macs == 20 * 32 * 96 + heads + 2 * 20 * 32 * 128


def test_other_shapes_of_operators_without_macs():
    split = node("BiasSplitGelu", "x b", "h", domain=MICROSOFT)
    made = model(
        [split, node("MatMul", "h w")], {"x": (2, 5, 64)}, [weights("b", 64), weights("w", 32, 3)]
    )
    assert convert(made).macs == 10 * 32 * 3
    joined = node("QLinearConcat", "s z x s z x2 s z", "c", domain=MICROSOFT, axis=-1)
    made = model(
        [joined, node("MatMulInteger", "c w")],
        {"x": (4, 5), "x2": (4, 3)},
        [
            *SCALE,
            constant("s", ()),
            constant("z", (), numpy.uint8),
            constant("w", (8, 3), numpy.uint8),
        ],
    )
    assert convert(made).macs == 4 * 8 * 3


def test_transposed_convolution_whose_padding_is_an_input():
    constants = [weights("w", 6, 4, 3, 3), integers("pads", [1, 1, 1, 1])]
    made = one_node("ConvTransposeWithDynamicPads", {"x": (1, 6, 5, 5)}, constants, "x w pads",
                    strides=[2, 2])  # fmt: skip
    # Of 5 x 3 meetings of inputs and taps on an axis, padding cuts off the first and the last.
    assert convert(made).macs == 13 * 13 * 24


def test_an_operator_that_is_not_known_is_refused_or_skipped():
    made = one_node("BeamSearch", {"x": (4, 8)}, [], "x")
    with pytest.raises(
        UnmappableError, match=r"'BeamSearch_0' \(com.microsoft.B.*--skip BeamSearch"
    ):
        convert(made)
    assert convert(made, skip=["BeamSearch"]).skipped == {"BeamSearch": 1}


def test_a_layout_for_one_machine_is_refused_with_what_to_do():
    made = model(
        [node("Conv", "x w", domain="com.microsoft.nchwc")],
        {"x": (1, 16, 8, 8)},
        [weights("w", 16, 16, 3, 3)],
        domains=["com.microsoft.nchwc"],
    )
    with pytest.raises(UnmappableError, match="'Conv_0' .*before that optimisation"):
        convert(made)


def test_experts_count_for_each_token_that_they_get():
    constants = [weights("a", 5, 8, 32), weights("b", 5, 32, 8)]
    made = one_node("MoE", {"x": (3, 6, 8), "p": (18, 5)}, constants, "x p a - b", k=2)
    assert convert(made).macs == 18 * 2 * (8 * 32 + 32 * 8)
    constants += [weights("c", 5, 32, 8)]
    made = one_node("MoE", {"x": (18, 8), "p": (18, 5)}, constants, "x p a - b - c", k=1)
    assert convert(made).macs == 18 * 3 * 256


def test_weights_packed_beside_their_shape():
    constants = [constant("w", (100,), numpy.uint8), integers("s", [64, 7])]
    made = one_node("MatMulFpQ4", {"x": (2, 5, 64)}, constants, "x w s")
    assert convert(made).macs == 10 * 64 * 7


@pytest.mark.parametrize("op", ["EfficientNMS_TRT", "SimplifiedLayerNormalization"])
def test_operators_of_other_programs_without_a_domain_stop_nothing(op):
    nodes = [node("MatMul", "x w", "z"), node(op, "z g", "y")]
    network = convert(model(nodes, {"x": (4, 8)}, [weights("w", 8, 8), weights("g", 8)]))
    assert (network.macs, network.skipped) == (256, {op: 1})


def test_linear_models_and_support_vectors_have_macs():
    linear = node("LinearClassifier", "x", "l s", domain="ai.onnx.ml", coefficients=[0.0] * 24)
    made = model([linear], {"x": (5, 8)}, outputs=["l", "s"], domains=["ai.onnx.ml"])
    assert convert(made).macs == 5 * 8 * 3
    machine = node("SVMRegressor", "x", domain="ai.onnx.ml", coefficients=[0.0] * 6,
                   support_vectors=[0.0] * 48, n_supports=6)  # fmt: skip
    made = model([machine], {"x": (5, 8)}, domains=["ai.onnx.ml"])
    assert convert(made).macs == 5 * 8 * 6 + 5 * 6
