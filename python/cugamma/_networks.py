"""The networks that the package carries, and those in files and in PyTorch."""

from __future__ import annotations

import inspect
import io
import os
import pathlib
import tempfile
from typing import Any, Union

from cugamma import _core
from cugamma._calls import expect
from cugamma._core import NetworkLayer

_CARRIED = pathlib.Path(__file__).parent / "share" / "cugamma" / "models"


def network(name: Union[str, os.PathLike[str]]) -> list[NetworkLayer]:
    """The layers of a network: one that the package carries ("vgg16"), or a file: a table of layers
    (CSV), a MAESTRO file or an ONNX model (which needs `pip install cugamma[onnx]`).

    Raises InputError, which names the known networks or the place in the file.
    """
    expect("network", name, (str, os.PathLike), "a network's name or file")
    path = os.fspath(name)
    if path.endswith(".onnx"):
        return _layers_of_onnx(path)
    carried = _CARRIED / f"{path}.csv"
    return _core.read_network(str(carried) if carried.exists() else path)


def model_names() -> list[str]:
    """The names that `network` knows."""
    carried = {path.stem for path in _CARRIED.glob("*.csv")}
    return sorted(carried | set(_core.model_names()))


def from_torch(module: Any, example: Any, **options: Any) -> list[NetworkLayer]:
    """The layers of a PyTorch module, as `search` takes them.

    module: a torch.nn.Module; it is traced in evaluation mode.
    example: an input of it, or a tuple of several; only their shapes and types matter.
    options: those of `cugamma.from_onnx.convert`.

    Goes by way of ONNX: needs torch, and `pip install cugamma[onnx]`. Raises InputError for an
    operator that has multiply-accumulates and no row, and what torch raises for a module that it
    cannot trace.
    """
    try:
        import torch
    except ImportError:
        raise ImportError("from_torch needs PyTorch: pip install torch") from None
    expect("module", module, torch.nn.Module, "a torch.nn.Module")
    inputs = example if isinstance(example, tuple) else (example,)
    was_training = module.training
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"{type(module).__name__}.onnx")
        try:
            torch.onnx.export(module.eval(), inputs, path, **_export_options(torch))
        finally:
            module.train(was_training)
        return _layers_of_onnx(path, **options)


def _export_options(torch: Any) -> dict[str, Any]:
    """Without weights, which no layer needs; and by tracing, for which torch needs nothing more."""
    known = inspect.signature(torch.onnx.export).parameters
    wanted = {"export_params": False, "dynamo": False}
    return {name: value for name, value in wanted.items() if name in known}


def _layers_of_onnx(path: str, **options: Any) -> list[NetworkLayer]:
    try:
        from cugamma import from_onnx
    except ImportError:
        raise ImportError("ONNX models need onnx: pip install cugamma[onnx]") from None
    table = io.StringIO()
    try:
        from_onnx.write_csv(from_onnx.convert(path, **options).rows, table)
    except from_onnx.ModelError as error:
        raise _core.InputError(f"{path}: {error}") from None
    return _core.parse_network(table.getvalue(), f"{pathlib.Path(path).stem}.csv")
