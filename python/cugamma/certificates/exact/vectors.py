"""Bounds of level 0's vectors under a range of PEs' tiles: B3 to B6, N1 and N2 of docs/certify-exact.md."""

import math

import numpy as np

from .floors import KINDS, NO_SHARE, StartFloors, inner_floors, is_valid
from .level_0 import least_cycles, least_share
from .question import INFINITE, NONE, ceil_div
from .waits import Starts, cycles_with_moves


class VectorBounds:
    """For one range."""

    def __init__(self, q, level_0, r):
        self.q, self.level_0, self.range = q, level_0, r
        self.floors = inner_floors(q, r)[:, 0]
        tiles_are_single = (r.low == r.high).all()
        self.starts = StartFloors(q, r.inner, r.low[:, 0], r.units_low[0], r.units_high[0]) if tiles_are_single else None
        self.busy = 1.0
        if r.inner != NONE:
            self.busy = float(least_share(q, r, r.units_high)[0])

    def of(self, v, enough):
        """A bound for each vector; of those that reach `enough` perhaps not the highest that there is."""
        found = np.full(len(v.index), INFINITE)
        for bound in (self.from_floors, self.from_starts):
            which = np.nonzero(self.has(v) & ((found < enough) | np.isinf(found)))[0]
            found[which] = bound(v.take(which))
        return found

    def has(self, v):
        """Whether the tiles of PEs fit below those of the vector, and its sub-clusters have so many PEs."""
        r, lists, grid = self.range, v.lists, self.level_0.grid
        found = np.ones(len(v.index), dtype=bool)
        if r.inner != NONE:
            found &= lists.largest_cluster[v.index] >= r.units_low[0]
        for d in range(4):
            largest = lists.tile[v.index] if d == lists.parallel else grid.classes[d][2][v.classes[d]]
            found &= largest >= r.least_outer_tile(d)[0]
        return found

    def cycles(self, v, starts=0):
        if not self.q.has_cycles:
            return 0.0
        product = math.prod(v.steps(self.level_0.grid, d).astype(float) for d in range(4))
        first = self.q.waited_for(self.level_0.box(v.lists, v.index, v.classes))
        inner, busy = self.range.inner, self.busy_under(v)
        found = least_cycles(self.q, v.lists, v.index, inner, busy, product, first, starts)
        if not self.q.may_wait or not len(v.index):
            return found
        steps = [v.steps(self.level_0.grid, d) for d in range(4)]
        terms = self.level_0.terms(v.lists, v.index, v.classes)
        return np.maximum(found, cycles_with_moves(self.q, v, steps, terms, first, inner, busy))

    def busy_under(self, v):
        """What the busiest PE has along the inner parallel dimension, in clusters that leave so many sub-clusters."""
        r = self.range
        if r.inner == NONE or self.q.is_wide:
            return self.busy
        pes = np.minimum(int(r.units_high[0]), v.lists.largest_cluster[v.index])
        return np.maximum(self.busy, ceil_div(self.q.size[r.inner], pes))

    def energy(self, v):
        """B3 and B4."""
        inner, energy = self.range.inner, np.zeros(len(v.index))
        steps = v.steps(self.level_0.grid, inner) if inner != NONE else np.ones(len(v.index))
        for kind in KINDS:
            valid = is_valid(self.q, kind, inner, steps)
            energy = np.where(valid, np.maximum(energy, v.least[kind] + self.floors[kind]), energy)
        return energy

    def from_floors(self, v):
        return self.q.value(self.q.fixed + self.energy(v), self.cycles(v))

    def from_starts(self, v):
        """With B5, where tiles are single, and what starts wait for."""
        q, energy = self.q, self.energy(v)
        if self.starts is not None:
            energy = np.maximum(energy, v.least[NO_SHARE] + self.energy_of_starts(v))
        starts = Starts(q, self.range, self.level_0, v).least() if q.may_wait else 0
        return q.value(q.fixed + energy, self.cycles(v, starts))

    def energy_of_starts(self, v):
        lists, grid = v.lists, self.level_0.grid
        tiles, smallest = [], []
        for d in range(4):
            of_list = d == lists.parallel
            tiles.append(ceil_div(self.q.size[d], lists.tile)[v.index] if of_list else v.steps(grid, d))
            smallest.append(lists.tile[v.index] if of_list else grid.classes[d][1][v.classes[d]])
        found = np.zeros(len(v.index))
        for kind, tensor in enumerate(("input", "filter", "output"), 1):
            found = np.maximum(found, 0.9 * self.starts.of(tensor, tiles, smallest) + self.floors[kind])
        return found
