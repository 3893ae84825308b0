"""Plots with matplotlib, where it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cugamma._figures import unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cugamma._results import Front, NetworkFront, NetworkResult, SearchResult


def _axes(given: Axes | None) -> Axes:
    if given is not None:
        return given
    try:
        from matplotlib import pyplot
    except ImportError:
        raise ImportError("plot needs matplotlib: pip install cugamma[notebook]") from None
    return pyplot.subplots()[1]


def _label(objective: str) -> str:
    return f"{objective}, {unit(objective)}" if unit(objective) else objective


def history(result: SearchResult, given: Axes | None) -> Axes:
    """The best of the first objective over the evaluations."""
    axes = _axes(given)
    told = [(entry.evaluations, entry.best[0]) for entry in result.history if entry.best]
    axes.step([at for at, _ in told], [value for _, value in told], where="post")
    axes.set_xscale("log")
    axes.set_xlabel("evaluations")
    axes.set_ylabel(_label(result.objectives[0]))
    axes.set_title("best mapping found")
    return axes


def front(found: Front | NetworkFront, given: Axes | None, noun: str) -> Axes:
    """The first objective against the second; a third as colour."""
    axes = _axes(given)
    first, second, *third = found.values.T
    if third:
        points = axes.scatter(first, second, c=third[0], s=12)
        axes.figure.colorbar(points, ax=axes, label=_label(found.objectives[2]))
    else:
        axes.plot(first, second, marker=".", drawstyle="steps-post")
    axes.set_xlabel(_label(found.objectives[0]))
    axes.set_ylabel(_label(found.objectives[1]))
    axes.set_title(f"{len(found)} {noun} that none beats")
    return axes


def network(result: NetworkResult, given: Axes | None) -> Axes:
    """A bar a layer: its first objective, as often as the network runs it."""
    axes = _axes(given)
    layers = [layer for layer in result.layers if layer.values]
    bars = [layer.values[0] * layer.count for layer in layers if layer.values]
    axes.barh([f"{layer.name} x {layer.count}" for layer in layers], bars)
    axes.invert_yaxis()
    axes.set_xlabel(f"{_label(result.objectives[0])}, times count")
    axes.set_title(result.model)
    return axes
