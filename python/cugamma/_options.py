"""The options of a search: their names, types and meanings, and how a request takes them."""

from __future__ import annotations

import operator
import os
import re
from collections.abc import Mapping as Mapping_
from typing import Any, Callable, Optional, Sequence, TypedDict, Union

from cugamma import _core
from cugamma._arrays import Mappings, genome_dtype, rows, to_genomes
from cugamma._calls import expect, found_text, pair, unknown
from cugamma._constraints import constraint as constraint_named
from cugamma._core import CallError, Constraint, InputError, Layer, Mapping, NamedMapping

Path = Union[str, "os.PathLike[str]"]


_OTHERS = ("accelerator", "objectives", "progress")  #: arguments of `search` beside its options


class SearchOptions(TypedDict, total=False):
    """The options of `search`: those of `cugamma search`, with _ for -, and its defaults. None stands
    for the default."""

    evaluations: Optional[int]  #: of a layer; 100000 if nothing else ends the search
    generations: Optional[int]  #: bred after the first population
    time_limit: Optional[float]  #: seconds
    population: Union[int, str, None]  #: "auto": as the belief and the back end ask for
    algorithm: Optional[str]  #: "gamma", or one of pagmo2's where the package was built with them
    seed: Optional[int]  #: 1
    #: 60: generations without a better best before all but it are drawn anew; 0: never
    patience: Optional[int]
    islands: Optional[int]  #: of a layer; as many as keep every core or device busy
    migration_interval: Optional[int]  #: 10 generations; 0: none
    cost_model: Optional[str]  #: "exact": one of `cost_models()`
    #: "strict", "plausible" or "maestro": which of a model's tests reject
    believe: Optional[str]
    strict: Optional[bool]  #: believe="strict"
    maestro_compat: Optional[bool]  #: believe="maestro"
    pareto: Union[str, Sequence[str], None]  #: two or three objectives: a front for every layer
    selection: Optional[str]  #: "truncation", "tournament" or "pareto"
    tournament_size: Optional[int]  #: 2
    front_size: Optional[int]  #: the most members of a front: 1000, of each of several layers 200
    reference: Optional[Sequence[float]]  #: figures where the hypervolume of a front ends
    #: {"power": 500, "area": 2e6}, or "power=500,area=2e6"
    limits: Union[str, Mapping_[str, float], None]
    levels: Optional[tuple[int, int]]  #: least and most cluster levels: (2, 2), or the constraint's
    levels_min: Optional[int]
    levels_max: Optional[int]
    cluster_size: Optional[int]  #: of every level; 0: free
    parallel_rs: Optional[bool]  #: R and S may be parallel
    factors_only: Optional[bool]  #: tiles divide their dimension
    #: what the accelerator can run: a name, a file, a Constraint
    constraint: Union[str, Constraint, None]
    flex: Optional[str]  #: the axes of the constraint that are free, letters of TOPS
    num_pes: Optional[str]  #: "search": the PEs are searched too
    pe_limit: Optional[int]  #: 4096: the most that are tried
    area_budget: Optional[float]  #: mm^2 of PEs, L1 and L2
    #: mappings to start from: a result.json, a MAESTRO file
    init: Union[Path, Sequence[NamedMapping], None]
    initial: Optional[Mappings]  #: the same for one layer, as `evaluate` takes mappings
    backend: Optional[str]  #: "auto", "reference", "cpu" or "cuda"
    devices: Union[str, Sequence[int], None]  #: "all", or their numbers
    threads: Optional[int]  #: 0: all cores
    checkpoint: Optional[Path]  #: a folder that the search is saved in
    checkpoint_every: Optional[float]  #: 60 seconds
    resume: Optional[Path]  #: a checkpoint of a search with the same arguments
    model: Optional[str]  #: the network's name in the result


#: Sets an option of a request; it sees the others.
_Setter = Callable[[Any, Any, "dict[str, Any]"], None]


def set_options(request: Any, options: dict[str, Any]) -> None:
    """Sets options by their names. Raises CallError for an unknown one or one of another type."""
    for name, value in options.items():
        if name not in _OPTIONS:
            raise unknown("search", name, [*SearchOptions.__annotations__, *_OTHERS])
        if value is None:
            continue
        setter = _OPTIONS[name]
        try:
            if setter is None:
                setattr(request, name, value)
            else:
                setter(request, value, options)
        except (TypeError, AttributeError, OverflowError) as error:
            if isinstance(error, CallError):
                raise
            raise CallError(f"{name}: found {found_text(value)}, expected {_kind(name)}") from None


#: What an option may be, where the type alone does not say it.
_WORDS = {
    "population": '"auto" or a whole number',
    "constraint": "a name, a path or a Constraint",
    "pareto": "names of objectives",
    "reference": "numbers",
    "limits": "a dict or a str",
    "init": "a path or NamedMappings",
    "devices": '"all" or whole numbers',
    "checkpoint": "a path",
    "resume": "a path",
    "num_pes": '"search"',
}
_BY_TYPE = {"int": "a whole number", "float": "a number", "bool": "True or False", "str": "a str"}


def _kind(name: str) -> str:
    """What an option may be, in words."""
    kind = re.search(r"Optional\[(\w+)\]", str(SearchOptions.__annotations__[name]))
    return _WORDS.get(name) or _BY_TYPE[kind[1] if kind else "str"]


def _set_population(request: Any, value: Any, _: dict[str, Any]) -> None:
    if value == "auto":
        return
    if operator.index(value) < 2:
        raise InputError(f"population: found {value}, expected auto, or 2 or more")
    request.population = value


