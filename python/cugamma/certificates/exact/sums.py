"""What one dimension contributes to the traffic of a mapping: its sums, by walking through its rounds.

"Why traffic factors" of docs/exact-model.md: traffic is a product over the dimensions of `same`, less a product for
each loop that may go on before a step. Nothing is written out here: tiles are dealt to sub-clusters, round by round.
"""

import functools

import numpy as np

from .question import C, K, ceil_div

SAME, MOVES, RESTARTS, OUTER_MOVES, OUTER_RESTARTS = range(5)


class Box:
    """An interval cut into tiles, dealt to sub-clusters in rounds: begins and ends, by round and sub-cluster."""

    def __init__(self, begin, end, tile, units):
        tiles = ceil_div(end - begin, tile)
        self.rounds = ceil_div(tiles, units)
        numbers = np.arange(self.rounds * units).reshape(self.rounds, units)
        self.active = numbers < tiles
        self.begin = np.where(self.active, begin + numbers * tile, 0)
        self.end = np.where(self.active, np.minimum(begin + numbers * tile + tile, end), 0)
        self.work_begin = self.begin[:, :1]
        self.work_end = self.end.max(axis=1, keepdims=True)

    def last(self, older=None):
        """(begin, end) of the last tile of each sub-cluster; `older`: of those that had none in this box."""
        had = self.active.sum(axis=0)
        place = np.maximum(had - 1, 0), np.arange(len(had))
        begin, end = self.begin[place], self.end[place]
        if older is None:
            return begin, end
        return np.where(had > 0, begin, older[0]), np.where(had > 0, end, older[1])


def overlap(begin, end, other_begin, other_end, each, more):
    """Rows that two tiles share; none of an empty one."""
    shared = (np.minimum(end, other_end) - np.maximum(begin, other_begin)) * each + more
    return np.where((end > begin) & (other_end > other_begin), np.maximum(shared, 0), 0)


def held_by_all(begin, end, held_begin, held_end, each, more):
    """Rows of the tiles' union that no sub-cluster with a tile lacks, by round (the first axis)."""
    union = (end.max(axis=1) - begin[:, 0]) * each + more
    has, holds = end > begin, held_end > held_begin
    b, e = begin * each, end * each + more
    hb, he = np.where(holds, held_begin * each, e), np.where(holds, held_end * each + more, e)
    # What a sub-cluster lacks is before or behind what it holds.
    starts = np.concatenate([b, np.maximum(b, he)], axis=1)
    stops = np.concatenate([np.minimum(e, hb), e], axis=1)
    empty = (stops <= starts) | ~np.concatenate([has, has], axis=1)
    starts, stops = np.where(empty, -1, starts), np.where(empty, -1, stops)
    order = np.argsort(starts, axis=1, kind="stable")
    starts, stops = np.take_along_axis(starts, order, 1), np.take_along_axis(stops, order, 1)
    reached = np.maximum.accumulate(stops, axis=1)
    before = np.concatenate([np.full((len(starts), 1), -1), reached[:, :-1]], axis=1)
    lacking = np.maximum(stops - np.maximum(starts, before), 0).sum(axis=1)
    return union - lacking


class Sums:
    """Rows: held by sub-clusters, by all of them, outputs kept, steps of sub-clusters, of groups, of groups that worked."""

    def __init__(self, each, more):
        self.each, self.more = each, more
        self.of = np.zeros((6, 5), dtype=np.int64)

    def add(self, relation, box, rounds, held, worked, count):
        """Rounds whose sub-clusters hold `held`, and whose group worked on `worked` before (None: it was idle)."""
        begin, end = box.begin[rounds], box.end[rounds]
        if not len(begin):
            return
        shared = overlap(begin, end, *held, self.each, self.more)
        by_all = shared.sum() if self.more == 0 else held_by_all(begin, end, *held, self.each, self.more).sum()
        kept = 0
        if worked:
            first, last = np.maximum(box.work_begin[rounds], worked[0]), np.minimum(box.work_end[rounds], worked[1])
            kept = np.maximum(last - first, 0).sum()
        steps = len(begin)
        found = (shared.sum(), by_all, kept, box.active[rounds].sum(), steps, steps if worked else 0)
        self.of[:, relation] += np.array(found, dtype=np.int64) * count

    def add_box(self, box, count):
        """The rounds of a box whose own loop stands, goes on, starts over."""
        every, behind, first = slice(None), slice(1, None), slice(0, 1)
        self.add(SAME, box, every, (box.begin, box.end), (box.work_begin, box.work_end), count)
        before = slice(0, -1)
        worked = box.work_begin[before], box.work_end[before]
        self.add(MOVES, box, behind, (box.begin[before], box.end[before]), worked, count)
        self.enter(RESTARTS, box, box.last(), (box.work_begin[-1], box.work_end[-1]), count, first)

    def enter(self, relation, box, held, worked, count, first=slice(0, 1)):
        """The first round of a box."""
        self.add(relation, box, first, (held[0][None], held[1][None]), worked, count)


