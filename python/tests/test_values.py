"""Layers, accelerators and constants are values: equal ones hash alike, others are made by replace."""

import inspect
import pathlib
import pickle

import pytest

import cugamma
from cugamma import Accelerator, CallError, CostConstants, InputError, Layer, NetworkLayer

CONV = dict(K=64, C=3, Y=226, X=226, R=3, S=3)


def mapping_of(layer):
    return cugamma.style_mapping("dla", layer, Accelerator())[1]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Layer("CONV", **CONV),
        lambda: Layer("GEMM", K=512, C=64, Y=128),
        lambda: Layer.from_maestro(Layer(**CONV).to_maestro(mapping_of(Layer(**CONV)))),
        lambda: Accelerator(num_pes=168, l1_size_elems=512),
        lambda: Accelerator(constants={"mac_energy_nj": 0.5, "bus_c1": 0.0}),
        lambda: CostConstants(),
        lambda: CostConstants(l2_energy_macs=6.0),
        lambda: mapping_of(Layer(**CONV)),
        lambda: NetworkLayer("conv", Layer(**CONV), 3),
    ],
)
def test_equal_values_hash_alike_and_pickle(make):
    one, other = make(), make()
    assert one is not other and one == other and hash(one) == hash(other)
    assert len({one, other, pickle.loads(pickle.dumps(one))}) == 1
    assert {one: "found"}[other] == "found"
    assert one != "something else"


def test_zero_and_minus_zero_are_equal_and_hash_alike():
    one, other = CostConstants(bus_c0=0.0), CostConstants(bus_c0=-0.0)
    assert one == other and hash(one) == hash(other)
    assert hash(Accelerator(constants=one)) == hash(Accelerator(constants=other))


def test_other_values_differ():
    machines = [Accelerator(num_pes=n, constants={"mac_energy_nj": e}) for n in (1, 2) for e in (1, 2)]
    assert len(set(machines)) == 4
    layers = [Layer(**{**CONV, name: size}) for name in "KCYXRS" for size in (5, 7)]
    assert len(set(layers)) == 12
    assert len({Layer(K=2), Layer(K=2, stride_x=2), Layer(K=2, N=2), Layer("GEMM", K=2)}) == 4


def test_replace_changes_what_it_names():
    layer = Layer("CONV", **CONV)
    assert layer.replace(K=8, stride_y=2) == Layer("CONV", **{**CONV, "K": 8}, stride_y=2)
    assert layer.replace(type="TRCONV").type == "TRCONV" and layer.replace() == layer
    machine = Accelerator(num_pes=168, noc_bw=64, constants={"mac_energy_nj": 0.5})
    more = machine.replace(num_pes=256, constants={"l1_energy_macs": 2.0})
    assert (more.num_pes, more.noc_bw) == (256, 64)
    assert more.constants == CostConstants(mac_energy_nj=0.5, l1_energy_macs=2.0)
    assert machine.replace(constants=CostConstants()).constants == CostConstants()
    assert CostConstants(bus_c0=1.0).replace(bus_c1=2.0) == CostConstants(bus_c0=1.0, bus_c1=2.0)
    with pytest.raises(InputError, match="num_pes: found 0"):
        machine.replace(num_pes=0)
    with pytest.raises(CallError, match="did you mean num_pes"):
        machine.replace(num_pe=3)


def test_reprs_are_short_and_tell_what_differs():
    machine = Accelerator(num_pes=168, constants={"mac_energy_nj": 0.5})
    assert "mac_energy_nj" in repr(machine) and eval(repr(machine)) == machine
    assert repr(machine) != repr(Accelerator(num_pes=168))
    constants = CostConstants(l2_energy_macs=0.1 + 0.2, bus_c1=1e-30)
    assert eval(repr(constants)) == constants and repr(CostConstants()) == "CostConstants()"
    row = NetworkLayer("conv", Layer(**CONV), 3)
    assert eval(repr(row)) == row


@pytest.mark.parametrize("kind", [str, pathlib.Path])
def test_a_machine_is_read_from_a_path(tmp_path, kind):
    machine = Accelerator(num_pes=168, noc_bw=64, l2_size_elems=108000, constants={"bus_c0": 3.5})
    path = tmp_path / "edge.m"
    path.write_text(machine.to_maestro())
    assert Accelerator.read(kind(path)) == machine
    path.write_text("num_pes: 168\nl3_size: 5\n")
    with pytest.raises(InputError, match=f"{path}:2:1: found "):
        Accelerator.read(kind(path))
    with pytest.raises(InputError, match="no_such.m"):
        Accelerator.read(kind(tmp_path / "no_such.m"))


def test_values_cannot_be_set():
    for value, name in ((Layer(), "K"), (Accelerator(), "num_pes"), (CostConstants(), "bus_c0")):
        with pytest.raises(CallError, match=f"{name}: cannot be set; replace"):
            setattr(value, name, 3)


def test_every_public_name_says_what_it_is():
    def has_text(thing):
        return bool((thing.__doc__ or "").strip())

    named = {name: getattr(cugamma, name) for name in cugamma.__all__}
    things = {name: thing for name, thing in named.items() if inspect.isclass(thing) or inspect.isroutine(thing)}
    members = {
        f"{name}.{member}": value
        for name, thing in things.items()
        if inspect.isclass(thing)
        for member, value in vars(thing).items()
        if not member.startswith("_") and (inspect.isroutine(value) or isinstance(value, property))
    }
    assert not [name for name, thing in (things | members).items() if not has_text(thing)]


def test_the_version_is_that_of_the_project():
    root = pathlib.Path(__file__).parents[2]
    assert f"project(cugamma VERSION {cugamma.__version__} " in (root / "CMakeLists.txt").read_text()
