"""Level 0's lists and tables of a proof of energy: B1 and B2 of docs/certify-exact.md."""

import math

import numpy as np

from .floors import FILTER_SHARE, INPUT_SHARE, KINDS, NO_SHARE, OUTPUT_SHARE, inner_floors, is_valid, share_weight
from .orders import everything, most_staying, stays
from .question import (
    FILTER_FILLS,
    INFINITE,
    INPUT_FILLS,
    NONE,
    OUTPUTS,
    ROUNDING,
    STREAMS,
    busy_extent,
    ceil_div,
    classes_of,
    first_share,
)
from .sums import MOVES, RESTARTS, SAME

AT_ONCE = 40_000  # vectors


class Grid:
    """Classes of the tiles of all four dimensions."""

    def __init__(self, q):
        of = [classes_of(size, *q.outer_tiles(d)) for d, size in enumerate(q.size)]
        self.classes = [np.array(c).T for c in of]  # steps, smallest, largest
        self.shape = [c.shape[1] for c in self.classes]
        self.of_tile = []
        for size, c in zip(q.size, self.classes):
            self.of_tile.append(np.minimum(np.searchsorted(c[2], np.arange(size + 1)), c.shape[1] - 1))


class Lists:
    """Lists of one outer parallel dimension, or the one list of none: arrays over the lists."""

    def __init__(self, q, parallel):
        self.parallel = parallel
        rows = [(1, 1, q.least_cluster, q.largest_cluster)] if parallel == NONE else list(self.of_dimension(q))
        self.tile, self.units, self.least_cluster, self.largest_cluster = np.array(rows).reshape(-1, 4).T
        size = 1 if parallel == NONE else q.size[parallel]
        self.steps = ceil_div(ceil_div(size, self.tile), self.units)
        self.busy = busy_extent(size, self.tile, self.units, 1, 1).astype(float)

    def of_dimension(self, q):
        """Every tile that leaves several, with every number of sub-clusters that some cluster size gives."""
        size, ranges = q.size[self.parallel], q.cluster_ranges()
        low, high = q.outer_tiles(self.parallel)
        for tile in range(low, min(high, size - 1) + 1):
            tiles = ceil_div(size, tile)
            found = {}
            for above, (low, high) in ranges.items():
                units = min(above, tiles)
                if units >= 2:
                    least, most = found.get(units, (low, high))
                    found[units] = min(least, low), max(most, high)
            for units, (low, high) in sorted(found.items()):
                yield tile, units, low, high


class Vectors:
    """Vectors that may be part of a mapping with a value below a threshold; arrays."""

    def __init__(self, lists):
        self.lists = lists
        self.index = np.zeros(0, dtype=np.int32)  # of the list
        self.classes = np.zeros((4, 0), dtype=np.int32)
        self.least = np.zeros((4, 0))  # Z with the share of each kind of floor
        self.is_tied = np.zeros(0, dtype=bool)  # whether rounding decides that it is one of these

    def steps(self, grid, d):
        own = grid.classes[d][0][self.classes[d]]
        return self.lists.steps[self.index] if d == self.lists.parallel else own

    def take(self, which):
        some = Vectors(self.lists)
        some.index, some.classes, some.least = self.index[which], self.classes[:, which], self.least[:, which]
        return some


def least_cycles(q, lists, index, inner, inner_busy, steps, first=0, starts=0):
    """Cycles of mappings with these lists take at least this (B6), where they may wait N1 besides."""
    busy = 1.0
    for d in range(4):
        extent = float(q.size[d])
        if d == inner:
            extent = inner_busy / lists.units[index] if lists.parallel == d else inner_busy
        elif d == lists.parallel:
            extent = lists.busy[index]
        busy = busy * extent
    return q.cycles(busy, steps, first, 0, starts)


