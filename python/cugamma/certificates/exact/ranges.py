"""The ranges of PEs' tiles of a certificate: that they cover the space, and their bounds."""

import numpy as np

from ..lines import Refused
from .floors import Ranges, inner_floors
from .question import DIMS, INFINITE, NONE


def tighten(q, r):
    """Takes away tiles that do not fit L1 and PEs that cannot all have tiles; also says which ranges are left."""
    left = (r.units_low <= r.units_high) & np.broadcast_to(q.fits(list(r.low), q.l1), len(r))
    low, high = r.low.copy(), r.high.copy()
    units_high = r.units_high.copy()
    if r.inner != NONE:
        size, tile = q.size[r.inner], low[r.inner]
        left &= (r.units_low - 1) * tile < size
        units_high = np.minimum(units_high, (size - 1) // tile + 1)
        most = np.where(r.units_low == 1, size, (size - 1) // np.maximum(r.units_low - 1, 1))
        high[r.inner] = np.minimum(high[r.inner], most)
    if q.l1 >= 0:
        for d in range(4):
            # What a PE holds grows linearly with each tile.
            at_0 = sum(q.elements([np.zeros_like(t) if e == d else t for e, t in enumerate(low)]))
            at_1 = sum(q.elements([np.ones_like(t) if e == d else t for e, t in enumerate(low)]))
            high[d] = np.minimum(high[d], (q.l1 - 2 * at_0) // (2 * (at_1 - at_0)))
    return Ranges(r.inner, low, high, r.units_low, units_high), left


def root_ranges(q):
    """All tiles of PEs, for none and for each dimension that may be parallel inside."""
    found = []
    for inner in (*range(4), NONE):
        if inner != NONE and inner not in q.parallel[1]:
            continue
        units = (1, 1) if inner == NONE else (2, min(q.largest_cluster, q.size[inner]))
        outer = [q.outer_tiles(d) for d in range(4)]
        low = np.array([[int(q.least_below(1, d, outer[d][0]))] for d in range(4)])
        high = np.array([[int(q.most_below(1, d, outer[d][1]))] for d in range(4)])
        r, left = tighten(q, Ranges(inner, low, high, *(np.array([u]) for u in units)))
        if left[0]:
            found.append(r)
    return found


def halve(r):
    """(dimension, its last index in the first half) of each range; dimension 4: the PEs."""
    ends = np.concatenate([r.low, r.units_low[None]]), np.concatenate([r.high, r.units_high[None]])
    most, widest = ends[1][4] / ends[0][4], np.full(len(r), 4)
    for d in range(4):
        width = ends[1][d] / ends[0][d]
        wider = width > most
        most, widest = np.where(wider, width, most), np.where(wider, d, widest)
    low, high = ends[0][widest, np.arange(len(r))], ends[1][widest, np.arange(len(r))]
    middle = np.sqrt(low.astype(float) * high).astype(np.int64)
    return widest, np.clip(middle, low, high - 1)


def half(r, widest, middle, is_second):
    low, high, columns = r.low.copy(), r.high.copy(), np.arange(len(r))
    units_low, units_high = r.units_low.copy(), r.units_high.copy()
    of_tile = widest < 4
    (low if is_second else high)[widest[of_tile], columns[of_tile]] = middle[of_tile] + is_second
    (units_low if is_second else units_high)[~of_tile] = middle[~of_tile] + is_second
    return Ranges(r.inner, low, high, units_low, units_high)


class Tree:
    """All ranges that halving makes on the way from the root to the lines of one inner parallel dimension."""

    def __init__(self, q, root, records, numbers, last):
        """records: Ranges of the lines; numbers: of the lines in the file; last: the file's last line."""
        self.q, self.records, self.numbers, self.last = q, records, numbers, last
        self.levels = []  # (ranges, parent of each in the level above)
        self.place = np.full((2, len(records)), -1)  # level and index of each record
        self.descend(root)

    def descend(self, nodes):
        parents = np.zeros(len(nodes), dtype=np.int64)
        rows, owner = np.arange(len(self.records)), np.zeros(len(self.records), dtype=np.int64)
        while len(nodes):
            self.levels.append((nodes, parents))
            rows, owner = self.match(nodes, rows, owner)
            if not len(rows):
                return
            open_nodes, owner = np.unique(owner, return_inverse=True)
            r = nodes.take(open_nodes)
            widest, middle = halve(r)
            nodes, parents, owner = self.halves(r, open_nodes, widest, middle, rows, owner)

    def match(self, nodes, rows, owner):
        """Takes out the records that are nodes themselves."""
        mine, records = nodes.take(owner), self.records.take(rows)
        outside = (records.low < mine.low).any(axis=0) | (records.high > mine.high).any(axis=0)
        outside |= (records.units_low < mine.units_low) | (records.units_high > mine.units_high)
        self.refuse_any(rows[outside], "the range is none that halving makes")
        equal = (records.low == mine.low).all(axis=0) & (records.high == mine.high).all(axis=0)
        equal &= (records.units_low == mine.units_low) & (records.units_high == mine.units_high)
        count = np.bincount(owner, minlength=len(nodes))
        if (count == 0).any():
            self.refuse_missing(nodes.take(np.nonzero(count == 0)[0][:1]))
        self.place[0, rows[equal]] = len(self.levels) - 1
        self.place[1, rows[equal]] = owner[equal]
        is_done = np.zeros(len(nodes), dtype=bool)
        is_done[owner[equal]] = True
        twice = rows[is_done[owner] & (count[owner] > 1)]
        if len(twice):
            container = int(np.intersect1d(twice, rows[equal])[0])
            inside = max(int(row) for row in twice if row != container)
            self.refuse_any(np.array([inside]), f"the range lies in that of line {self.numbers[container]}")
        self.refuse_any(rows[~equal & mine.is_single()], "the range is none that halving makes")
        return rows[~equal], owner[~equal]

    def halves(self, r, open_nodes, widest, middle, rows, owner):
        ends = [np.concatenate([t, u[None]])[widest[owner], rows] for t, u in (
            (self.records.low, self.records.units_low), (self.records.high, self.records.units_high))]
        in_second = ends[0] > middle[owner]
        self.refuse_any(rows[~in_second & (ends[1] > middle[owner])], "the range is none that halving makes")
        parts, lefts = zip(*(tighten(self.q, half(r, widest, middle, second)) for second in (0, 1)))
        count = len(r)
        left = np.concatenate(lefts)
        owner = owner + in_second * count
        self.refuse_any(rows[~left[owner]], "the range has no tile that counts")
        joined = Ranges(
            r.inner,
            np.concatenate([p.low for p in parts], axis=1),
            np.concatenate([p.high for p in parts], axis=1),
            np.concatenate([p.units_low for p in parts]),
            np.concatenate([p.units_high for p in parts]),
        )
        renumbered = np.cumsum(left) - 1
        return joined.take(np.nonzero(left)[0]), np.concatenate([open_nodes] * 2)[left], renumbered[owner]

    def refuse_any(self, rows, reason):
        if len(rows):
            raise Refused(int(self.numbers[rows].min()), reason)

    def refuse_missing(self, r):
        name = f"inner {DIMS[r.inner] if r.inner != NONE else 'none'}, tiles {r.low[:, 0].tolist()} to "
        name += f"{r.high[:, 0].tolist()}, PEs {r.units_low[0]} to {r.units_high[0]}"
        raise Refused(self.last, f"behind it the line of {name} is missing")

    def start_bounds(self):
        self.floors = [inner_floors(self.q, nodes) for nodes, _ in self.levels]
        self.values = [np.full(len(nodes), INFINITE) for nodes, _ in self.levels]

    def lower_bounds(self, table):
        """Sub-clusters of one more table."""
        for (nodes, _), floors, values in zip(self.levels, self.floors, self.values):
            np.minimum(values, table.bound(nodes, floors), out=values)

    def bounds(self):
        """Of each record: the highest bound of the ranges that hold it."""
        above = self.values[0]
        found = np.zeros(len(self.records))
        for level, (nodes, parents) in enumerate(self.levels):
            own = np.maximum(self.values[level], above[parents]) if level else self.values[0]
            here = self.place[0] == level
            found[here] = own[self.place[1][here]]
            above = own
        return found
