"""Exports the torchvision networks that test_networks.py reads, without their weights.

    python export.py        (needs torch and torchvision; writes next to itself)

Only shapes matter to cugamma.from_onnx, so tensors of more than 64 elements lose their data.
"""

import math
import pathlib
import tempfile

import onnx
import torch
import torchvision

FOLDER = pathlib.Path(__file__).parent


def without_weights(model):
    for tensor in model.graph.initializer:
        if math.prod(tensor.dims) > 64:
            tensor.ClearField("raw_data")
            tensor.ClearField("float_data")
    return model


def export(name):
    network = getattr(torchvision.models, name)(weights=None).eval()
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        torch.onnx.export(
            network, (torch.zeros(1, 3, 224, 224),), file.name, opset_version=17, dynamo=False
        )
        model = onnx.load(file.name)
    model.graph.doc_string = f"torchvision {torchvision.__version__}, {name}, weights removed"
    onnx.save(without_weights(model), FOLDER / f"{name}.onnx")


if __name__ == "__main__":
    for name in ("resnet50", "mobilenet_v2", "vit_b_16"):
        export(name)
