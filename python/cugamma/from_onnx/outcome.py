"""What a graph comes to, and where it stands."""

from __future__ import annotations

import collections
import dataclasses
from typing import Mapping

import onnx

from cugamma.from_onnx.inference import Opsets
from cugamma.from_onnx.rows import Row
from cugamma.from_onnx.tensors import Scope


@dataclasses.dataclass
class Outcome:
    """What a graph comes to: its rows, the operators without MACs, and what to know about it."""

    rows: list[Row] = dataclasses.field(default_factory=list)
    skipped: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    notes: list[str] = dataclasses.field(default_factory=list)

    def add(self, other: Outcome) -> None:
        self.rows += other.rows
        self.skipped.update(other.skipped)
        self.notes += other.notes

    @property
    def macs(self) -> int:
        return sum(row.macs for row in self.rows)


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a graph stands: the names of the nodes around it, what it imports, its tensors."""

    scope: Scope
    opsets: Opsets
    path: tuple[str, ...] = ()
    declared: Mapping[str, onnx.TypeProto] = dataclasses.field(default_factory=dict)
    in_function: bool = False

    def within(self, name: str) -> Place:
        """The place of a subgraph of the named node, which sees the tensors around it."""
        return dataclasses.replace(self, scope=Scope(self.scope), path=(*self.path, name))

    def of_function(self, name: str, scope: Scope, opsets: Opsets) -> Place:
        """The place of a function's body, whose tensors have names of its own."""
        return Place(scope, opsets, (*self.path, name), in_function=True)
