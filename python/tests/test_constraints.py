"""Constraints, flexibility classes and fixed dataflows."""

import json
import subprocess

import pytest

import cugamma
from cugamma import Accelerator, Constraint, CostConstants, InputError, Layer

LAYER = Layer("CONV", K=64, C=64, Y=58, X=58, R=3, S=3)
MACHINE = Accelerator(num_pes=256)


def parallel_of(mapping):
    return [
        {name for kind, _, _, name in directives if kind == "SpatialMap"}
        for _, directives in mapping.levels
    ]


def test_a_search_obeys_a_style():
    found = cugamma.search(LAYER, MACHINE, "latency", evaluations=500, constraint="dla")
    assert parallel_of(found.best) == [{"K"}, {"C"}]
    assert found.best.levels[1][0] == 64


def test_more_freedom_is_not_worse():
    bests = [
        cugamma.search(
            LAYER, MACHINE, "latency", evaluations=3000, constraint="kcp_ws", flex=flex
        ).values[0]
        for flex in ("none", "all")
    ]
    assert bests[1] <= bests[0]


def test_tpu_maps_the_matrix_product():
    found = cugamma.search(LAYER, MACHINE, "latency", evaluations=300, constraint="tpu")
    assert found.layer.type == "GEMM" and found.layer.macs == LAYER.macs


def test_a_search_equals_the_command_line(program, tmp_path):
    path = tmp_path / "net.csv"
    path.write_text("name,type,K,C,Y,X,R,S\nlayer,CONV,64,64,58,58,3,3\n")
    flags = "--constraint=dla --flex=TO --limit=energy=1e9 --objective=latency --generations=15"
    command = [program, "search", f"--model={path}", *flags.split(), "--format=json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (told,) = json.loads(done.stdout)["layers"]
    found = cugamma.search(
        LAYER,
        MACHINE,
        "latency",
        generations=15,
        constraint="dla",
        flex="TO",
        limits={"energy": 1e9},
    )
    assert found.values == tuple(told["best"]["objectives"])


def test_a_constraint_of_ones_own():
    own = Constraint.parse("levels:\n  - sp: [Y]\n  - {sp: [X], sp_sz: 8}\n")
    found = cugamma.search(LAYER, MACHINE, "latency", generations=3, constraint=own)
    assert parallel_of(found.best) == [{"Y'"}, {"X'"}]
    assert own.levels == 2


@pytest.mark.parametrize("style", cugamma.styles())
def test_every_style_maps_a_layer(style):
    mapped, mapping = cugamma.style_mapping(style, LAYER, MACHINE)
    (cost,) = cugamma.evaluate(mapped, MACHINE, mapping)
    assert cost["runtime_cycles"] >= LAYER.macs / 256 and cost["status"] & 0xFF == 0


@pytest.mark.parametrize(
    "options,part",
    [
        ({"constraint": "abacus"}, 'unknown constraint "abacus"'),
        ({"constraint": "dla", "flex": "Q"}, "flexibility"),
        ({"flex": "T"}, "flex: needs constraint"),
        ({"limits": {"speed": 1.0}}, "'speed'"),
    ],
)
def test_what_is_wrong_is_an_input_error(options, part):
    with pytest.raises(InputError, match=part):
        cugamma.search(LAYER, MACHINE, generations=1, **options)


def test_c_p_walks_as_maestro_s_files_of_no_local_reuse():
    """data/mapping/MobileNetV2_nlr.m of MAESTRO: K, Y, X, R, S in time, C in space."""
    layer, mapping = cugamma.style_mapping("C-P", LAYER, MACHINE)
    assert mapping == cugamma.style_mapping("cp_nlr", LAYER, MACHINE)[1]
    ((_, directives),) = mapping.levels
    assert [name.rstrip("'") for _, _, _, name in directives] == ["K", "Y", "X", "R", "S", "C"]
    assert parallel_of(mapping) == [{"C"}]
    sizes = {name.rstrip("'"): size for _, size, _, name in directives}
    assert sizes == {"K": 1, "Y": 1, "X": 1, "R": layer.R, "S": layer.S, "C": 1}


def test_contradictions_name_both_clauses():
    own = Constraint.parse("levels:\n  - tiles: {K: 4}\n  - tiles: {K: 8}\n", "own.yaml")
    with pytest.raises(InputError, match="own.yaml:3: .*K: 8.* clashes with .*K: 4"):
        cugamma.search(LAYER, MACHINE, constraint=own)


def test_limits_are_kept():
    wide = MACHINE.replace(noc_bw=-1, offchip_bw=-1)  # where large tiles save nothing
    free = cugamma.search(LAYER, wide, "latency", evaluations=2000)
    most = free.metrics["l1_size"] / 2
    found = cugamma.search(LAYER, wide, "latency", evaluations=2000, limits={"l1_size": most})
    assert found.metrics["l1_size"] <= most


def test_every_constant_is_exposed():
    names = [name for name in dir(CostConstants) if name[0] != "_" and name != "replace"]
    assert len(names) == 20
    for name in names:
        constants = CostConstants(**{name: 7.25})
        machine = Accelerator(constants=constants)
        assert Accelerator.from_maestro(machine.to_maestro()) == machine != Accelerator()
        assert Accelerator.from_maestro(f"{name}: 7.25").constants == constants
