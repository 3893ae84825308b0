"""If, Loop, Scan and functions: which nodes run, and how often."""

import pytest
from graphs import body, convert, integers, macs_of, model, node, value, weights
from onnx import TensorProto, helper

from cugamma.from_onnx import Row, UnmappableError

BOOL, INT64 = TensorProto.BOOL, TensorProto.INT64
SQUARE = weights("w", 8, 8)
TRUTH = [value("t", [], BOOL)]


def choice(condition, then, other, **options):
    """A model of an If on x [4, 8]; the branches are lists of nodes that make 'z'."""
    one = node("If", "q", name="choice", then_branch=body(then, outputs=["z"]),
               else_branch=body(other, outputs=["z"]))  # fmt: skip
    inputs = [value("x", [4, 8])]
    constants = [SQUARE, weights("wide", 8, 32)]
    if condition is None:
        inputs.append(value("q", [], BOOL))
    else:
        constants.append(helper.make_tensor("q", BOOL, [], [condition]))
    return model([one], inputs, constants, **options)


NARROW = [node("MatMul", "x w", "z")]
WIDE = [node("MatMul", "x wide", "z")]
IDLE = [node("Identity", "x", "z")]


def test_the_larger_branch_is_counted_and_both_are_told():
    for then, other in ((NARROW, WIDE), (WIDE, NARROW)):
        network = convert(choice(None, then, other))
        assert network.macs == 4 * 8 * 32
        (note,) = network.notes
        small, large = (256, "1,024")
        told = (small, large) if then is NARROW else (large, small)
        assert note == (
            f"node 'choice' (If): then_branch has {told[0]} MACs, else_branch {told[1]};"
            " the larger one is counted, without choice/MatMul_0 (256 MACs)"
        )


def test_a_branch_with_macs_beside_one_without():
    assert convert(choice(None, IDLE, NARROW)).macs == 256
    network = convert(choice(None, IDLE, IDLE))
    assert (network.macs, network.notes, network.skipped) == (0, [], {"Identity": 1})


def test_a_known_condition_takes_its_branch():
    for condition, macs in ((True, 256), (False, 1024)):
        network = convert(choice(condition, NARROW, WIDE))
        assert (network.macs, network.notes) == (macs, [])


def test_a_condition_can_be_given():
    made = choice(None, NARROW, WIDE)
    assert convert(made, values={"q": [1]}).macs == 256
    assert convert(made, values={"q": [0]}).macs == 1024


def test_a_condition_computed_from_shapes_is_known():
    # As torch exports squeeze: only where the dimension is 1.
    nodes = [
        node("Shape", "x", "s"),
        node("Gather", "s first", "d"),
        node("Equal", "d one", "q"),
        node("If", "q", "r", then_branch=body([node("Squeeze", "x axes", "z")], outputs=["z"]),
             else_branch=body([node("Identity", "x", "z")], outputs=["z"])),
        node("MatMul", "r w"),
    ]  # fmt: skip
    constants = [integers("first", 0), integers("one", 1), integers("axes", [0]), SQUARE]
    assert macs_of(nodes, {"x": (1, 6, 8)}, constants) == 6 * 64
    assert macs_of(nodes, {"x": (5, 6, 8)}, constants) == 5 * 6 * 64


def test_branches_of_equal_shape_tell_it_to_the_next_layer_others_do_not():
    following = [node("MatMul", "y v", "end", name="last")]
    made = choice(None, NARROW, IDLE)
    made.graph.node.extend(following)
    made.graph.initializer.append(weights("v", 8, 2))
    assert convert(made).macs == 256 + 4 * 8 * 2
    made = choice(None, NARROW, WIDE)
    made.graph.node.extend(following)
    made.graph.initializer.append(weights("v", 8, 2))
    with pytest.raises(UnmappableError, match="'last' .*node 'choice' "):
        convert(made)


def test_a_branch_that_cannot_be_mapped_is_refused_with_the_choice():
    made = choice(None, NARROW, [node("DFT", "x", "z", name="far")])
    with pytest.raises(UnmappableError, match=r"'choice/far' \(DFT\).*'choice' \(If\).*--value"):
        convert(made)
    assert convert(made, values={"q": [1]}).macs == 256


def looped(nodes, turns=None, condition="-", carried="s", result="s2", going="c", **extra):
    """A model of a Loop with one carried tensor on x [4, 8]."""
    inputs = [value("i", [], INT64), value("c", [], BOOL), carried]
    graph = body(nodes, inputs, [going, result], extra.get("inner", ()))
    one = node("Loop", f"{'m' if turns != '-' else '-'} {condition} x", name="loop", body=graph)
    constants = [SQUARE, *extra.get("constants", ())]
    values = [value("x", [4, 8]), *extra.get("values", ())]
    if isinstance(turns, int):
        constants.append(integers("m", turns))
    elif turns is None:
        values.append(value("m", [], INT64))
    return model([one, *extra.get("after", ())], values, constants, extra.get("outputs", ["y"]))


STEP = [node("MatMul", "s w", "s2", name="step")]


