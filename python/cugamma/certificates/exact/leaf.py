"""Tiles of PEs of a certificate opened again: every mapping above them that no bound settles is priced."""

import numpy as np

from .floors import Ranges
from .orders import everything, most_staying, stays, staying
from .question import INFINITE, NONE, busy_extent, ceil_div
from .sums import MOVES, OUTER_MOVES, OUTER_RESTARTS, RESTARTS, SAME
from .vectors import VectorBounds
from .waits import Waits, first_extent, needed_by_starts, orders_of_level_0

AT_ONCE = 20_000  # mappings
ANY, ALL_IN, MORE_IN = range(3)  # tiles of level 0 under so many PEs: all, with as many tiles or fewer, with more


class Choice:
    """Tiles of level 0 of one dimension with what they contribute; arrays over the tiles."""

    def __init__(self, q, tables, d, tiles, outer_units, inner_tile, inner_units):
        self.tile = np.array(tiles)
        self.outer = np.array([tables.outer(d, t, outer_units) for t in tiles])
        self.inner = np.array([tables.inner(d, t, outer_units, inner_tile, inner_units) for t in tiles])
        size = q.size[d]
        self.steps = ceil_div(ceil_div(size, self.tile), outer_units).astype(float)
        self.busy = busy_extent(size, self.tile, outer_units, inner_tile, inner_units).astype(float)
        self.step = np.minimum(self.tile * outer_units, size)
        self.names = ["tile", "outer", "inner", "steps", "busy", "step"]
        if q.may_wait:
            self.names += ["of_first", "needed"]
            below = inner_tile, inner_units
            extents = [first_extent(q, d, t, outer_units)[0] for t in tiles]
            self.of_first = np.array([tables.of_first(d, e, t, *below) for e, t in zip(extents, tiles)])
            self.needed = np.array([needed_by_starts(q, d, t, outer_units, *below) for t in tiles]).astype(float)

    def take(self, which):
        for name in self.names:
            setattr(self, name, getattr(self, name)[which])
        return self

    def without_superfluous(self):
        """C2: of tiles of which one moves no more than another, holds no less and takes no longer, the one."""
        count = len(self.tile)
        o, i = self.outer, self.inner
        equal = np.concatenate([self.steps[:, None], o[:, :, SAME]], axis=1)
        less = [self.busy[:, None], self.step[:, None], i[:, :, SAME], i[:, :, SAME] - i[:, :, MOVES]]
        less += [-o[:, :, MOVES], -o[:, :, RESTARTS], -i[:, :, RESTARTS], -i[:, :, OUTER_MOVES], -i[:, :, OUTER_RESTARTS]]
        if "needed" in self.names:
            equal = np.concatenate([equal, self.busy[:, None]], axis=1)
            less.append(self.needed)
        less = np.concatenate(less, axis=1)
        kept = np.ones(count, dtype=bool)
        for a in range(count):
            if kept[a]:
                worse = (less[a] <= less).all(axis=1) & (equal[a] == equal).all(axis=1)
                worse[a] = False
                kept &= ~worse
        return self.take(kept)


