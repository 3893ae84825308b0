"""Shapes that follow from constants, and nodes whose shapes matter to no layer."""

import numpy
import pytest
from graphs import MICROSOFT, integers, macs_of, model, node, value, weights
from onnx import TensorProto, helper, numpy_helper

from cugamma.from_onnx import ModelError, UnmappableError, convert

FILTER = weights("w", 8, 3, 3, 3)


def test_padding_computed_as_torch_exports_it():
    nodes = [
        node(
            "ConstantOfShape", "n", "z", value=helper.make_tensor("v", TensorProto.INT64, [1], [0])
        ),
        node("Concat", "p z", "pc", axis=0),
        node("Reshape", "pc pairs", "pr"),
        node("Slice", "pr start end axes steps", "ps"),
        node("Transpose", "ps", "pt", perm=[1, 0]),
        node("Reshape", "pt flat", "pf"),
        node("Pad", "x pf", "xp"),
        node("Conv", "xp w"),
    ]
    constants = [
        integers("n", [4]), integers("p", [1, 2, 1, 2]), integers("pairs", [-1, 2]),
        integers("start", [-1]), integers("end", [-(2**63) + 1]), integers("axes", [0]),
        integers("steps", [-1]), integers("flat", [-1]), FILTER,
    ]  # fmt: skip
    assert macs_of(nodes, {"x": (1, 3, 32, 32)}, constants, opset=13) == 8 * 27 * 33 * 33


def test_sizes_computed_by_arithmetic_and_a_resize():
    half = numpy_helper.from_array(numpy.array([1, 1, 0.5, 2], numpy.float32), "scales")
    nodes = [
        node("Resize", "x - scales", "small"),
        node("Shape", "small", "s", start=2),
        node("ReduceProd", "s", "area", keepdims=1),
        node("Div", "area two", "part"),
        node("Concat", "part minus", "to", axis=0),
        node("Reshape", "small to", "r"),
        node("MatMul", "r m"),
    ]
    # 3 x 8 x 32 elements, of which half an area, 128, makes rows of 6.
    constants = [half, integers("two", [2]), integers("minus", [-1]), weights("m", 6, 5)]
    assert macs_of(nodes, {"x": (1, 3, 16, 16)}, constants) == 128 * 6 * 5


@pytest.mark.parametrize("ends", [(0, 8, 2), ([0], [8], [2]), (9, 1, -2), (-7, 1, 2)])
def test_a_range_and_an_expanded_shape(ends):
    nodes = [
        node("Range", "zero eight two", "r"),
        node("Shape", "r", "s"),
        node("Concat", "s four", "to", axis=0),
        node("Expand", "x to", "e"),
        node("MatMul", "e w"),
    ]
    constants = [integers(name, end) for name, end in zip(("zero", "eight", "two"), ends)]
    assert macs_of(
        nodes, {"x": (1, 4)}, [*constants, integers("four", [4]), weights("w", 4, 7)]
    ) == (4 * 4 * 7)


def test_a_choice_between_constants_is_made():
    nodes = [
        node("Shape", "x", "s"),
        node("Size", "x", "all"),
        node("Equal", "all limit", "same"),
        node("Where", "same wide tall", "to"),
        node("Reshape", "x to", "r"),
        node("MatMul", "r w"),
    ]
    constants = [
        integers("limit", 32),
        integers("wide", [2, 16]),
        integers("tall", [16, 2]),
        weights("w", 16, 3),
    ]
    assert macs_of(nodes, {"x": (4, 8)}, constants) == 2 * 16 * 3


def test_constants_too_large_to_be_shapes_are_left_alone():
    # 2^62 elements, which no machine holds.
    nodes = [node("ConstantOfShape", "n", "z"), node("Shape", "z", "s"), node("Gather", "s i", "k"),
             node("Reshape", "x k", "r"), node("MatMul", "r w")]  # fmt: skip
    constants = [integers("n", [2**30, 2**30, 4]), integers("i", [2, 2]), weights("w", 4, 3)]
    assert macs_of(nodes, {"x": (2, 8)}, constants) == 4 * 4 * 3


