"""Small files that would take hours or all memory end soon, with rows or with a reason."""

import pytest
from graphs import body, convert, integers, model, node, value, weights
from onnx import TensorProto, helper

from cugamma.from_onnx import ModelError, UnmappableError


def tower(height, width, call="f0", calls=1):
    """Functions of which each calls the next one `width` times."""
    imports = [helper.make_opsetid("", 18), helper.make_opsetid("d", 1)]
    functions = []
    for floor in range(height):
        nodes = [node(f"f{floor + 1}", "a", f"t{place}", domain="d") for place in range(width)]
        nodes.append(node("Identity", "t0", "b"))
        functions.append(helper.make_function("d", f"f{floor}", ["a"], ["b"], nodes, imports))
    last = [node("MatMul", "a a", "b")]
    functions.append(helper.make_function("d", f"f{height}", ["a"], ["b"], last, imports))
    nodes = [node(call, "x", f"y{place}", domain="d") for place in range(calls)]
    return model(nodes, {"x": (4, 4)}, outputs=["y0"], functions=functions, domains=["d"])


def test_functions_that_multiply():
    with pytest.raises(ModelError, match="the function 'd.f2' comes to more than 50000 nodes"):
        convert(tower(7, 10))
    with pytest.raises(ModelError, match="comes to more than"):
        convert(tower(60, 2))
    assert convert(tower(2, 10)).macs == 100 * 64
    with pytest.raises(UnmappableError, match="more than 50000 further nodes"):
        convert(tower(3, 10, calls=60))


def test_functions_that_call_themselves():
    imports = [helper.make_opsetid("", 18), helper.make_opsetid("d", 1)]
    own = helper.make_function("d", "f", ["a"], ["b"], [node("f", "a", "b", domain="d")], imports)
    made = model([node("f", "x", domain="d")], {"x": (1,)}, functions=[own], domains=["d"])
    with pytest.raises(ModelError, match="the function 'd.f' calls itself"):
        convert(made)
    ring = [
        helper.make_function("d", f"f{k}", ["a"], ["b"],
                             [node(f"f{(k + 1) % 3}", "a", "b", domain="d")], imports)
        for k in range(3)
    ]  # fmt: skip
    made = model([node("f1", "x", domain="d")], {"x": (1,)}, functions=ring, domains=["d"])
    with pytest.raises(ModelError, match="calls itself"):
        convert(made)


def test_a_function_that_calls_itself_from_a_branch():
    imports = [helper.make_opsetid("", 18), helper.make_opsetid("d", 1)]
    branch = body([node("f", "a", "z", domain="d")], outputs=["z"])
    inside = [node("If", "c", "b", then_branch=branch, else_branch=branch)]
    own = helper.make_function("d", "f", ["a", "c"], ["b"], inside, imports)
    made = model(
        [node("f", "x q", domain="d")], {"x": (1,), "q": ()}, functions=[own], domains=["d"]
    )
    with pytest.raises(ModelError, match="calls itself"):
        convert(made)


@pytest.mark.parametrize("stride", [3_000, 10_000_000, 2**31 - 1])
def test_a_transposed_convolution_of_a_huge_stride(stride):
    one = node("ConvTranspose", "x w", strides=[stride, stride])
    assert (
        convert(model([one], {"x": (1, 3, 9, 9)}, [weights("w", 3, 4, 3, 3)])).macs == 81 * 9 * 12
    )


@pytest.mark.parametrize("taps", [50_000, 2**31 - 1, 2**62])
def test_a_transposed_convolution_of_a_huge_filter(taps):
    large = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3, 4, taps, taps])
    one = node("ConvTranspose", "x w", name="up")
    with pytest.raises(UnmappableError, match=r"'up' .*(at most 10000 can be|taps on an axis)"):
        convert(model([one], {"x": (1, 3, 10**5, 10**5)}, [large]))


def test_dilations_and_long_axes_are_no_more_work():
    one = node("ConvTranspose", "x w", strides=[7, 1], dilations=[10**6, 1])
    made = model([one], {"x": (1, 3, 10**9, 1)}, [weights("w", 3, 4, 5, 1)])
    assert convert(made).macs == 10**9 * 5 * 12


def loops(depth, turns):
    nodes = [node("MatMul", "s w", "t")]
    for _ in range(depth):
        inputs = [value("i", [], TensorProto.INT64), value("c", [], TensorProto.BOOL), "s"]
        nodes = [node("Loop", "m - s", "t", body=body(nodes, inputs, ["c", "t"]))]
    constants = [integers("m", turns), weights("w", 4, 4)]
    return model(nodes, {"s": (4, 4)}, constants, ["t"])


def test_nested_loops():
    assert convert(loops(3, 100)).macs == 100**3 * 64
    assert convert(loops(9, 10)).macs == 10**9 * 64
    assert convert(loops(25, 1)).macs == 64
    with pytest.raises(UnmappableError, match="count would be"):
        convert(loops(20, 10))


def test_functions_within_functions():
    with pytest.raises(UnmappableError, match="graphs are nested more than 40 deep"):
        convert(tower(60, 1))


def test_tensors_that_no_memory_holds():
    nodes = [
        node("ConstantOfShape", "n", "z"),
        node("Expand", "x n", "e"),
        node("Tile", "x r", "t"),
        node("MatMul", "e w", name="mm"),
    ]
    constants = [integers("n", [2**20, 2**20, 4]), integers("r", [2**40, 1]), weights("w", 4, 4)]
    with pytest.raises(UnmappableError, match="'mm' .*Y would be"):
        convert(model(nodes, {"x": (1, 4)}, constants))
    nodes = [node("Range", "zero n one", "r"), node("Reshape", "x r", "y")]
    constants = [integers("zero", 0), integers("n", 2**62), integers("one", 1)]
    assert convert(model(nodes, {"x": (1, 4)}, constants)).macs == 0


@pytest.mark.parametrize("op", ["Reshape", "Expand", "Tile"])
@pytest.mark.parametrize("length", [10**5, 2**31, 2**62])
def test_shapes_of_endlessly_many_dimensions(op, length):
    inputs = [value("x", [4, 4]), value("s", [length], TensorProto.INT64)]
    nodes = [node(op, "x s", "z", name="turn"), node("MatMul", "z w", name="mm")]
    with pytest.raises(UnmappableError, match="'mm' .*'turn' .*more than 1000 dimensions"):
        convert(model(nodes, inputs, [weights("w", 4, 4)]))


def test_an_einsum_of_many_operands():
    one = node("Einsum", ["x"] * 5000, equation=",".join(["ab"] * 5000) + "->ab")
    assert convert(model([one], {"x": (4, 4)})).macs == 4999 * 16


def test_shapes_of_many_dimensions():
    with pytest.raises(UnmappableError, match="beyond 2.63"):
        convert(model([node("MatMul", "x w")], {"x": [2] * 2000}, [weights("w", 2, 2)]))


def test_a_graph_that_runs_in_a_circle():
    nodes = [node("MatMul", "b w", "a", name="first"), node("Relu", "a", "b")]
    with pytest.raises(UnmappableError, match="'first' .*no node before it makes its input 'b'"):
        convert(model(nodes, {"x": (4, 4)}, [weights("w", 4, 4)], ["b"]))
