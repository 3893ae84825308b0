"""Networks exported by torchvision (networks/export.py), against the tables in models/."""

import pathlib

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
