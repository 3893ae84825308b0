"""What is wrong with a call, said in cuGAMMA's words: what was found and what is allowed."""

from __future__ import annotations

import difflib
import functools
import operator
import re
from typing import Any, Callable, Iterable, TypeVar

from cugamma._core import CallError

Called = TypeVar("Called", bound=Callable[..., Any])

LONGEST = 60


def found_text(value: object) -> str:
    """A value in words: its repr, cut where it is long, and its type."""
    text = repr(value)
    if len(text) > LONGEST:
        text = text[:LONGEST] + "..."
    return f"{text} ({type(value).__name__})"


def expect(name: str, value: object, kinds: type | tuple[type, ...], words: str) -> None:
    """Raises CallError unless the value is of one of the kinds."""
    if not isinstance(value, kinds):
        raise CallError(f"{name}: found {found_text(value)}, expected {words}")


def listed(name: str, value: Any, kind: type) -> list[Any]:
    """One of a kind, or several, as a list. Raises CallError for anything else."""
    if isinstance(value, kind):
        return [value]
    words = f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {kind.__name__} or several"
    try:
        found = [value] if isinstance(value, str) else list(value)
    except TypeError:
        raise CallError(f"{name}: found {found_text(value)}, expected {words}") from None
    for each in found:
        expect(name, each, kind, words)
    return found


def pair(name: str, value: Any) -> tuple[int, int]:
    """(least, most), as two whole numbers. Raises InputError for anything else."""
    try:
        least, most = (operator.index(number) for number in value)
    except (TypeError, ValueError):
        raise CallError(f"{name}: found {found_text(value)}, expected (least, most)") from None
    return least, most


def unknown(call: str, name: str, names: Iterable[str]) -> CallError:
    """The error of an argument that a call does not take."""
    names = sorted(names)
    small = {known.lower(): known for known in names}
    begun = [known for known in small if len(name) > 2 and known.startswith(name.lower())]
    near = begun or difflib.get_close_matches(name.lower(), small, 1)
    hint = f"did you mean {small[near[0]]}?" if near else f"expected {', '.join(names)}"
    return CallError(f"{call}: found the argument {name}; {hint}")


def said(function: Called) -> Called:
    """A function of the binding whose errors of a wrong argument are CallErrors."""

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        except TypeError as error:
            if isinstance(error, CallError):
                raise
            raise _explained(function, error, arguments, named) from None

    return call  # type: ignore[return-value]


def say_methods(kind: type) -> None:
    """The same for the public methods of a class of the binding, and for setting what is fixed."""
    for name in dir(kind):
        found = kind.__dict__.get(name)
        if name.startswith("_") or found is None or name == "replace":
            continue
        if type(found).__name__ == "nb_func":
            setattr(kind, name, staticmethod(said(getattr(kind, name))))
        elif type(found).__name__ == "nb_method":
            setattr(kind, name, said(found))
    setattr(kind, "__setattr__", _refuse_to_set)


def _refuse_to_set(value: object, name: str, _: object) -> None:
    kind = type(value).__name__
    raise CallError(f"{kind}.{name}: cannot be set; replace() makes another {kind}")


def _explained(
    function: Callable[..., Any],
    error: TypeError,
    arguments: tuple[Any, ...],
    named: dict[str, Any],
) -> CallError:
    signature = re.search(r"^ *1\. (.+)$", str(error), re.MULTILINE)
    name = getattr(function, "__qualname__", getattr(function, "__name__", "call"))
    if signature is None:
        return CallError(f"{name}: {error}")
    shown = [found_text(value) for value in arguments]
    shown += [f"{key}={found_text(value)}" for key, value in named.items()]
    expected = re.sub(r"\bcugamma\._core\.|, /|self, ", "", signature[1])
    return CallError(f"{name}: found {', '.join(shown) or 'no argument'}; expected {expected}")
