"""Figures: against the golden tables, the command line, and from one form to the other."""

import json
import math
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from conftest import golden_cases

import cugamma
from cugamma import Accelerator, InputError, Layer, Mapping
from cugamma._arrays import rows

TABLES = ("gamma1", "gamma2", "gamma3", "freers", "sp2", "dsconv", "gemm", "directives")
LAYER = Layer("CONV", K=64, C=16, Y=58, X=58, R=3, S=3)
MACHINE = Accelerator(num_pes=168)


def machine_of(case):
    return Accelerator(**case["hw"])


@pytest.mark.parametrize("table", TABLES)
def test_report_equals_the_golden_figures(table, columns):
    for case in golden_cases(table, step=10):
        text = case["mapping"]
        report = cugamma.report(
            Layer.from_maestro(text), machine_of(case), Mapping.from_maestro(text)
        )
        assert report["status"] == "ok", case["id"]
        for name, expected in zip(columns, case["expect"]):
            found, expected = report["metrics"][name], float(expected)
            same = found == expected or math.isclose(found, expected, rel_tol=1e-9)
            assert same or math.isnan(expected), (case["id"], name, found, expected)


def test_illegal_mappings_have_reasons_and_no_metrics():
    for case in golden_cases("illegal", step=20):
        (named,) = cugamma.read_maestro(case["mapping"])
        if "tile exceeds dim" in case["illegal"]:
            assert any("is cut to it" in text for text in named.warnings), case["id"]
        if case["illegal"] == ["tile exceeds dim"]:
            continue
        report = cugamma.report(named.layer, machine_of(case), named.mapping)
        assert report["status"] == "illegal" and not report["metrics"], case["id"]
        assert set(case["illegal"]) - {"tile exceeds dim"} <= set(report["reasons"]), case["id"]


def test_evaluate_equals_the_command_line(program, tmp_path):
    for case in golden_cases("gamma2", step=200):
        path = tmp_path / "case.m"
        path.write_text(case["mapping"])
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in case["hw"].items()]
        command = [program, "evaluate", str(path), "--format=json", *flags]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        (told,) = json.loads(done.stdout)["layers"]
        (named,) = cugamma.read_maestro(case["mapping"])
        assert (
            cugamma.report(named.layer, machine_of(case), named.mapping)["metrics"]
            == told["metrics"]
        )
        cost = cugamma.evaluate(named.layer, machine_of(case), named.mapping, backend="cpu")
        assert cost["runtime_cycles"] == told["metrics"]["runtime_cycles"]
        energy = cugamma.objective("energy", named.layer, machine_of(case), named.mapping, cost)
        assert energy == told["metrics"]["energy_nj"]


def test_errors_have_the_text_of_the_command_line(program, tmp_path):
    text = "Network n { Layer l { Type: CONW } }"
    path = tmp_path / "bad.m"
    path.write_text(text)
    done = subprocess.run([program, "evaluate", str(path)], capture_output=True, text=True)
    with pytest.raises(InputError) as caught:
        cugamma.read_maestro(text, str(path))
    assert done.stderr == f"cugamma: {caught.value}\n"


def test_back_ends_agree():
    genomes = cugamma.random_mappings(LAYER, MACHINE, 500, levels=(1, 3))
    costs = [
        cugamma.evaluate(LAYER, MACHINE, genomes, backend=name) for name in ("reference", "cpu")
    ]
    assert (costs[0] == costs[1]).all()
    assert cugamma.is_legal(costs[0]).all()


def test_report_and_cost_agree():
    genomes = cugamma.random_mappings(LAYER, MACHINE, 20)
    costs = cugamma.evaluate(LAYER, MACHINE, genomes)
    energies = cugamma.objective("energy", LAYER, MACHINE, genomes, costs)
    for genome, cost, energy in zip(genomes, costs, energies):
        metrics = cugamma.report(LAYER, MACHINE, cugamma.to_mapping(genome, LAYER))["metrics"]
        assert metrics["runtime_cycles"] == cost["runtime_cycles"]
        assert metrics["energy_nj"] == energy
        assert metrics["l2_size_req"] == cost["l2_size_elems"]


