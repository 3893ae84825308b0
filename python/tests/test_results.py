"""Results as users keep and show them."""

import pickle

import pytest

import cugamma
from cugamma import Accelerator, InputError, Layer

LAYER = Layer("CONV", K=64, C=16, Y=58, X=58, R=3, S=3)
MACHINE = Accelerator(num_pes=168, l1_size_elems=2048, l2_size_elems=108000)
ONE = cugamma.search(LAYER, MACHINE, evaluations=1000)
NETWORK = cugamma.search("alexnet", MACHINE, "EDP", evaluations=300)
FRONT = cugamma.search(LAYER, MACHINE, pareto="latency,energy,l2_size", evaluations=1500).front
NONE = cugamma.search(LAYER, MACHINE.replace(l1_size_elems=1, l2_size_elems=1), generations=2)


def test_reprs_are_one_short_line_with_units():
    for shown in map(repr, (ONE, NETWORK, FRONT, NONE)):
        assert len(shown) < 200 and "\n" not in shown
    assert f"latency {ONE.values[0]:g} cycles" in repr(ONE) and "nJ" in repr(ONE)
    assert "8 layers" in repr(NETWORK) and "nJ x cycles" in repr(NETWORK)
    assert "no feasible mapping" in repr(NONE)


def test_equal_layers_are_one_line():
    layers = [cugamma.NetworkLayer("a", LAYER, 2), cugamma.NetworkLayer("b", LAYER), cugamma.network("alexnet")[0]]
    found = cugamma.search(layers, MACHINE, pareto="latency,energy", evaluations=300)
    lines = str(found).splitlines()
    assert lines[0].split()[:3] == ["layer", "MACs", "cycles"] and len(lines) == 4
    assert lines[1].split()[:3] == ["a", "x", "3"] and lines[2].split()[:3] == ["conv1", "x", "1"]
    assert lines[3].startswith("network: ") and lines[3].endswith(f"front of {len(found.front)} choices")
    assert f"front of {len(found.front)} choices" in repr(found)
    assert f"front of {len(found.layers[0].front)} mappings" in repr(found.layers[0])
    assert found._repr_html_().count("<tr>") == 2 + 2


def test_a_result_shows_its_loop_nest():
    assert ONE.loop_nest.startswith("L2: ") and "parallel-for" in ONE.loop_nest
    assert ONE.loop_nest in str(ONE) and NONE.loop_nest == ""


def test_a_printed_network_has_the_figures_that_architects_read():
    head, *rows, last = str(NETWORK).splitlines()
    assert head.split("  ")[-1] == "EDP, nJ x cycles"
    for layer, row in zip(NETWORK.layers, rows):
        cells = row.split()
        assert cells[0] == layer.name and float(cells[4]) == layer.metrics["runtime_cycles"]
        assert layer.metrics["runtime_cycles"] >= layer.layer.macs / 168
        assert cells[5] == f"{100 * layer.above_bound:.2f}" and layer.above_bound >= 0
    assert f"{NETWORK.totals['latency_cycles']:.12g} cycles" in last and "EDP " in last
    assert f"{ONE.metrics['runtime_cycles']:.12g} cycles" in str(ONE) and "above the bound" in str(ONE)
    tight = MACHINE.replace(l1_size_elems=60)
    some = cugamma.search("alexnet", tight, pareto="latency,energy", evaluations=300)
    assert some.totals is None and "conv1  x 1" in str(some) and "no feasible mapping" in str(some)
    assert len(some.layers[0].front) == 0 and len(some.layers[-1].front) > 0
    assert len(some.layers[0].front.to_frame()) == 0


def test_notebooks_show_figures_and_loop_nest():
    page = ONE._repr_html_()
    assert "<pre>L2: " in page and f"{ONE.values[0]:.8g}" in page and "latency, cycles" in page
    rows = NETWORK._repr_html_()
    assert all(layer.name in rows for layer in NETWORK.layers) and rows.count("<tr>") == 8 + 2
    assert f"{NETWORK.values[0]:.8g}" in rows
    assert "and" in FRONT._repr_html_() and "l2_size, elements" in FRONT._repr_html_()
    assert "no feasible mapping" in NONE._repr_html_()


def test_names_in_pages_are_escaped():
    row = cugamma.NetworkLayer("<script>alert(1)</script>", LAYER)
    page = cugamma.search([row], MACHINE, evaluations=100)._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_frames_have_a_row_a_layer_and_a_mapping():
    pytest.importorskip("pandas")
    table = NETWORK.to_frame()
    assert list(table["name"]) == [layer.name for layer in NETWORK.layers]
    assert list(table["EDP"]) == [layer.values[0] for layer in NETWORK.layers]
    assert (table["macs"] == [layer.layer.macs for layer in NETWORK.layers]).all()
    assert ONE.to_frame()["runtime_cycles"][0] == ONE.values[0]
    assert len(FRONT.to_frame()) == len(FRONT) and "l2_size" in FRONT.to_frame()
    assert len(NONE.to_frame()) == 1


def test_plots_have_axes_with_units():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    assert ONE.plot().get_ylabel() == "latency, cycles"
    assert len(NETWORK.plot().patches) == 8
    assert FRONT.plot().get_xlabel() == "latency, cycles"
    own = pyplot.subplots()[1]
    assert FRONT.plot(ax=own) is own and NONE.plot() is not None
    pyplot.close("all")


def test_what_is_not_installed_is_told(monkeypatch):
    import sys

    for missing in ("pandas", "matplotlib"):
        monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=r"to_frame needs pandas: pip install cugamma\[notebook\]"):
        ONE.to_frame()
    with pytest.raises(ImportError, match="plot needs matplotlib"):
        ONE.plot()


def test_results_can_be_pickled():
    for result in (ONE, NETWORK, NONE):
        again = pickle.loads(pickle.dumps(result))
        assert str(again) == str(result) and again.values == result.values
    with pytest.raises(InputError, match="write and prove where it was searched"):
        pickle.loads(pickle.dumps(NETWORK)).prove()


def test_a_search_of_a_layer_can_be_written_and_proved(tmp_path):
    ONE.run.write(tmp_path)
    assert (tmp_path / "result.json").read_text() == ONE.run.to_json()
    wide = MACHINE.replace(noc_bw=-1, offchip_bw=-1)  # on which a proof takes no time
    (proof,) = cugamma.search(LAYER, wide, "latency", evaluations=500).run.prove()
    assert proof.proven


def test_layers_alone_make_a_network():
    both = cugamma.search([LAYER, LAYER.replace(K=8)], MACHINE, evaluations=200)
    assert [layer.name for layer in both.layers] == ["layer1", "layer2"]


def test_a_layer_is_searched_with_the_command_line_s_effort():
    assert cugamma.search(Layer(K=8, C=8, Y=64, X=64), MACHINE).evaluations <= 100_000
    assert cugamma.search(LAYER, MACHINE).evaluations == 100_000
