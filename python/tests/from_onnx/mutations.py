"""Damaged ONNX models: whatever a file holds, the converter gives possible rows or says why not.

python mutations.py SECONDS [FIRST_SEED]      (a long run; prints a seed that breaks it)
"""

import random
import sys
import time

import onnx
from google.protobuf.message import DecodeError
from graphs import MICROSOFT, body, integers, model, node, value, weights
from onnx import TensorProto, helper

from cugamma.from_onnx import ModelError, convert

SIZES = (-(2**63), -1, 0, 1, 2, 3, 7, 255, 65536, 2**31 - 1, 2**31, 2**53, 2**62, 2**63 - 1)
OPERATORS = (
    "Add Attention Concat Constant ConstantOfShape Conv ConvTranspose DFT DeformConv Einsum Expand"
    " FusedConv FusedMatMul Gather Gemm Identity If LSTM Loop MatMul MatMulNBits MoE"
    " MultiHeadAttention Nonsense NonZero Pad QAttention QLinearConv Range Relu Reshape Resize Scan"
    " Shape Slice Split Squeeze Tile TopK Transpose Unsqueeze Where"
).split()


def seeds():
    """Graphs that use most of the converter."""
    conv = node("Conv", "x w", "c", name="conv", pads=[1, 1, 1, 1], strides=[2, 2])
    up = node("ConvTranspose", "c u", "t", strides=[2, 2], pads=[1, 0, 0, 1])
    tail = [
        node("Shape", "t", "s"),
        node("Gather", "s zero", "b"),
        node("Concat", "b rest", "shape", axis=0),
        node("Reshape", "t shape", "flat"),
        node("Gemm", "flat g", "y", name="last", transB=1),
    ]
    constants = [
        weights("w", 6, 3, 3, 3), weights("u", 6, 2, 3, 2), weights("g", 5, 416),
        integers("zero", [0]), integers("rest", [-1]),
    ]  # fmt: skip
    yield model([conv, up, *tail], {"x": (2, 3, 16, 14)}, constants)

    turn = body(
        [node("MatMul", "a w", "b"), node("Identity", "c", "d")],
        [value("i", [], TensorProto.INT64), value("c", [], TensorProto.BOOL), "a"],
        ["d", "b"],
    )
    loop = node("Loop", "m - x", "l", name="loop", body=turn)
    branch = node(
        "If", "q", "y",
        then_branch=body([node("MatMul", "l w", "z")], outputs=["z"]),
        else_branch=body([node("Identity", "l", "z")], outputs=["z"]),
    )  # fmt: skip
    inputs = [value("x", [3, 8]), value("q", [], TensorProto.BOOL)]
    yield model([loop, branch], inputs, [integers("m", 4), weights("w", 8, 8)])

    step = body([node("MatMul", "s w", "t"), node("Add", "t e", "o")], ["s", "e"], ["t", "o"])
    scan = node("Scan", "s0 x", "sn y", body=step, num_scan_inputs=1)
    yield model([scan], {"s0": (1, 8), "x": (12, 1, 8)}, [weights("w", 8, 8)])

    einsum = node("Einsum", "q k", "e", equation="...qd,...kd->...qk")
    lstm = node("LSTM", "e w r", "y", hidden_size=4)
    yield model(
        [einsum, lstm],
        {"q": (3, 5, 8), "k": (3, 7, 8)},
        [weights("w", 1, 16, 7), weights("r", 1, 16, 4)],
    )

    attention = node("Attention", "q k v", "y")
    yield model([attention], dict.fromkeys("qkv", (1, 4, 10, 16)), opset=23)

    fused = [
        node("FusedConv", "x w", "c", domain=MICROSOFT, activation="Relu"),
        node("Reshape", "c shape", "r"),
        node("FusedMatMul", "r r", "m", domain=MICROSOFT, transB=1),
        node("product", "m m", "y", domain="local", times=2),
    ]
    inside = [node("MatMul", "a b", "p"), node("Gemm", "p b", "o")]
    function = helper.make_function(
        "local", "product", ["a", "b"], ["o"], inside, [helper.make_opsetid("", 18)], ["times"]
    )
    yield model(
        fused, {"x": (1, 3, 8, 8)}, [weights("w", 4, 3, 3, 3), integers("shape", [9, -1])],
        functions=[function], domains=["local"],
    )  # fmt: skip


def graphs_of(of):
    """A graph and all those within it."""
    found = [of]
    for one in of.node:
        for attribute in one.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                found += graphs_of(attribute.g)
    return found