@pytest.mark.parametrize(
    "op,attributes,extra",
    [
        ("MeanVarianceNormalization", {}, []),
        ("GroupNormalization", {"num_groups": 2}, ["scale", "scale"]),
        ("Relu", {}, []),
    ],
)
def test_a_node_without_macs_stops_nothing(op, attributes, extra):
    constants = [FILTER, weights("v", 4, 8, 3, 3), weights("scale", 8)]
    nodes = [node("Conv", "x w", "c"), node(op, ["c", *extra], ["n"], **attributes),
             node("Conv", "n v")]  # fmt: skip
    network = convert(model(nodes, {"x": (1, 3, 16, 16)}, constants, opset=21))
    assert network.macs == 8 * 27 * 14 * 14 + 4 * 72 * 12 * 12
    assert network.skipped == {op: 1}


def test_a_node_whose_rule_fails_stops_nothing():
    # A Concat of other ranks, a Reshape to minus five: onnx has no shape for them.
    nodes = [node("Conv", "x w", "c"), node("Concat", "c odd", "a", axis=7),
             node("Reshape", "c minus", "b"), node("Transpose", "c", "d", perm=[9, 9])]  # fmt: skip
    constants = [FILTER, weights("odd", 3), integers("minus", [-5])]
    network = convert(model(nodes, {"x": (1, 3, 16, 16)}, constants, ["a", "b", "d"]))
    assert network.macs == 8 * 27 * 14 * 14
    assert network.skipped == {"Concat": 1, "Reshape": 1, "Transpose": 1}


def test_a_layer_after_such_a_node_says_what_the_rule_said():
    nodes = [
        node("Transpose", "x", "d", perm=[9, 9], name="turn"),
        node("MatMul", "d w", name="mm"),
    ]
    with pytest.raises(UnmappableError, match=r"'mm' .*node 'turn' \(Transpose\) does not tell it"):
        convert(model(nodes, {"x": (4, 4)}, [weights("w", 4, 4)]))


@pytest.mark.parametrize("declared", [[-1, 8, 30, 30], [5, 8, 30, 30], ["n", "c", "h", "w"], [1]])
def test_a_declared_output_that_differs_stops_nothing(declared):
    outputs = [value("y", declared)]
    assert macs_of([node("Conv", "x w")], {"x": (1, 3, 32, 32)}, [FILTER], outputs) == 194_400


def test_what_the_model_declares_helps_where_no_rule_does():
    made = model(
        [node("CropAndResize", "x i", "r", domain=MICROSOFT), node("MatMul", "r w")],
        {"x": (4, 8), "i": (3, 1)}, [weights("w", 8, 5)],
    )  # fmt: skip
    with pytest.raises(UnmappableError, match="CropAndResize"):
        convert(made)
    made.graph.value_info.append(value("r", [3, 8]))
    assert convert(made).macs == 3 * 8 * 5


def test_constants_in_external_files_are_not_opened():
    made = model([node("Reshape", "x s", "r"), node("MatMul", "r w")], {"x": (4, 4)},
                 [integers("s", [2, 8]), weights("w", 8, 5)])  # fmt: skip
    (shape,) = [tensor for tensor in made.graph.initializer if tensor.name == "s"]
    shape.ClearField("raw_data")
    shape.data_location = TensorProto.EXTERNAL
    shape.external_data.add(key="location", value="/etc/passwd")
    with pytest.raises(UnmappableError, match="'r' .*computes it at run time"):
        convert(made)


def test_operators_of_the_first_versions():
    nodes = [
        node("Reshape", "x", "r", shape=[0, -1]),
        node("Dropout", "r", "d", ratio=0.5),
        node("Add", "d b", "a", broadcast=1),
        node("Gemm", "a w b", "y", broadcast=1),
    ]
    constants = [weights("b", 8), weights("w", 8, 8)]
    assert macs_of(nodes, {"x": (4, 2, 4)}, constants, opset=1) == 4 * 64


def test_a_tensor_out_of_a_sequence_can_be_given_the_sequence_cannot():
    nodes = [
        node("SequenceConstruct", "x x", "s", name="collect"),
        node("ConcatFromSequence", "s", "e", name="join", axis=0),
        node("MatMul", "e w"),
    ]
    made = model(nodes, {"x": (4, 6)}, [weights("w", 6, 3)])
    with pytest.raises(UnmappableError, match="node 'join' .*--shape 'e=N,...'"):
        convert(made)
    assert convert(made, shapes={"e": [8, 6]}).macs == 8 * 18
    with pytest.raises(ModelError, match="'collect' .*'s', which is no tensor"):
        convert(made, shapes={"s": [8, 6]})
