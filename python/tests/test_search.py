"""Searches: reproducible, stoppable, and no better than physics."""

import json
import subprocess

import numpy as np
import pytest

import cugamma
from cugamma import Accelerator, InputError, Layer

LAYER = Layer("CONV", K=64, C=16, Y=58, X=58, R=3, S=3)
MACHINE = Accelerator(num_pes=168, l1_size_elems=512, l2_size_elems=108000)


def test_the_best_mapping_has_the_figures_that_are_told():
    result = cugamma.search(LAYER, MACHINE, "latency,energy", evaluations=2000)
    assert result.evaluations == 2000 and not result.stopped
    assert result.values == (result.metrics["runtime_cycles"], result.metrics["energy_nj"])
    assert result.metrics["runtime_cycles"] >= LAYER.macs / 168
    assert result.metrics["l1_size"] <= 512 and result.metrics["l2_size"] <= 108000
    costs = cugamma.evaluate(LAYER, MACHINE, result.best, cost_model="exact")
    assert (costs == result.cost).all()
    assert "SpatialMap" in str(result)


def test_a_seed_decides_the_result_on_any_back_end_and_thread_count():
    runs = [
        cugamma.search(LAYER, MACHINE, generations=10, seed=7, backend=backend, threads=threads)
        for backend, threads in (("cpu", 1), ("cpu", 2), ("reference", 1))
    ]
    assert runs[0].best == runs[1].best == runs[2].best
    bests = [[entry.best for entry in run.history] for run in runs]
    assert bests[0] == bests[1] == bests[2]


