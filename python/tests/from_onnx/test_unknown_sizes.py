"""Sizes that a model does not tell: never numbers, and said with how to give them."""

import pytest
from graphs import integers, model, node, value, weights
from onnx import TensorProto

from cugamma.from_onnx import ModelError, Row, UnmappableError, convert

CONV = node("Conv", "x w", name="c")
FILTER = weights("w", 8, 3, 3, 3)


def conv_on(*shape, **options):
    return convert(model([CONV], {"x": shape}, [FILTER]), **options)


@pytest.mark.parametrize("batch", [-1, 0, -(2**63)])
def test_a_batch_below_one_is_unknown(batch):
    with pytest.raises(UnmappableError, match=r"'c' \(Conv\): input 'x' .*position 0; .*"
                       r"'x' is \[\?, 3, 32, 32\]; give it with --shape x=N,3,32,32"):  # fmt: skip
        conv_on(batch, 3, 32, 32)
    assert conv_on(batch, 3, 32, 32, shapes={"x": [2, 3, 32, 32]}).rows == [
        Row("c", "CONV", 8, 3, 32, 32, 3, 3, count=2)
    ]


@pytest.mark.parametrize(
    "shape,position", [((1, -3, 8, 8), 1), ((1, 3, 8, -2), 3), ((1, 3, 0, 8), 2)]
)
def test_no_size_below_one_reaches_a_row(shape, position):
    with pytest.raises(UnmappableError, match=f"'c' .*input 'x' .*position {position}"):
        conv_on(*shape)


def test_dimensions_of_a_recurrent_layer_and_a_product_below_one_are_unknown_too():
    constants = [weights("w", 1, 16, 8), weights("r", 1, 16, 4)]
    with pytest.raises(UnmappableError, match=r"'x' is \[\?, 1, 8\]"):
        convert(model([node("LSTM", "x w r", hidden_size=4)], {"x": (-1, 1, 8)}, constants))
    with pytest.raises(UnmappableError, match=r"'x' is \[\?, 8\]"):
        convert(model([node("MatMul", "x w")], {"x": (-1, 8)}, [weights("w", 8, 4)]))


def test_dimensions_without_a_name_are_given_by_the_shape_of_their_input():
    for sizes in (("?", 3, "?", "?"), (None, 3, None, None), ("", 3, "", "")):
        with pytest.raises(UnmappableError, match=r"input 'x' .*--shape x=N,3,N,N") as refused:
            conv_on(*sizes)
        assert "--dim" not in str(refused.value)
        assert conv_on(*sizes, shapes={"x": [1, 3, 48, 192]}).macs == 8 * 3 * 9 * 46 * 190


def test_a_question_mark_is_no_name_of_a_dimension():
    with pytest.raises(ModelError, match=r"'\?' is no name .*--shape.* x \[\?, 3, \?, \?\]"):
        conv_on("?", 3, "?", "?", dimensions={"?": 48})


def test_names_are_asked_for_all_at_once():
    with pytest.raises(UnmappableError, match="--dim n=N --dim h=N --dim w=N or --shape x=N,3,N,N"):
        conv_on("n", 3, "h", "w")
    assert conv_on("n", 3, "h", "h", dimensions={"n": 2, "h": 10}).macs == 2 * 64 * 8 * 27


def test_a_shape_binds_the_names_of_its_dimensions_everywhere():
    nodes = [node("MatMul", "a b")]
    inputs = {"a": ("n", 4, 8), "b": ("n", 8, 5)}
    assert convert(model(nodes, inputs), shapes={"a": [3, 4, 8]}).macs == 3 * 4 * 8 * 5


@pytest.mark.parametrize("shape", [(1, 3, 9, 9), ("n", 3, 9, 9)])
def test_a_dimension_that_no_input_has_is_refused_with_those_there_are(shape):
    with pytest.raises(ModelError, match=r"no input has a dimension 'batch'; the inputs: x \["):
        conv_on(*shape, dimensions={"batch": 4})


def test_a_name_that_only_a_result_has_is_no_dimension_of_an_input():
    made = model([CONV], {"x": (1, 3, 9, 9)}, [FILTER], [value("y", ["batch", 8, 7, 7])])
    with pytest.raises(ModelError, match="no input has a dimension 'batch'"):
        convert(made, {"batch": 4})