def test_a_batch_mixes_layers_and_accelerators():
    layers, machines = [LAYER, Layer("GEMM", K=64, C=128, Y=32)], [MACHINE, Accelerator(num_pes=32)]
    parts = []
    for i, layer in enumerate(layers):
        for k, machine in enumerate(machines):
            part = cugamma.random_mappings(layer, machine, 10)
            part["layer_index"], part["accelerator_index"] = i, k
            parts.append(part)
    mixed = cugamma.evaluate(layers, machines, np.concatenate(parts))
    parts[3]["layer_index"] = parts[3]["accelerator_index"] = 0
    alone = cugamma.evaluate(layers[1], machines[1], parts[3])
    assert (mixed[30:] == alone).all()


def test_pack_and_unpack_are_inverse():
    genomes = cugamma.random_mappings(LAYER, MACHINE, 200, levels=(2, 2), parallel_rs=True)
    columns = unpacked = cugamma.unpack(genomes)
    columns = {
        name: column[:, :2] if column.ndim > 1 else column for name, column in unpacked.items()
    }
    assert (columns.pop("levels") == 2).all()
    assert (cugamma.pack(**columns) == genomes).all()


def test_columns_mean_what_the_directives_say():
    genome = cugamma.pack(
        tile=[[[8, 16, 4, 56, 3, 3]]],
        order=[[[0, 1, 2, 3, 4, 5]]],
        parallel=[[0]],
        cluster_size=[[0]],
    )
    mapping = cugamma.to_mapping(genome[0], LAYER)
    assert mapping.levels == [
        (0, [("SpatialMap", 8, 8, "K"), ("TemporalMap", 16, 16, "C"), ("TemporalMap", 4, 4, "Y'"),
             ("TemporalMap", 56, 56, "X'"), ("TemporalMap", 3, 3, "R"), ("TemporalMap", 3, 3, "S")])
    ]  # fmt: skip
    assert (cugamma.to_genomes(mapping, LAYER) == genome).all()


def test_columns_are_what_the_library_reads():
    genomes = cugamma.random_mappings(LAYER, MACHINE, 200, levels=(1, 3), parallel_rs=True)
    columns = cugamma.unpack(genomes)
    assert set(columns["levels"]) == {1, 2, 3}
    for i, genome in enumerate(genomes):
        levels = cugamma.to_mapping(genome, LAYER).levels
        assert len(levels) == columns["levels"][i]
        for level, (clusters, directives) in enumerate(levels):
            assert clusters == columns["cluster_size"][i, level]
            order = columns["order"][i, level]
            assert [d[3] for d in directives] == [("K", "C", "Y'", "X'", "R", "S")[d] for d in order]
            assert [d[1] for d in directives] == list(columns["tile"][i, level, order])
            spread = {columns["parallel"][i, level], columns["second_parallel"][i, level]}
            assert [d[0] == "SpatialMap" for d in directives] == [d in spread for d in order]


@pytest.mark.parametrize(
    "columns,part",
    [
        ({"tile": np.ones((4, 6))}, "tile: found the shape"),
        ({"tile": np.zeros((1, 1, 6))}, "tile: found one outside"),
        ({"order": np.zeros((1, 1, 6), int)}, "order: found a row"),
        ({"tile": np.full((1, 1, 6), 1.9)}, "tile: found 1.9, expected whole numbers"),
        ({"tile": np.full((1, 1, 6), np.nan)}, "tile: found nan, expected whole numbers"),
        ({"tile": np.full((1, 1, 6), np.inf)}, "tile: found inf, expected whole numbers"),
        ({"tile": np.full((1, 1, 6), 2**63, np.uint64)}, "tile: found 9223372036854775808"),
        ({"tile": np.full((1, 1, 6), "1")}, "tile: found the dtype"),
        ({"order": np.arange(6).reshape(1, 1, 6) + 0.5}, "order: found 0.5, expected whole"),
        ({"parallel": np.full((1, 1), 8)}, "parallel: found 8, expected an index into KCYXRS"),
        ({"parallel": np.full((1, 1), 6)}, "parallel: found 6, expected an index into KCYXRS"),
        ({"parallel": np.full((1, 1), -1)}, "parallel: found -1, expected an index into KCYXRS"),
        ({"second_parallel": np.full((1, 1), 99)}, "second_parallel: found 99, expected an index"),
        ({"cluster_size": np.zeros(3, int)}, "cluster_size: found the shape"),
        ({"num_pes": 2**30 + 5}, "num_pes: found 1073741829, expected 0 to 1073741823"),
        ({"num_pes": 2**70}, "num_pes: found the dtype object, expected whole numbers"),
        ({"num_pes": np.zeros((2, 2), int)}, "num_pes: found the shape"),
        ({"layer_index": np.full(1, 65536.5)}, "layer_index: found 65536.5, expected whole"),
        ({"parallel": np.zeros((2, 1), int)}, "parallel: found the shape"),
        ({"num_pes": -1}, "num_pes: found -1, expected 0 to 1073741823"),
        ({"layer_index": 65536}, "layer_index: found 65536, expected 0 to 65535"),
    ],
)
def test_columns_that_are_no_mappings_are_refused(columns, part):
    given = {
        "tile": np.ones((1, 1, 6), int),
        "order": np.arange(6).reshape(1, 1, 6),
        "parallel": np.zeros((1, 1), int),
        "cluster_size": np.zeros((1, 1), int),
        **columns,
    }
    with pytest.raises(InputError, match=part):
        cugamma.pack(**given)


