"""The search of mappings by Timeloop's model."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import threading

import pytest

import cugamma
from cugamma import InputError, timeloop

GOLDEN = pathlib.Path(__file__).parents[2] / "tests" / "models" / "timeloop" / "golden"
ARCHITECTURES = json.loads((GOLDEN / "archs.json").read_text())
PROBLEMS = json.loads((GOLDEN / "problems.json").read_text())
OPTIMA = json.loads((GOLDEN / "optima.json").read_text())


@pytest.fixture
def trio(tmp_path):
    """The files of an accelerator and a problem."""
    files = [tmp_path / "arch.yaml", tmp_path / "problem.yaml"]
    files[0].write_text(ARCHITECTURES["trio"])
    files[1].write_text(PROBLEMS["gemm_small"])
    return files


def test_what_is_found_is_confirmed_by_the_model(trio, tmp_path):
    found = timeloop.search(*trio, objective="edp,latency", evaluations=3000)
    best = found.best
    assert found.objectives == ("edp", "latency")
    assert found.layers[0].evaluations == 3000
    assert found.layers[0].values == (best.energy * best.cycles, best.cycles)
    assert (found.cycles, found.energy) == (best.cycles, best.energy)
    best.write(tmp_path / "a" / "new", prefix="timeloop-mapper")
    again = timeloop.evaluate(*trio, tmp_path / "a" / "new" / "timeloop-mapper.map.yaml")
    assert again.figures == best.figures


def test_the_history_falls_to_the_best(trio):
    layer = timeloop.search(*trio, objective="energy", evaluations=3000).layers[0]
    values = [step.values[0] for step in layer.history]
    assert values == sorted(values, reverse=True) and len(set(values)) == len(values)
    assert values[-1] == layer.best.energy
    assert layer.history[-1].evaluations <= layer.evaluations


def test_a_seed_finds_the_same_and_others_search_elsewhere(trio):
    def steps(**options):
        layer = timeloop.search(*trio, evaluations=1000, **options).layers[0]
        return [(step.evaluations, step.values) for step in layer.history]

    assert steps(seed=5, islands=2) == steps(seed=5, islands=2)
    assert steps(seed=5) != steps(seed=6)
    assert steps() == steps(seed=1, population=64, backend="reference")


@pytest.mark.parametrize(
    "options", [{"seed": 3}, {"islands": 3, "migration_interval": 1}, {"pareto": "latency,energy"}]
)
def test_a_search_goes_on_from_its_checkpoint(trio, tmp_path, options):
    saved = tmp_path / "made" / "saved"
    whole_generations = 64 * options.get("islands", 1) * 6
    cut = timeloop.search(*trio, evaluations=whole_generations, checkpoint=saved, **options)
    rest = timeloop.search(*trio, evaluations=3000, resume=saved, checkpoint=tmp_path / "b", **options)
    whole = timeloop.search(*trio, evaluations=3000, **options)
    file = saved / "checkpoint.bin"
    before = file.read_bytes()
    by_file = timeloop.search(*trio, evaluations=3000, resume=file, checkpoint_every=9, **options)
    assert file.read_bytes() != before  # it went on in the same folder
    for one in (rest, by_file):
        assert steps_of(one) == steps_of(whole)
        assert [m.values for m in one.layers[0].front] == [m.values for m in whole.layers[0].front]
    assert steps_of(whole)[: len(steps_of(cut))] == steps_of(cut)


def steps_of(found):
    return [(step.evaluations, step.values) for step in found.layers[0].history]


def test_a_network_goes_on_from_its_checkpoint(trio, tmp_path):
    options = {"model": "alexnet", "layer": [1, 2]}
    timeloop.search(trio[0], evaluations=320, checkpoint=tmp_path / "saved", **options)
    rest = timeloop.search(trio[0], evaluations=1000, resume=str(tmp_path / "saved"), **options)
    assert rest.energy == timeloop.search(trio[0], evaluations=1000, **options).energy
    with pytest.raises(InputError, match="holds the searches of 2 problems, the options ask for 1"):
        timeloop.search(*trio, resume=tmp_path / "saved")


def test_a_checkpoint_of_another_search_is_refused(trio, tmp_path):
    saved = tmp_path / "saved"
    timeloop.search(*trio, evaluations=300, checkpoint=saved)
    with pytest.raises(InputError, match="saved: .*: the saved search has another"):
        timeloop.search(*trio, resume=saved, seed=2)
    data = bytearray((saved / "checkpoint.bin").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "altered.bin").write_bytes(data)
    with pytest.raises(InputError, match="altered.bin: is altered: its checksum differs"):
        timeloop.search(*trio, resume=tmp_path / "altered.bin")
    with pytest.raises(InputError, match="none"):
        timeloop.search(*trio, resume=tmp_path / "none")


def test_a_checkpoint_that_cannot_be_written_is_a_warning(trio, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.warns(UserWarning, match="file"):
        found = timeloop.search(*trio, evaluations=300, checkpoint=tmp_path / "file" / "below")
    assert found.best is not None


def test_a_front_holds_mappings_of_which_none_beats_another(trio):
    trio[1].write_text(PROBLEMS["conv_small"])
    layer = timeloop.search(*trio, pareto=["latency", "energy"], evaluations=3000).layers[0]
    values = [member.values for member in layer.front]
    assert values == [(float(m.evaluation.cycles), m.evaluation.energy) for m in layer.front]
    assert len(values) > 1
    for one in values:
        assert not any(a[0] <= one[0] and a[1] <= one[1] for a in values if a != one)


def test_limits_are_kept(trio):
    trio[1].write_text(PROBLEMS["conv_small"])
    free = timeloop.search(*trio, objective="energy", evaluations=3000).best
    limit = free.cycles * 0.8
    bound = timeloop.search(*trio, objective="energy", limit={"latency": limit}, evaluations=3000)
    assert bound.best.cycles <= limit < free.cycles
    assert bound.best.energy >= free.energy
    never = timeloop.search(*trio, limit="latency=1", evaluations=200)
    assert never.best is None and never.cycles is None and never.energy is None
    assert never.layers[0].values is None


def test_the_files_settings_count_unless_options_are_given(trio):
    mapper = {"mapper": {"optimization-metrics": ["delay", "energy"], "search-size": 300}}
    found = timeloop.search(*trio, mapper)
    assert found.objectives == ("latency", "energy")
    assert found.layers[0].evaluations == 300
    assert timeloop.search(*trio, mapper, objective="edp", evaluations=200).objectives == ("edp",)


def test_constraints_are_kept(trio, tmp_path):
    constraint = {"target": "Dram", "type": "temporal", "factors": "M=4 N=3", "permutation": "NMK"}
    best = timeloop.search(*trio, {"mapspace_constraints": [constraint]}, evaluations=1000).best
    best.write(tmp_path)
    outermost = (tmp_path / "timeloop-model.map.yaml").read_text().split("- target")[1]
    assert "target: Dram" in "- target" + outermost and "type: temporal" in outermost
    assert "M=4 N=3" in outermost and 'permutation: "NMK"' in outermost


def test_a_proven_optimum_is_reached(trio):
    case = OPTIMA["optima"][0]
    trio[0].write_text(OPTIMA["machines"][case["machine"]])
    trio[1].write_text(OPTIMA["problems"][case["problem"]])
    reached = 1 + 1e-12
    for seed in range(1, 11):
        best = timeloop.search(
            *trio, objective=case["objective"], evaluations=60_000, seed=seed
        ).best
        assert best.energy * reached >= case["optimum"]
        if best.energy <= case["optimum"] * reached:
            break
    assert best.energy == pytest.approx(case["optimum"], rel=1e-12)
    assert best.cycles == case["cycles"]


def test_a_network_is_searched_layer_by_layer(trio):
    net = cugamma.network("vgg16")
    found = timeloop.search(trio[0], model="vgg16", layer=[1, net[1].name, 2], evaluations=300)
    first, second = found.layers
    assert (first.name, first.count) == (net[0].name, net[0].count)
    # The second layer was chosen twice.
    assert (second.layers, second.count) == ([net[1].name] * 2, 2 * net[1].count)
    assert found.cycles == sum(layer.count * layer.best.cycles for layer in found.layers)
    alone = timeloop.search(trio[0], model=net[1], evaluations=300)
    assert alone.best.figures == second.best.figures
    bare = timeloop.search(trio[0], model=net[1].layer, evaluations=300)
    assert bare.best.figures == second.best.figures
    with pytest.raises(InputError, match="found 2 problems"):
        found.best


def test_a_time_limit_ends_a_search(trio):
    layer = timeloop.search(*trio, time_limit=0.05).layers[0]
    assert layer.best is not None and layer.seconds >= 0.05


def test_ctrl_c_ends_the_searches_of_a_network_which_are_saved(trio, tmp_path):
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        timer.start()
        timeloop.search(trio[0], model="alexnet", evaluations=10**12, checkpoint=tmp_path / "saved")
    timer.join()
    rest = timeloop.search(trio[0], model="alexnet", resume=tmp_path / "saved", evaluations=2)
    assert rest.energy is not None


@pytest.mark.parametrize(
    "options, message",
    (
        ({"objective": "speed"}, 'found "speed", expected edp'),
        ({"objective": []}, "objective: found none"),
        ({"pareto": "edp"}, "two or three objectives"),
        ({"pareto": "edp,energy", "objective": "edp"}, "pareto or objective"),
        ({"limit": "latency"}, "limit"),
        ({"evaluations": 0}, "evaluations: found 0, expected a whole number from 1"),
        ({"evaluations": 1.5}, "evaluations: found 1.5"),
        ({"time_limit": float("nan")}, "time_limit: found nan"),
        ({"seed": -1}, "seed: found -1"),
        ({"population": 1}, "population: found 1, expected a whole number from 2"),
        ({"islands": True}, "islands: found True"),
        ({"layer": 1}, "layer: found 1, but no model"),
        ({"backend": "abacus"}, "abacus"),
        ({"model": "vgg16", "layer": 99}, "layer: found 99, expected all, a number from 1 to"),
        ({"model": "vgg16", "layer": "conv9"}, "layer: found 'conv9'"),
        ({"model": []}, "model: found no layers"),
        ({"checkpoint": 3}, r"checkpoint: found 3 \(int\), expected a path"),
        ({"resume": 3}, r"resume: found 3 \(int\), expected a path"),
        ({"checkpoint_every": 5}, "checkpoint_every: found 5, but no checkpoint or resume"),
        ({"checkpoint": "a", "checkpoint_every": -1}, "checkpoint_every: found -1, expected a number"),
    ),
)
def test_mistakes_name_the_option(options, message, trio):
    with pytest.raises(InputError, match=message):
        timeloop.search(*trio, **options)


def test_files_without_a_part_are_refused(trio):
    with pytest.raises(InputError, match="found no key architecture"):
        timeloop.search(trio[1])
    with pytest.raises(InputError, match="found no key problem"):
        timeloop.search(trio[0])


def test_the_example_writes_what_timeloop_mapper_writes(trio, tmp_path):
    example = pathlib.Path(__file__).parents[1] / "examples" / "search_timeloop.py"
    mapper = tmp_path / "mapper.yaml"
    mapper.write_text("mapper: {search-size: 500}\n")
    command = [sys.executable, str(example), *map(str, trio), str(mapper), str(tmp_path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    again = timeloop.evaluate(*trio, tmp_path / "timeloop-mapper.map.yaml")
    assert "500 valid mappings" in told and f"cycles {again.cycles}," in told
    for name in ("stats.txt", "map.txt", "map+stats.xml"):
        assert (tmp_path / f"timeloop-mapper.{name}").stat().st_size > 0
