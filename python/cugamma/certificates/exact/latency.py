"""Certificates of latency (docs/certify-exact.md "Latency" and "The certificate")."""

import math

import numpy as np

from ..lines import Refused
from .question import DIMS, INFINITE, ROUNDING, busy_extent, ceil_div, classes_of
from .sums import SumTables
from .waits import Waits, orders_of_level_0


class Latency:
    """The parts of the space of a latency proof: parallel dimensions and cluster size; subtrees: a tile each."""

    def __init__(self, question):
        self.q = question
        self.tables = SumTables(question)
        self.clusters = [high for _, high in question.cluster_ranges().values()]
        self.parts = {(p, i, c) for c in self.clusters for p in question.parallel[0] for i in question.parallel[1]}

    def pairs(self, inner, cluster, d, tiles):
        """Tiles of level 0 and of PEs below them: the smallest, and larger ones where 1 is not allowed. Arrays."""
        tiles = np.array(tiles)
        low, high = (of(1, d, tiles) for of in (self.q.least_below, self.q.most_below))
        if d != inner or cluster == 1 or low.max() <= 1:
            return tiles, low
        counts = high - low + 1
        every = np.repeat(tiles, counts)
        return every, np.concatenate([np.arange(a, b + 1) for a, b in zip(low, high)])

    def busy(self, outer, inner, cluster, d, tiles, of_pes):
        units = self.q.pes // cluster if d == outer else 1
        return busy_extent(self.q.size[d], tiles, units, of_pes, cluster if d == inner else 1)

    def bounds(self, outer, inner, cluster):
        """(tiles of the outer parallel dimension, bounds of the mappings with each)."""
        q, size, units = self.q, self.q.size[outer], self.q.pes // cluster
        low, high = q.outer_tiles(outer)
        tiles = np.arange(low, high + 1)
        every, of_pes = self.pairs(inner, cluster, outer, tiles)
        busy = np.full(len(tiles), INFINITE)
        np.minimum.at(busy, every - low, self.busy(outer, inner, cluster, outer, every, of_pes))
        others = math.prod(q.size[d] for d in range(4) if d not in (outer, inner))
        if inner != outer:
            others *= ceil_div(q.size[inner], cluster)
        return tiles, q.cycles(busy * float(others), ceil_div(ceil_div(size, tiles), units))

    def least(self, outer, inner, cluster, tile, below=INFINITE):
        """Fewest cycles of the mappings with one tile, if they are below a number; infinite if there is none."""
        q, units = self.q, self.q.pes // cluster
        columns, of_pes = [], []
        for d in range(4):
            low, high = q.outer_tiles(d)
            tiles = range(low, high + 1)
            if d == outer:
                tiles = [tile]
            elif d != inner:
                tiles = [smallest for _, smallest, _ in classes_of(q.size[d], low, high)]
            of_level_0, of_level_1 = self.pairs(inner, cluster, d, tiles)
            columns.append(of_level_0)
            of_pes.append(of_level_1)
        grids = np.meshgrid(*columns, indexing="ij", sparse=True)
        smallest = np.meshgrid(*of_pes, indexing="ij", sparse=True)
        busy, steps, box = [], [], []
        for d, tiles in enumerate(grids):
            above = units if d == outer else 1
            busy.append(self.busy(outer, inner, cluster, d, tiles, smallest[d]))
            steps.append(ceil_div(ceil_div(q.size[d], tiles), above))
            box.append(np.minimum(tiles * above, q.size[d]))
        cycles = q.cycles(math.prod(busy, start=1.0), math.prod(steps, start=1.0), q.waited_for(box))
        counts = np.broadcast_to(q.fits(box, q.l2), cycles.shape) & np.broadcast_to(q.fits(smallest, q.l1), cycles.shape)
        counts = counts & (cycles < below)
        if q.is_wide or not counts.any():
            return float(np.where(counts, cycles, INFINITE).min())
        at = np.nonzero(counts)
        terms = [self.terms(d, columns[d], units if d == outer else 1)[:, :, at[d]] for d in range(4)]
        return self.least_with_waits(terms, *([np.ravel(x[d])[at[d]] for d in range(4)] for x in (steps, busy, box)), below)

    def terms(self, d, tiles, units):
        """The sums of level 0 with each of these tiles along one dimension."""
        distinct, places = np.unique(tiles, return_inverse=True)
        return np.stack([self.tables.outer(d, int(t), units) for t in distinct], axis=-1)[:, :, places]

    def least_with_waits(self, terms, steps, busy, box, below):
        """Fewest cycles in any loop order of level 0, waiting for its NoC included ("Narrow NoCs").

        Of each dimension: sums, steps, busy extents and boxes of the mappings; arrays.
        """
        waits, found = Waits(self.q, terms, steps, busy, box), INFINITE
        for order in orders_of_level_0(self.q):
            found = min(found, float(np.ceil(waits.cycles(order) * (1 - ROUNDING)).min()))
        return found if found < below else INFINITE

    def optimum(self, below=INFINITE):
        """The least latency, proved here, if it is below a number; else infinite."""
        trees = []
        for part in self.parts:
            tiles, bounds = self.bounds(*part)
            trees += [(bound, *part, tile) for tile, bound in zip(tiles.tolist(), bounds.tolist())]
        best = INFINITE
        for bound, *subtree in sorted(trees):
            if bound >= min(best, below):
                break
            best = min(best, self.least(*subtree, min(best, below)))
        return best


class LatencyCheck:
    """The lines of a certificate of latency."""

    def __init__(self, question, lower):
        self.space, self.lower = Latency(question), lower
        self.numbers = {}
        self.subtrees, self.opened, self.by_vectors, self.walked = 0, [], [], 0

    def check(self, number, line):
        outer, inner = (DIMS.index(d) for d in line["parallel"])
        part = outer, inner, line["cluster"]
        if part not in self.space.parts:
            raise ValueError("these parallel dimensions and this cluster size are not a part of the space")
        if part in self.numbers:
            raise ValueError("this part of the space has a line already")
        self.numbers[part] = number
        every, bounds = self.space.bounds(*part)
        tiles = [tile for tile, _ in line["opened"]]
        if len(set(tiles)) != len(tiles) or any(not every[0] <= t <= every[-1] for t in tiles):
            raise ValueError("a tile is not one of the parallel dimension, or it is there twice")
        closed = np.ones(len(bounds), dtype=bool)
        closed[np.array(tiles, dtype=int) - every[0]] = False
        bound = float(bounds[closed].min()) if closed.any() else None
        if line["bound"] != bound:
            raise ValueError(f"the bound is {line['bound']}, not {bound}")
        if bound is not None and bound < self.lower:
            raise ValueError(f"its bound {bound} does not reach {self.lower}, and tiles were not opened")
        self.subtrees += len(bounds)
        for tile, cycles in line["opened"]:
            cycles = INFINITE if cycles is None else cycles
            if cycles < self.lower:
                raise ValueError(f"tile {tile} has {cycles}, below the certified bound {self.lower}")
            self.opened.append((number, (*part, tile), cycles))

    def finish(self, last):
        missing = self.space.parts - set(self.numbers)
        if missing:
            outer, inner, cluster = min(missing)
            name = f"{DIMS[outer]} and {DIMS[inner]} parallel, clusters of {cluster}"
            raise Refused(last, f"behind it the line of {name} is missing")

    def open_again(self, one):
        number, subtree, cycles = one
        found = self.space.least(*subtree, cycles)
        if found < cycles:
            raise Refused(number, f"tile {subtree[3]}: opened again, a mapping takes {found:.0f} cycles, below {cycles}")
