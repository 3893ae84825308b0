"""Results as notebooks show them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Iterable, Sequence

from cugamma._figures import number_text, unit

if TYPE_CHECKING:
    from cugamma._results import Front, NetworkFront, NetworkResult, SearchResult

#: The most rows of a front that are shown.
SHOWN = 20


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    def row(tag: str, cells: Sequence[str]) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(row("td", cells) for cells in lines)
    return f"<table><thead>{row('th', head)}</thead><tbody>{body}</tbody></table>"


def _heads(objectives: Iterable[str]) -> list[str]:
    return [f"{name}, {unit(name)}" if unit(name) else name for name in objectives]


def _numbers(values: Iterable[float] | None, count: int) -> list[str]:
    return ["-"] * count if values is None else [number_text(value) for value in values]


def layer(result: SearchResult) -> str:
    """The figures of the best mapping and its loop nest."""
    if result.best is None:
        return f"<p>{escape(str(result))}</p>"
    figures = _table(
        [*_heads(result.objectives), "evaluations", "seconds"],
        [[*_numbers(result.values, 0), f"{result.evaluations}", f"{result.seconds:.2f}"]],
    )
    columns = _table(
        ["figure", "value"],
        [[name, number_text(value)] for name, value in result.metrics.items()],
    )
    details = f"<details><summary>all figures</summary>{columns}</details>"
    return f"{figures}<pre>{escape(result.loop_nest)}</pre>{details}"


def network(result: NetworkResult) -> str:
    """A row a shape, and the network's figures."""
    columns = len(result.objectives)
    lines = [
        [each.name, f"{count}", f"{each.layer.macs}", *_numbers(each.values, columns)]
        for each, count in result._shapes()
    ]
    lines.append([result.model, "", "", *_numbers(result.values, columns)])
    return _table(["layer", "count", "MACs", *_heads(result.objectives)], lines)


def front(found: Front | NetworkFront) -> str:
    """Its first members."""
    lines = [_numbers(values, 0) for values in found.values[:SHOWN]]
    rest = len(found) - len(lines)
    more = f"<p>and {rest} more: to_frame() has them all</p>" if rest > 0 else ""
    return f"<p>{escape(repr(found))}</p>{_table(_heads(found.objectives), lines)}{more}"
