"""The command line: options, files, and one line for every refusal."""

import csv
import os
import subprocess
import sys

import onnx
import pytest
from graphs import MICROSOFT, integers, model, node, value, weights
from onnx import TensorProto

CONV = [node("Conv", "x w", name="c")]
FILTER = weights("w", 8, 3, 3, 3)


def from_onnx(*arguments, **options):
    command = [sys.executable, "-m", "cugamma.from_onnx", *map(str, arguments)]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
    return subprocess.run(command, **options)


@pytest.fixture
def net(tmp_path):
    """Saves a model and gives its path."""

    def save(made, name="net.onnx"):
        onnx.save(made, tmp_path / name)
        return tmp_path / name

    return save


def refused(done, *reasons):
    """Exit status 1 with one line that says why; returns the line."""
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    for reason in reasons:
        assert reason in line
    return line


def test_sizes_by_name_and_shapes_of_inputs(net):
    path = net(model(CONV, {"x": ("n", 3, "h", "h")}, [FILTER]))
    by_name = from_onnx(path, "--dim", "n=2", "--dim", "h=10")
    assert by_name.returncode == 0
    assert "27,648 MACs" in by_name.stderr
    by_shape = from_onnx(path, "--shape", "x=2,3,10,10")
    assert (by_shape.returncode, by_shape.stdout) == (0, by_name.stdout)
    both = from_onnx(path, "--dim", "n=2", "--shape", "x=2,3,10,10")
    assert both.stdout == by_name.stdout
    refused(from_onnx(path, "--dim", "n=3", "--shape", "x=2,3,10,10"), "input 'x' is [3, 3, h, h]")


def test_a_question_mark_for_three_dimensions(net):
    path = net(model(CONV, {"x": ("?", 3, "?", "?")}, [FILTER]))
    refused(from_onnx(path), "'c' (Conv)", "input 'x'", "position 0", "--shape x=N,3,N,N")
    refused(from_onnx(path, "--dim", "?=48"), "'?' is no name", "--shape", "x [?, 3, ?, ?]")
    assert "1,887,840 MACs" in from_onnx(path, "--shape", "x=1,3,48,192").stderr


