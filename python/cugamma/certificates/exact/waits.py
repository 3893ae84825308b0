"""Cycles where mappings may wait for a NoC: N1 to N4 of docs/certify-exact.md "Narrow NoCs"."""

import itertools
import math

import numpy as np

from .orders import everything, most_staying, stays, staying
from .question import K, C, NONE, Y, X, ceil_div
from .sums import MOVES, OUTER_MOVES, OUTER_RESTARTS, RESTARTS, SAME

LEAVING = [0, 0, 0, 0, 1]


def coming(q):
    """Weights of input and filter as they are read."""
    return [1, 0, q.window, 0, 0]


class Waits:
    """Mappings, or tiles of level 0 under any of PEs, with the cycles that they take at least in each order; arrays."""

    def __init__(self, q, outer, steps, busy, box):
        """outer: sums of level 0 by dimension, stream and relation; steps, busy, box: by dimension; arrays."""
        self.q, self.steps = q, steps
        same, moves, restarts = ([t[:, r] for t in outer] for r in (SAME, MOVES, RESTARTS))
        self.come, self.leave = (everything(weights, same) for weights in (coming(q), LEAVING))
        self.kept_in, self.kept_out = (stays(weights, restarts, moves, same) for weights in (coming(q), LEAVING))
        longest = math.prod(np.where(n == 1, b, (b - 1) // np.maximum(n - 1, 1)) for n, b in zip(steps, busy))
        self.longest = longest * q.window / q.lanes
        self.work, self.rounds = math.prod(busy, start=1.0), math.prod(steps, start=1.0)
        self.first = q.waited_for(box)
        self.starts = None

    def add_starts(self, of_first, needed, group):
        """What is known of the starts of level 1 where PEs' tiles are known (N2).

        of_first: the sums of level 1 in the first sub-cluster, by dimension, stream and relation; needed: elements of
        input and filter that first steps need, by dimension and tensor; group: what a step covers at most.
        """
        q = self.q
        there, moves, restarts = ([t[:, r] for t in of_first] for r in (RESTARTS, OUTER_MOVES, OUTER_RESTARTS))
        self.there = stays(coming(q), restarts, moves, there)
        self.starts = sum(w * math.prod(of[t] for of in needed) for t, w in enumerate((1.0, q.window)))
        self.longest_start = np.maximum(q.waited_for(group) / q.noc - 1, 0)

    def cycles(self, order):
        q = self.q
        count, is_first = leavings(q, order, self.steps)
        least_delay = min(q.head, 1) - 1
        ins = (self.come - staying(self.kept_in, order)) / q.noc + least_delay * self.rounds
        out = (self.leave - staying(self.kept_out, order)) / q.noc
        found = np.maximum(ins, out + least_delay * count)
        found = np.maximum(found, self.hiding(count, is_first, out, 0, self.longest))
        if self.starts is not None:
            starts = self.starts - staying(self.there, order)
            found = np.maximum(found, self.hiding(count, is_first, out, starts, self.longest + self.longest_start))
        return found

    def hiding(self, count, is_first, out, starts, longest):
        """N1 with N3: no step hides more of what leaves than the longest lasts."""
        q = self.q
        hidden = count * (q.head + longest - (min(q.head, 1) - 1)) + (q.lanes > 1)
        both = q.cycles(self.work, self.rounds, self.first, np.maximum(out - hidden, 0), starts)
        apart = q.cycles(self.work, self.rounds, 0, np.maximum(out - hidden - q.head, 0), starts)
        apart = np.maximum(apart, q.cycles(self.work, self.rounds, self.first, 0, starts))
        return np.where(is_first, apart, both)


def cycles_with_moves(q, v, steps, terms, first, inner, inner_busy):
    """N3 and N4 of vectors of level 0 under any tiles of PEs. first: elements of the first steps; inner_busy: what the
    busiest PE has at least along `inner`.
    """
    same, moves, restarts = ([t[:, r] for t in terms] for r in (SAME, MOVES, RESTARTS))
    come, leave = (everything(weights, same) for weights in (coming(q), LEAVING))
    kept_in, kept_out = (stays(weights, restarts, moves, same) for weights in (coming(q), LEAVING))
    rounds = math.prod(steps, start=1.0)
    others = longest = least = 1.0
    inner_steps = 1
    for d in range(4):
        is_listed = d == v.lists.parallel
        extent = v.lists.busy[v.index] if is_listed else float(q.size[d])
        if d == inner:
            inner_steps = steps[d]
            least = inner_busy / v.lists.units[v.index] if is_listed else inner_busy
        else:
            others = others * extent
            longest = longest * np.where(steps[d] == 1, extent, (extent - 1) // np.maximum(steps[d] - 1, 1))
    delay = min(q.head, 1) - 1
    per_step = np.maximum(inner_steps - 1, 1)
    step = np.where(inner_steps == 1, least, (least - 1) / per_step)

    def leaving(cycles, count, first):
        """The more the busiest PE has along `inner`, the more it works and hides."""
        hidden = count * (q.head - delay + longest * step * q.window / q.lanes) + (q.lanes > 1)
        worked = 1.0 if inner == NONE else others * per_step / (count * longest)
        waits = np.maximum(cycles - hidden, 0) * np.minimum(1.0, worked)
        return q.cycles(others * least, rounds, first, waits)

    # With a loop of outputs inside that of C they leave after each step, else once for all steps of C.
    rest = [d for d in range(4) if d != C]
    sets = [frozenset(some) for n in range(4) for some in itertools.combinations(rest, n)]
    turning = [d for d in rest if d in q.own["output"]]
    kept = np.zeros(len(rounds))
    for outside in sets:
        inside = np.any([steps[d] > 1 for d in turning if d not in outside] or [np.zeros(len(rounds), bool)], axis=0)
        here = np.broadcast_to(kept_out.get((C, outside), 0.0), kept.shape)
        kept = np.where(inside | q.is_depthwise, np.maximum(kept, here), kept)
    out = (leave - kept) / q.noc
    found = leaving(out - q.head, rounds, 0)
    if not q.is_depthwise:
        added = (leave - kept_out.get((C, frozenset(rest)), 0.0)) / q.noc
        adds = steps[C] > 1
        found = np.where(adds, np.minimum(found, leaving(added, rounds / steps[C], first)), found)
        out = np.where(adds, np.minimum(out, added), out)
    ins = (come - most_staying(kept_in)) / q.noc
    return np.maximum(found, np.maximum(ins, out) + delay * rounds)


def leavings(q, order, steps):
    """(how often outputs leave in an order of level 0, whether they do after its first step); arrays."""
    count, is_first, outside = 1, True, 1
    for i, d in enumerate(order):
        turns = steps[d] > 1
        leaves = np.any([False])
        for e in order[i:]:
            if e in q.own["output"]:
                leaves = leaves | (steps[e] > 1)
        count = count + np.where(turns & leaves, outside * (steps[d] - 1), 0)
        is_first = np.where(turns, leaves, is_first)
        outside = outside * steps[d]
    return count, is_first


def orders_of_level_0(q):
    return q.orders[0] or list(itertools.permutations(range(4)))


def first_extent(q, d, tile, units):
    """What the first sub-cluster of level 0 has of a dimension, its boxes side by side, and the last box of it."""
    tiles = ceil_div(q.size[d], tile)
    steps = ceil_div(tiles, units)
    last = tile if tiles - (steps - 1) * units > 1 else q.size[d] - (tiles - 1) * tile
    return (steps - 1) * tile + last, last


def needed_by_starts(q, d, tile, units, of_pes, inner_units):
    """Of a dimension, what the first steps of all starts in the first sub-cluster need of input and of filter."""
    extent, last = first_extent(q, d, tile, units)
    steps, group = ceil_div(extent, tile), of_pes * inner_units
    extents = (steps - 1) * min(group, tile) + min(group, last)
    of_input = q.each[d] * extents + q.more[d] * steps if d in q.own["input"] else steps
    return of_input, extents if d in q.own["filter"] else steps


class Starts:
    """What the starts of level 1 wait for at least under a range of PEs' tiles, for vectors of level 0; arrays.

    "Vectors of level 0 under a range of PEs' tiles" of docs/certify-exact.md.
    """

    def __init__(self, q, r, level_0, v):
        self.q = q
        self.steps, self.whole, self.last, self.is_long = [], [], [], []
        for d in range(4):
            self.add_boxes(r, level_0.grid, v, d)
        self.all = np.asarray(q.waited_for(self.whole), dtype=float)
        self.new = {}  # by dimension and set of dimensions outside
        for mover in range(4):
            for statements in (self.of_filter(mover), self.of_input(mover)):
                self.add_most(mover, statements)

    def add_boxes(self, r, grid, v, d):
        """The first steps of level 1 in boxes of a dimension: in all but the last, and in that."""
        q, lists, size = self.q, v.lists, self.q.size[d]
        low_units, high_units = (int(r.units_low[0]), int(r.units_high[0])) if d == r.inner else (1, 1)
        group, long_box = low_units * int(r.low[d][0]), 2 * high_units * int(r.high[d][0])
        steps = v.steps(grid, d)
        if d == lists.parallel:
            tile, units = lists.tile[v.index], lists.units[v.index]
            tiles = ceil_div(size, tile)
            last = np.where(tiles - (steps - 1) * units > 1, tile, size - (tiles - 1) * tile)
        else:
            _, smallest, largest = grid.classes[d][:, v.classes[d]]
            tile = np.maximum(smallest, int(r.least_outer_tile(d)[0]))
            last = np.where(steps == 1, size, np.maximum(1, size - (steps - 1) * largest))
        whole = np.where(steps > 1, tile, last)
        self.steps.append(steps)
        self.last.append(np.minimum(group, last))
        self.whole.append(np.minimum(group, whole))
        self.is_long.append(whole > long_box)

    def elements(self, d, is_restricted):
        """Rows, or extents: of a first box, and over all boxes (restricted: but the last)."""
        q, n = self.q, self.steps[d]
        of_whole = q.each[d] * self.whole[d] + q.more[d]
        if is_restricted:
            return of_whole, np.where(n == 1, of_whole, (n - 1) * of_whole)
        return of_whole, (n - 1) * of_whole + q.each[d] * self.last[d] + q.more[d]

    def moving(self, d, has_overlap):
        """The same over all boxes but the first, with or without the rows that they may share."""
        q, n = self.q, self.steps[d]
        more = q.more[d] if has_overlap else 0
        return (n - 2) * (q.each[d] * self.whole[d] + more) + q.each[d] * self.last[d] + more

    def of_filter(self, mover):
        """(where it holds, elements if the mover goes on, factors of the other dimensions inside and outside)."""
        repeated = {d: (1, self.steps[d]) for d in (Y, X)}
        if mover in (K, C):
            factors = {**repeated, K: self.elements(K, False), C: self.elements(C, False)}
            yield True, self.q.window * self.moving(mover, False), factors
            return
        for d in (K, C):
            factors = {**repeated, K: self.elements(K, d == K), C: self.elements(C, d == C)}
            yield self.is_long[d], self.q.window * (self.steps[mover] - 1), factors

    def of_input(self, mover):
        factors = {K: (1, self.steps[K]), Y: self.elements(Y, False), X: self.elements(X, False)}
        if mover != K:
            yield True, self.moving(mover, False), {**factors, C: self.elements(C, False)}
        if mover != C:
            moved = self.steps[K] - 1 if mover == K else self.moving(mover, True)
            yield self.is_long[C], moved, {**factors, C: self.elements(C, True)}

    def add_most(self, mover, statements):
        """Each statement holds: the most that any says."""
        others = [d for d in range(4) if d != mover]
        most = {}
        for holds, moved, factors in statements:
            holds = holds & (self.steps[mover] > 1)
            for bits in itertools.product((0, 1), repeat=3):
                loops = frozenset(d for d, is_outside in zip(others, bits) if is_outside)
                product = moved * 1.0
                for d, is_outside in zip(others, bits):
                    product = product * factors[d][is_outside]
                most[loops] = np.maximum(most.get(loops, 0.0), np.where(holds, product, 0.0))
        for loops, elements in most.items():
            self.new[mover, loops] = self.new.get((mover, loops), 0.0) + elements

    def least(self):
        """In the order of level 0 in which it is least."""
        least = None
        for order in orders_of_level_0(self.q):
            found = staying(self.new, order)
            least = found if least is None else np.minimum(least, found)
        return self.all + least