def test_a_search_equals_the_command_line(program, tmp_path):
    path = tmp_path / "net.csv"
    path.write_text("name,type,K,C,Y,X,R,S\nlayer,CONV,64,16,58,58,3,3\n")
    flags = "--num-pes=168 --l1-size=512 --l2-size=108000 --objective=latency,energy --seed=5"
    limits = "--generations=15 --format=json --log-level=0"
    command = [program, "search", f"--model={path}", *flags.split(), *limits.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (told,) = json.loads(done.stdout)["layers"]
    result = cugamma.search(LAYER, MACHINE, "latency,energy", generations=15, seed=5)
    assert result.values == tuple(told["best"]["objectives"])
    assert result.metrics == told["best"]["metrics"]
    assert result.evaluations == told["evaluations"]
    improved = [
        entry for before, entry in zip([None, *result.history], result.history) if not before or entry.best != before.best
    ]
    assert [entry.evaluations for entry in improved] == [entry["evaluations"] for entry in told["history"]]


def test_a_front_holds_nothing_that_another_member_beats():
    result = cugamma.search(LAYER, MACHINE, "throughput,l2_size", evaluations=3000, selection="pareto")
    front = result.front
    assert len(front.genomes) == len(front.costs) == len(front.values) > 5
    assert (front.costs["l2_size_elems"] == front.values[:, 1]).all()
    throughput, size = front.values.T
    assert (throughput[1:] < throughput[:-1]).all() and (size[1:] < size[:-1]).all()
    assert tuple(front.values[0]) == result.values
    assert front.hypervolume > 0 and all(figure > 0 for figure in front.reference)
    again = cugamma.search(
        LAYER,
        MACHINE,
        "throughput,l2_size",
        evaluations=3000,
        selection="pareto",
        reference=front.reference,
    )
    assert again.front.hypervolume == pytest.approx(front.hypervolume)
    assert cugamma.search(LAYER, MACHINE, selection="tournament", tournament_size=3).front is None
    for objectives in ("latency", "latency,latency"):
        with pytest.raises(InputError):
            cugamma.search(LAYER, MACHINE, objectives, selection="pareto")


def test_the_best_never_gets_worse():
    history = cugamma.search(LAYER, MACHINE, "latency", generations=30).history
    bests = [entry.best[0] for entry in history if entry.best]
    assert bests == sorted(bests, reverse=True)


def test_progress_can_stop_a_search():
    seen = []

    def stop_at_third(progress):
        seen.append(progress)
        return len(seen) < 3

    result = cugamma.search(LAYER, MACHINE, generations=100, progress=stop_at_third)
    assert result.stopped and [entry.generation for entry in seen] == [0, 1, 2]
    assert result.history[:3] == seen and len(result.history) <= 4


def test_an_exception_in_progress_ends_the_search():
    def interrupt(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cugamma.search(LAYER, MACHINE, generations=100, progress=interrupt)


def test_known_mappings_join_the_first_generation():
    known = cugamma.search(LAYER, MACHINE, "latency", evaluations=4000)
    again = cugamma.search(LAYER, MACHINE, "latency", generations=0, seed=9, initial=known.best)
    assert again.values[0] <= known.values[0]


def test_a_strided_layer_is_searched_as_the_cost_model_sees_it():
    layer = Layer("CONV", K=32, C=3, Y=226, X=226, R=3, S=3, stride_y=2, stride_x=2)
    assert cugamma.search(layer, MACHINE, generations=3).layer == layer
    maestros = cugamma.search(layer, MACHINE, generations=3, cost_model="maestro")
    assert maestros.layer == layer.unit_stride


def test_an_accelerator_may_be_named(tmp_path):
    named = cugamma.search(LAYER, "edge", evaluations=200)
    assert named.accelerator == Accelerator.read("edge")
    path = tmp_path / "own.yaml"
    path.write_text("num_pes: 32  # few\n")
    assert cugamma.search(LAYER, path, evaluations=200).accelerator.num_pes == 32
    usual = cugamma.search(LAYER, evaluations=200)
    assert usual.values == cugamma.search(LAYER, Accelerator(), evaluations=200).values


def test_no_feasible_mapping_is_a_result():
    tight = Accelerator(num_pes=168, l1_size_elems=1, l2_size_elems=1)
    result = cugamma.search(LAYER, tight, generations=2)
    assert result.best is None and result.values is None
    assert result.rejected["l2_size"] > 0
    assert "no feasible mapping" in str(result)


def test_ask_and_tell_is_the_same_search():
    state = cugamma.GeneticSearch(LAYER, MACHINE, "latency", seed=3)
    for _ in range(5):
        genomes = state.ask(10**9)
        costs = cugamma.evaluate(state.layer, MACHINE, genomes, cost_model=state.cost_model)
        state.tell(costs)
    whole = cugamma.search(LAYER, MACHINE, "latency", seed=3, generations=4)
    assert state.best_values() == whole.values


def test_calls_in_another_order_are_refused():
    costs = cugamma.evaluate(LAYER.unit_stride, MACHINE, cugamma.random_mappings(LAYER, MACHINE, 50))
    state = cugamma.GeneticSearch(LAYER, MACHINE, "latency", population=50)
    with pytest.raises(InputError, match="costs were told, but nothing was asked"):
        state.tell(costs)
    asked = state.ask(50)
    for wrong in (costs[:10], np.concatenate([costs, costs])):
        with pytest.raises(InputError, match=f"found {len(wrong)} costs, expected 50"):
            state.tell(wrong)
    with pytest.raises(InputError, match="costs of the last 50 mappings were not told"):
        state.ask(50)
    with pytest.raises(InputError, match="dtype"):
        state.tell(np.zeros(50))
    state.tell(cugamma.evaluate(state.layer, MACHINE, asked))
    assert state.evaluations == 50
    with pytest.raises(InputError, match="nothing was asked"):
        state.tell(costs)
    assert state.ask(-1).size == 0
    state.tell(costs[:0])


def test_figures_that_are_no_numbers_are_not_believed():
    for selection in ("truncation", "tournament", "pareto"):
        state = cugamma.GeneticSearch(
            LAYER, MACHINE, "latency,energy", population=64, selection=selection
        )
        for _ in range(4):
            costs = cugamma.evaluate(state.layer, MACHINE, state.ask(64))
            costs["energy_nj"][::2] = np.nan
            costs["energy_nj"][1::4] = np.inf
            state.tell(costs)
        best = state.best()
        assert best is None or np.isfinite(best[1]["energy_nj"]).all()
        assert selection != "pareto" or np.isfinite(state.front().hypervolume)


@pytest.mark.parametrize(
    "options,part",
    [
        ({"objectives": "beauty"}, "beauty"),
        ({"believe": "blind"}, 'believe: found "blind"'),
        ({"population": 1}, "opulation"),
        ({"evaluations": 0}, "evaluations: found 0"),
        ({"generations": -1}, "generations: found -1"),
        ({"backend": "warp"}, "warp"),
        ({"threads": -1}, "threads: found -1"),
        ({"time_limit": -1}, "time_limit: found -1"),
        ({"time_limit": float("nan")}, "time_limit: found nan"),
        ({"reference": (1, 2)}, "reference: bounds the front"),
        ({"cluster_size": -3}, "cluster_size: found -3"),
    ],
)
def test_options_that_make_no_search_are_refused(options, part):
    with pytest.raises(InputError, match=part):
        cugamma.search(LAYER, MACHINE, **options)


def test_a_search_goes_on_from_its_checkpoint(tmp_path):
    seen = []

    def stop_at_fifth(progress):
        seen.append(progress)
        return len(seen) < 5

    options = {"generations": 20, "seed": 3}
    cut = cugamma.search(LAYER, MACHINE, checkpoint=tmp_path / "saved", progress=stop_at_fifth, **options)
    assert cut.stopped and len(cut.history) < 21
    rest = cugamma.search(LAYER, MACHINE, resume=tmp_path / "saved", **options)
    whole = cugamma.search(LAYER, MACHINE, **options)
    file = tmp_path / "saved" / "checkpoint.bin"
    by_file = cugamma.search(LAYER, MACHINE, resume=file, **options)
    assert by_file.best == whole.best and file.is_file()
    assert rest.best == whole.best and rest.values == whole.values
    assert [step.best for step in rest.history] == [step.best for step in whole.history]


def test_help_shows_every_option():
    import inspect

    shown = inspect.signature(cugamma.search).parameters
    assert set(cugamma.SearchOptions.__annotations__) < set(shown) and "options" not in shown
    assert str(shown["evaluations"]) == "evaluations: Optional[int] = None"
