"""Runtimes under `maestro` step by step, for arrays of mappings (docs/model.md), and M10 of docs/certify.md."""

import itertools
import math

import numpy as np

INIT, STEADY, EDGE = range(3)


def deal(full, rest, clusters):
    """How sub-clusters take the tiles of a dimension, `full` whole ones and a rest, of arrays of mappings.

    Rounds before the edge, edge rounds, partial, active sub-clusters, whether the first round is an edge.
    """
    whole, left = full // clusters, full % clusters
    count = full + (rest > 0)
    at_once = count <= clusters
    edges = np.where(at_once, 0, (left > 0) | (rest > 0))
    partial = np.where(at_once, 0, (left > 0) & (rest > 0))
    active = np.where(at_once, count, np.maximum(left, 1))
    return np.where(at_once, 1, whole), edges, partial, active, full < clusters


class Level:
    """The steps of a level of arrays of mappings, all of which are parallel in the same dimension.

    own: extents of the tile that the level above has as written; handed: of the tile that a case hands down.
    """

    def __init__(self, problem, parallel, clusters, own, handed, tiles):
        self.problem, self.parallel, self.tiles = problem, parallel, tiles
        self.steps, self.macs, self.out, self.first = [], [], [], []
        self.own_cases = None
        self.right = True
        for d in range(4):
            if d == parallel:
                self.spread(clusters, own[d], handed[d], tiles[d])
                continue
            full, rest = handed[d] // tiles[d], handed[d] % tiles[d]
            edge = edge_of(own[d], tiles[d])
            first = np.where(full > 0, tiles[d], edge)
            self.add((1, np.maximum(full - 1, 0), (full > 0) & (rest > 0)), first, edge, (first, edge), first, d)
            self.right = self.right & (self.extent(d) == handed[d])

    def spread(self, clusters, own, handed, tile):
        d = self.parallel
        halo = self.problem.halo[d]
        own_rest, edge = own % tile, edge_of(own, tile)
        active = deal(own // tile, own_rest, clusters)[3]
        single = active <= 1
        before, edges, partial, _, init_edge = deal(handed // tile, handed % tile, clusters)
        self.partial, self.single, self.init_edge = partial, single, init_edge

        def volume(last, unique):
            at_first = np.where(single, edge, tile * (active - 1) + last)
            at_edge = np.where(single, edge + halo, tile * (active - partial) + partial * unique)
            return np.where(init_edge, at_first, clusters * tile), at_edge

        unique = edge if self.problem.windowed and d >= 2 else own_rest
        counted = volume(edge, unique)
        slowest = np.where(init_edge & single & (d in self.problem.output), edge, tile)
        at_edge = np.where(single, edge + halo, tile)
        self.add((1, before - 1, edges), slowest, at_edge, volume(unique, unique), None, d)
        self.counted = before * counted[0] + edges * counted[1]
        self.right = self.right & (self.counted == handed)
        whole, short = tile + halo, edge + halo
        only = np.where(partial > 0, short, whole)
        self.share = {
            (0, 0): np.where(
                init_edge,
                np.where(single, short, whole + (active - 2) * tile + own_rest),
                whole + (clusters - 1) * tile,
            ),
            (0, 1): np.where(init_edge, np.where(single, short, whole * (active - 1) + short), clusters * whole),
            (1, 0): np.where(single, only, whole + (active - 1 - partial) * tile + partial * own_rest),
            (1, 1): np.where(single, only, whole * (active - partial) + partial * short),
        }

    def add(self, steps, macs, macs_at_edge, out, first, d):
        """One dimension: what it contributes in each state."""
        at_first, at_edge = out if d in self.problem.output else (1, 1)
        self.steps.append(steps)
        self.macs.append((macs, macs, macs_at_edge))
        self.out.append((at_first, at_first, at_edge))
        self.first.append(first)

    def extent(self, d):
        return sum(n * size for n, size in zip(self.steps[d], self.macs[d]))

    def work(self):
        """Cycles in which the slowest PE computes, over all steps."""
        return self.problem.window * math.prod(self.extent(d) for d in range(4))

    def delay(self, elems):
        return self.problem.noc_head - 1 - -elems // self.problem.noc

    def volume(self, name, moving, own, share):
        """What enters of a tensor where a loop moves that brings in `own`; share: of the parallel dimension."""
        total = self.problem.window if name == "filter" else 1
        for d in self.problem.tensor[name]:
            halo = self.problem.halo[d] if name == "input" else 0
            total = total * (share if d == self.parallel else own if d == moving else self.first[d] + halo)
        return total

    def first_in(self):
        return sum(self.volume(name, None, 0, self.share[0, 1]) for name in ("input", "filter"))

    def first_out(self):
        return math.prod(out[0] for out in self.out)

    def moved(self, order, moving, parallel_at_edge):
        """Ingress of the steps in which a loop is the innermost that goes on."""
        total = 0
        for name in ("input", "filter"):
            if moving not in self.problem.tensor[name]:
                continue
            inside = [d for d in self.problem.tensor[name] if order[d] > order[moving]]
            again = np.False_
            for d in inside:
                again = again | (self.steps[d][STEADY] + self.steps[d][EDGE] > 0)
            own = self.tiles[moving] + np.where(again, self.problem.halo[moving] if name == "input" else 0, 0)
            if order[self.parallel] < order[moving]:
                share = self.share[parallel_at_edge, 1]
            elif moving == self.parallel:
                share = np.where(again, self.share[parallel_at_edge, 1], self.share[parallel_at_edge, 0])
            else:
                share = self.share[parallel_at_edge, 0]
            total = total + self.volume(name, moving, own, share)
        return total

    def cases(self, compute, least=0):
        """{states of the dimensions: how often they occur, what a step takes without its ingress}."""
        found = {}
        occurring = [[s for s in range(3) if np.any(steps[s])] for steps in self.steps]
        for states in itertools.product(*occurring):
            count = math.prod(self.steps[d][s] for d, s in enumerate(states))
            out = math.prod(self.out[d][s] for d, s in enumerate(states))
            found[states] = count, np.maximum(np.maximum(compute(states), self.delay(out)), least)
        return found

    def computed(self, states):
        return self.problem.window * math.prod(self.macs[d][s] for d, s in enumerate(states))

    def of_pes(self):
        """The cases of an inner level."""
        if self.own_cases is None:
            self.own_cases = self.cases(self.computed)
        return self.own_cases

    def run(self, order):
        """The runtime of an inner level."""
        return self.runtime(order, self.of_pes(), self.computed)

    def runtime(self, order, cases, compute, least=0):
        """order: the position of each dimension; cases: as above, of the same compute and least."""
        total = np.maximum(compute((INIT,) * 4) + self.delay(self.first_in()), least)
        moved = {}
        for states, (count, step) in cases.items():
            going = [d for d in range(4) if states[d] != INIT]
            if not going:
                continue
            key = max(going, key=lambda d: order[d]), int(states[self.parallel] == EDGE)
            if key not in moved:
                moved[key] = self.delay(self.moved(order, *key))
            total = total + count * np.maximum(step, moved[key])
        return total


def edge_of(size, tile):
    rest = size % tile
    return np.where(rest > 0, rest, tile)


class OuterSteps:
    """An outer level of known tiles, and what it hands down.

    Handed tiles are named by the dimensions in which they are partial ones, as a frozenset.
    """

    def __init__(self, problem, outer, tiles):
        self.problem, self.outer = problem, outer
        self.tiles = [outer.tile if d == outer.dim else int(tiles[d]) for d in range(4)]
        self.rests = {d for d in range(4) if problem.outputs[d] % self.tiles[d]}
        self.level = Level(problem, outer.dim, outer.clusters, problem.outputs, problem.outputs, self.tiles)
        self.kinds = [(frozenset(), 1)]
        for d in set(range(4)) - {outer.dim}:
            full = problem.outputs[d] // self.tiles[d]
            more = [(at_edge | {d}, n) for at_edge, n in self.kinds] if d in self.rests else []
            self.kinds = [(at_edge, n * full) for at_edge, n in self.kinds] + more

    def size(self, d, at_edge):
        return self.problem.outputs[d] % self.tiles[d] if d in at_edge else self.tiles[d]

    def over_steps(self, cycles):
        """The sum over all outer steps of what the inner level takes, and the first one's wait."""
        total = 0
        edge = {self.outer.dim} & self.rests
        for at_edge, n in self.kinds:
            full = cycles(at_edge)
            total = total + n * self.outer.spatial_cycles(full, cycles(at_edge | edge) if edge else full)
        return total + self.level.delay(self.level.first_in())

    def inner(self, q, size, inner, at_edge):
        """The inner level as it runs a handed tile."""
        handed = [self.size(d, at_edge) for d in range(4)]
        return Level(self.problem, q, size, self.tiles, handed, inner)

    def runtime(self, order, runs):
        """runs(at_edge): cycles of the inner level."""
        level, p = self.level, self.outer.dim
        edge = {p} & self.rests

        def compute(states):
            at_edge = frozenset(d for d in range(4) if d != p and states[d] == EDGE)
            is_edge = states[p] == EDGE or bool(level.init_edge)
            partial = bool(level.partial) if states[p] == EDGE else bool(level.init_edge)
            last = at_edge | edge if is_edge else at_edge
            full = last if is_edge and level.single else at_edge
            return np.maximum(runs(full), runs(last)) if partial else runs(full)

        least = max(level.first_in(), level.first_out()) // self.problem.offchip
        return level.runtime(order, level.cases(compute, least), compute, least)


class InnerMappings:
    """Cluster sizes and inner tiles (rows) below one vector of outer tiles that may take less than some cycles."""

    def __init__(self, problem, steps, q, most):
        self.problem, self.steps, self.q, self.most = problem, steps, q, most
        low, high = problem.ranges[steps.outer.clusters]
        tile = steps.tiles[q]
        tiles, sizes = np.meshgrid(np.arange(1, tile + 1), np.arange(low, min(high, max(low, tile + 2)) + 1))
        one = np.ones(tiles.size, dtype=np.int64)
        self.sizes, self.tiles = sizes.ravel(), [tiles.ravel() if d == q else one for d in range(4)]
        self.levels = {}
        self.keep_possible()
        for d in set(range(4)) - {q}:
            self.extend(d)
        self.keep(self.at_least(self.without_ingress) < most)

    def extend(self, d):
        """All tiles of a dimension, beside tiles of 1 in those that come later."""
        most = np.arange(1, self.steps.tiles[d] + 1)
        if self.problem.l1 >= 0:
            most = most[: self.problem.l1]
        rows = len(self.sizes)
        self.sizes = np.repeat(self.sizes, len(most))
        self.tiles = [np.tile(most, rows) if e == d else np.repeat(t, len(most)) for e, t in enumerate(self.tiles)]
        self.levels = {}
        self.keep_possible()

    def keep_possible(self):
        if self.problem.l1 >= 0:
            self.keep(self.problem.pe_elems(self.tiles) <= self.problem.l1)
        self.keep(self.at_least(lambda level: level.work() + level.delay(level.first_in())) < self.most)
        right = True
        edge = {self.steps.outer.dim} & self.steps.rests
        for at_edge, _ in self.steps.kinds:
            right = right & self.level(at_edge).right & self.level(at_edge | edge).right
        self.keep(right)

    def keep(self, which):
        which = which & np.ones(len(self.sizes), dtype=bool)
        self.sizes, self.tiles = self.sizes[which], [t[which] for t in self.tiles]
        self.levels = {}

    def level(self, at_edge):
        if at_edge not in self.levels:
            self.levels[at_edge] = self.steps.inner(self.q, self.sizes, self.tiles, at_edge)
        return self.levels[at_edge]

    def at_least(self, cycles):
        return self.steps.over_steps(lambda at_edge: cycles(self.level(at_edge)))

    @staticmethod
    def without_ingress(level):
        """What steps take to compute and to send their outputs, with the first one's wait."""
        total = level.computed((INIT,) * 4) + level.delay(level.first_in())
        for states, (count, step) in level.of_pes().items():
            total = total + (count * step if any(states) else 0)
        return total

    def runs(self, order):
        """A function of at_edge: cycles of all rows."""
        memo = {}

        def run(at_edge):
            if at_edge not in memo:
                memo[at_edge] = self.level(at_edge).run(order)
            return memo[at_edge]

        return run
