"""Reading a model from its file."""

from __future__ import annotations

import onnx

from cugamma.from_onnx.errors import ModelError, printable


def read_model(path: str) -> onnx.ModelProto:
    """The model of a file, its external weights left where they are."""
    try:
        model = onnx.load(path, load_external_data=False)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # each of the formats that onnx reads has errors of its own
        raise ModelError(f"not an ONNX model: {printable(error)}") from None
    return model


def check_model(model: onnx.ModelProto) -> None:
    if not model.HasField("graph") or not model.graph.node:
        raise ModelError("it holds no graph with nodes, is it a whole ONNX model?")
