"""Floors of level 1 for ranges of PEs' tiles: B3, the shares of B4, and B5 of docs/certify-exact.md."""

import numpy as np

from .question import C, INFINITE, K, NONE, X, Y

KINDS = NO_SHARE, INPUT_SHARE, FILTER_SHARE, OUTPUT_SHARE = range(4)
SHARE = 0.9


def share_weight(q, kind):
    """Of an element that level 0 brings in, or takes out."""
    return [0, SHARE * (q.w1 + q.wc), SHARE * (q.w1 + q.wc) * q.window, SHARE * 2 * q.wc][kind]


def is_valid(q, kind, inner, steps):
    """Whether a floor with a share holds where the inner parallel dimension makes so many steps; numbers or arrays."""
    if inner == NONE or kind in (NO_SHARE, OUTPUT_SHARE):
        return np.full(np.shape(steps), True)
    if kind == FILTER_SHARE:
        return np.full(np.shape(steps), True) if inner in (Y, X) else np.asarray(steps) != 2
    if inner in (Y, X) and q.more[inner] > 0:
        return np.full(np.shape(steps), False)
    return np.full(np.shape(steps), True) if inner == K else np.asarray(steps) != 2


class Ranges:
    """Ranges of PEs' tiles of one inner parallel dimension: low and high of K, C, Y, X and of the PEs; arrays."""

    def __init__(self, inner, low, high, units_low, units_high):
        self.inner, self.low, self.high = inner, low, high
        self.units_low, self.units_high = units_low, units_high

    def __len__(self):
        return self.low.shape[1]

    def take(self, which):
        return Ranges(
            self.inner, self.low[:, which], self.high[:, which], self.units_low[which], self.units_high[which]
        )

    def least_outer_tile(self, d):
        return self.low[d] if d != self.inner else (self.units_low - 1) * self.low[d] + 1

    def is_single(self):
        return (self.low == self.high).all(axis=0) & (self.units_low == self.units_high)


class StepCosts:
    """B3: what a step of a group with such extents costs at least, for input, filter and output."""

    def __init__(self, q, ranges, extent, copies):
        self.q, self.inner, self.extent, self.copies = q, ranges.inner, extent, copies

    def filter(self):
        elements = self.q.window * self.extent[K] * self.extent[C]
        copies = self.copies if self.inner in (Y, X) else 1
        return elements * (self.q.w1 * copies + self.q.wc)

    def axis(self, d, has_overlap, overlaps):
        return self.q.each[d] * self.extent[d] + (overlaps * self.q.more[d] if has_overlap else 0)

    def input(self, rows, columns):
        """rows, columns: whether all of a tile's are new, or those behind the overlap alone."""
        read = self.extent[C] * self.axis(Y, rows, 1) * self.axis(X, columns, 1)
        filled = self.extent[C] * (self.copies if self.inner == K else 1)
        filled = filled * self.axis(Y, rows, self.copies if self.inner == Y else 1)
        filled = filled * self.axis(X, columns, self.copies if self.inner == X else 1)
        return self.q.w1 * filled + self.q.wc * read

    def output(self):
        channels = self.extent[C] if self.q.is_depthwise else self.extent[K]
        return 2 * self.q.wc * channels * self.extent[Y] * self.extent[X]

    def of(self, mover):
        """After the loop of a dimension has gone on; None: nothing was there before."""
        if mover is None:
            return self.input(True, True), self.filter(), self.output()
        inputs = {K: 0, C: self.input(True, True), Y: self.input(False, True), X: self.input(True, False)}[mover]
        filters = self.filter() if mover in (K, C) else 0
        outputs = self.output() if mover != C or self.q.is_depthwise else 0
        return inputs, filters, outputs

    def least(self, may_move):
        """By kind; may_move: of each dimension, range by range."""
        found = [np.full(self.extent[0].shape, INFINITE) for _ in KINDS]
        movers = [(d, may_move[d]) for d in range(4)] + [(None, ~np.any(may_move, axis=0))]
        for mover, may in movers:
            costs = self.of(mover)
            for kind in KINDS:
                total = sum(c * (1 - SHARE if kind == t + 1 else 1) for t, c in enumerate(costs))
                found[kind] = np.where(may, np.minimum(found[kind], total), found[kind])
        return found


