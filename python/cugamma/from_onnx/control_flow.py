"""If, Loop and Scan: whose graphs run, and how often."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Callable, Iterable, Optional, Sequence

import numpy
import onnx

from cugamma.from_onnx.errors import UnmappableError
from cugamma.from_onnx.node import Node
from cugamma.from_onnx.outcome import Outcome, Place
from cugamma.from_onnx.rows import Row
from cugamma.from_onnx.tensors import (
    Scope,
    Size,
    Tensor,
    Unknown,
    completed,
    element_type,
    joined,
    nodes_of,
    shape_of,
    tensor_type,
    with_shape,
    without_impossible_sizes,
    without_names,
)

if TYPE_CHECKING:
    from cugamma.from_onnx.walk import Walk

_VALUE_ADVICE = "where an input of the model decides it, give it with --value INPUT=N"


def choice(walk: Walk, node: Node, place: Place) -> Outcome:
    """If: the branch that runs where its condition is constant, otherwise the larger one."""
    branches = [node.graph("then_branch"), node.graph("else_branch")]
    condition = node.input_number(0)
    if condition is not None:
        branch = branches[0 if condition else 1]
        outcome = walk.graph(branch, place)
        _set_outputs(node, [_result(place.scope, value) for value in branch.output])
        return outcome
    outcomes, results = [], []
    for branch in branches:
        inside = dataclasses.replace(place, scope=Scope(place.scope))
        try:
            outcomes.append(walk.graph(branch, inside))
        except UnmappableError as error:
            raise UnmappableError(
                f"{error}; whether {node.described} runs it is not known before run time;"
                f" {_VALUE_ADVICE}"
            ) from None
        results.append([_result(inside.scope, value) for value in branch.output])
    _set_outputs(node, [_either(one, other) for one, other in zip(*results)])
    then, other = outcomes
    larger, smaller = (then, other) if then.macs >= other.macs else (other, then)
    if then.macs or other.macs:
        larger.notes.append(
            f"{node.described}: then_branch has {then.macs:,} MACs, else_branch {other.macs:,};"
            " the larger one is counted" + _without(smaller.rows)
        )
    return larger


def _without(rows: Sequence[Row]) -> str:
    listed = ", ".join(f"{row.name} ({row.macs:,} MACs)" for row in rows)
    return f", without {listed}" if listed else ""


def _either(one: Tensor, other: Tensor) -> Tensor:
    return Tensor(joined(one.type, other.type), unknown=one.unknown or other.unknown)


def _result(scope: Scope, value: onnx.ValueInfoProto) -> Tensor:
    found = scope.get(value.name) or Tensor()
    declared = without_names(without_impossible_sizes(value.type, 1))
    return Tensor(completed(found.type, declared), found.value, found.unknown)


def _set_outputs(node: Node, tensors: Iterable[Tensor]) -> None:
    for name, tensor in zip(node.proto.output, tensors):
        if name:
            node.scope[name] = tensor


def loop(walk: Walk, node: Node, place: Place) -> Outcome:
    """Loop: turn by turn where every turn can be followed, otherwise a turn times their number."""
    body = node.graph("body")
    turns = node.input_number(0)
    start = node.input_number(1) if node.has_input(1) else 1
    carried = [node.input_tensor(position) for position in range(2, len(node.proto.input))]
    if len(body.input) != len(carried) + 2 or len(body.output) < len(carried) + 1:
        raise node.fail("its body does not fit its inputs")
    run = _Run(walk, node, place, body)
    if start == 0 or (turns is not None and turns <= 0):
        return run.none(carried)
    followed = None
    if turns is not None or not node.has_input(0):
        followed = run.followed(turns, start, carried)
    return followed if followed is not None else run.repeated(turns, start, carried)


@dataclasses.dataclass
class _Run:
    """A run of a loop, turn by turn or at once."""

    walk: Walk
    node: Node
    place: Place
    body: onnx.GraphProto

    def none(self, carried: Sequence[Tensor]) -> Outcome:
        self._finish(carried, self._collected(len(carried), Scope()), 0)
        return Outcome()

    def followed(
        self, turns: Optional[int], start: Optional[int], carried: Sequence[Tensor]
    ) -> Optional[Outcome]:
        """The loop turn by turn; None where it is too long or its end cannot be told."""
        nodes = 1 + sum(1 for _ in nodes_of(self.body))
        if (turns or 1) * nodes > self.walk.turn_visits_left:
            return None
        total, turn, going = Outcome(), 0, start
        collected: list[Tensor] = []
        while going and (turns is None or turn < turns):
            if nodes > self.walk.turn_visits_left:
                return None
            self.walk.turn_visits_left -= nodes
            try:
                outcome, scope = self._turn(numpy.array(turn, numpy.int64), True, carried)
            except UnmappableError:
                return None
            results = [_result(scope, value) for value in self.body.output]
            going = _truth(results[0].value)
            if going is None:
                return None
            carried = results[1 : 1 + len(carried)]
            collected = results[1 + len(carried) :]
            if turn:
                total.rows += outcome.rows
            else:
                total.add(outcome)
            turn += 1
        if going is None:
            return None
        total.rows = _counted_by_name(total.rows)
        self._finish(carried, collected or self._collected(len(carried), Scope()), turn)
        return total

    def repeated(
        self, turns: Optional[int], start: Optional[int], carried: Sequence[Tensor]
    ) -> Outcome:
        """One turn that stands for all, its shapes those that hold in every turn."""
        types = [tensor.type for tensor in carried]
        while True:
            unknown = Unknown(f"it changes in {self.node.described}")
            inputs = [
                Tensor(kind, unknown=before.unknown or (unknown if kind != before.type else None))
                for kind, before in zip(types, carried)
            ]
            outcome, scope = self._turn(None, True, inputs)
            results = [_result(scope, value) for value in self.body.output]
            found = [joined(a, b.type) for a, b in zip(types, results[1:])]
            if found == types:
                break
            types = found
        if start is None or _truth(results[0].value) is not True:
            turns = None  # it may end before
        if outcome.rows and turns is None:
            raise self.node.fail(
                f"it has MACs, and how often it runs is not known before run time; {_VALUE_ADVICE}"
            )
        self._finish(inputs, results[1 + len(carried) :], turns)
        outcome.rows = [_times(row, turns) for row in outcome.rows]
        return outcome

    def _turn(
        self, number: Optional[numpy.ndarray], going: bool, carried: Sequence[Tensor]
    ) -> tuple[Outcome, Scope]:
        scope = Scope(self.place.scope)
        first = Tensor(tensor_type(onnx.TensorProto.INT64, []), number)
        second = Tensor(tensor_type(onnx.TensorProto.BOOL, []), numpy.array(going))
        for value, tensor in zip(self.body.input, (first, second, *carried)):
            scope[value.name] = tensor
        return self.walk.graph(self.body, dataclasses.replace(self.place, scope=scope)), scope

    def _collected(self, carried: int, scope: Scope) -> list[Tensor]:
        """What the scan outputs collect, by what the body declares."""
        return [_result(scope, value) for value in self.body.output[1 + carried :]]

    def _finish(
        self, carried: Sequence[Tensor], collected: Sequence[Tensor], turns: Optional[int]
    ) -> None:
        """A scan output has one more dimension in front: the turns."""
        _set_outputs(self.node, [*carried, *(_stacked(one, turns, 0) for one in collected)])


def scan(walk: Walk, node: Node, place: Place) -> Outcome:
    """Scan: its body runs once for each slice of the axes that it scans."""
    body = node.graph("body")
    scans = node.integer("num_scan_inputs")
    # Version 8 has the lengths of the sequences first and a batch in front of every shape.
    batched = place.opsets.get("", 9) < 9
    offset = 1 if batched else 0
    inputs = [node.input_tensor(position) for position in range(offset, len(node.proto.input))]
    states = len(inputs) - scans
    if scans < 1 or states < 0 or len(body.input) != len(inputs):
        raise node.fail("its body does not fit its inputs")
    axes = [1] * scans if batched else node.integers("scan_input_axes", [0] * scans)
    if len(axes) != scans:
        raise node.fail(f"scan_input_axes = {axes}, expected {scans} numbers")
    lengths, slices = zip(*(_slice(one, axis) for one, axis in zip(inputs[states:], axes)))
    turns = next((length for length in lengths if isinstance(length, int)), None)
    batch: Size = 1
    if batched:
        batch, _ = _slice(inputs[states], 0)
        inputs[:states] = [_slice(one, 0)[1] for one in inputs[:states]]
        slices = tuple(_slice(one, 0)[1] for one in slices)
    outcome, results = _scanned(walk, place, body, inputs[:states], slices)
    if outcome.rows and not (isinstance(turns, int) and isinstance(batch, int)):
        node.input(offset + states)
        raise node.fail("the length of the axis that it scans is not known")
    outcome.rows = [_times(row, turns * batch) for row in outcome.rows if turns * batch]
    outputs = len(results) - states
    places = [1] * outputs if batched else node.integers("scan_output_axes", [0] * outputs)
    if batched:
        results = [_stacked(one, batch, 0) for one in results]
    stacked = [_stacked(one, turns, axis) for one, axis in zip(results[states:], places)]
    _set_outputs(node, [*results[:states], *stacked])
    return outcome


def _scanned(
    walk: Walk, place: Place, body: onnx.GraphProto, states: Sequence[Tensor],
    slices: Sequence[Tensor],
) -> tuple[Outcome, list[Tensor]]:  # fmt: skip
    """A run of the body whose states have the shapes that hold in every run."""
    types = [tensor.type for tensor in states]
    while True:
        scope = Scope(place.scope)
        fixed = [Tensor(kind, unknown=one.unknown) for kind, one in zip(types, states)]
        for value, tensor in zip(body.input, (*fixed, *slices)):
            scope[value.name] = tensor
        outcome = walk.graph(body, dataclasses.replace(place, scope=scope))
        results = [_result(scope, value) for value in body.output]
        found = [joined(a, b.type) for a, b in zip(types, results)]
        if found == types:
            return outcome, [Tensor(kind) for kind in types] + results[len(types) :]
        types = found


def _slice(of: Tensor, axis: int) -> tuple[Size, Tensor]:
    """The length of an axis, and the tensor without it."""
    shape = of.shape
    if shape is None or not -len(shape) <= axis < len(shape):
        return None, Tensor(with_shape(of.type, None), unknown=of.unknown)
    axis %= len(shape)
    rest = with_shape(of.type, shape[:axis] + shape[axis + 1 :])
    return shape[axis], Tensor(rest, unknown=of.unknown)


def _stacked(of: Tensor, count: Size, axis: int) -> Tensor:
    """The tensor with another axis."""
    shape = shape_of(of.type)
    if shape is None or element_type(of.type) == 0 or not -len(shape) <= axis + 1 <= len(shape) + 1:
        return Tensor(unknown=of.unknown)
    place = axis if axis >= 0 else len(shape) + 1 + axis
    return Tensor(with_shape(of.type, [*shape[:place], count, *shape[place:]]), unknown=of.unknown)


def _times(row: Row, turns: int) -> Row:
    return dataclasses.replace(row, count=row.count * turns)


def _counted_by_name(rows: Sequence[Row]) -> list[Row]:
    """Rows of the same node and shape as one, with their counts added."""
    counts: dict[Row, int] = {}
    for row in rows:
        shape = dataclasses.replace(row, count=1)
        counts[shape] = counts.get(shape, 0) + row.count
    return [dataclasses.replace(shape, count=count) for shape, count in counts.items()]


def _truth(value: Optional[numpy.ndarray]) -> Optional[bool]:
    is_known = value is not None and value.size == 1 and value.dtype.kind in "iub"
    return bool(value.reshape(-1)[0]) if is_known else None


HANDLERS: dict[str, Callable] = {"If": choice, "Loop": loop, "Scan": scan}