@pytest.mark.parametrize(
    "shapes,reason",
    [
        ({"z": [1, 3, 9, 9]}, r"no input or tensor is called 'z'; the inputs: x \[1, 3, 9, 9\]"),
        ({"w": [8, 3, 3, 3]}, "no input or tensor is called 'w'"),
        ({"x": [1, 4, 9, 9]}, r"input 'x' is \[n, 3, 9, 9\], --shape says \[1, 4, 9, 9\]"),
        ({"x": [1, 3, 9]}, "--shape says"),
        ({"x": [0, 3, 9, 9]}, "expected a whole number from 1"),
        ({"x": [2**31, 3, 9, 9]}, "expected a whole number from 1 to 2147483647"),
        ({"y": [1, 8, 9, 9]}, r"node 'c' \(Conv\) makes 'y' as \[1, 8, 7, 7\], --shape says"),
    ],
)
def test_a_shape_that_touches_nothing_or_contradicts_is_refused(shapes, reason):
    with pytest.raises(ModelError, match=reason):
        conv_on("n", 3, 9, 9, shapes={"x": [1, 3, 9, 9], **shapes})


def reshaped():
    nodes = [node("Reshape", "x s", "r", name="turn"), node("MatMul", "r w", name="mm")]
    inputs = [value("x", [4, 32]), value("s", [2], TensorProto.INT64)]
    return model(nodes, inputs, [weights("w", 16, 8)])


def test_a_shape_computed_at_run_time_is_said_with_the_node_that_computes_it():
    with pytest.raises(
        UnmappableError, match=r"'mm' .*input 'r' .*node 'turn' \(Reshape\) computes it at run time"
    ) as refused:
        convert(reshaped())
    assert "--dim" not in str(refused.value) and "unk__" not in str(refused.value)
    with pytest.raises(
        ModelError,
        match="no input has a dimension 'unk__0'; .*node 'turn' .*computes it at run time",
    ):
        convert(reshaped(), {"unk__0": 8})


def test_what_is_computed_at_run_time_can_be_given():
    assert convert(reshaped(), shapes={"r": [8, 16]}).macs == 8 * 16 * 8
    assert convert(reshaped(), values={"s": [8, 16]}).macs == 8 * 16 * 8
    with pytest.raises(ModelError, match=r"input 's' is \[2\], --value gives 1 numbers"):
        convert(reshaped(), values={"s": [8]})
    with pytest.raises(ModelError, match="no input is called 'q'"):
        convert(reshaped(), values={"q": [8]})
    with pytest.raises(ModelError, match="input 'x' holds no whole numbers"):
        convert(reshaped(), values={"x": [8]})


def test_a_later_layer_blames_the_first_cause():
    nodes = [
        node("NonZero", "x", "found", name="find"),
        node("Cast", "found", "f", to=TensorProto.FLOAT),
        node("Relu", "f", "g"),
        node("MatMul", "w g", name="mm"),
    ]
    with pytest.raises(UnmappableError, match="'mm' .*node 'find' .*--shape 'found=N,...'"):
        convert(model(nodes, {"x": (6, 7)}, [weights("w", 3, 2)]))
    made = model(nodes, {"x": (6, 7)}, [weights("w", 3, 2)])
    assert convert(made, shapes={"found": [2, 11]}).macs == 3 * 2 * 11


def test_an_input_without_a_shape_is_asked_for():
    with pytest.raises(UnmappableError, match="input 'x' has no shape; give it with --shape x="):
        convert(model([CONV], [value("x", None)], [FILTER]))
    made = model([CONV], [value("x", None)], [FILTER])
    assert convert(made, shapes={"x": [1, 3, 5, 5]}).macs == 9 * 8 * 27


def test_unknown_sizes_that_no_layer_needs_are_no_matter():
    nodes = [CONV, node("Relu", "other", "z")]
    inputs = [value("x", [1, 3, 5, 5]), value("other", ["n", -1]), integers_input("ids")]
    assert convert(model(nodes, inputs, [FILTER])).macs == 9 * 8 * 27


def integers_input(name):
    return value(name, [None], TensorProto.INT64)


def test_a_dimension_computed_from_a_given_one_is_known():
    nodes = [
        node("Shape", "x", "s"),
        node("Gather", "s zero", "n"),
        node("Concat", "n rest", "to", axis=0),
        node("Reshape", "x to", "flat"),
        node("Gemm", "flat w", transB=1),
    ]
    constants = [integers("zero", [0]), integers("rest", [-1]), weights("w", 10, 3 * 4 * 4)]
    made = model(nodes, {"x": ("n", 3, 4, 4)}, constants)
    assert convert(made, {"n": 6}).macs == 6 * 48 * 10
    with pytest.raises(UnmappableError, match="'x' is .n, 3, 4, 4.; give it with --dim n=N"):
        convert(made)
