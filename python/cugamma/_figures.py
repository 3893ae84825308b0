"""Figures in words and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Sequence

from cugamma._core import Layer

if TYPE_CHECKING:
    import pandas

#: Of objectives, by their names in small letters.
_UNITS = {
    "latency": "cycles",
    "energy": "nJ",
    "power": "mW",
    "edp": "nJ x cycles",
    "area": "um2",
    "lap": "um2 x cycles",
    "lalp": "um2 x cycles2",
    "eap": "um2 x nJ",
    "throughput": "MACs/cycle",
    "l1_size": "elements",
    "l2_size": "elements",
    "l_pe": "cycles x PEs",
    "l_pe_l2": "cycles x PEs x elements",
    "pe": "PEs",
    "maestro_energy": "nJ",
    "maestro_edp": "nJ x cycles",
    "budget_area": "um2",
}


def unit(objective: str) -> str:
    """The unit of an objective."""
    return _UNITS.get(objective.lower().replace("-", "_"), "")


def number_text(value: float) -> str:
    """A figure to eight digits."""
    return f"{value:.8g}"


def figures_text(objectives: Iterable[str], values: Iterable[float]) -> str:
    """Objectives, their figures and units: "latency 516169 cycles, energy 182717.2 nJ"."""
    return ", ".join(
        f"{name} {number_text(value)} {unit(name)}".rstrip()
        for name, value in zip(objectives, values)
    )


def text_table(lines: Sequence[Sequence[str]]) -> str:
    """Cells in columns, the first to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths))
        ).rstrip()
        for line in lines
    )


def layer_cells(layer: Layer) -> dict[str, Any]:
    """A layer as the cells of a table."""
    sizes = {name: getattr(layer, name) for name in ("K", "C", "Y", "X", "R", "S")}
    strides = {"stride_y": layer.stride_y, "stride_x": layer.stride_x}
    return {"type": layer.type, **sizes, **strides, "macs": layer.macs}


def frame(cells: Any) -> pandas.DataFrame:
    """A pandas DataFrame. Raises ImportError, which says what to install."""
    try:
        import pandas
    except ImportError:
        raise ImportError("to_frame needs pandas: pip install cugamma[notebook]") from None
    return pandas.DataFrame(cells)
