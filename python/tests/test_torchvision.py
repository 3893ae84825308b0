"""Networks exported by torchvision, against the tables in models/."""

import csv
import pathlib

import pytest

from cugamma.from_onnx import Row, convert

torch = pytest.importorskip("torch", reason="torch is not installed")
torchvision = pytest.importorskip("torchvision", reason="torchvision is not installed")

MODELS = pathlib.Path(__file__).parents[2] / "models"
SIZES = ("K", "C", "Y", "X", "R", "S", "stride_y", "stride_x", "groups", "count")


def rows_of_table(name):
    with open(MODELS / f"{name}.csv", encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("#")]
    for fields in csv.DictReader(lines):
        yield Row(fields["name"], fields["type"], **{key: int(fields[key] or 1) for key in SIZES})


@pytest.mark.parametrize(
    "export,table",
    [("resnet50", "resnet50"), ("mobilenet_v2", "mobilenet_v2"), ("vit_b_16", "vit_b16")],
)
def test_exported_network_has_the_macs_of_the_table(export, table, tmp_path):
    if not (MODELS / f"{table}.csv").exists():
        pytest.skip(f"models/{table}.csv is not in this checkout")
    model = getattr(torchvision.models, export)(weights=None).eval()
    path = str(tmp_path / "net.onnx")
    torch.onnx.export(model, (torch.zeros(1, 3, 224, 224),), path, opset_version=17, dynamo=False)
    assert convert(path).macs == sum(row.macs for row in rows_of_table(table))
