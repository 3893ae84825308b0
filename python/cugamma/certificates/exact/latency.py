"""Certificates of latency (docs/certify-exact.md "Latency" and "The certificate")."""

import math

import numpy as np

from ..lines import Refused
from .orders import everything, most_staying, stays
from .question import DIMS, INFINITE, busy_extent, ceil_div, classes_of
from .sums import MOVES, RESTARTS, SAME, SumTables


class Latency:
    """The parts of the space of a latency proof: parallel dimensions and cluster size; subtrees: a tile each."""

    def __init__(self, question):
        self.q = question
        self.tables = SumTables(question)
        self.clusters = [high for _, high in question.cluster_ranges().values()]
        self.parts = {(p, i, c) for c in self.clusters for p in question.parallel[0] for i in question.parallel[1]}

    def bounds(self, outer, inner, cluster):
        """Of the mappings with each tile of the outer parallel dimension, from 1."""
        q, size, units = self.q, self.q.size[outer], self.q.pes // cluster
        tiles = np.arange(1, size + 1)
        busy = busy_extent(size, tiles, units, 1, cluster if inner == outer else 1)
        others = math.prod(q.size[d] for d in range(4) if d not in (outer, inner))
        if inner != outer:
            others *= ceil_div(q.size[inner], cluster)
        return q.cycles(busy * float(others), ceil_div(ceil_div(size, tiles), units))

    def least(self, outer, inner, cluster, tile):
        """Fewest cycles of the mappings with one tile; infinite if none fits."""
        q, units = self.q, self.q.pes // cluster
        if not q.fits([1, 1, 1, 1], q.l1):
            return INFINITE
        columns = []
        for d in range(4):
            if d == outer:
                columns.append(np.array([tile]))
            elif d == inner:
                columns.append(np.arange(1, q.size[d] + 1))
            else:
                columns.append(np.array([smallest for _, smallest, _ in classes_of(q.size[d])]))
        grids = np.meshgrid(*columns, indexing="ij", sparse=True)
        busy, steps, box = 1.0, 1.0, []
        for d, tiles in enumerate(grids):
            above = units if d == outer else 1
            below = cluster if d == inner else 1
            busy = busy * (busy_extent(q.size[d], tiles, above, 1, below) if above * below > 1 else q.size[d])
            steps = steps * ceil_div(ceil_div(q.size[d], tiles), above)
            box.append(np.minimum(tiles * above, q.size[d]))
        cycles = np.maximum(q.cycles(busy, steps), self.transfer(columns, outer, units))
        fits = np.broadcast_to(q.fits(box, q.l2), cycles.shape)
        return float(np.where(fits, cycles, INFINITE).min())

    def transfer(self, columns, outer, units):
        """Cycles in which the NoC of level 0 can move what has to, in whatever loop order."""
        q = self.q
        if q.is_wide or q.head < 1:
            return 0
        terms = []
        for d, tiles in enumerate(columns):
            of = np.stack([self.tables.outer(d, int(t), units if d == outer else 1) for t in tiles], axis=-1)
            terms.append(of.reshape(of.shape[:2] + tuple(len(tiles) if e == d else 1 for e in range(4))))
        most = 0
        for weights in ([1, 0, q.window, 0, 0], [0, 0, 0, 0, 1]):
            same, moves, restarts = ([t[:, r] for t in terms] for r in (SAME, MOVES, RESTARTS))
            moved = everything(weights, same) - most_staying(stays(weights, restarts, moves, same))
            most = np.maximum(most, moved)
        return np.ceil(most / q.noc)

    def optimum(self):
        """The least latency, proved here: for products with an energy."""
        trees = []
        for part in self.parts:
            trees += [(bound, *part, tile) for tile, bound in enumerate(self.bounds(*part).tolist(), 1)]
        best = INFINITE
        for bound, *subtree in sorted(trees):
            if bound >= best:
                break
            best = min(best, self.least(*subtree))
        return best


class LatencyCheck:
    """The lines of a certificate of latency."""

    def __init__(self, question, lower):
        self.space, self.lower = Latency(question), lower
        self.numbers = {}
        self.subtrees, self.opened = 0, []

    def check(self, number, line):
        outer, inner = (DIMS.index(d) for d in line["parallel"])
        part = outer, inner, line["cluster"]
        if part not in self.space.parts:
            raise ValueError("these parallel dimensions and this cluster size are not a part of the space")
        if part in self.numbers:
            raise ValueError("this part of the space has a line already")
        self.numbers[part] = number
        bounds = self.space.bounds(*part)
        tiles = [tile for tile, _ in line["opened"]]
        if len(set(tiles)) != len(tiles) or any(not 1 <= t <= len(bounds) for t in tiles):
            raise ValueError("a tile is not one of the parallel dimension, or it is there twice")
        closed = np.ones(len(bounds), dtype=bool)
        closed[np.array(tiles, dtype=int) - 1] = False
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
        found = self.space.least(*subtree)
        if found < cycles:
            raise Refused(number, f"tile {subtree[3]}: opened again, a mapping takes {found:.0f} cycles, below {cycles}")