def outer_sums(size, tile, units, each, more):
    """same, moves and restarts of level 0."""
    sums = Sums(each, more)
    sums.add_box(Box(0, size, tile, units), 1)
    return sums.of[:, :3]


def inner_sums(size, outer_tile, outer_units, tile, units, each, more):
    """The five sums of level 1, over all boxes of level 0 and all its sub-clusters."""
    sums = Sums(each, more)
    last = ceil_div(size, outer_tile) - 1

    def box(number):
        return Box(number * outer_tile, min(number * outer_tile + outer_tile, size), tile, units)

    def enter(relation, number, boxes, has_worked, count):
        """Level 0 hands box `number` to a sub-cluster that had `boxes` before."""
        held = None
        for before in boxes:
            end = box(before)
            held = end.last(held)
        worked = (end.work_begin[-1], end.work_end[-1]) if has_worked else None
        sums.enter(relation, box(number), held, worked, count)

    if last > 0:
        sums.add_box(box(0), last)
    sums.add_box(box(last), 1)
    # Level 0 goes on: all boxes from the second round on have one before them.
    if last > outer_units:
        enter(OUTER_MOVES, outer_units, [0], True, last - outer_units)
    if last >= outer_units:
        enter(OUTER_MOVES, last, [last - outer_units], True, 1)
    # Level 0 starts over. Sub-clusters alike: with a whole box in the last round, with its last box, idle in it.
    active = min(outer_units, last + 1)
    in_last = last % outer_units + 1
    for first, behind in ((0, in_last - 1), (in_last - 1, in_last), (in_last, active)):
        if first < behind:
            past = list(range(first, last + 1, outer_units))
            enter(OUTER_RESTARTS, first, past[-2:], first < in_last, behind - first)
    return sums.of


def streams_of(question, d, of):
    """The sums of each stream, from those of one dimension's elements and steps."""
    by_units, by_all, kept, unit_steps, group_steps, working_steps = of
    if d == K:
        return [group_steps, unit_steps, by_all, by_units, kept]
    if d == C:
        return [by_all, by_units, by_all, by_units, kept if question.is_depthwise else working_steps]
    return [by_all, by_units, group_steps, unit_steps, kept]


class SumTables:
    """Sums by stream and relation, each computed once."""

    def __init__(self, question):
        self.question = question
        self.outer = functools.lru_cache(maxsize=None)(self.compute_outer)
        self.inner = functools.lru_cache(maxsize=1 << 18)(self.compute_inner)
        self.of_first = functools.lru_cache(maxsize=1 << 18)(self.compute_of_first)

    def compute_outer(self, d, tile, units):
        q = self.question
        of = outer_sums(q.size[d], tile, units, q.each[d], q.more[d])
        return np.array(streams_of(q, d, of), dtype=np.float64)

    def compute_inner(self, d, outer_tile, outer_units, tile, units):
        q = self.question
        of = inner_sums(q.size[d], outer_tile, outer_units, tile, units, q.each[d], q.more[d])
        return np.array(streams_of(q, d, of), dtype=np.float64)

    def compute_of_first(self, d, extent, outer_tile, tile, units):
        """Those of level 1 in the first sub-cluster of level 0, which has so much of the dimension."""
        q = self.question
        of = inner_sums(extent, outer_tile, 1, tile, units, q.each[d], q.more[d])
        return np.array(streams_of(q, d, of), dtype=np.float64)