def _set_levels(request: Any, value: tuple[int, int], _: dict[str, Any]) -> None:
    request.levels_min, request.levels_max = pair("levels", value)


def _set_num_pes(request: Any, value: Any, options: dict[str, Any]) -> None:
    if value != "search":
        raise InputError(f'num_pes: found {value!r}, expected "search" (an Accelerator has PEs)')
    request.search_pes_up_to(options.get("pe_limit"))


def _set_constraint(request: Any, value: str | Constraint, options: dict[str, Any]) -> None:
    flex = options.get("flex")
    request.set_constraint(constraint_of(value, flex), flex or "")


def _set_init(request: Any, value: Path | Sequence[NamedMapping], _: dict[str, Any]) -> None:
    is_file = isinstance(value, (str, os.PathLike))
    request.init = _core.read_known_mappings(os.fspath(value)) if is_file else list(value)


def _set_initial(request: Any, value: Mappings, options: dict[str, Any]) -> None:
    if len(request.layers) != 1:
        raise InputError("initial: is for one layer; a network takes init")
    (row,) = request.layers
    model = options.get("cost_model") or "exact"
    constraint = options.get("constraint")
    mapped = _core.searched_form(row.layer, model)
    if constraint is not None:
        mapped = constraint_of(constraint, options.get("flex")).mapped_layer(row.layer, model)
    genomes = rows(to_genomes(value, mapped)).view(genome_dtype)
    known = [Mapping._from_row(rows(genome), mapped) for genome in genomes]
    request.init = [NamedMapping(row.name, mapped, mapping) for mapping in known]


def constraint_of(given: str | Constraint | None, flex: str | None) -> Constraint | None:
    """A constraint by its name or as it is, with the axes of `flex` free."""
    if given is None:
        if flex is not None:
            raise InputError("flex: needs constraint, whose axes it frees")
        return None
    expect("constraint", given, (Constraint, str, os.PathLike), _WORDS["constraint"])
    if isinstance(given, Constraint):
        return given if flex is None else given.flex(flex)
    return constraint_named(given, flex)


def _set_devices(request: Any, value: str | Sequence[int], options: dict[str, Any]) -> None:
    count = _core.device_count(options.get("backend") or "auto")
    chosen = list(range(count)) if value == "all" else list(value)
    if not chosen or any(number not in range(count) for number in chosen):
        raise InputError(f"devices: found {value!r}, but the back end has {count} on this machine")
    request.devices = chosen


def _needs(name: str, other: str) -> _Setter:
    """For an option that the one it needs reads."""

    def check(_: Any, value: Any, options: dict[str, Any]) -> None:
        if options.get(other) is None:
            raise InputError(f"{name}: needs {other}")

    return check


def _set_believe(request: Any, believe: str, options: dict[str, Any]) -> None:
    if sum(bool(options.get(name)) for name in ("strict", "maestro_compat", "believe")) > 1:
        raise InputError("believe, strict and maestro_compat exclude each other")
    request.set_trust(believe)


def _set_strict(request: Any, value: bool, options: dict[str, Any]) -> None:
    expect("strict", value, bool, "True or False")
    if value:
        _set_believe(request, "strict", options)


def _set_maestro_compat(request: Any, value: bool, options: dict[str, Any]) -> None:
    expect("maestro_compat", value, bool, "True or False")
    if value:
        _set_believe(request, "maestro-compat", options)


def folder_of_checkpoint(checkpoint: Path) -> str:
    """The folder of a checkpoint, which may be given by its file: where a resumed search is saved."""
    path = os.fspath(checkpoint)
    return os.path.dirname(path) or "." if os.path.isfile(path) else path


def _set_resume(request: Any, value: Path, options: dict[str, Any]) -> None:
    request.resume = os.fspath(value)
    if options.get("checkpoint") is None:
        request.checkpoint = folder_of_checkpoint(value)


def _set_area_budget(request: Any, value: float, _: dict[str, Any]) -> None:
    if not value > 0:
        raise InputError(f"area_budget: found {value}, expected more than 0")
    request.area_budget = value


def limit_list(given: str | Mapping_[str, float]) -> str:
    """Limits as the command line spells them."""
    if isinstance(given, str):
        return given
    expect("limits", given, Mapping_, _WORDS["limits"])
    return ",".join(f"{name}={bound!r}" for name, bound in given.items())


#: What sets each option; None: an attribute of the request.
_OPTIONS: dict[str, _Setter | None] = {
    **dict.fromkeys(
        (
            "algorithm", "seed", "tournament_size", "front_size", "patience", "islands",
            "migration_interval", "generations", "evaluations", "time_limit", "threads", "backend",
            "levels_min", "levels_max", "cluster_size", "parallel_rs", "factors_only",
            "checkpoint_every", "model",
        )
    ),
    "reference": lambda request, value, _: setattr(request, "reference", list(value)),
    "population": _set_population,
    "selection": lambda request, value, _: request.set_selection(value),
    "strict": _set_strict,
    "maestro_compat": _set_maestro_compat,
    "believe": _set_believe,
    "cost_model": lambda request, value, _: request.set_cost_model(value),
    "devices": _set_devices,
    "levels": _set_levels,
    "constraint": _set_constraint,
    "flex": _needs("flex", "constraint"),
    "num_pes": _set_num_pes,
    "pe_limit": _needs("pe_limit", "num_pes"),
    "area_budget": _set_area_budget,
    "limits": lambda request, value, _: request.set_limits(limit_list(value)),
    "init": _set_init,
    "initial": _set_initial,
    "checkpoint": lambda request, value, _: setattr(request, "checkpoint", os.fspath(value)),
    "resume": _set_resume,
}  # fmt: skip
