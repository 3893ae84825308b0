"""A mapping walked step by step, as docs/exact-model.md defines it: who needs, holds and fills what, and how long it
takes. All tiles are boxes, so elements are counted as products of intervals; steps are walked many at a time.
"""

import math
import re

import numpy as np

from .question import DIMS, ceil_div
from .sums import held_by_all

MOST_STEPS = 2_000_000_000  # of all PEs together


class Mapping:
    """Two levels: tiles, loop orders, parallel dimensions, cluster size."""

    def __init__(self, question, text):
        levels, self.cluster = self.read(question, text)
        self.tiles, self.orders, self.parallel = [], [], []
        above = question.size
        for level in levels:
            at = {DIMS.index(dim): tile for _, tile, dim in level if dim in DIMS}
            self.tiles.append([min(at.get(d, above[d]), above[d]) for d in range(4)])
            above = self.tiles[-1]
            if any(tile < question.filter_size[dim] for _, tile, dim in level if dim in "RS"):
                raise ValueError("R or S is cut")
            order = [DIMS.index(dim) for _, _, dim in level if dim in DIMS]
            self.orders.append(order + [d for d in range(4) if d not in order])
            parallel = [dim for kind, _, dim in level if kind == "SpatialMap"]
            if len(parallel) != 1 or parallel[0] not in DIMS:
                raise ValueError("a level has not one parallel dimension out of K, C, Y, X")
            self.parallel.append(DIMS.index(parallel[0]))
        if not question.least_cluster <= self.cluster <= question.largest_cluster:
            raise ValueError("the cluster size is not in the space")
        if any(p not in allowed for p, allowed in zip(self.parallel, question.parallel)):
            raise ValueError("a parallel dimension is not in the space")
        if any(t < 1 for tiles in self.tiles for t in tiles):
            raise ValueError("a tile is empty")
        if not all(question.allows(d, self.tiles[0][d], self.tiles[1][d]) for d in range(4)):
            raise ValueError("a tile is not in the space")
        for order, begins in zip(self.orders, question.begins):
            turning = [d for d in order if question.size[d] > 1]
            if turning[: sum(question.size[d] > 1 for d in begins)] != [d for d in begins if question.size[d] > 1]:
                raise ValueError("a loop order is not in the space")

    @classmethod
    def of(cls, tiles, orders, parallel, cluster):
        made = cls.__new__(cls)
        made.tiles, made.orders, made.parallel, made.cluster = tiles, orders, parallel, cluster
        return made

    @staticmethod
    def read(question, text):
        """The directives of two levels, (kind, tile, dimension) from the outermost on; the cluster size."""
        levels, clusters = [[]], []
        for kind, tile, offset, dim, prime, cluster in re.findall(
            r"(SpatialMap|TemporalMap)\((\d+),\s*(\d+)\)\s*([A-Z])('?);|Cluster\((\d+),\s*P\);", text
        ):
            if cluster:
                levels.append([])
                clusters.append(int(cluster))
                continue
            if tile != offset:
                raise ValueError("a tile's offset is not its size")
            if dim in "YX" and not prime and not question.is_plain(dim):
                raise ValueError(f"{dim} is not in rows or columns of the output")
            levels[-1].append((kind, int(tile), dim))
        if len(levels) != 2:
            raise ValueError("the mapping has not two levels")
        if question.type == "GEMM":  # M, N, K are Y, K, C
            names = {"M": "Y", "N": "K", "K": "C"}
            levels = [[(kind, tile, names.get(dim, dim)) for kind, tile, dim in level] for level in levels]
        return levels, clusters[0]


