"""Searching for mappings."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Callable, Sequence, get_type_hints, overload

from cugamma._calls import found_text
from cugamma._core import CallError, Layer
from cugamma._network_search import Machine, Network, of_one_layer, search_network
from cugamma._options import SearchOptions
from cugamma._results import LayerResult, NetworkProgress, NetworkResult, Progress

if TYPE_CHECKING:
    from typing_extensions import Unpack


@overload
def search(
    layer: Layer,
    accelerator: Machine | None = ...,
    objectives: str | Sequence[str] | None = ...,
    *,
    progress: Callable[[Progress], object] | None = ...,
    **options: Unpack[SearchOptions],
) -> LayerResult: ...
@overload
def search(
    layer: Network,
    accelerator: Machine | None = ...,
    objectives: str | Sequence[str] | None = ...,
    *,
    progress: Callable[[NetworkProgress], object] | None = ...,
    **options: Unpack[SearchOptions],
) -> NetworkResult: ...
def search(
    layer: Any,
    accelerator: Any = None,
    objectives: str | Sequence[str] | None = None,
    *,
    progress: Callable[[Any], object] | None = None,
    **options: Any,
) -> Any:
    """Searches the best mapping of a layer, or of every layer of a network, as `cugamma search`.

    layer: a Layer; or a network: its name, its file (a table, a MAESTRO or ONNX file), what
        `network` returns, or some of its layers. A Layer gives a `LayerResult`, a network a
        `NetworkResult`.
    accelerator: an Accelerator, or the name or file of one; 256 PEs if none is given.
    objectives: names as `objective` takes them; the first ranks, the others break ties;
        "latency,energy" if none are given.
    progress: called after every generation, with a `Progress` or `NetworkProgress`; after False the
        generation under way is the last.
    options: those of `SearchOptions`: evaluations, constraint, pareto, checkpoint, ... They have the
        names of the command line, with _ for -, and its defaults: 100000 evaluations a layer end
        the search if nothing else does.

    With num_pes="search" the PEs are searched too, up to pe_limit; several layers need area_budget
    then (mm^2): one accelerator is searched for all of them (docs/networks.md). With cost model
    "maestro" a strided layer is searched as the unit-stride layer with the same outputs. The same
    seed gives the same result on any number of threads and any back end. Other Python threads run
    meanwhile; Ctrl-C ends a search. Raises InputError, of which CallError is one, and BackendError.
    """
    if progress is not None and not callable(progress):
        raise CallError(f"progress: found {found_text(progress)}, expected a function")
    if not isinstance(layer, Layer):
        return search_network(layer, accelerator, objectives, _of_network(progress), options)
    seconds: dict[int, float] = {}

    def observe(
        generation: int, evaluations: int, now: float, _: str, best: tuple[float, ...] | None
    ) -> object:
        seconds[generation] = now
        return progress is None or progress(Progress(generation, evaluations, best, now))

    found = search_network(layer, accelerator, objectives, observe, options)
    return of_one_layer(found, seconds)


def _of_network(progress: Callable[[NetworkProgress], object] | None) -> Any:
    if progress is None:
        return None
    return lambda *now: progress(NetworkProgress(*now[:4]))


def _signature() -> inspect.Signature:
    """What help and tab completion show: every option by its name."""
    shown = inspect.signature(search)
    own = [each for each in shown.parameters.values() if each.name != "options"]
    keyword = inspect.Parameter.KEYWORD_ONLY
    named = [
        inspect.Parameter(name, keyword, default=None, annotation=kind)
        for name, kind in get_type_hints(SearchOptions).items()
    ]
    return shown.replace(parameters=own + named)


search.__signature__ = _signature()  # type: ignore[attr-defined]