@pytest.mark.parametrize("size", [65537, -1, 70000])
def test_cluster_sizes_that_do_not_fit_are_refused(size):
    given = {
        "tile": np.ones((1, 2, 6), int),
        "order": np.tile(np.arange(6), (1, 2, 1)),
        "parallel": np.zeros((1, 2), int),
    }
    with pytest.raises(InputError, match=f"cluster_size: found {size}, expected 0 to 65535"):
        cugamma.pack(**given, cluster_size=np.full((1, 2), size))
    exact = cugamma.pack(**given, cluster_size=np.full((1, 2), 65535.0))
    assert cugamma.unpack(exact)["cluster_size"][0, 1] == 65535


def test_records_of_another_dtype_are_refused():
    genomes = cugamma.random_mappings(LAYER, MACHINE, 8)
    costs = cugamma.evaluate(LAYER, MACHINE, genomes)
    with pytest.raises(InputError, match="costs: found the dtype float64, expected cost_dtype"):
        cugamma.objective("latency", LAYER, MACHINE, genomes, np.zeros(64))
    with pytest.raises(InputError, match="costs: found the dtype"):
        cugamma.is_legal(genomes)
    with pytest.raises(InputError, match="mappings: found the dtype"):
        cugamma.unpack(costs)


def test_random_bytes_are_no_undefined_behaviour():
    bytes_of = np.random.default_rng(3).integers(0, 256, (300, 64), np.uint8)
    genomes = bytes_of.view(cugamma.genome_dtype).reshape(-1)
    genomes["layer_index"] = genomes["accelerator_index"] = 0
    costs = cugamma.evaluate(LAYER, MACHINE, genomes)
    for genome, cost in zip(genomes, costs):
        mapping = cugamma.to_mapping(genome, LAYER)
        repr(mapping), mapping.levels, mapping.to_maestro(LAYER)
        assert (cugamma.report(LAYER, MACHINE, mapping)["status"] == "ok") == (
            cost["status"] & 0xFF == 0
        )
    with pytest.raises(InputError, match="initial mapping 0: expected 2 to 2 cluster levels"):
        cugamma.GeneticSearch(LAYER, MACHINE, "latency", population=20, initial=genomes)
    orders = cugamma.random_mappings(LAYER, MACHINE, len(genomes))["loops"]
    genomes["loops"] = orders
    genomes["num_pes_and_levels"] = 2
    search = cugamma.GeneticSearch(LAYER, MACHINE, "latency", population=300, initial=genomes)
    assert cugamma.is_legal(cugamma.evaluate(LAYER, MACHINE, search.ask(300))).all()


def test_negative_threads_are_refused():
    genomes = cugamma.random_mappings(LAYER, MACHINE, 1)
    with pytest.raises(InputError, match="threads: found -1, expected 0 or more"):
        cugamma.evaluate(LAYER, MACHINE, genomes, threads=-1)


LONG_EVALUATION = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # where the parent ignores it
import numpy as np
import cugamma
layer = cugamma.network("vgg16")[3].layer.unit_stride
machine = cugamma.Accelerator(num_pes=168)
genomes = np.resize(cugamma.random_mappings(layer, machine, 1000), 5_000_000)
costs = np.full(genomes.size, -1, np.int64).repeat(8).view(cugamma.cost_dtype)
try:
    print("begun", flush=True)
    cugamma.evaluate(layer, machine, genomes, backend="reference", threads=1, out=costs)
except KeyboardInterrupt:
    sys.exit(3 if costs["runtime_cycles"][-1] == -1 else 4)
