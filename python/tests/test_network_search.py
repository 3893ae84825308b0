"""Searches of whole networks: what the command line finds, in Python."""

import csv
import itertools
import json
import os
import re
import signal
import subprocess
import threading
import time

import numpy as np
import pytest

import cugamma
from cugamma import Accelerator, InputError

MACHINE = Accelerator(num_pes=168, l1_size_elems=2048, l2_size_elems=108000)
FLAGS = "--num-pes=168 --l1-size=2048 --l2-size=108000 --format=json --log-level=0 --backend=cpu"
ALEXNET = cugamma.network("alexnet")

#: What differs from one run to another.
TIMES = {"command", "seconds", "time", "individuals_per_second", "mappings_per_second"}


def without_times(value):
    if isinstance(value, dict):
        return {name: without_times(v) for name, v in value.items() if name not in TIMES}
    if isinstance(value, str):  # each program has its own files of constraints
        return re.sub(r"\S*/constraints/", "constraints/", value)
    return [without_times(v) for v in value] if isinstance(value, list) else value


def told_by(program, *options):
    command = [program, "search", "--model=alexnet", *FLAGS.split(), *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr
    return without_times(json.loads(done.stdout))


@pytest.mark.parametrize(
    "flags,options",
    [
        ("--evaluations=400 --seed=5", {"evaluations": 400, "seed": 5}),
        (
            "--evaluations=300 --strict --constraint=dla --flex=TO --objective=energy",
            {"evaluations": 300, "strict": True, "constraint": "dla", "flex": "TO", "objectives": "energy"},
        ),
        (
            "--pareto=latency,l2_size --population=40 --generations=5",
            {"pareto": ["latency", "l2_size"], "population": 40, "generations": 5},
        ),
        (
            "--maestro-compat --limit=l2_size=50000 --levels-max=3 --population=60 --islands=3 --generations=12",
            {
                "maestro_compat": True,
                "limits": {"l2_size": 50000},
                "levels_max": 3,
                "population": 60,
                "islands": 3,
                "generations": 12,
            },
        ),
        (
            "--num-pes=search --pe-limit=256 --area-budget=0.2 --evaluations=200",
            {"num_pes": "search", "pe_limit": 256, "area_budget": 0.2, "evaluations": 200},
        ),
        (
            "--num-pes=search --pe-limit=64 --pareto=latency,budget-area --evaluations=200",
            {"num_pes": "search", "pe_limit": 64, "pareto": "latency,budget-area", "evaluations": 200},
        ),
        (
            "--num-pes=search --objective=budget-area --limit=latency=20000000 --evaluations=100",
            {"num_pes": "search", "objectives": "budget-area", "limits": {"latency": 2e7}, "evaluations": 100},
        ),
    ],
)
def test_a_network_has_the_result_of_the_command_line(program, flags, options):
    told = told_by(program, *flags.split())
    result = cugamma.search("alexnet", MACHINE, backend="cpu", **options)
    assert without_times(result.result) == told
    assert result.evaluations == told["evaluations"] and not result.stopped


def test_layers_are_those_of_the_result():
    result = cugamma.search(ALEXNET, MACHINE, evaluations=300, backend="cpu")
    assert [layer.name for layer in result.layers] == [layer.name for layer in ALEXNET]
    assert [layer.count for layer in result.layers] == [layer.count for layer in ALEXNET]
    for layer, told in zip(result.layers, result.result["layers"]):
        assert layer.layer == layer.given
        assert layer.values == (layer.metrics["runtime_cycles"], layer.metrics["energy_nj"])
        assert list(layer.values) == told["best"]["objectives"]
        assert (
            cugamma.evaluate(layer.layer, MACHINE, layer.best, cost_model="exact") == layer.cost
        ).all()
        assert layer.history[-1].best == layer.values and layer.front is None
        assert layer.gains
    cycles = sum(layer.count * layer.values[0] for layer in result.layers)
    assert result.totals["latency_cycles"] == cycles
    assert json.loads(result.to_json()) == result.result
    assert f"{cycles:.12g} cycles" in str(result)


def test_every_layer_has_its_front(tmp_path):
    result = cugamma.search(ALEXNET[:2], MACHINE, pareto="latency,l2_size", evaluations=600)
    for layer in result.layers:
        assert len(layer.front.genomes) == len(layer.front.costs) == len(layer.front.values) > 2
        assert (layer.front.costs["l2_size_elems"] == layer.front.values[:, 1]).all()
    result.write(tmp_path)
    assert json.loads((tmp_path / "result.json").read_text()) == result.result
    assert (tmp_path / "report.html").exists() and (tmp_path / "front.csv").exists()
    again = cugamma.search(ALEXNET[:2], MACHINE, evaluations=100, init=tmp_path / "result.json")
    assert again.layers[0].values[0] <= result.layers[0].values[0]


def unbeaten(points):
    """The points that no other one beats, each once."""
    points = np.unique(points, axis=0)
    lower = (points[:, None, :] <= points[None, :, :]).all(axis=2)
    np.fill_diagonal(lower, False)
    return points[~lower.any(axis=0)]


def test_a_network_s_front_is_that_of_all_choices():
    rows = [cugamma.NetworkLayer(l.name, l.layer, n) for l, n in zip(ALEXNET[:3], (1, 3, 2))]
    result = cugamma.search(rows, MACHINE, pareto="latency,energy,l2_size", population=24, generations=1, front_size=1000)
    fronts = [layer.front for layer in result.layers]
    assert min(map(len, fronts)) > 2
    choices = np.array(list(itertools.product(*(range(len(front)) for front in fronts))))

    def figures_of(choices):
        parts = [front.values[choices[:, i]] for i, front in enumerate(fronts)]
        cycles, energy = (sum(n * part[:, k] for n, part in zip((1, 3, 2), parts)) for k in (0, 1))
        return np.stack([cycles, energy, np.max([part[:, 2] for part in parts], axis=0)], axis=1)

    assert (figures_of(result.front.members) == result.front.values).all()
    assert (np.unique(result.front.values, axis=0) == unbeaten(figures_of(choices))).all()
    assert len(result.front) == len(result.front.values) == len(unbeaten(figures_of(choices)))


def test_a_network_s_front_counts_buffers_once(tmp_path):
    result = cugamma.search(ALEXNET[:4], MACHINE, pareto="latency,energy,budget-area", evaluations=300)
    found = result.front
    assert len(found) > 3 and len(unbeaten(found.values)) == len(found)
    for name, buffer in (("l1_size_elems", "l1"), ("l2_size_elems", "l2")):
        sizes = [layer.front.costs[name][found.members[:, i]] for i, layer in enumerate(result.layers)]
        assert (np.max(sizes, axis=0) == found.figures[name]).all()
    area = found.figures["l1_size_elems"] * 168 + found.figures["l2_size_elems"]
    assert np.allclose(found.values[:, 2], 282 * 168 + 0.688 * area)
    fastest = [layer.front.values[:, 0].min() for layer in result.layers]
    assert found.values[0][0] == sum(fastest)
    result.write(tmp_path)
    table = list(csv.DictReader((tmp_path / "network_front.csv").open()))
    assert [float(row["latency"]) for row in table] == list(found.values[:, 0])
    for row, members in zip(table, found.members):
        for layer, member in zip(result.layers, members):
            assert row[layer.name].endswith(f"front/{member + 1:04}.m") and (tmp_path / row[layer.name]).exists()
    assert "NetworkFront" in repr(found) and f"{len(found)} choices" in repr(found)
    assert cugamma.search(ALEXNET[:1], MACHINE, pareto="latency,energy", evaluations=200).front is None


def test_a_network_s_front_keeps_the_area_budget():
    free = cugamma.search(ALEXNET[:2], MACHINE, pareto="latency,budget-area", evaluations=300)
    middle = float(np.median(free.front.values[:, 1]))
    kept = cugamma.search(
        ALEXNET[:2], MACHINE, pareto="latency,budget-area", evaluations=300, area_budget=middle / 1e6
    )
    assert len(kept.front) > 0 and kept.front.values[:, 1].max() <= middle


def test_progress_sees_every_generation_and_ends_the_search():
    seen = []

    def stop_at_third(progress):
        seen.append(progress.generation)
        return len(seen) < 3

    result = cugamma.search(ALEXNET[:1], MACHINE, generations=1000, progress=stop_at_third)
    assert result.stopped and seen[:3] == [0, 1, 2] and len(seen) <= 4
    assert result.result["interrupted"]


def test_an_exception_in_progress_ends_the_search():
    def fail(progress):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        cugamma.search(ALEXNET[:1], MACHINE, generations=10**6, progress=fail)


def test_other_threads_run_and_an_interrupt_ends_the_search():
    def interrupt():
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent may ignore it
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        cugamma.search(ALEXNET, MACHINE, time_limit=60)
    thread.join()
    signal.signal(signal.SIGINT, before)


def test_no_feasible_mapping_is_a_result():
    tight = Accelerator(num_pes=168, l1_size_elems=1, l2_size_elems=1)
    result = cugamma.search(ALEXNET[:1], tight, generations=2)
    (layer,) = result.layers
    assert layer.best is None and layer.values is None and result.totals is None
    assert layer.rejected["l2_size"] > 0


@pytest.mark.parametrize(
    "options,part",
    [
        ({"objectives": "beauty"}, "beauty"),
        ({"believe": "blind"}, 'believe: found "blind"'),
        ({"strict": True, "maestro_compat": True}, "exclude each other"),
        ({"population": 1}, "population: found 1"),
        ({"evaluations": 0}, "evaluations: found 0"),
        ({"generations": -1}, "generations: found -1"),
        ({"backend": "warp"}, "warp"),
        ({"backend": "cpu", "devices": "all"}, "devices"),
        ({"flex": "TO"}, "flex: needs constraint"),
        ({"num_pes": 64}, 'expected "search"'),
        ({"num_pes": "search"}, "area-budget"),
        ({"pareto": "latency"}, "two or three"),
        ({"pareto": "latency,energy", "objectives": "latency"}, "pareto"),
    ],
)
def test_options_that_make_no_search_are_refused(options, part):
    with pytest.raises(InputError, match=part):
        cugamma.search("alexnet", MACHINE, **options)


def test_unknown_names_are_refused():
    with pytest.raises(InputError, match="no_such_net"):
        cugamma.search("no_such_net", MACHINE)
    with pytest.raises(TypeError, match="colour"):
        cugamma.search(ALEXNET, MACHINE, colour="red")


def test_optima_are_proved():
    wide = MACHINE.replace(noc_bw=-1, offchip_bw=-1)  # on which a proof takes no time
    found = cugamma.search(ALEXNET[:2], wide, "latency", evaluations=500, backend="cpu")
    proofs = found.prove()
    assert [proof.layer for proof in proofs] == [layer.name for layer in ALEXNET[:2]]
    for proof, layer in zip(proofs, found.layers):
        assert proof.proven and proof.gap == 0 and proof.objective == "latency"
        assert proof.lower_bound == proof.optimum == proof.upper_bound
        assert proof.optimum <= layer.values[0]
        assert proof.metrics["runtime_cycles"] == proof.optimum
        assert proof.mapping.startswith("Network")


@pytest.mark.parametrize("levels", [3, (1, 2, 3), ("two", 3)])
def test_levels_are_a_pair(levels):
    with pytest.raises(InputError, match="levels: found .*, expected \\(least, most\\)"):
        cugamma.search(ALEXNET[:1], MACHINE, "latency", levels=levels)


def test_what_cannot_be_proved_is_refused():
    found = cugamma.search(ALEXNET[:1], MACHINE, "area", evaluations=300, backend="cpu", cost_model="maestro")
    with pytest.raises(InputError, match="its optimum under maestro cannot be proved: objective area"):
        found.prove()
    two = cugamma.search(ALEXNET[:1], MACHINE, "latency", evaluations=300, backend="cpu")
    with pytest.raises(InputError, match="gap: found -1, expected 0 or more"):
        two.prove(gap=-1)
    with pytest.raises(InputError, match="time_limit: found nan"):
        two.prove(time_limit=float("nan"))