class Steps:
    """Steps of one group in a row. Its sub-clusters' boxes differ along `parallel` alone.

    low, high: of each dimension, by step; of the parallel one by step and sub-cluster. follows: whether the group
    worked in the step before.
    """

    def __init__(self, question, parallel, low, high, follows):
        self.q, self.p = question, parallel
        self.low, self.high, self.follows = low, high, follows
        self.active = high[parallel] > low[parallel]
        self.count, self.units = self.active.shape
        self.widest = [high[d] if d != parallel else high[d].max(axis=1) for d in range(4)]
        self.first = [low[d] if d != parallel else low[d][:, 0] for d in range(4)]
        self.reads = np.zeros(self.count, dtype=np.int64)
        self.fills = {"input": 0, "filter": 0}
        for tensor in self.fills:
            self.move(tensor)
        self.leaving = self.outputs_that_leave()

    def rows(self, tensor, d, length):
        """Elements of an interval that is not empty, or the rows that two intervals share."""
        if tensor != "input":
            return length
        return length * self.q.each[d] + self.q.more[d]

    def held(self, u, steps):
        """For each step of a sub-cluster's that it is active in, the index of the one before."""
        return np.concatenate([[-1], steps[:-1]])

    def move(self, tensor):
        """Adds what the sub-clusters fill, and what the buffer above is read for."""
        own = sorted(self.q.own[tensor] - {self.p})
        weight = self.q.window if tensor == "filter" else 1
        is_own = self.p in self.q.own[tensor]
        size = math.prod(self.rows(tensor, d, self.high[d] - self.low[d]) for d in own) * np.int64(weight)
        kept = [None] * self.units
        shares = np.full(self.count, -1, dtype=np.int64)  # of the other dimensions, what all sub-clusters hold
        for u in range(self.units):
            steps = np.nonzero(self.active[:, u])[0]
            if not len(steps):
                continue
            before = self.held(u, steps)
            shared = np.full(len(steps), weight, dtype=np.int64)
            for d in own:
                low = np.maximum(self.low[d][steps], self.low[d][before])
                high = np.minimum(self.high[d][steps], self.high[d][before])
                shared *= np.maximum(self.rows(tensor, d, high - low), 0)
            shared[0] = 0
            if (np.where(shares[steps] < 0, shared, shares[steps]) != shared).any():
                raise ValueError("sub-clusters hold different parts of the dimensions that are not parallel")
            shares[steps] = shared
            kept[u] = self.fill(tensor, u, steps, before, size, shared, is_own)
        self.read(tensor, size, np.maximum(shares, 0), kept, is_own)

    def fill(self, tensor, u, steps, before, size, shared, is_own):
        """One sub-cluster's fills; returns where its tile before was, step by step."""
        if not is_own:
            self.fills[tensor] += int((size[steps] - shared).sum())
            return None
        low, high = self.low[self.p][:, u], self.high[self.p][:, u]
        own = self.rows(tensor, self.p, high[steps] - low[steps])
        both = np.minimum(high[steps], high[before]) - np.maximum(low[steps], low[before])
        both = np.maximum(self.rows(tensor, self.p, both), 0)
        moved = size[steps] * own - shared * both
        self.fills[tensor] += int(moved.sum())
        if self.more(tensor) == 0:
            self.reads[steps] += moved
            return None
        held = np.zeros((2, self.count), dtype=np.int64)
        held[0][steps[1:]], held[1][steps[1:]] = low[before[1:]], high[before[1:]]
        return held

    def more(self, tensor):
        return self.q.more[self.p] if tensor == "input" else 0

    def read(self, tensor, size, shared, held, is_own):
        """What at least one sub-cluster lacks. Where the tiles are apart along p, all fills; that is counted."""
        if not is_own:
            self.reads += size - shared
        elif self.more(tensor) > 0:
            each, more = self.q.each[self.p], self.q.more[self.p]
            nothing = np.zeros((2, self.count), dtype=np.int64)
            held = np.stack([nothing if h is None else h for h in held], axis=2)
            for begin in range(0, self.count, 4096):
                part = slice(begin, begin + 4096)
                low, high = self.low[self.p][part], self.high[self.p][part]
                union = (high.max(axis=1) - low[:, 0]) * each + more
                by_all = held_by_all(low, high, held[0][part], held[1][part], each, more)
                self.reads[part] += union * size[part] - by_all * shared[part]

    def box(self, tensor, steps=slice(None)):
        """The elements of all sub-clusters together."""
        total = np.int64(self.q.window if tensor == "filter" else 1)
        for d in self.q.own[tensor]:
            total = total * self.rows(tensor, d, self.widest[d][steps] - self.first[d][steps])
        return total + np.zeros(self.count, dtype=np.int64)[steps]

    def shared_with_next(self, tensor):
        """Elements that the group works on in a step and in the next one, if that follows."""
        total = np.full(self.count - 1, self.q.window if tensor == "filter" else 1, dtype=np.int64)
        for d in self.q.own[tensor]:
            low = np.maximum(self.first[d][1:], self.first[d][:-1])
            high = np.minimum(self.widest[d][1:], self.widest[d][:-1])
            total *= np.maximum(self.rows(tensor, d, high - low), 0)
        return total * self.follows[1:]

    def outputs_that_leave(self):
        stay = np.append(self.shared_with_next("output"), 0)
        return self.box("output") - stay

    def new_to_group(self):
        """Input and filter that none of the sub-clusters had in the step before."""
        total = np.zeros(self.count, dtype=np.int64)
        for tensor in ("input", "filter"):
            total += self.box(tensor) - np.insert(self.shared_with_next(tensor), 0, 0)
        return total

    def longest(self):
        """The lengths of the largest tile of a sub-cluster, step by step."""
        lengths = [self.high[d] - self.low[d] for d in range(4)]
        lengths[self.p] = lengths[self.p].max(axis=1)
        return lengths

    def largest_tile(self):
        return int(sum(self.q.elements(self.longest())).max())

    def largest_macs(self):
        """Of the busiest sub-cluster, step by step."""
        return math.prod(self.longest(), start=np.int64(self.q.window))


def loops(boxes, tiles, order, parallel, units):
    """All steps of a level in boxes of one shape [(low, high) of each dimension]: lows and highs within them."""
    rounds = [ceil_div(ceil_div(boxes[d], tiles[d]), units if d == parallel else 1) for d in range(4)]
    grid = np.indices([rounds[d] for d in order]).reshape(4, -1)
    low, high = [None] * 4, [None] * 4
    for place, d in enumerate(order):
        number = grid[place]
        if d == parallel:
            number = number[:, None] * units + np.arange(units)
        low[d] = number * tiles[d]
        high[d] = np.minimum(low[d] + tiles[d], boxes[d])
        if d == parallel:
            none = low[d] >= boxes[d]
            low[d], high[d] = np.where(none, 0, low[d]), np.where(none, 0, high[d])
    return low, high


