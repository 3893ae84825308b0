"""Networks exported by torchvision (networks/export.py), against the tables in models/."""

import pathlib
import subprocess
import sys

import pytest

import cugamma
from cugamma.from_onnx import convert, write_csv

FOLDER = pathlib.Path(__file__).parent / "networks"


@pytest.mark.parametrize(
    "export,table",
    [("resnet50", "resnet50"), ("mobilenet_v2", "mobilenet_v2"), ("vit_b_16", "vit_b16")],
)
def test_exported_network_has_the_macs_of_the_table(export, table, tmp_path):
    network = convert(str(FOLDER / f"{export}.onnx"))
    tabled = sum(entry.layer.macs * entry.count for entry in cugamma.network(table))
    assert network.macs == tabled

    with open(tmp_path / "net.csv", "w", encoding="utf-8") as file:
        write_csv(network.rows, file)
    read = cugamma.network(str(tmp_path / "net.csv"))
    assert sum(entry.layer.macs * entry.count for entry in read) == tabled


def test_an_onnx_model_is_a_network():
    path = FOLDER / "mobilenet_v2.onnx"
    layers = cugamma.network(path)
    tabled = sum(row.layer.macs * row.count for row in cugamma.network("mobilenet_v2"))
    assert sum(row.layer.macs * row.count for row in layers) == tabled
    found = cugamma.search(path, cugamma.Accelerator(num_pes=64), evaluations=100)
    assert found.model == "mobilenet_v2" and len(found.layers) == len(layers)


@pytest.mark.parametrize(
    "call", ["import cugamma.from_onnx", f"import cugamma; cugamma.network({str(FOLDER / 'resnet50.onnx')!r})"]
)
def test_onnx_is_asked_for_where_it_is_missing(call):
    command = [sys.executable, "-c", f"import sys; sys.modules['onnx'] = None; {call}"]
    said = subprocess.run(command, capture_output=True, text=True).stderr
    assert said.strip().endswith("ImportError: ONNX models need onnx: pip install cugamma[onnx]"), said


def batched(folder):
    """A convolution whose batch has a name."""
    import onnx
    from onnx import TensorProto, helper

    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 8, 8])
    filters = helper.make_tensor_value_info("filters", TensorProto.FLOAT, [4, 3, 3, 3])
    result = helper.make_tensor_value_info("result", TensorProto.FLOAT, None)
    node = helper.make_node("Conv", ["image", "filters"], ["result"], name="conv")
    path = folder / "batched.onnx"
    onnx.save(helper.make_model(helper.make_graph([node], "g", [image, filters], [result])), path)
    return path


def test_sizes_that_an_onnx_model_leaves_open_are_given(tmp_path):
    path = batched(tmp_path)
    with pytest.raises(cugamma.InputError, match=r"in Python: .*dimensions=\{'NAME': N\}"):
        cugamma.network(path)
    rows = cugamma.network(path, dimensions={"batch": 2})
    assert rows == cugamma.network(path, shapes={"image": (2, 3, 8, 8)})
    assert sum(row.layer.macs * row.count for row in rows) == 2 * 4 * 27 * 36
    assert cugamma.search(rows, cugamma.Accelerator(num_pes=16), evaluations=50).totals
    with pytest.raises(cugamma.CallError, match="did you mean dimensions"):
        cugamma.network(path, dimension={"batch": 2})
    with pytest.raises(cugamma.CallError, match="skip: for ONNX models, found vgg16"):
        cugamma.network("vgg16", skip=["Conv"])


def test_what_is_no_onnx_model_is_told(tmp_path):
    path = tmp_path / "no.onnx"
    path.write_text("no model")
    with pytest.raises(cugamma.InputError, match="no.onnx: "):
        cugamma.network(path)
    with pytest.raises(FileNotFoundError, match="missing.onnx"):
        cugamma.network(tmp_path / "missing.onnx")