def test_options_that_touch_nothing_are_refused(net):
    path = net(model(CONV, {"x": (1, 3, 9, 9)}, [FILTER]))
    refused(
        from_onnx(path, "--dim", "batch=4"), "no input has a dimension 'batch'", "x [1, 3, 9, 9]"
    )
    refused(from_onnx(path, "--shape", "image=1,3,9,9"), "no input or tensor is called 'image'")
    refused(from_onnx(path, "--value", "turns=4"), "no input is called 'turns'")
    refused(from_onnx(path, "--skip", "Relu"), "no node is a 'Relu'")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--dim", "n"),
        ("--dim", "n="),
        ("--dim", "n=0"),
        ("--dim", "n=-1"),
        ("--dim", "n=2x"),
        ("--dim", "n=1.5"),
        ("--dim", "n=²"),
        ("--dim", "n=" + "9" * 5000),
        ("--dim", "=3"),
        ("--dim", "n=2147483648"),
        ("--dim", "n=2", "--dim", "n=3"),
        ("--shape", "x"),
        ("--shape", "x=1,3,,9"),
        ("--shape", "x=1,3,-1,9"),
        ("--shape", "x=1x3"),
        ("--shape", "=1,3"),
        ("--shape", "x=1,3,9,9", "--shape", "x=1,3,8,8"),
        ("--value", "m=five"),
        ("--value", "m"),
    ],
)
def test_malformed_options_are_refused(arguments, net):
    done = from_onnx(net(model(CONV, {"x": (1, 3, 9, 9)}, [FILTER])), *arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert "Traceback" not in done.stderr
    assert arguments[0] in done.stderr


def test_values_and_notes(net):
    branches = {
        name: onnx.helper.make_graph([node(op, inputs, "z")], "b", [], [value("z", None)])
        for name, op, inputs in (("then_branch", "Conv", "x w"), ("else_branch", "Relu", "x"))
    }
    inputs = [value("x", [1, 3, 9, 9]), value("q", [], TensorProto.BOOL)]
    path = net(model([node("If", "q", name="choice", **branches)], inputs, [FILTER]))
    done = from_onnx(path)
    assert done.returncode == 0 and "10,584 MACs" in done.stderr
    assert "note: node 'choice' (If): then_branch has 10,584 MACs, else_branch 0" in done.stderr
    done = from_onnx(path, "--value", "q=0")
    assert "0 layers, 0 MACs" in done.stderr and "note" not in done.stderr


def test_an_operator_can_be_skipped(net):
    odd = node("Oddity", "x", "o", name="odd", domain=MICROSOFT)
    path = net(model([odd, *CONV], {"x": (1, 3, 9, 9)}, [FILTER]))
    refused(from_onnx(path), "node 'odd' (com.microsoft.Oddity)", "--skip Oddity")
    done = from_onnx(path, "--skip", "Oddity")
    assert done.returncode == 0 and "Oddity x1" in done.stderr


@pytest.mark.parametrize("content", [b"", b"not a model", b"ORTM\x00\x01"])
def test_files_that_are_no_models(content, tmp_path):
    (tmp_path / "net.onnx").write_bytes(content)
    refused(from_onnx(tmp_path / "net.onnx"), "net.onnx: ")


def test_files_that_are_not_there(tmp_path):
    refused(from_onnx(tmp_path / "none.onnx"), "none.onnx")
    refused(from_onnx(tmp_path), str(tmp_path))


def test_a_table_replaces_a_file_only_when_it_is_whole(net, tmp_path):
    good = net(model(CONV, {"x": (1, 3, 9, 9)}, [FILTER]))
    bad = net(model(CONV, {"x": (-1, 3, 9, 9)}, [FILTER]), "bad.onnx")
    table = tmp_path / "net.csv"
    assert from_onnx(good, "-o", table).returncode == 0
    before = table.read_text()
    refused(from_onnx(bad, "-o", table))
    assert table.read_text() == before
    refused(from_onnx(good, "-o", good), "would replace the model")
    refused(from_onnx(good, "-o", tmp_path), str(tmp_path))
    refused(from_onnx(good, "-o", tmp_path / "no" / "net.csv"), "no/net.csv")
    assert sorted(os.listdir(tmp_path)) == ["bad.onnx", "net.csv", "net.onnx"]


def test_a_link_is_not_followed(net, tmp_path):
    (tmp_path / "precious").write_text("keep")
    (tmp_path / "net.csv").symlink_to(tmp_path / "precious")
    good = net(model(CONV, {"x": (1, 3, 9, 9)}, [FILTER]))
    assert from_onnx(good, "-o", tmp_path / "net.csv").returncode == 0
    assert (tmp_path / "precious").read_text() == "keep"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_output_that_cannot_be_written(net):
    path = net(model(CONV, {"x": (1, 3, 9, 9)}, [FILTER]))
    with open("/dev/full", "w") as full:
        done = from_onnx(path, stdout=full)
        assert done.returncode == 1
        assert done.stderr == "standard output: No space left on device\n"
        done = from_onnx(path, "-o", "/dev/full")
        assert done.returncode == 1
        assert done.stderr == "/dev/full: No space left on device\n"
        done = from_onnx(path, "-o", "/nosuch/table.csv")
        assert done.returncode == 1
        assert done.stderr == "/nosuch/table.csv: No such file or directory\n"
        # A log that is full does not cost the table.
        done = from_onnx(path, stderr=full)
        assert done.returncode == 0 and "c,CONV,8,3" in done.stdout


def test_the_program_reads_every_name(net, tmp_path, program):
    names = ["#c", "a,b", "a b", 'say "so"', "", "/x/"]
    nodes = [node("Conv", "x w", f"y{place}", name=name, pads=[place] * 4)
             for place, name in enumerate(names)]  # fmt: skip
    path = net(model(nodes, {"x": (1, 3, 9, 9)}, [FILTER], ["y0"]))
    assert from_onnx(path, "-o", tmp_path / "net.csv").returncode == 0
    with open(tmp_path / "net.csv", encoding="utf-8") as file:
        written = [row["name"] for row in csv.DictReader(file)]
    assert len(set(written)) == len(names)
    command = [program, "evaluate", "--style", "dla", "--num-pes", "64", "--format", "csv"]
    done = subprocess.run(
        [*command, "--model", str(tmp_path / "net.csv")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert [row["layer"] for row in csv.DictReader(done.stdout.splitlines())] == written


def test_shapes_from_constants_on_the_command_line(net):
    nodes = [
        node("Shape", "x", "s"),
        node("Slice", "s two four", "t"),
        node("Concat", "k t", "r", axis=0),
        node("Reshape", "x r", "z"),
        node("Conv", "z w"),
    ]
    constants = [integers("two", [2]), integers("four", [4]), integers("k", [2, 3]), FILTER]
    done = from_onnx(net(model(nodes, {"x": (1, 6, 9, 9)}, constants)))
    assert "21,168 MACs" in done.stderr
