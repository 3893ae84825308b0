"""Layer, Accelerator, Mapping and networks."""

import copy
import pickle
import re

import pytest

import cugamma
from cugamma import Accelerator, InputError, Layer, Mapping

TEXT = """Network n { Layer conv { Type: CONV
  Dimensions { K: 64, C: 3, R: 3, S: 3, Y: 226, X: 226 }
  Dataflow {
    SpatialMap(8,8) K; TemporalMap(3,3) C; TemporalMap(4,4) Y'; TemporalMap(224,224) X';
    TemporalMap(3,3) R; TemporalMap(3,3) S;
    Cluster(4, P);
    SpatialMap(2,2) X'; TemporalMap(1,1) K; TemporalMap(3,3) C; TemporalMap(1,1) Y';
    TemporalMap(3,3) R; TemporalMap(3,3) S;
  } } }"""


def test_layer_reads_back_from_its_repr():
    layer = Layer("CONV", K=64, C=3, Y=226, X=226, R=3, S=3, stride_y=2, stride_x=2)
    assert eval(repr(layer)) == layer
    assert layer.macs == 64 * 3 * 112 * 112 * 9
    assert (layer.K, layer.S, layer.stride_y, layer.type) == (64, 3, 2, "CONV")


def test_unit_stride_has_the_same_macs():
    layer = Layer("CONV", K=64, C=3, Y=230, X=230, R=7, S=7, stride_y=2, stride_x=2)
    assert layer.unit_stride == Layer("CONV", K=64, C=3, Y=118, X=118, R=7, S=7)
    assert layer.unit_stride.macs == layer.macs


@pytest.mark.parametrize(
    "make,part",
    [
        (lambda: Layer("CONVOLUTION", K=1), "CONVOLUTION"),
        (lambda: Layer("CONV", K=0), "found K = 0"),
        (lambda: Layer("CONV", stride_x=0), "a stride is 1 or more"),
        (lambda: Layer("DSCONV", K=8, C=8), "DSCONV has K = 8, expected 1"),
        (lambda: Layer("GEMM", K=8, X=2), "GEMM has X = 2, expected 1"),
        (lambda: Layer(K=2**31 - 1, C=2**31 - 1, Y=2**31 - 1), "fewer than 2.53 can be counted"),
        (lambda: Accelerator(noc_hops=-1), "noc_hops: found -1, expected 0 or more"),
        (lambda: Accelerator(noc_hop_latency=-3), "noc_hop_latency: found -3"),
        (lambda: Accelerator(l1_size_elems=-2), "l1_size_elems: found -2, expected -1 or more"),
        (lambda: Accelerator(l2_size_elems=-2), "l2_size_elems: found -2"),
        (lambda: Accelerator(constants={"mac_energy_nj": float("nan")}), "constants: found nan"),
        (lambda: Layer("CONV", Y=2, R=3), "filter is larger"),
        (lambda: Accelerator(num_pes=0), "num_pes: found 0"),
        (lambda: Accelerator(noc_bw=-2), "noc_bw: found -2"),
        (lambda: Mapping.from_maestro("Network n { Layer l { Type: CONV } }"), "<text>"),
    ],
)
def test_what_is_wrong_is_an_input_error(make, part):
    with pytest.raises(InputError, match=part):
        make()
    assert issubclass(InputError, ValueError)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_nouns_can_be_copied_and_pickled(copied):
    constants = cugamma.CostConstants(mac_energy_nj=0.5)
    for noun in (
        Layer("CONV", K=64, C=3, Y=226, X=226, R=3, S=3, stride_y=2, N=4),
        Accelerator(num_pes=168, noc_bw=64, l1_size_elems=512, constants=constants),
        constants,
        Mapping.from_maestro(TEXT),
    ):
        assert copied(noun) == noun
    row = cugamma.network("vgg16")[0]
    assert (copied(row).name, copied(row).layer, copied(row).count) == (row.name, row.layer, row.count)


def test_a_damaged_pickle_is_refused():
    for noun in (Layer(), Accelerator(), Mapping.from_maestro(TEXT)):
        with pytest.raises(InputError, match="pickle"):
            type(noun).__new__(type(noun)).__setstate__(noun.__getstate__()[:-1])
    with pytest.raises(InputError):
        Accelerator.__new__(Accelerator).__setstate__(b"\xff" * len(Accelerator().__getstate__()))


