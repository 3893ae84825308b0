"""The rows of a table of layers, what a row can be, and the CSV that cuGAMMA reads."""

from __future__ import annotations

import csv
import dataclasses
from typing import IO, Iterable

HEADER = ("name", "type", "K", "C", "Y", "X", "R", "S", "stride_y", "stride_x", "groups", "count")
LARGEST = 2**31 - 1
UNCOUNTABLE = 2**53
LONGEST_NAME = 200


@dataclasses.dataclass(frozen=True)
class Row:
    """One layer of a network; sizes in elements, Y and X with padding."""

    name: str
    type: str
    K: int
    C: int
    Y: int = 1
    X: int = 1
    R: int = 1
    S: int = 1
    stride_y: int = 1
    stride_x: int = 1
    groups: int = 1
    count: int = 1

    @property
    def outputs(self) -> int:
        """Positions of the window, which is what the output has of rows times columns."""
        rows = (self.Y - self.R) // self.stride_y + 1
        columns = (self.X - self.S) // self.stride_x + 1
        return rows * columns

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the row, its count included."""
        taps = self.R * self.S * self.K * self.C // self.groups
        return self.outputs * taps * self.count

    def fault(self) -> str:
        """Why no layer can be like this row, or nothing."""
        for column in HEADER[2:]:
            size = getattr(self, column)
            if not 1 <= size <= LARGEST:
                written = size if abs(size) < 2**63 else "beyond 2^63"
                return f"{column} would be {written}, a layer has 1 to {LARGEST}"
        for padded, taps in (("Y", "R"), ("X", "S")):
            size, window = getattr(self, padded), getattr(self, taps)
            if size < window:
                return f"its window {taps} = {window} exceeds the padded input {padded} = {size}"
        if self.K % self.groups or self.C % self.groups:
            return f"{self.groups} groups do not divide K = {self.K} and C = {self.C}"
        # A group is a layer of its own, and the counts of a layer are exact below 2^53.
        inputs = self.C // self.groups
        counts = {
            "MACs": self.macs // self.count // self.groups,
            "elements of input": inputs * self.Y * self.X,
            "elements of filter": self.K // self.groups * inputs * self.R * self.S,
        }
        for what, count in counts.items():
            if count >= UNCOUNTABLE:
                return f"it would have {count:.3g} {what}, fewer than 2^53 can be counted"
        return ""


@dataclasses.dataclass(frozen=True)
class Network:
    """The rows of a network, how many nodes of each operator have no MACs, and what to know."""

    rows: list[Row]
    skipped: dict[str, int]
    notes: list[str] = dataclasses.field(default_factory=list)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the whole network."""
        return sum(row.macs for row in self.rows)


def merge_repeats(rows: Iterable[Row]) -> list[Row]:
    """Rows of equal shape as one row, under the first one's name, with their counts added."""
    merged: list[Row] = []
    places: dict[Row, int] = {}
    for row in rows:
        shape = dataclasses.replace(row, name="", count=1)
        place = places.get(shape)
        if place is None or merged[place].count + row.count > LARGEST:
            places[shape] = len(merged)
            merged.append(row)
        else:
            count = merged[place].count + row.count
            merged[place] = dataclasses.replace(merged[place], count=count)
    return merged


def write_csv(rows: Iterable[Row], file: IO[str]) -> None:
    """Writes the rows under cuGAMMA's header, each under a name of its own."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER)
    taken: set[str] = set()
    for row in rows:
        fields = dataclasses.astuple(row)
        writer.writerow((_free_name(_csv_name(fields[0]), taken), *fields[1:]))


def _csv_name(name: str) -> str:
    """A name that needs no quotes and is no comment, as layers are addressed by it."""
    plain = "".join("_" if c in ",\"'\\" or c.isspace() or not c.isprintable() else c for c in name)
    plain = plain.strip("/")[:LONGEST_NAME]
    return f"_{plain[1:]}" if plain.startswith("#") else plain or "layer"


def _free_name(name: str, taken: set[str]) -> str:
    """The name, numbered where a row before has it; `taken` gets it."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    taken.add(free)
    return free