"""


def test_ctrl_c_ends_a_long_evaluation():
    running = subprocess.Popen([sys.executable, "-c", LONG_EVALUATION], stdout=subprocess.PIPE)
    assert running.stdout.readline() == b"begun\n"
    running.send_signal(signal.SIGINT)
    assert running.wait() == 3, "4: it went on to its end"


def test_memory_that_is_not_there_is_said():
    with pytest.raises(MemoryError, match="no memory for 1000000000000000 mappings"):
        cugamma.random_mappings(LAYER, MACHINE, 10**15)


def test_nothing_is_copied_that_need_not_be():
    genomes = cugamma.random_mappings(LAYER, MACHINE, 100)
    assert np.shares_memory(rows(genomes), genomes)
    assert np.shares_memory(rows(genomes[7:]), genomes)
    out = np.empty(100, cugamma.cost_dtype)
    assert cugamma.evaluate(LAYER, MACHINE, genomes, out=out) is out


def test_strided_and_unaligned_arrays_are_evaluated_too():
    genomes = cugamma.random_mappings(LAYER, MACHINE, 100)
    costs = cugamma.evaluate(LAYER, MACHINE, genomes)
    assert (cugamma.evaluate(LAYER, MACHINE, genomes[::2]) == costs[::2]).all()
    shifted = np.zeros(genomes.nbytes + 8, np.uint8)[8:].view(cugamma.genome_dtype)
    shifted[:] = genomes
    assert (cugamma.evaluate(LAYER, MACHINE, shifted) == costs).all()


def test_no_mappings_have_no_costs():
    assert cugamma.evaluate(LAYER, MACHINE, cugamma.random_mappings(LAYER, MACHINE, 0)).size == 0
    assert cugamma.evaluate(LAYER, MACHINE, []).size == 0


def test_what_cannot_be_evaluated_is_refused():
    genomes = cugamma.random_mappings(LAYER, MACHINE, 4)
    with pytest.raises(InputError, match="warp"):
        cugamma.evaluate(LAYER, MACHINE, genomes, backend="warp")
    with pytest.raises(InputError, match="genome_dtype"):
        cugamma.evaluate(LAYER, MACHINE, np.zeros(4))
    with pytest.raises(InputError, match="out: expected"):
        cugamma.evaluate(LAYER, MACHINE, genomes, out=np.empty(3, cugamma.cost_dtype))
    genomes["layer_index"] = 1
    with pytest.raises(InputError):
        cugamma.evaluate(LAYER, MACHINE, genomes)
    with pytest.raises(InputError, match="[Oo]bjective"):
        cugamma.objective("beauty", LAYER, MACHINE, genomes, np.zeros(4, cugamma.cost_dtype))


def test_an_illegal_mapping_is_a_status_and_no_figure():
    genomes = cugamma.random_mappings(LAYER, MACHINE, 1)
    genomes["cluster_sizes"] = 60000
    cost = cugamma.evaluate(LAYER, MACHINE, genomes)
    assert not cugamma.is_legal(cost)[0]
    assert "clusters exceed PEs" in cugamma.reasons(int(cost["status"][0]))
    assert np.isnan(cugamma.objective("latency", LAYER, MACHINE, genomes, cost))[0]


def test_other_threads_run_while_a_batch_is_scored():
    genomes = np.resize(cugamma.random_mappings(LAYER, MACHINE, 10_000), 200_000)
    scoring = threading.Thread(target=cugamma.evaluate, args=(LAYER, MACHINE, genomes))
    steps = 0
    scoring.start()
    while scoring.is_alive():
        steps += 1
    assert steps > 1000


TEN_MILLION = """
import resource, sys
import numpy as np
import cugamma
layer = cugamma.Layer("CONV", K=8, C=4, Y=6, X=6, R=3, S=3)
machine = cugamma.Accelerator(num_pes=16)
few = cugamma.random_mappings(layer, machine, 1000, levels=(1, 1))
genomes = np.resize(few, 10_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
costs = cugamma.evaluate(layer, machine, genomes)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
same = (costs[-1000:] == np.resize(cugamma.evaluate(layer, machine, few), 1000)).all()
print((after - before) // 1024, bool(same))
"""


def test_ten_million_mappings_take_the_memory_of_their_costs():
    done = subprocess.run(
        [sys.executable, "-c", TEN_MILLION], capture_output=True, text=True, check=True
    )
    grown_mib, same = done.stdout.split()
    assert same == "True"
    assert int(grown_mib) < 64 * 10_000_000 / 2**20 + 200