@pytest.mark.parametrize("turns", [1, 2, 7, 1000, 10**6, 2**31 - 1])
def test_a_loop_counts_its_turns(turns):
    assert convert(looped(STEP, turns)).rows == [Row("loop/step", "GEMM", 8, 8, 4, count=turns)]


@pytest.mark.parametrize("turns", [0, -5])
def test_a_loop_without_turns_has_no_rows(turns):
    made = looped(STEP, turns, after=[node("MatMul", "y w", "z")], outputs=["z"])
    assert convert(made).macs == 256


@pytest.mark.parametrize(
    "kind,content",
    [
        (TensorProto.FLOAT, [float("nan")]),
        (TensorProto.COMPLEX64, [1j]),
        (TensorProto.STRING, [b"4"]),
    ],
)
def test_turns_that_are_no_whole_number_are_not_known(kind, content):
    made = looped(STEP)
    del made.graph.input[1:]
    made.graph.initializer.append(helper.make_tensor("m", kind, [], content))
    with pytest.raises(UnmappableError, match="'loop' .*how often it runs"):
        convert(made)


def test_turns_that_are_not_known_are_refused_or_given():
    with pytest.raises(UnmappableError, match=r"'loop' \(Loop\): .*how often it runs.*--value"):
        convert(looped(STEP))
    assert convert(looped(STEP), values={"m": [6]}).macs == 6 * 256


def test_a_loop_that_may_end_early_is_refused():
    nodes = [*STEP, node("ReduceMax", "s2", "top", keepdims=0), node("Less", "top limit", "go")]
    limit = helper.make_tensor("limit", TensorProto.FLOAT, [], [1.0])
    with pytest.raises(UnmappableError, match=r"'loop' \(Loop\): .*how often it runs"):
        convert(looped(nodes, 9, going="go", constants=[limit]))


def test_a_loop_that_counts_to_its_own_end():
    # While i < 4, without a number of turns.
    nodes = [*STEP, node("Less", "i four", "go")]
    made = looped(nodes, "-", going="go", constants=[integers("four", 4)])
    assert convert(made).macs == 5 * 256


def test_a_loop_that_counts_to_its_own_end_within_a_limit():
    nodes = [*STEP, node("Less", "i four", "go")]
    four = [integers("four", 4)]
    assert convert(looped(nodes, 3, going="go", constants=four)).macs == 3 * 256
    assert convert(looped(nodes, 9, going="go", constants=four)).macs == 5 * 256
    unlimited = looped(nodes, going="go", constants=four)
    with pytest.raises(UnmappableError, match="'loop' .*how often it runs"):
        convert(unlimited)
    assert convert(unlimited, values={"m": [2]}).macs == 2 * 256


def test_a_loop_whose_shape_grows():
    # Each turn appends four rows: 4, 8, 12 rows are multiplied.
    nodes = [node("Concat", "s x", "s2", axis=0), node("MatMul", "s w", "p", name="step")]
    made = looped(nodes, 3, after=[node("MatMul", "y w", "z")], outputs=["z"])
    assert convert(made).macs == (4 + 8 + 12) * 64 + 16 * 64


def test_a_loop_that_is_endless_or_too_long_to_follow_is_refused():
    with pytest.raises(UnmappableError, match="'loop' .*how often"):
        convert(looped(STEP, "-"))
    growing = [node("Concat", "s x", "s2", axis=0), node("MatMul", "s w", "p", name="step")]
    with pytest.raises(UnmappableError, match=r"'loop/step' .*changes in node 'loop'"):
        convert(looped(growing, 10**9))


def test_what_a_loop_collects_has_its_turns_in_front():
    graph = body(
        [*STEP, node("Identity", "s2", "each")],
        [value("i", [], INT64), value("c", [], BOOL), "s"],
        ["c", "s2", "each"],
    )
    for turns in (5, 10**6):
        nodes = [node("Loop", "m - x", "y all", body=graph), node("MatMul", "all w", "z")]
        constants = [SQUARE, integers("m", turns)]
        assert macs_of(nodes, {"x": (4, 8)}, constants, ["z"]) == turns * (256 + 256)


def test_a_loop_without_macs_may_run_as_long_as_it_likes():
    assert convert(looped([node("Relu", "s", "s2")])).macs == 0


def test_nested_loops_multiply():
    inner = body([node("MatMul", "a w", "b", name="step")],
                 [value("j", [], INT64), value("d", [], BOOL), "a"], ["d", "b"])  # fmt: skip
    nodes = [node("Loop", "three - s", "s2", name="inner", body=inner)]
    for turns in (4, 50_000):
        made = looped(nodes, turns, constants=[integers("three", 3)])
        assert convert(made).rows == [Row("loop/inner/step", "GEMM", 8, 8, 4, count=3 * turns)]


def scan(steps, opset=18, **attributes):
    graph = body([node("MatMul", "s w", "t", name="step"), node("Add", "t e", "o")],
                 ["s", "e"], ["t", "o"])  # fmt: skip
    one = node("Scan", "s0 x", "sn y", name="scan", body=graph, num_scan_inputs=1, **attributes)
    return model([one, node("MatMul", "y v", "z", name="after")], {"s0": (1, 8), "x": steps},
                 [SQUARE, weights("v", 8, 2)], ["z"], opset)  # fmt: skip