class Walk:
    """The figures of a mapping."""

    def __init__(self, question, mapping):
        self.q, self.m = question, mapping
        tiles = [ceil_div(question.size[d], mapping.tiles[1][d]) for d in range(4)]
        if math.prod(tiles) > MOST_STEPS:
            raise ValueError("the mapping takes too many steps to be walked")
        p = mapping.parallel[0]
        units = min(question.pes // mapping.cluster, ceil_div(question.size[p], mapping.tiles[0][p]))
        low, high = loops(question.size, mapping.tiles[0], mapping.orders[0], p, units)
        count = len(low[p])
        self.outer = Steps(question, p, low, high, np.ones(count, dtype=bool))
        self.fills1 = self.reads1 = self.outputs1 = self.done = 0
        self.largest_tile = 0
        times = np.zeros((count, units))
        for g in range(units):
            self.walk_group(g, times)
        if self.done != question.macs:
            raise ValueError(f"the mapping does {self.done} MACs, not {question.macs}")
        self.set_figures(times.max(axis=1))

    def walk_group(self, g, times):
        """All of level 1 in one sub-cluster of level 0."""
        m, p = self.m, self.m.parallel[1]
        steps = np.nonzero(self.outer.active[:, g])[0]
        low = [self.outer.low[d] if d != self.outer.p else self.outer.low[d][:, g] for d in range(4)]
        high = [self.outer.high[d] if d != self.outer.p else self.outer.high[d][:, g] for d in range(4)]
        units = min(m.cluster, ceil_div(m.tiles[0][p], m.tiles[1][p]))
        shapes = np.stack([(high[d] - low[d])[steps] for d in range(4)], axis=1)
        kinds, kind_of = np.unique(shapes, axis=0, return_inverse=True)
        within = [loops([int(s) for s in kind], m.tiles[1], m.orders[1], p, units) for kind in kinds]
        lengths = np.array([len(of[0][p]) for of in within])[kind_of.ravel()]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        owner = np.repeat(steps, lengths)
        all_low, all_high = [], []
        for d in range(4):
            base = low[d][owner] if d != p else low[d][owner][:, None]
            for side, into in ((0, all_low), (1, all_high)):
                into.append(np.concatenate([within[k][side][d] for k in kind_of.ravel()]) + base)
        none = np.concatenate([within[k][1][p] == 0 for k in kind_of.ravel()])
        all_low[p], all_high[p] = np.where(none, 0, all_low[p]), np.where(none, 0, all_high[p])
        follows = np.ones(len(owner), dtype=bool)
        follows[starts[1:-1]] = np.diff(steps) == 1
        inner = Steps(self.q, p, all_low, all_high, follows)
        self.add(inner)
        times[steps, g] = self.times_of(inner, starts[:-1])

    def add(self, inner):
        self.fills1 += inner.fills["input"] + inner.fills["filter"]
        self.reads1 += int(inner.reads.sum())
        self.outputs1 += int(inner.leaving.sum())
        self.largest_tile = max(self.largest_tile, inner.largest_tile())
        others = math.prod((inner.high[d] - inner.low[d] for d in range(4) if d != inner.p), start=np.int64(1))
        along = (inner.high[inner.p] - inner.low[inner.p]).sum(axis=1)
        self.done += int((others * along).sum()) * self.q.window

    def delay(self, elements):
        """Cycles of a NoC for so many elements."""
        return np.where(elements > 0, self.q.head + -(-elements // self.q.noc) - 1, 0)

    def times_of(self, inner, starts):
        """The time of each start of a group."""
        compute = -(-inner.largest_macs() // self.q.lanes)
        ingress, egress = self.delay(inner.reads), self.delay(inner.leaving)
        time = np.maximum(np.maximum(compute, ingress), egress)
        time[starts] = np.maximum(compute[starts] + ingress[starts], egress[starts])
        return np.add.reduceat(time, starts)

    def set_figures(self, compute):
        q, outer = self.q, self.outer
        ingress, egress = self.delay(outer.reads), self.delay(outer.leaving)
        time = np.maximum(np.maximum(compute, ingress), egress)
        time[0] = max(compute[0] + ingress[0], egress[0])
        for elements in (outer.new_to_group(), outer.leaving):
            time = np.maximum(time, -(-elements // q.offchip))
        self.runtime = int(time.sum())
        inputs, filters, _ = q.elements(q.size)
        outputs = int(outer.leaving.sum())
        reads = int(outer.reads.sum())
        fills = outer.fills["input"] + outer.fills["filter"]
        l1 = 4 * q.macs + self.fills1
        l2 = reads + inputs + filters + 2 * outputs
        self.energy = q.energy_nj(l1, l2, fills + self.reads1 + 2 * self.outputs1)
        self.l1_size = 2 * self.largest_tile
        self.l2_size = 2 * int((outer.box("input") + outer.box("filter") + outer.box("output")).max())