def inner_floors(q, r):
    """The floors of each kind (first axis) for ranges."""
    by_groups = r.inner != NONE and q.wc > 0
    full, count, rest = [], [], []
    for d in range(4):
        tile = r.high[d] * (r.units_high if by_groups and d == r.inner else 1)
        full.append(np.minimum(tile, q.size[d]))
        count.append(q.size[d] // full[d])
        rest.append(q.size[d] % full[d])
    may_move = [r.low[d] < q.size[d] if d != r.inner else np.full(len(r), q.size[d] > 1) for d in range(4)]
    sums = np.zeros((4, len(r)))
    for corner in range(16):
        is_rest = [bool(corner >> d & 1) for d in range(4)]
        extent = [(rest if is_rest[d] else full)[d].astype(float) for d in range(4)]
        times = np.ones(len(r))
        for d in range(4):
            times = times * ((rest[d] > 0) if is_rest[d] else count[d])
        if not times.any():
            continue
        copies = extent[r.inner] / r.high[r.inner] if by_groups else np.ones(len(r))
        least = StepCosts(q, r, extent, copies).least(np.array(may_move))
        for kind in KINDS:
            sums[kind] += np.where(times > 0, times * np.where(times > 0, least[kind], 0), 0)
    return sums


class StartFloors:
    """B5 for one tile of PEs and numbers of PEs, over arrays of level 0's cuts."""

    def __init__(self, q, inner, tile, units_low, units_high):
        self.q, self.inner, self.tile = q, inner, tile
        self.units_low, self.units_high = units_low, units_high

    def of(self, tensor, tiles, smallest):
        """tiles: of level 0 by dimension; smallest: that no tile but the last falls short of."""
        q, is_output = self.q, tensor == "output"
        own = q.own[tensor]
        each = q.each if tensor == "input" else [1, 1, 1, 1]
        more = q.more if tensor == "input" else [0, 0, 0, 0]
        weight = q.window if tensor == "filter" else 1
        moved, boxes = float(weight), 1.0
        for d in range(4):
            moved = moved * (q.size[d] * each[d] + tiles[d] * more[d] if d in own else tiles[d])
            boxes = boxes * tiles[d]
        held = {d: self.held(own, each, more, weight, d, is_output) for d in (*own, None)}
        least = boxes * held[None]
        for d in own:
            if d == self.inner and not is_output:
                continue
            turns = smallest[d] > (self.units_high if d == self.inner else 1) * self.tile[d]
            part = np.where(tiles[d] == 1, 1.0, (tiles[d] - 1) / tiles[d])
            other = boxes * (part * held[d] + (1 - part) * held[None])
            least = np.where(turns, np.minimum(least, other), least)
        moved = np.maximum(moved - least, 0)
        if is_output:
            return 2 * q.wc * moved
        copies = 1.0
        if self.inner != NONE and self.inner not in own:
            n = tiles[self.inner]
            copies = np.where(n == 1, self.units_low, ((n - 1) * self.units_low + 1) / n)
        return (q.w1 * copies + q.wc) * moved

    def held(self, own, each, more, weight, turned, is_output):
        """Elements that the PEs hold when a start begins, if a dimension's loop has turned in the one before."""
        elements = float(weight)
        for d in own:
            units = self.units_high if d == self.inner else 1
            if d == turned:
                elements *= more[d]
            elif is_output:
                elements *= self.tile[d] * units
            else:
                elements *= (each[d] * self.tile[d] + more[d]) * units
        return elements