def test_a_scan_runs_once_for_each_slice():
    assert convert(scan((12, 1, 8))).macs == 12 * 64 + 12 * 8 * 2


def test_a_scan_of_another_axis():
    made = scan((1, 12, 8), scan_input_axes=[1], scan_output_axes=[1])
    assert convert(made).macs == 12 * 64 + 12 * 8 * 2
    made = scan((1, 8, 12), scan_input_axes=[-1], scan_output_axes=[-2])
    assert convert(made).macs == 12 * 64 + 12 * 8 * 2


def test_a_scan_over_an_unknown_length_is_refused_with_the_input():
    with pytest.raises(UnmappableError, match="'scan' .*--dim steps=N"):
        convert(scan(("steps", 1, 8)))
    assert convert(scan(("steps", 1, 8)), {"steps": 12}).macs == 12 * 64 + 12 * 8 * 2


def test_a_scan_of_version_8_has_a_batch_in_front():
    graph = body([node("MatMul", "s w", "t", name="step"), node("Add", "t e", "o")],
                 ["s", "e"], ["t", "o"])  # fmt: skip
    one = node("Scan", "- s0 x", "sn y", name="scan", body=graph, num_scan_inputs=1)
    inputs = {"s0": (3, 1, 8), "x": (3, 12, 1, 8)}
    assert macs_of([one], inputs, [SQUARE], opset=8) == 3 * 12 * 64


def function(name, nodes, attributes=(), domains=("local",)):
    imports = [helper.make_opsetid("", 18), *(helper.make_opsetid(one, 1) for one in domains)]
    return helper.make_function("local", name, ["a", "b"], ["c"], nodes, imports, attributes)


def test_functions_call_functions_with_their_attributes():
    inner = function("turned", [node("Gemm", "a b", "c", name="gemm", alpha=1.0)], ["turn"])
    reference = helper.make_attribute("transB", 0)
    reference.ClearField("i")
    reference.ref_attr_name = "turn"
    inner.node[0].attribute.append(reference)
    outer = function(
        "twice",
        [
            node("turned", "a b", "t", domain="local", turn=1, name="one"),
            node("turned", "t b", "c", domain="local", turn=1, name="two"),
        ],
    )
    call = node("twice", "x w", name="call", domain="local")
    made = model([call], {"x": (4, 8)}, [SQUARE], functions=[inner, outer], domains=["local"])
    assert [row.name for row in convert(made, merge=False).rows] == [
        "call/one/gemm", "call/two/gemm"
    ]  # fmt: skip
    # With b 6 x 8, transB makes rows of 6: the second call does not fit.
    made = model([call], {"x": (4, 8)}, [weights("w", 6, 8)], functions=[inner, outer],
                 domains=["local"])  # fmt: skip
    with pytest.raises(UnmappableError, match=r"node 'call/two/gemm' \(Gemm\): a row of 6"):
        convert(made)


def test_a_function_does_not_see_the_tensors_around_it():
    seen = function("peek", [node("MatMul", "x b", "c", name="inner")])
    call = node("peek", "x w", name="call", domain="local")
    made = model([call], {"x": (4, 8)}, [SQUARE], functions=[seen], domains=["local"])
    with pytest.raises(
        UnmappableError, match="'call/inner' .*no node before it makes its input 'x'"
    ):
        convert(made)


def test_broken_control_flow_without_macs_stops_nothing():
    idle = body([node("Relu", "s", "t")], ["s"], ["t"])
    layer = node("MatMul", "x w", "z")
    for broken in (
        node("Loop", "m - x", body=idle),
        node("Scan", "x x", "y y2", body=idle, num_scan_inputs=5),
        node("If", "q", then_branch=idle),
    ):
        network = convert(model([broken, layer], {"x": (4, 8)}, [SQUARE], ["z"]))
        assert (network.macs, network.skipped) == (256, {broken.op_type: 1})
    busy = body([node("MatMul", "s w", "t")], ["s"], ["t"])
    for broken in (
        node("Loop", "m - x", name="n", body=busy),
        node("Scan", "x x", "y y2", name="n", body=busy, num_scan_inputs=5),
        node("If", "q", name="n", then_branch=busy),
    ):
        with pytest.raises(UnmappableError, match="node 'n' "):
            convert(model([broken, layer], {"x": (4, 8)}, [SQUARE], ["z"]))


def test_a_scan_without_macs_over_unknown_lengths_stops_nothing():
    step = body([node("Add", "s e", "t"), node("Relu", "e", "o")], ["s", "e"], ["t", "o"])
    for names, opset in (("s0 q", 18), ("- s0 q", 8)):
        nodes = [node("Scan", names, "a b", body=step, num_scan_inputs=1), node("MatMul", "x w")]
        inputs = {"x": (4, 8), "s0": (1, 8), "q": ("b", "n", 8)}
        assert macs_of(nodes, inputs, [SQUARE], opset=opset) == 256
