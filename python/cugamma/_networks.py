"""The networks that the package carries, and those in files and in PyTorch."""

from __future__ import annotations

import inspect
import io
import os
import pathlib
import tempfile
from typing import Any, Union

from cugamma import _core
from cugamma._calls import expect, unknown
from cugamma._core import CallError, NetworkLayer

_CARRIED = pathlib.Path(__file__).parent / "share" / "cugamma" / "models"
_ONNX_OPTIONS = ("dimensions", "shapes", "values", "skip", "merge")


def network(name: Union[str, os.PathLike[str]], **options: Any) -> list[NetworkLayer]:
    """The layers of a network: one that the package carries ("vgg16"), or a file: a table of layers
    (CSV), a MAESTRO file or an ONNX model (which needs `pip install cugamma[onnx]`).

    options: of an ONNX model, those of `cugamma.from_onnx.convert`: dimensions={"batch": 1},
        shapes={"image": (1, 3, 224, 224)}, ...

    Raises InputError, which names the known networks or the place in the file.
    """
    expect("network", name, (str, os.PathLike), "a network's name or file")
    path = os.fspath(name)
    _expect_known("network", options)
    if path.endswith(".onnx"):
        return _layers_of_onnx(path, **options)
    if options:
        raise CallError(f"network: {', '.join(options)}: for ONNX models, found {path}")
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
    _expect_known("from_torch", options)
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


def _expect_known(call: str, options: dict[str, Any]) -> None:
    for name in options:
        if name not in _ONNX_OPTIONS:
            raise unknown(call, name, _ONNX_OPTIONS)


def _layers_of_onnx(path: str, **options: Any) -> list[NetworkLayer]:
    from cugamma import from_onnx

    table = io.StringIO()
    try:
        from_onnx.write_csv(from_onnx.convert(path, **options).rows, table)
    except from_onnx.ModelError as error:
        raise _core.InputError(f"{path}: {error}{_in_python(str(error))}") from None
    return _core.parse_network(table.getvalue(), f"{pathlib.Path(path).stem}.csv")


def _in_python(message: str) -> str:
    """How a call gives what a message asks for in the words of the command line."""
    calls = {
        "--dim ": "dimensions={'NAME': N}",
        "--shape ": "shapes={'INPUT': (N, ...)}",
        "--value ": "values={'INPUT': (N, ...)}",
        "--skip ": "skip=['OPERATOR']",
    }
    named = [call for option, call in calls.items() if option in message]
    return f"; in Python: cugamma.network(path, {', '.join(named)})" if named else ""