def test_a_tile_above_its_dimension_is_cut_with_a_warning():
    text = TEXT.replace("TemporalMap(3,3) C; TemporalMap(4,4) Y'", "TemporalMap(8,8) C; TemporalMap(4,4) Y'")
    message = r"line 4, cluster level 0: TemporalMap\(8,8\) C is larger than C = 3 and is cut to it"
    (named,) = cugamma.read_maestro(text)
    assert len(named.warnings) == 1 and re.match(message, named.warnings[0])
    assert named.mapping == Mapping.from_maestro(TEXT)
    with pytest.warns(UserWarning, match=message):
        assert Mapping.from_maestro(text) == named.mapping


def test_what_a_file_says_and_is_not_read_is_a_warning(tmp_path):
    with pytest.warns(UserWarning, match="col_noc_bw: 4 is left out"):
        machine = Accelerator.from_maestro("Accelerator a { top_noc_bw: 8 col_noc_bw: 4 }")
    assert machine.noc_bw == 8
    table = tmp_path / "net.csv"
    table.write_text("name,type,K,C,Y,X,R,S\n#a,CONV,1,1,1,1,1,1\n")
    with pytest.warns(UserWarning, match="net.csv:2: begins with # and is read as a row"):
        assert [row.name for row in cugamma.network(str(table))] == ["#a"]


def test_a_mapping_of_other_dimensions_cannot_be_written():
    with pytest.raises(InputError, match="a GEMM has no dimension Y' to map"):
        Mapping.from_maestro(TEXT).to_maestro(Layer("GEMM", K=2, C=2, Y=2))


def test_accelerator_reads_back_from_its_text_and_repr():
    machine = Accelerator(num_pes=168, noc_bw=64, l1_size_elems=512, l2_size_elems=108000)
    assert eval(repr(machine)) == machine
    assert Accelerator.from_maestro(machine.to_maestro()) == machine


def test_the_default_accelerator_is_the_command_line_s(tmp_path):
    (tmp_path / "plain.yaml").write_text("num_pes: 100\n")
    plain = Accelerator.read(tmp_path / "plain.yaml")
    assert plain == Accelerator(num_pes=100) and (plain.noc_bw, plain.offchip_bw) == (64, 32)
    assert Accelerator() == Accelerator.from_maestro(Accelerator().to_maestro())


def test_unlimited_is_minus_one():
    machine = Accelerator(noc_bw=-1)
    assert machine.noc_bw >= 1 << 30 and machine.l1_size_elems == -1


def test_mapping_reads_back_from_its_text():
    layer, mapping = Layer.from_maestro(TEXT), Mapping.from_maestro(TEXT)
    assert Mapping.from_maestro(mapping.to_maestro(layer)) == mapping
    assert Layer.from_maestro(layer.to_maestro(mapping)) == layer
    assert "Cluster(4, P); SpatialMap(2,2) X';" in repr(mapping)


def test_levels_of_a_mapping():
    outer, inner = Mapping.from_maestro(TEXT).levels
    assert outer[0] == 0 and inner[0] == 4
    assert outer[1][0] == ("SpatialMap", 8, 8, "K")
    assert inner[1][0] == ("SpatialMap", 2, 2, "X'")


def test_all_layers_of_a_text():
    (named,) = cugamma.read_maestro(TEXT)
    assert (named.name, named.layer.K, named.mapping is not None) == ("conv", 64, True)


def test_the_package_carries_the_networks():
    assert {"vgg16", "resnet50", "bert_base"} <= set(cugamma.model_names())
    layers = cugamma.network("vgg16")
    assert layers[0].layer == Layer("CONV", K=64, C=3, Y=226, X=226, R=3, S=3)
    assert sum(entry.layer.macs * entry.count for entry in layers) == pytest.approx(
        15.47e9, rel=1e-3
    )


def test_an_unknown_network_names_the_known_ones():
    with pytest.raises(InputError, match="vgg16"):
        cugamma.network("vgg17")