class Level0:
    """All vectors of all lists, and the tables that they make."""

    def __init__(self, q, tables, threshold, roots):
        """roots: a range of all tiles for each inner parallel dimension that there is."""
        self.q, self.tables, self.threshold = q, tables, threshold
        self.grid = Grid(q)
        self.floors = {r.inner: inner_floors(q, r)[:, 0] for r in roots}
        self.vectors = {}
        for p in (NONE, *q.parallel[0]):
            self.vectors[p] = self.fill(Lists(q, p))

    def fill(self, lists):
        """A loop over pieces of the grid: lists by vectors of classes."""
        found = Vectors(lists)
        others = [d for d in range(4) if d != lists.parallel]
        size = math.prod(self.grid.shape[d] for d in others)
        at_once = max(1, AT_ONCE // size)
        parts = []
        for begin in range(0, len(lists.tile), at_once):
            index = np.arange(begin, min(begin + at_once, len(lists.tile)))
            grid = np.meshgrid(index, *(np.arange(self.grid.shape[d]) for d in others), indexing="ij", sparse=True)
            places = [None] * 4
            for d, numbers in zip(others, grid[1:]):
                places[d] = numbers
            fits = np.nonzero(np.broadcast_to(self.fits(lists, grid[0], places), [len(index), *map(self.size_of, others)]))
            for part in range(0, len(fits[0]), AT_ONCE):
                chosen = [axis[part : part + AT_ONCE] for axis in fits]
                classes = [None] * 4
                for d, numbers in zip(others, chosen[1:]):
                    classes[d] = numbers
                parts.append(self.keep(lists, chosen[0] + begin, classes))
        if parts:
            found.index, found.classes, found.least, found.is_tied = (np.concatenate(p, axis=-1) for p in zip(*parts))
        return found

    def size_of(self, d):
        return self.grid.shape[d]

    def fits(self, lists, index, classes):
        return self.q.fits(self.box(lists, index, classes), self.q.l2)

    def box(self, lists, index, classes):
        """What the first step of level 0 covers at least."""
        box = []
        for d in range(4):
            if d == lists.parallel:
                box.append(np.minimum(lists.tile[index] * lists.units[index], self.q.size[d]))
            else:
                box.append(self.grid.classes[d][1][classes[d]])
        return box

    def terms(self, lists, index, classes):
        """Level 0's sums of each vector: by dimension, stream and relation."""
        found = []
        for d in range(4):
            if d == lists.parallel:
                used, place = np.unique(index, return_inverse=True)
                of = [self.tables.outer(d, int(lists.tile[i]), int(lists.units[i])) for i in used]
            else:
                place = classes[d]
                of = [self.tables.outer(d, int(tile), 1) for tile in self.grid.classes[d][1]]
            found.append(np.stack(of, axis=-1)[:, :, place])
        return found

    def keep(self, lists, index, classes):
        """The vectors that no bound over all PEs' tiles settles."""
        if lists.parallel != NONE:
            classes[lists.parallel] = self.grid.of_tile[lists.parallel][lists.tile[index]]
        terms = self.terms(lists, index, classes) if self.q.has_energy else None
        least = self.least_energies(terms) if terms else np.zeros((len(KINDS), len(index)))
        vectors = Vectors(lists)
        vectors.index, vectors.classes = index, np.array(classes)
        steps = [vectors.steps(self.grid, d) for d in range(4)]
        value = np.full(len(index), INFINITE)
        first = self.q.waited_for(self.box(lists, index, vectors.classes))
        for inner, floors in self.floors.items():
            energy = np.zeros(len(index))
            for kind in KINDS:
                valid = is_valid(self.q, kind, inner, steps[inner] if inner != NONE else np.ones(len(index)))
                energy = np.where(valid, np.maximum(energy, least[kind] + floors[kind]), energy)
            cycles = 0.0
            if self.q.has_cycles:
                share = 1.0 if inner == NONE else self.q.size[inner] / lists.largest_cluster[index]
                cycles = least_cycles(self.q, lists, index, inner, share, math.prod(steps).astype(float), first)
            value = np.minimum(value, self.q.value(self.q.fixed + energy, cycles))
        kept = value <= self.threshold * (1 + ROUNDING)
        tied = value[kept] > self.threshold * (1 - ROUNDING)
        return index[kept], vectors.classes[:, kept], least[:, kept], tied

    def least_energies(self, terms):
        """Z at the best order, and with the share of each kind of floor."""
        same, moves, restarts = ([t[:, r] for t in terms] for r in (SAME, MOVES, RESTARTS))
        weights = self.q.outer_weights
        base, all_of_it = stays(weights, restarts, moves, same), everything(weights, same)
        found = [all_of_it - most_staying(base, self.q.orders[0])]
        for kind, stream in ((INPUT_SHARE, INPUT_FILLS), (FILTER_SHARE, FILTER_FILLS), (OUTPUT_SHARE, OUTPUTS)):
            weight = share_weight(self.q, kind)
            if weight == 0:
                found.append(found[NO_SHARE])
                continue
            weights = [weight if s == stream else 0 for s in STREAMS]
            table = stays(weights, restarts, moves, same, base)
            found.append(all_of_it + everything(weights, same) - most_staying(table, self.q.orders[0]))
        return np.array(found)

    def check(self, p, line):
        """A line that tells how many lists and vectors one outer parallel dimension has."""
        v = self.vectors[p]
        sure = ~v.is_tied
        for name, most, least in (
            ("vectors", len(v.index), int(sure.sum())),
            ("count", len(np.unique(v.index)), len(np.unique(v.index[sure]))),
        ):
            if not least <= line[name] <= most:
                raise ValueError(f"{name} is {line[name]}, not {least}" + (f" to {most}" if most > least else ""))
        found = float(v.least[NO_SHARE].min()) if len(v.index) else None
        if (found is None) != (line["least"] is None) or (found is not None and abs(line["least"] - found) > 1e-6 * found):
            raise ValueError(f"least is {line['least']}, not {found}")

    def groups(self):
        """For each number of sub-clusters that cluster sizes leave: a table of Z, the least of all larger classes."""
        units = sorted(self.q.cluster_ranges())
        for number, most in enumerate(units):
            yield Table(self, units[number - 1] if number else 0, most)


class Table:
    """B2 and B7: the least Z' over all vectors of no smaller classes, of lists with more than `above` to `units`
    sub-clusters."""

    def __init__(self, level_0, above, units):
        self.q, self.grid, self.level_0, self.units = level_0.q, level_0.grid, level_0, units
        self.work = self.q.window / self.q.lanes * float(math.prod(self.q.size))  # of one PE
        self.fixed = self.q.fixed if self.q.has_energy else 1.0
        vectors = {}
        for p, v in level_0.vectors.items():
            which = np.nonzero((v.lists.units[v.index] > above) & (v.lists.units[v.index] <= units))[0]
            if len(which):
                vectors[p] = v.take(which)
        inners = [inner for inner in level_0.floors if vectors and self.may_be_better(inner)]
        self.under = {inner: self.energies(inner, vectors) for inner in inners}

    def may_be_better(self, inner):
        """Whether mappings below the threshold may have these sub-clusters and this inner parallel dimension."""
        work = self.work / self.units
        if inner != NONE:
            size = self.q.size[inner]
            work *= ceil_div(size, min(size, self.q.largest_cluster, self.q.pes // self.units)) / size
        floor = self.level_0.floors[inner][NO_SHARE]
        return self.q.value(self.fixed + floor, work) * (1 - ROUNDING) <= self.level_0.threshold

    def energies(self, inner, vectors):
        """Least energies by classes: of each kind of floor, and without shares where `inner` makes two steps."""
        least, of_two_steps = np.full((4, *self.grid.shape), INFINITE), np.full(self.grid.shape, INFINITE)
        for v in vectors.values():
            part = self.waiting_part(inner, v) if self.q.has_cycles else 0
            raised = v.least + part * (self.fixed + v.least + self.level_0.floors[inner][:, None])
            for kind in KINDS:
                np.minimum.at(least[kind], tuple(v.classes), raised[kind])
            if inner != NONE:
                two = v.steps(self.grid, inner) == 2
                np.minimum.at(of_two_steps, tuple(v.classes[:, two]), raised[NO_SHARE][two])
        for table in (*least, of_two_steps):
            for axis in range(4):
                back = np.flip(table, axis)
                np.minimum.accumulate(back, axis=axis, out=back)
        return least, of_two_steps

    def waiting_part(self, inner, v):
        """By what part mappings below the threshold take longer at least than the busiest PE works, if all of the table's
        sub-clusters share out the work, and than what is moved takes."""
        q, lists = self.q, v.lists
        steps = [v.steps(self.grid, d) for d in range(4)]
        energy = np.zeros(len(v.index))
        for kind in KINDS:
            valid = is_valid(q, kind, inner, steps[inner] if inner != NONE else np.ones(len(v.index)))
            energy = np.where(valid, np.maximum(energy, v.least[kind] + self.level_0.floors[inner][kind]), energy)
        most = self.level_0.threshold / q.value(self.fixed + energy, 1.0)
        share = 1.0
        if lists.parallel == inner != NONE:
            share = 1 / lists.units[v.index]
        elif lists.parallel != NONE:
            share = lists.busy[v.index] / q.size[lists.parallel]
        first = q.waited_for(self.level_0.box(lists, v.index, v.classes))
        waits = q.head * (math.prod(s.astype(float) for s in steps) + 1) + np.maximum(first / q.noc - 1, 0)
        least_work, part = self.work / q.pes, share * self.units
        longer = part * (1 + waits / np.maximum(most - waits, least_work))
        if least_work < q.transfer:
            longer = np.minimum(longer, np.maximum(part * least_work + waits, q.transfer) / q.transfer)
        return longer - 1

    def bound(self, r, floors):
        """Of ranges, where the sub-clusters are those of this table."""
        q = self.q
        value = np.full(len(r), INFINITE)
        if r.inner not in self.under:
            return value
        most_units = q.pes // np.maximum(r.units_low, q.least_cluster)
        place = tuple(self.grid.of_tile[d][r.least_outer_tile(d)] for d in range(4))
        least, of_two_steps = self.under[r.inner]
        energy = np.zeros(len(r))
        for kind in KINDS:
            if not is_valid(q, kind, r.inner, 3):
                continue
            of_kind = least[kind][place] + floors[kind]
            if not is_valid(q, kind, r.inner, 2):
                of_kind = np.minimum(of_kind, of_two_steps[place] + floors[NO_SHARE])
            energy = np.maximum(energy, of_kind)
        found = (self.units <= most_units) & np.isfinite(energy)
        bound = q.value(self.fixed + energy, 1.0) if q.has_energy else self.fixed + energy
        if q.has_cycles:
            bound = bound * np.maximum(self.least_work(r), q.transfer)
        value[found] = bound[found]
        return value

    def least_work(self, r):
        """Cycles of the busiest PE if all sub-clusters share out the work."""
        work = np.full(len(r), self.work / self.units)
        if r.inner == NONE:
            return work
        units = np.maximum(np.minimum(r.units_high, self.q.pes // self.units), 1)
        return work * least_share(self.q, r, units) / self.q.size[r.inner]


def least_share(q, r, units):
    """What the first of so many PEs has at least of the inner parallel dimension of ranges."""
    size, tile = q.size[r.inner], r.low[r.inner]
    least = np.maximum(ceil_div(size, units), tile)
    return np.where(tile == r.high[r.inner], first_share(size, tile, units), least).astype(float)
