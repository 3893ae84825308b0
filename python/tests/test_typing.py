"""What a type checker finds in calls of the package."""

import subprocess
import sys

import pytest

pytest.importorskip("mypy")

GOOD = """
import cugamma
layer = cugamma.Layer("CONV", K=64, C=3, Y=226, X=226, R=3, S=3)
machine = cugamma.Accelerator(num_pes=168, constants={"mac_energy_nj": 0.5}).replace(noc_bw=64)
found = cugamma.search(layer, machine, "latency", evaluations=1000, levels=(2, 3), limits={"power": 5})
cycles: float = found.metrics["runtime_cycles"]
network = cugamma.search("resnet50", machine, pareto=["latency", "energy"], constraint="dla", flex="TO")
shares = [each.gains for each in network.layers]
read = cugamma.Accelerator.read("edge.yaml")
"""

WRONG = [
    ("cugamma.search(layer, machine, evaluatons=1)", "evaluatons"),
    ('cugamma.search("vgg16", machine, evaluatons=1)', "evaluatons"),
    ('cugamma.search(layer, machine, evaluations="many")', "evaluations"),
    ("cugamma.search(layer, machine, levels=3)", "levels"),
    ("cugamma.search(layer, 168)", "search"),
    ("cugamma.Accelerator(pes=1)", "pes"),
    ("layer.replace(k=1)", '"k"'),
    ("cugamma.CostConstants(mac_energy=1)", "mac_energy"),
    ("layer.k", '"k"'),
    ("cugamma.search(layer, machine).layers", "layers"),
]


def complaints(path, text):
    path.write_text(text)
    command = [sys.executable, "-m", "mypy", "--no-incremental", "--no-error-summary", str(path)]
    return subprocess.run(command, capture_output=True, text=True, cwd=path.parent).stdout


def test_good_calls_pass(tmp_path):
    assert complaints(tmp_path / "good.py", GOOD) == ""


def test_wrong_calls_are_found(tmp_path):
    told = complaints(tmp_path / "wrong.py", GOOD + "\n".join(call for call, _ in WRONG) + "\n")
    first = GOOD.count("\n") + 1
    for number, (call, part) in enumerate(WRONG, first):
        lines = [line for line in told.splitlines() if line.startswith(f"wrong.py:{number}:")]
        assert any("error" in line for line in lines), (call, told)
        assert part in "\n".join(lines), (call, lines)