class Leaf:
    """One tile of PEs, one number of PEs."""

    def __init__(self, q, tables, level_0, inner, tile, units, is_priced):
        """is_priced: mappings whose bound is too low were priced; `unsettled` are these."""
        self.q, self.tables, self.level_0 = q, tables, level_0
        self.is_priced, self.unsettled = is_priced, []
        self.inner, self.tile, self.units = inner, tile, units
        low = np.array(tile)[:, None]
        number = np.array([units])
        self.bounds = VectorBounds(q, level_0, Ranges(inner, low, low, number, number))
        self.least, self.pending, self.choices = INFINITE, [], {}

    def least_outer_tile(self, d):
        return self.tile[d] if d != self.inner else (self.units - 1) * self.tile[d] + 1

    def open(self, threshold, below):
        """(least value, least of those that were certainly found), of mappings with values below the threshold.

        What was opened for certain are vectors whose bounds do not reach `below`. Raises where a value does not.
        """
        self.below = below
        bounds = {p: self.bounds.of(v, threshold) for p, v in self.level_0.vectors.items() if len(v.index)}
        for low, high in ((0, below), (below, threshold)):
            for p, of_vectors in bounds.items():
                for i in np.nonzero((of_vectors >= low) & (of_vectors < high))[0]:
                    self.open_vector(self.level_0.vectors[p], int(i))
            self.price()
            sure = self.least if high == below else sure
        return self.least, sure

    def open_vector(self, v, i):
        lists, index = v.lists, int(v.index[i])
        self.lists, self.list = lists, index
        rules = [ANY]
        if self.inner != NONE:
            rules = [ALL_IN] if self.units <= lists.largest_cluster[index] else []
            if lists.least_cluster[index] <= self.units <= lists.largest_cluster[index]:
                rules.append(MORE_IN)
        for rule in rules:
            choices = [self.choice(d, int(v.classes[d][i]), rule) for d in range(4)]
            if all(c is not None and len(c.tile) for c in choices):
                places = np.meshgrid(*(np.arange(len(c.tile)) for c in choices), indexing="ij")
                self.pending.append((lists.parallel, index, choices, [p.ravel() for p in places]))
                if sum(len(places[0]) for *_, places in self.pending) > AT_ONCE:
                    self.price()

    def choice(self, d, index, rule):
        lists, inner_units = self.lists, self.units if d == self.inner else 1
        is_listed = d == lists.parallel
        # Not parallel inside: the rule is about another dimension.
        own_rule = rule if d == self.inner else ANY
        key = d, is_listed and self.list, None if is_listed else index, own_rule
        if key not in self.choices:
            if is_listed:
                tiles, outer = [int(lists.tile[self.list])], int(lists.units[self.list])
            else:
                _, smallest, largest = self.level_0.grid.classes[d][:, index]
                tiles, outer = list(range(int(smallest), int(largest) + 1)), 1
            tiles = [t for t in tiles if t >= self.least_outer_tile(d) and self.obeys(own_rule, t, d)]
            tiles = [t for t in tiles if self.q.allows(d, t, self.tile[d])]
            found = None
            if tiles:
                found = Choice(self.q, self.tables, d, tiles, outer, self.tile[d], inner_units).without_superfluous()
            self.choices[key] = found
        return self.choices[key]

    def obeys(self, rule, tile, d):
        is_full = ceil_div(tile, self.tile[d]) <= self.units
        return rule == ANY or is_full == (rule == ALL_IN)

    def price(self):
        """Of all mappings that wait: their values at the best loop orders."""
        q = self.q
        if not self.pending:
            return
        terms = {name: [] for name in self.pending[0][2][0].names}
        for name, into in terms.items():
            for d in range(4):
                into.append(np.concatenate([getattr(c[d], name)[places[d]] for *_, c, places in self.pending]))
        outer, inner = ([np.moveaxis(of, 0, -1) for of in terms[name]] for name in ("outer", "inner"))
        of_outer = [[o[:, r] for o in outer] for r in (SAME, MOVES, RESTARTS)]
        of_inner = [[i[:, r] for i in inner] for r in range(5)]
        energy = everything(q.outer_weights, of_outer[SAME]) + everything(q.inner_weights, of_inner[SAME])
        above = stays(q.outer_weights, of_outer[RESTARTS], of_outer[MOVES], of_outer[SAME])
        # The first step of each start of level 1 is entered by a loop of level 0.
        above = stays(q.inner_weights, of_inner[OUTER_RESTARTS], of_inner[OUTER_MOVES], of_inner[RESTARTS], above)
        below = stays(q.inner_weights, of_inner[RESTARTS], of_inner[MOVES], of_inner[SAME])
        energy = energy - most_staying(below, q.orders[1])
        if q.may_wait:
            value = self.least_with_waits(terms, outer, energy, above)
        else:
            energy = energy - most_staying(above, q.orders[0])
            busy, steps = (a[0] * a[1] * a[2] * a[3] for a in (terms["busy"], terms["steps"]))
            value = q.value(q.fixed + energy, q.cycles(busy, steps))
        value = np.where(q.fits(terms["step"], q.l2), value, INFINITE)
        self.take(value, terms["tile"])
        self.pending = []

    def least_with_waits(self, terms, outer, energy, above):
        """The least over level 0's orders of the energy, of which `above` stays, times the cycles by N1 to N4."""
        q = self.q
        waits = Waits(q, outer, terms["steps"], terms["busy"], terms["step"])
        group = [min(self.tile[d] * (self.units if d == self.inner else 1), q.size[d]) for d in range(4)]
        of_first = [np.moveaxis(of, 0, -1) for of in terms["of_first"]]
        waits.add_starts(of_first, [of.T for of in terms["needed"]], group)
        least = INFINITE
        for order in orders_of_level_0(q):
            value = q.value(q.fixed + energy - staying(above, order), waits.cycles(order))
            least = np.minimum(least, value)
        return least

    def take(self, value, tiles):
        owners = np.repeat(np.arange(len(self.pending)), [len(p[3][0]) for p in self.pending])
        for i in np.argsort(value, kind="stable"):
            if value[i] >= self.least and not (self.is_priced and value[i] < self.below):
                return
            parallel, index, *_ = self.pending[owners[i]]
            units = 1 if parallel == NONE else int(self.level_0.vectors[parallel].lists.units[index])
            mapping = [int(t[i]) for t in tiles]
            named = self.named(parallel, units, mapping)
            if named is None:
                continue
            self.least = min(self.least, float(value[i]))
            if value[i] >= self.below:
                return
            if not self.is_priced:
                raise ValueError(f"a mapping with tiles {mapping} above {list(self.tile)} has {self.least!r}")
            self.unsettled.append(([mapping, list(self.tile)], *named))

    def named(self, outer, units, tiles):
        """C1: parallel dimensions and a cluster size that give so many sub-clusters and PEs; None: there are none."""
        q = self.q
        above = [ceil_div(size, t) for size, t in zip(q.size, tiles)]
        below = [ceil_div(t, own) for t, own in zip(tiles, self.tile)]

        def some(allowed, wanted, number, available, counts):
            fitting = (d for d in allowed if wanted in (NONE, d) and min(available, counts[d]) == number)
            return next(fitting, None)

        for c in range(q.least_cluster, q.largest_cluster + 1):
            dims = [
                some(q.parallel[0], outer, units, q.pes // c, above),
                some(q.parallel[1], self.inner, self.units, c, below),
            ]
            if None not in dims:
                return dims, c
        return None


def open_range(q, tables, level_0, line, threshold, below):
    """What the tiles of a line have below the threshold: see Leaf.open; and mappings whose bound is below `below`, as
    tiles, parallel dimensions and cluster size."""
    inner = NONE if line["inner"] is None else "KCYX".index(line["inner"])
    is_priced = line["opened"].get("priced", 0) > 0
    leaves = [Leaf(q, tables, level_0, inner, line["low"], n, is_priced) for n in range(line["pes"][0], line["pes"][1] + 1)]
    least, sure = zip(*(leaf.open(threshold, below) for leaf in leaves))
    return min(least), min(sure), [m for leaf in leaves for m in leaf.unsettled]