def mutate(of, chance):
    """Changes a model in one place, as `chance` decides."""
    graph = chance.choice(graphs_of(of.graph))
    chance.choice((_sizes, _attributes, _wiring, _operators, _constants, _graphs))(graph, chance)


def _sizes(graph, chance):
    for one in (*graph.input, *graph.output):
        for dimension in one.type.tensor_type.shape.dim:
            if chance.random() < 0.3:
                dimension.dim_value = chance.choice(SIZES)
            elif chance.random() < 0.1:
                dimension.dim_param = chance.choice(("n", "?", "", "\x1b[2J"))
        if chance.random() < 0.1:
            one.type.tensor_type.ClearField("shape")


def _attributes(graph, chance):
    for one in graph.node:
        for attribute in list(one.attribute):
            pick = chance.random()
            if pick < 0.2:
                one.attribute.remove(attribute)
            elif pick < 0.4 and attribute.ints:
                attribute.ints[chance.randrange(len(attribute.ints))] = chance.choice(SIZES)
            elif pick < 0.5 and attribute.ints:
                attribute.ints.append(chance.choice(SIZES))
            elif pick < 0.6:
                attribute.i = chance.choice(SIZES)
            elif pick < 0.7:
                attribute.s = chance.choice((b"", b"ij,jk", b"\xff", b"...->", b"a,a,a->a"))
            elif pick < 0.75:
                attribute.type = chance.randrange(15)


def _wiring(graph, chance):
    names = [name for one in graph.node for name in (*one.input, *one.output)] or [""]
    for one in graph.node:
        for names_of in (one.input, one.output):
            if names_of and chance.random() < 0.3:
                names_of[chance.randrange(len(names_of))] = chance.choice((*names, "", "nowhere"))
            if chance.random() < 0.1:
                names_of.append(chance.choice(names))
            if names_of and chance.random() < 0.1:
                del names_of[chance.randrange(len(names_of))]


def _operators(graph, chance):
    for one in graph.node:
        if chance.random() < 0.4:
            one.op_type = chance.choice(OPERATORS)
        if chance.random() < 0.2:
            one.domain = chance.choice(("", "ai.onnx", "ai.onnx.ml", MICROSOFT, "local", "else"))
        if chance.random() < 0.2:
            one.name = chance.choice(("", "#", "a,b", "x" * 5000, "\x1b[31m\n", '"'))


def _constants(graph, chance):
    for tensor in graph.initializer:
        if tensor.dims and chance.random() < 0.4:
            tensor.dims[chance.randrange(len(tensor.dims))] = chance.choice(SIZES)
        if chance.random() < 0.2:
            tensor.data_type = chance.randrange(30)
        if tensor.raw_data and chance.random() < 0.4:
            tensor.raw_data = bytes(chance.randrange(256) for _ in tensor.raw_data)


def _graphs(graph, chance):
    if graph.node and chance.random() < 0.5:
        graph.node.extend([chance.choice(graph.node)])
    if graph.node and chance.random() < 0.3:
        del graph.node[chance.randrange(len(graph.node))]
    for values in (graph.input, graph.output):
        if values and chance.random() < 0.2:
            del values[chance.randrange(len(values))]


def damaged(seed):
    """The damaged model of a seed; None where it is no longer one."""
    chance = random.Random(seed)
    made = onnx.ModelProto()
    made.CopyFrom(chance.choice(list(seeds())))
    if chance.random() < 0.2:
        text = bytearray(made.SerializeToString())
        for _ in range(chance.randrange(1, 6)):
            text[chance.randrange(len(text))] = chance.randrange(256)
        try:
            return onnx.ModelProto.FromString(bytes(text))
        except (DecodeError, UnicodeDecodeError):
            return None
    for _ in range(chance.randrange(1, 4)):
        mutate(made, chance)
    return made


def outcome(of):
    """'rows' or 'refused' for a model; anything else is a fault of the converter."""
    if of is None:
        return "refused"
    try:
        network = convert(of)
    except ModelError as error:
        assert str(error) and str(error).isprintable(), f"message {error!r}"
        return "refused"
    for row in network.rows:
        assert not row.fault(), f"{row}: {row.fault()}"
    return "rows"


def main(seconds, first=0):
    end, seed, slowest = time.monotonic() + seconds, first, 0.0
    counts = {"rows": 0, "refused": 0}
    while time.monotonic() < end:
        print(seed, file=sys.stderr, flush=True)
        begin = time.monotonic()
        counts[outcome(damaged(seed))] += 1
        slowest = max(slowest, time.monotonic() - begin)
        seed += 1
    print(f"{seed - first} models, {counts}, the slowest took {slowest:.1f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
