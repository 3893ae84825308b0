"""What accelerators can run: constraints, their flexibility, and fixed dataflows."""

from __future__ import annotations

import os
import pathlib

from cugamma import _core
from cugamma._calls import expect
from cugamma._core import Accelerator, Constraint, Layer, Mapping

_CARRIED = pathlib.Path(__file__).parent / "share" / "cugamma" / "constraints"


def constraint(name: str | os.PathLike[str], flex: str | None = None) -> Constraint:
    """A constraint that the package carries ("dla", "eye", "tpu", ...), or a YAML file.

    flex: the axes that are free, as `Constraint.flex` takes them; None leaves what the file says.
    Raises InputError, which names the known constraints or the place in the file.
    """
    expect("constraint", name, (str, os.PathLike), "the name of a constraint, or a file")
    path = os.fspath(name)
    carried = _CARRIED / f"{path}.yaml"
    found = Constraint._find(str(carried) if carried.exists() else path)
    return found if flex is None else found.flex(flex)


def styles() -> list[str]:
    """The accelerator styles and classic dataflows that `style_mapping` knows."""
    return list(_core.classic_styles())


def style_mapping(
    style: str | Constraint, layer: Layer, accelerator: Accelerator
) -> tuple[Layer, Mapping]:
    """The one mapping that an accelerator of this style, without any flexibility, gives a layer.

    Returns the layer that is mapped (of unit stride; for tpu the matrix product) and its mapping,
    both for `evaluate` and `report`. Raises InputError if the machine is too small for the style.
    """
    expect("layer", layer, Layer, "a Layer")
    expect("accelerator", accelerator, Accelerator, "an Accelerator")
    found = style if isinstance(style, Constraint) else constraint(style)
    mapped, genome = found._style_rows(layer, accelerator)
    return mapped, Mapping._from_row(genome, mapped)
