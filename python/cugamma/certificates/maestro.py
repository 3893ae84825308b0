"""Checks certificates of the cost model `maestro`, from docs/model.md and docs/certify.md alone."""

import itertools
import math
import random
import re

import numpy as np

from .lines import NotChecked, Refused
from .maestro_times import InnerMappings, OuterSteps, deal

DIMS = "KCYX"
MOST_ENUMERATED = 3_000_000  # mappings of one class that are looked at one by one
INFINITE = math.inf


# --- one dimension cut into tiles and dealt to clusters (docs/model.md) -----------------------------------------------


class Cut:
    """A size in tiles: `full` whole ones and a rest; `edge` is the last tile."""

    def __init__(self, size, tile):
        self.full, self.rest = divmod(size, tile)
        self.edge = self.rest or tile
        self.count = self.full + (1 if self.rest else 0)


class Deal:
    """The rounds in which clusters take the tiles of a parallel dimension."""

    def __init__(self, clusters, cut):
        whole, left = divmod(cut.full, clusters)
        if cut.count <= clusters:
            self.before, self.edges, self.partial, self.active = 1, 0, 0, cut.count
        else:
            self.before = whole
            self.edges = 1 if left or cut.rest else 0
            self.partial = 1 if left and cut.rest else 0
            self.active = max(left, 1)
        self.init_edge = cut.full < clusters
        self.rounds = self.before + self.edges

    def over(self, before, edge):
        return self.before * before + self.edges * edge


def volume(deal, tile, edge, halo, clusters, active, last):
    """Elements, or MACs, of a round before the edge and of the edge round, summed over clusters."""
    single = active <= 1
    if deal.init_edge:
        before = edge if single else tile * (active - 1) + last
    else:
        before = clusters * tile
    at_edge = edge + halo if single else tile * (active - deal.partial) + deal.partial * last
    return before, at_edge


class Outer:
    """A dimension that is parallel in the outer level."""

    def __init__(self, problem, dim, clusters, tile):
        size, halo = problem.outputs[dim], problem.halo[dim]
        self.dim, self.clusters, self.tile = dim, clusters, tile
        self.cut = cut = Cut(size, tile)
        self.deal = deal = Deal(clusters, cut)
        self.single = deal.active <= 1
        macs = volume(deal, tile, cut.edge, halo, clusters, deal.active, cut.edge)
        self.counts_right = deal.over(*macs) == size
        self.cycles = self.spatial_cycles(tile, cut.edge)
        self.has_time = self.cycles * clusters >= size
        windowed = problem.windowed and dim >= 2
        unique = cut.edge if windowed else cut.rest
        if dim in problem.output:
            # MAESTRO loses a tile where the tiles divide K or C and leave clusters idle.
            before, at_edge = volume(deal, tile, cut.edge, halo, clusters, deal.active, unique)
            self.first_out, self.all_out = before, deal.over(before, at_edge)
        else:
            self.first_out, self.all_out = 1, deal.rounds
        # The largest tile that the first step hands down.
        self.first_tile = cut.edge if deal.init_edge and self.single else tile
        self.share = {t: self.ingress_share(tile, halo, cut, dim in problem.tensor[t]) for t in ("input", "filter")}

    def ingress_share(self, tile, halo, cut, indexes):
        """(before, reuse), (before, whole), (edge, reuse), (edge, whole)."""
        if not indexes:
            return 1, 1, 1, 1
        deal = self.deal
        whole, edge = tile + halo, cut.edge + halo
        if deal.init_edge:
            reuse = edge if self.single else whole + (deal.active - 2) * tile + cut.rest
            all_whole = edge if self.single else whole * (deal.active - 1) + edge
        else:
            reuse = whole + (self.clusters - 1) * tile
            all_whole = self.clusters * whole
        only = edge if deal.partial else whole
        last_reuse = whole + (deal.active - 1 - deal.partial) * tile + deal.partial * cut.rest
        last_whole = whole * (deal.active - deal.partial) + deal.partial * edge
        return reuse, all_whole, only if self.single else last_reuse, only if self.single else last_whole

    def spatial_cycles(self, full, edge):
        """Cycles over the rounds, the slower of two tiles where both are active."""
        deal = self.deal
        worse = edge if self.single else np.maximum(full, edge)
        last = worse if deal.partial else (edge if self.single else full)
        return deal.before * (worse if deal.init_edge else full) + deal.edges * last

    def factors(self):
        deal = self.deal
        found = [deal.rounds, self.first_out, self.all_out]
        for t in ("input", "filter"):
            b0, b1, e0, e1 = self.share[t]
            found += [
                b0,
                b1,
                deal.before * b1 + deal.edges * e1,
                (deal.before - 1) * b0 + deal.edges * e0,
                (deal.before - 1) * b1 + deal.edges * e1,
            ]
        return found


class InnerChoices:
    """All inner tiles (rows) and cluster sizes (columns) of the dimension that is parallel inside."""

    def __init__(self, problem, dim, tile, tiles, sizes):
        self.problem, self.dim, self.halo = problem, dim, problem.halo[dim]
        self.tile, self.tiles, self.sizes = tile, tiles, sizes
        full, rest = tile // tiles, tile % tiles
        self.edge = np.where(rest > 0, rest, tiles)
        _, _, _, self.active, _ = deal(full, rest, sizes)
        self.single = self.active <= 1

    def of_part(self, part):
        """Cycles, whether the MACs are right, and what the first step waits for, of a handed tile of that size."""
        tiles, edge, halo, single = self.tiles, self.edge, self.halo, self.single
        before, edges, partial, _, init_edge = deal(part // tiles, part % tiles, self.sizes)
        at_first = np.where(init_edge, np.where(single, edge, tiles * (self.active - 1) + edge), self.sizes * tiles)
        at_edge = np.where(single, edge + halo, tiles * (self.active - partial) + partial * edge)
        right = before * at_first + edges * at_edge == part
        slowest = np.where(init_edge & single, edge, tiles) if self.dim in self.problem.output else tiles
        cycles = before * slowest + edges * np.where(single, edge + halo, tiles)
        whole = tiles + halo
        needed = np.where(init_edge, whole * (self.active - 1) + edge + halo, self.sizes * whole)
        needed = np.where(init_edge & single, edge + halo, needed)
        return cycles, right, self.wait(needed)

    def wait(self, needed):
        """needed: along the dimension; all other tiles are 1."""
        problem, total = self.problem, 0
        for name, factor in (("input", 1), ("filter", problem.window)):
            for d in problem.tensor[name]:
                factor = factor * (needed if d == self.dim else 1 + (problem.halo[d] if name == "input" else 0))
            total = total + factor
        return -(-total // problem.noc) - 1


# --- the problem of a certificate -------------------------------------------------------------------------------------


class Problem:
    def __init__(self, header):
        layer, machine = header["layer"], header["accelerator"]
        size = layer["size"]
        self.type = layer["type"]
        if layer["stride_y"] != 1 or layer["stride_x"] != 1:
            raise NotChecked("a layer with a stride")
        gemm, depthwise = self.type == "GEMM", self.type == "DSCONV"
        self.windowed = not gemm
        self.window = 1 if gemm else size["R"] * size["S"]
        self.halo = [0, 0, size["R"] - 1, size["S"] - 1] if self.windowed else [0, 0, 0, 0]
        self.outputs = [size[d] - h for d, h in zip(DIMS, self.halo)]
        self.present = {0, 1, 2} if gemm else ({1, 2, 3} if depthwise else {0, 1, 2, 3})
        for d in range(4):
            if d not in self.present:
                self.outputs[d] = 1
        self.output = {1, 2, 3} if depthwise else {0, 2, 3}
        self.tensor = {"input": {1, 2, 3}, "filter": {1} if depthwise else {0, 1}}
        rows, columns = (size["Y"], size["X"])
        self.elems = {
            "input": size["C"] * rows * columns,
            "filter": (1 if depthwise else size["K"]) * size["C"] * self.window,
            "output": math.prod(self.outputs[d] for d in self.output),
        }
        self.macs = self.window * math.prod(self.outputs)
        self.goal = header["objective"]
        self.pes = machine["num_pes"]
        self.l1, self.l2 = machine["l1_size_elems"], machine["l2_size_elems"]
        self.noc, self.offchip = machine["noc_bw"], machine["offchip_bw"]
        self.constants = machine["constants"]
        head = machine["noc_hops"] * machine["noc_hop_latency"]
        if machine["simd_lanes"] != 1:
            raise NotChecked("PEs of several lanes")
        self.fill = [
            self.elems["input"],
            self.elems["filter"],
            self.elems["output"],
        ]
        self.fastest = -(-self.macs // self.pes)
        self.noc_head = head
        self.head = head if head <= self.window else 1
        self.read_space(header["space"])
        self.is_wide = head <= self.window and self.largest_step() <= self.noc
        self.is_wide = self.is_wide and self.largest_step() < (self.window + 1) * self.offchip
        self.best_memo = {}

    def read_space(self, space):
        if len(space["levels"]) != 2 or space["factors_only"]:
            raise NotChecked("a space of other than two levels, or of factors only")
        outer, inner = space["levels"]
        if inner["tiles"]:
            raise NotChecked("a space with rules on the tiles of the inner level")
        self.parallel = [[DIMS.index(d) for d in level["parallel"]] for level in (outer, inner)]
        self.parallel = [[d for d in dims if d in self.present] for dims in self.parallel]
        high = max(min(self.pes, inner["cluster_high"]), 1)
        self.ranges = {}
        for c in range(min(inner["cluster_low"], high), high + 1):
            low, _ = self.ranges.get(self.pes // c, (c, c))
            self.ranges[self.pes // c] = (low, c)
        self.tiles = [self.outer_tiles(d, outer["tiles"].get(DIMS[d])) for d in range(4)]
        self.orders = self.orders_of(outer)
        self.inner_orders = self.orders_of(inner)

    @staticmethod
    def orders_of(level):
        """Those that a level's rule allows, each as the positions of the four dimensions among themselves."""
        allowed = (o for o in map("".join, itertools.permutations("KCYXRS")) if o.startswith(level["order_begins"]))
        return sorted({tuple("".join(d for d in o if d in DIMS).index(d) for d in DIMS) for o in allowed})

    def outer_tiles(self, dim, rule):
        size = self.outputs[dim]
        if rule is None:
            return list(range(1, size + 1))
        if rule["same_as_above"] is not None:
            same = min(size, self.outputs[DIMS.index(rule["same_as_above"])])
            return [same]
        high = min(rule["high"], size)
        if rule["at_most_tile_of"] is not None:
            high = min(high, self.outputs[DIMS.index(rule["at_most_tile_of"])])
        return list(range(min(rule["low"], high), high + 1))

    def largest_step(self):
        """No step of a level moves more, in or out."""
        most = 0
        for p in range(4):
            held = []
            for d in range(4):
                size, halo = self.outputs[d], self.halo[d]
                tiles = range(1, size + 1) if d == p else [size]
                held.append(max([size + halo] + [(t + halo) * min(self.pes, -(-size // t)) for t in tiles if d == p]))
            moved_in = math.prod(held[d] for d in self.tensor["input"])
            moved_in += self.window * math.prod(held[d] for d in self.tensor["filter"])
            most = max(most, moved_in, math.prod(held[d] for d in self.output))
        return most

    def value(self, runtime, moved_in, moved_filter, moved_out):
        """The objective, in the very order of operations that docs/model.md gives; arrays or numbers."""
        k = self.constants
        l1, l2, mac = k["l1_energy_macs"], k["l2_energy_macs"], k["mac_energy_nj"]
        real = np.float64
        if self.goal == "latency":
            return runtime * real(1)
        if self.goal.startswith("maestro"):
            energy = moved_in * real(l2)
            energy = energy + self.fill[0] * real(l2)
            energy = energy + moved_filter * real(l2)
            energy = energy + self.fill[1] * real(l2)
            energy = energy + moved_out * real(l2)
            energy = energy * real(mac)
        else:
            sent = moved_in * real(1) + moved_filter * real(1)
            l1_accesses = real(2) * (real(self.macs) + real(self.macs)) + sent
            l2_accesses = real(sum(self.fill)) + sent + moved_out * real(1)
            energy = (real(self.macs) + real(l1) * l1_accesses + real(l2) * l2_accesses) * real(mac)
        return energy * runtime if self.goal.lower().endswith("edp") else energy

    def needs_runtime(self):
        return self.goal == "latency" or self.goal.lower().endswith("edp")

    # --- the inner level ---

    def pe_elems(self, tiles):
        total = 0
        for dims, factor in ((self.tensor["input"], 1), (self.tensor["filter"], self.window), (self.output, 1)):
            total += factor * math.prod(tiles[d] + self.halo[d] for d in dims)
        return 2 * total

    def inner_work(self, dim, cut, tile, inner, size):
        """Cycles of a full and an edge tile of the inner parallel dimension; None if it miscounts."""
        halo = self.halo[dim]
        of_full, of_edge = Cut(tile, inner), Cut(cut.edge, inner)
        active = Deal(size, of_full).active
        single, edge = active <= 1, of_full.edge
        cycles = []
        for part, own, occurs in ((of_full, tile, True), (of_edge, cut.edge, cut.rest > 0)):
            deal = Deal(size, part)
            macs = volume(deal, inner, edge, halo, size, active, edge)
            if occurs and deal.over(*macs) != own:
                return None
            before = edge if deal.init_edge and single and dim in self.output else inner
            cycles.append(deal.over(before, edge + halo if single else inner))
        return cycles

    def factor_of(self, dim, cut, full, edge, outer):
        if outer is not None:
            return outer.spatial_cycles(full, edge)
        return cut.full * full + (edge if cut.rest else 0)

    def least_factor(self, dim, tile, clusters, outer):
        cut, high = Cut(self.outputs[dim], tile), self.ranges[clusters][1]
        return self.factor_of(dim, cut, -(-tile // high), -(-cut.edge // high), outer)

    def choices(self, dim, tile, clusters, outer, every=False):
        """{cycles: (inner tile, cluster size)}: the fewest cycles, or every number that some choice takes."""
        cut = Cut(self.outputs[dim], tile)
        low, high = self.ranges[clusters]
        least = self.least_factor(dim, tile, clusters, outer)
        found, best = {}, INFINITE
        tiles = [1, 1, 1, 1]
        for inner in range(1, tile + 1):
            tiles[dim] = inner
            if self.l1 >= 0 and self.pe_elems(tiles) > self.l1:
                break
            for size in range(min(high, max(low, tile // inner + 2)), low - 1, -1):
                work = self.inner_work(dim, cut, tile, inner, size)
                if work is None:
                    continue
                cycles = self.factor_of(dim, cut, *work, outer)
                found.setdefault(cycles, (inner, size))
                best = min(best, cycles)
                if not every and best == least:
                    return {best: found[best]}
        return found if every or not found else {best: found[best]}

    def timed_choices(self, dim, tiles, clusters, outer):
        """M8: (cycles, waits) of choices for any of some outer tiles, none of which is worse in both."""
        found = []
        low, high = self.ranges[clusters]
        for tile in tiles:
            cut = Cut(self.outputs[dim], tile)
            held = [1, 1, 1, 1]
            fitting = itertools.takewhile(lambda t, held=held: self.fits_pe(held, dim, t), range(1, tile + 1))
            inner = np.array(list(fitting), dtype=np.int64)
            sizes = np.arange(low, min(high, max(low, tile + 2)) + 1)
            table = InnerChoices(self, dim, tile, inner[:, None], sizes[None, :])
            full, is_right, full_wait = table.of_part(tile)
            edge, edge_is_right, edge_wait = table.of_part(cut.edge)
            if cut.rest:
                is_right = is_right & edge_is_right
            cycles = self.factor_of(dim, cut, full, edge, outer)
            if outer is None:
                waits = cut.full * full_wait + (edge_wait if cut.rest else 0)
            else:
                either = np.minimum(full_wait, edge_wait)
                waits = outer.deal.over(either if outer.deal.init_edge else full_wait, either)
            found += zip(cycles[is_right].tolist(), (waits + 0 * cycles)[is_right].tolist())
        best = []
        for choice in sorted(set(found)):
            if not best or choice[1] < best[-1][1]:
                best.append(choice)
        return best

    def fits_pe(self, held, dim, tile):
        held[dim] = tile
        return self.l1 < 0 or self.pe_elems(held) <= self.l1

    def best_cycles(self, dim, clusters):
        """The fewest cycles of a dimension that is parallel inside alone; 0 if it cannot be."""
        key = dim, clusters
        if key not in self.best_memo:
            best = 0
            for tile in reversed(self.tiles[dim]):
                if best and self.least_factor(dim, tile, clusters, None) >= best:
                    continue
                found = self.choices(dim, tile, clusters, None)
                if found and (not best or min(found) < best):
                    best = min(found)
            self.best_memo[key] = best
        return self.best_memo[key]

    # --- bounds ---

    def work_without(self, p, q):
        return self.window * math.prod(self.outputs[d] for d in range(4) if d not in (p, q))

    def bound(self, outer):
        """Of a subtree: no mapping in it that counts has a lower value."""
        least = 0
        for q in self.parallel[1]:
            work = self.work_without(outer.dim, q)
            if q == outer.dim:
                work *= self.least_factor(q, outer.tile, outer.clusters, outer)
            else:
                work *= outer.cycles * self.best_cycles(q, outer.clusters)
            if work and (not least or work < least):
                least = work
        if not least:
            return None
        runtime = max(self.fastest, least + self.head * (outer.deal.rounds + 1))
        moved_out = max(self.elems["output"], self.least_output(outer))
        return float(self.value(runtime, self.elems["input"], self.elems["filter"], moved_out))

    def least_output(self, outer):
        return outer.all_out * math.prod(self.outputs[d] for d in self.output if d != outer.dim)


# --- L2's traffic for arrays of mappings ------------------------------------------------------------------------------


class Traffic:
    """Figures of mappings of one subtree: arrays of tiles and steps of the dimensions that are not parallel outside."""

    def __init__(self, problem, outer, tiles):
        self.problem, self.outer = problem, outer
        self.tiles = tiles
        self.steps = [-(-problem.outputs[d] // tiles[d]) if d != outer.dim else 1 for d in range(4)]

    def volume(self, name, moving=None):
        problem = self.problem
        total = problem.window if name == "filter" else 1
        for d in problem.tensor[name]:
            if d != self.outer.dim:
                total = total * (self.tiles[d] + (0 if d == moving else problem.halo[d]))
        return total

    def moves_inside(self, name, order, position):
        """Whether a loop inside a position moves the tensor, mapping by mapping."""
        moves = False
        for e in self.problem.tensor[name]:
            if order[e] > position:
                moves = moves | ((self.outer.deal.rounds if e == self.outer.dim else self.steps[e]) > 1)
        return moves

    def repeats(self, order, position):
        return math.prod(
            (self.steps[e] for e in range(4) if e != self.outer.dim and order[e] < position), start=np.int64(1)
        )

    def ingress(self, name, order):
        p, deal = self.outer.dim, self.outer.deal
        b0, b1, e0, e1 = self.outer.share[name]
        again = deal.before * b1 + deal.edges * e1
        whole = self.volume(name)
        total = whole * b1
        for d in self.problem.tensor[name]:
            if d == p:
                continue
            moved = np.where(self.moves_inside(name, order, order[d]), whole, self.volume(name, d))
            factor = again if order[p] < order[d] else b0
            total = total + (self.steps[d] - 1) * self.repeats(order, order[d]) * moved * factor
        if p in self.problem.tensor[name]:
            reuse = (deal.before - 1) * b0 + deal.edges * e0
            anew = (deal.before - 1) * b1 + deal.edges * e1
            by_parallel = np.where(self.moves_inside(name, order, order[p]), anew, reuse)
            total = total + self.repeats(order, order[p]) * whole * by_parallel
        return total

    def first_output(self):
        dims = (d for d in self.problem.output if d != self.outer.dim)
        return math.prod((self.tiles[d] for d in dims), start=np.int64(self.outer.first_out))

    def first_sent(self):
        return sum(self.volume(t) * self.outer.share[t][1] for t in ("input", "filter"))

    def l2_elems(self):
        return 2 * (self.first_sent() + self.first_output())

    def output(self):
        total = np.int64(self.outer.all_out)
        for d in range(4):
            if d != self.outer.dim:
                total = total * (self.problem.outputs[d] if d in self.problem.output else self.steps[d])
        return total

    def all_steps(self):
        return math.prod((self.steps[d] for d in range(4) if d != self.outer.dim), start=np.int64(1))

    def runtime(self, cycles):
        """That of a wide NoC, on a narrow one with what the first step waits for (M7)."""
        closed = cycles + self.problem.head * (self.outer.deal.rounds * self.all_steps() + 1)
        return closed if self.problem.is_wide else closed + self.first_wait()

    def first_wait(self):
        return -(-self.first_sent() // self.problem.noc) - 1


# --- a subtree opened again -------------------------------------------------------------------------------------------


class Opening:
    """All classes of a subtree, without any bound but the best known value."""

    def __init__(self, problem, outer, lower):
        self.problem, self.outer, self.lower = problem, outer, lower
        self.classes = [self.classes_of(d) for d in range(4)]
        self.choices_memo = {}
        self.left = []  # on a narrow NoC: q and outer tiles of which M8 and M9 settle too little

    def classes_of(self, d):
        if d == self.outer.dim:
            return [[1]]
        by_steps = {}
        for t in self.problem.tiles[d]:
            by_steps.setdefault(-(-self.problem.outputs[d] // t), []).append(t)
        return [by_steps[n] for n in sorted(by_steps)]

    def run(self):
        """The least value of the subtree, as far as it is below the certified bound; raises if a mapping has it."""
        shape = [len(c) for c in self.classes]
        index = np.indices(shape).reshape(4, -1)
        tiles = [np.array([c[0] for c in self.classes[d]], dtype=np.int64)[index[d]] for d in range(4)]
        traffic = Traffic(self.problem, self.outer, tiles)
        fits = np.ones(index.shape[1], dtype=bool)
        if self.problem.l2 >= 0:
            fits = traffic.l2_elems() <= self.problem.l2
        output = traffic.output() + np.zeros(index.shape[1], dtype=np.int64)
        fits &= output >= self.problem.elems["output"]
        runtime = self.least_runtime(traffic, index)
        fits &= runtime > 0
        first = self.most_first_output(traffic, index)
        left = np.zeros(index.shape[1], dtype=bool)
        for order in self.problem.orders:
            found = fits & (self.raised(traffic, order, runtime, output, first) < self.lower)
            left |= found
            if not self.is_timed():
                for i in np.nonzero(found)[0]:
                    self.enumerate_class(index[:, i], order)
        if self.is_timed():
            for i in np.nonzero(left)[0]:
                self.enumerate_timed_class(index[:, i])

    def most_first_output(self, smallest, index):
        """Outputs of the first step, in the largest tiles of each class, as far as L2 has room beside the rest."""
        largest = [np.array([c[-1] for c in self.classes[d]], dtype=np.int64)[index[d]] for d in range(4)]
        most = Traffic(self.problem, self.outer, largest).first_output()
        if self.problem.l2 < 0:
            return most
        return np.minimum(most, self.problem.l2 // 2 - smallest.first_sent())

    def raised(self, traffic, order, runtime, output, most_first):
        """The value with input and filter raised to what has to move; most_first: outputs that the first step hides."""
        problem = self.problem
        moved_in = np.maximum(traffic.ingress("input", order), problem.elems["input"])
        moved_filter = np.maximum(traffic.ingress("filter", order), problem.elems["filter"])
        if self.is_timed():
            runtime = self.by_noc(traffic, runtime, moved_in + moved_filter, output, most_first)
        return problem.value(runtime, moved_in, moved_filter, output)

    def is_timed(self):
        return self.problem.needs_runtime() and not self.problem.is_wide

    def by_noc(self, traffic, runtime, moved_in, output, most_first):
        """M9, of tiles no smaller than those of the traffic."""
        problem, outer = self.problem, self.outer
        slope = problem.window * outer.first_tile
        for d in range(4):
            if d != outer.dim and d not in problem.output:
                slope = slope * traffic.tiles[d]
        share = outer.first_out * problem.ranges[outer.clusters][1]

        def by_output(first):
            return slope * first // share - np.minimum(-(output - first) // problem.noc, 0)

        fewest = traffic.first_output()
        steps = outer.deal.rounds * traffic.all_steps()
        by_input = slope * fewest // share + problem.head - -moved_in // problem.noc + (problem.head - 1) * steps
        least = np.minimum(by_output(fewest), by_output(most_first)) + 2 * problem.head + traffic.first_wait()
        return np.maximum(np.maximum(runtime, by_input), least + (problem.head - 1) * (steps - 1))

    def least_runtime(self, traffic, index):
        """The least over the dimensions that may be parallel inside, of each class by itself."""
        best = np.zeros(index.shape[1], dtype=np.int64)
        for q in self.problem.parallel[1]:
            runtime = self.timed_runtime(q, traffic, index) if self.is_timed() else self.runtime(q, traffic, index)
            best = np.where((best == 0) | ((runtime > 0) & (runtime < best)), runtime, best)
        return best

    def runtime(self, q, traffic, index):
        problem, p = self.problem, self.outer.dim
        if q == p:
            found = problem.choices(q, self.outer.tile, self.outer.clusters, self.outer)
            factor = np.full(index.shape[1], min(found, default=0), dtype=np.int64)
        else:
            of_class = [self.class_factor(q, tiles) for tiles in self.classes[q]]
            factor = np.array(of_class, dtype=np.int64)[index[q]] * self.outer.cycles
        cycles = factor * problem.work_without(p, q)
        return np.where(cycles > 0, np.maximum(problem.fastest, traffic.runtime(cycles)), 0)

    def timed_runtime(self, q, traffic, index):
        if q == self.outer.dim:
            return self.least_timed(q, traffic, self.choices_of(q, (self.outer.tile,)), slice(None))
        best = np.zeros(index.shape[1], dtype=np.int64)
        for k, tiles in enumerate(self.classes[q]):
            mine = index[q] == k
            best[mine] = self.least_timed(q, traffic, self.choices_of(q, tuple(tiles)), mine)
        return best

    def choices_of(self, q, tiles):
        if (q, tiles) not in self.choices_memo:
            outer = self.outer if q == self.outer.dim else None
            found = self.problem.timed_choices(q, tiles, self.outer.clusters, outer)
            self.choices_memo[q, tiles] = found
        return self.choices_memo[q, tiles]

    def least_timed(self, q, traffic, choices, which):
        """M8, of the mappings that an index selects; 0 where there is no choice."""
        problem, outer = self.problem, self.outer
        work = problem.work_without(outer.dim, q)
        starts = math.prod((traffic.steps[d] for d in range(4) if d not in (outer.dim, q)), start=np.int64(1))
        if q != outer.dim:
            work *= outer.cycles
            starts = starts * outer.deal.rounds
        rest, starts = (a[which] for a in np.broadcast_arrays(traffic.runtime(0), starts))
        found = [rest + cycles * work + starts * waits for cycles, waits in choices]
        return np.maximum(problem.fastest, np.minimum.reduce(found)) if found else 0

    def class_factor(self, q, tiles):
        if not self.problem.needs_runtime():
            found = (self.problem.choices(q, t, self.outer.clusters, None) for t in tiles)
            return next((min(f) for f in found if f), 0)
        best = 0
        for t in tiles:
            if best and self.problem.least_factor(q, t, self.outer.clusters, None) >= best:
                continue
            found = min(self.problem.choices(q, t, self.outer.clusters, None), default=0)
            best = found if found and (not best or found < best) else best
        return best

    def all_tiles(self, which):
        lists = [np.array(self.classes[d][which[d]], dtype=np.int64) for d in range(4)]
        if math.prod(len(tiles) for tiles in lists) > MOST_ENUMERATED:
            raise NotChecked("a class of too many tiles")
        return [g.ravel() for g in np.meshgrid(*lists, indexing="ij")]

    def passes_test_3(self, traffic, order):
        return (traffic.ingress("input", order) >= self.problem.elems["input"]) & (
            traffic.ingress("filter", order) >= self.problem.elems["filter"]
        )

    def enumerate_class(self, which, order):
        """Every tile of a class whose smallest tiles look better than the bound: is there a real mapping?"""
        tiles = self.all_tiles(which)
        traffic = Traffic(self.problem, self.outer, tiles)
        passes = self.passes_test_3(traffic, order)
        if self.problem.l2 >= 0:
            passes &= traffic.l2_elems() <= self.problem.l2
        for i in np.nonzero(passes)[0]:
            self.price_one([int(t[i]) for t in tiles], order)

    def enumerate_timed_class(self, which):
        """The same on a narrow NoC: which tiles may have one by M8 and M9, for each dimension parallel inside."""
        tiles = self.all_tiles(which)
        traffic = Traffic(self.problem, self.outer, tiles)
        index = np.repeat(np.array(which)[:, None], len(tiles[0]), axis=1)
        fits = np.ones(len(tiles[0]), dtype=bool)
        if self.problem.l2 >= 0:
            fits &= traffic.l2_elems() <= self.problem.l2
        orders = [(order, fits & self.passes_test_3(traffic, order)) for order in self.problem.orders]
        for q in self.problem.parallel[1]:
            runtime = self.own_runtime(q, traffic, tiles)
            left = np.zeros(len(fits), dtype=bool)
            for order, passes in orders:
                value = self.raised(traffic, order, runtime, traffic.output(), traffic.first_output())
                left |= passes & (runtime > 0) & (value < self.lower)
            self.left += [(q, [int(t[i]) for t in tiles]) for i in np.nonzero(left)[0]]

    def own_runtime(self, q, traffic, tiles):
        """M8 of tiles of one class, with the choices of each tile of q alone; 0 where there is none."""
        if q == self.outer.dim:
            return self.least_timed(q, traffic, self.choices_of(q, (self.outer.tile,)), slice(None))
        best = np.zeros(len(tiles[q]), dtype=np.int64)
        for tile in np.unique(tiles[q]):
            mine = tiles[q] == tile
            best[mine] = self.least_timed(q, traffic, self.choices_of(q, (int(tile),)), mine)
        return best

    def price_timed(self, q, tiles):
        """M10: every inner level below one vector of outer tiles, step by step."""
        problem, outer = self.problem, self.outer
        traffic = Traffic(problem, outer, [np.int64(t) for t in tiles])
        runtime = np.int64(problem.fastest)
        orders = []
        for order in problem.orders:
            value = self.raised(traffic, order, runtime, traffic.output(), traffic.first_output())
            if self.passes_test_3(traffic, order) and value < self.lower:
                orders.append((order, [int(traffic.ingress(name, order)) for name in ("input", "filter")]))
        output = int(traffic.output())
        most = max((self.lower / problem.value(1, *sent, output) + 2 for _, sent in orders), default=0)
        steps = OuterSteps(problem, outer, tiles)
        inner = InnerMappings(problem, steps, q, most)
        for inner_order in problem.inner_orders if len(inner.sizes) else ():
            runs = inner.runs(inner_order)
            least = steps.over_steps(runs)
            for order, sent in orders:
                for i in np.nonzero(problem.value(least, *sent, output) < self.lower)[0]:
                    cycles = int(steps.runtime(order, lambda at_edge, i=i, runs=runs: int(runs(at_edge)[i])))
                    value = float(problem.value(cycles, *sent, output))
                    if cycles >= problem.fastest and value < self.lower:
                        raise ValueError(f"a mapping has the value {value!r}, below the bound {self.lower!r}")

    def price_one(self, tiles, order):
        problem, outer = self.problem, self.outer
        traffic = Traffic(problem, outer, [np.int64(t) for t in tiles])
        for q in problem.parallel[1]:
            in_both = q == outer.dim
            tile = outer.tile if in_both else tiles[q]
            found = problem.choices(q, tile, outer.clusters, outer if in_both else None, not outer.has_time)
            for factor in sorted(found):
                cycles = factor * problem.work_without(outer.dim, q) * (1 if in_both else outer.cycles)
                runtime = traffic.runtime(cycles)
                if runtime < problem.fastest and problem.is_wide:
                    continue
                self.expect_above(traffic, order, max(runtime, problem.fastest))
                break

    def expect_above(self, traffic, order, runtime):
        value = float(self.raised(traffic, order, runtime, traffic.output(), traffic.first_output()))
        if value < self.lower:
            raise ValueError(f"a mapping has the value {value!r}, below the bound {self.lower!r}")


# --- the best mapping -------------------------------------------------------------------------------------------------


def read_mapping(text):
    """Two levels of (kind, size, dimension) in their order, and the cluster size."""
    levels, sizes = [[]], []
    for word, first, dim, cluster in re.findall(
        r"(SpatialMap|TemporalMap)\((\d+),\s*\d+\)\s*([A-Z])'?;|Cluster\((\d+),\s*P\);", text
    ):
        if cluster:
            levels.append([])
            sizes.append(int(cluster))
        else:
            levels[-1].append((word, int(first), dim))
    if len(levels) != 2:
        raise ValueError("the mapping has not two levels")
    return levels, sizes[0]


def price_best(problem, text):
    """(runtime, energy, L1, L2, value) of a mapping, or ValueError if it does not count."""
    levels, size = read_mapping(text)
    if problem.type == "GEMM":  # the file's M, N, K are Y, K, C here
        names = {"M": "Y", "N": "K", "K": "C"}
        levels = [[(kind, tile, names.get(dim, dim)) for kind, tile, dim in level] for level in levels]
    tiles, parallel, orders = [], [], []
    for level in levels:
        at = {dim: (tile, position, kind) for position, (kind, tile, dim) in enumerate(level)}
        tiles.append([at[DIMS[d]][0] if DIMS[d] in at else 1 for d in range(4)])
        parallel.append([DIMS.index(dim) for dim, (_, _, kind) in at.items() if kind == "SpatialMap" and dim in DIMS])
        orders.append(tuple(at[DIMS[d]][1] if DIMS[d] in at else 9 + d for d in range(4)))
    if [len(p) for p in parallel] != [1, 1]:
        raise ValueError("a level has not one parallel dimension out of K, C, Y, X")
    p, q = parallel[0][0], parallel[1][0]
    if p not in problem.parallel[0] or q not in problem.parallel[1] or not 1 <= size <= problem.pes:
        raise ValueError("the mapping is not in the space")
    for d in range(4):
        if not 1 <= tiles[1][d] <= tiles[0][d] <= problem.outputs[d] or tiles[0][d] not in problem.tiles[d]:
            raise ValueError("a tile is not in the space")
    outer = Outer(problem, p, problem.pes // size, tiles[0][p])
    if not outer.counts_right:
        raise ValueError("it fails test 1")
    cycles = problem.work_without(p, q)
    for d in range(4):
        cut = Cut(problem.outputs[d], tiles[0][d])
        if d == q:
            work = problem.inner_work(d, cut, tiles[0][d], tiles[1][d], size)
            if work is None:
                raise ValueError("it fails test 4")
            cycles *= problem.factor_of(d, cut, *work, outer if p == q else None)
            cycles *= 1 if p == q else outer.cycles
        else:
            of_full, of_edge = Cut(tiles[0][d], tiles[1][d]), Cut(cut.edge, tiles[1][d])
            tail = of_full.edge if of_edge.rest else 0
            if cut.rest and of_edge.full * tiles[1][d] + tail != cut.edge:
                raise ValueError("it fails test 4")
    traffic = Traffic(problem, outer, [np.int64(1 if d == p else tiles[0][d]) for d in range(4)])
    moved = {t: int(traffic.ingress(t, orders[0])) for t in ("input", "filter")}
    moved["output"] = int(traffic.output())
    if problem.is_wide:
        runtime = int(traffic.runtime(cycles))
    else:
        runtime = stepwise_runtime(problem, outer, q, size, tiles, orders)
    if any(moved[t] < problem.elems[t] for t in moved):
        raise ValueError("it fails test 3")
    if runtime * problem.pes < problem.macs:
        raise ValueError("it fails test 2")
    l1, l2 = problem.pe_elems(tiles[1]), int(traffic.l2_elems())
    if (problem.l1 >= 0 and l1 > problem.l1) or (problem.l2 >= 0 and l2 > problem.l2):
        raise ValueError("it does not fit L1 or L2")
    goal, problem.goal = problem.goal, "energy"
    energy = float(problem.value(runtime, moved["input"], moved["filter"], moved["output"]))
    problem.goal = goal
    value = float(problem.value(runtime, moved["input"], moved["filter"], moved["output"]))
    return runtime, energy, l1, l2, value


def stepwise_runtime(problem, outer, q, size, tiles, orders):
    steps = OuterSteps(problem, outer, tiles[0])

    def run(at_edge):
        return int(steps.inner(q, size, tiles[1], at_edge).run(orders[1]))

    return int(steps.runtime(orders[0], run))


# --- all lines ---------------------------------------------------------------------------------------------------------


class MaestroChecker:
    def __init__(self, entries, sample, seed):
        header, best = entries[0], entries[1].get("best")
        self.header, self.best, self.lines = header, best, entries[2:]
        self.problem = Problem(header)
        self.lower = INFINITE if header["lower_bound"] is None else header["lower_bound"]
        self.sample, self.random = sample, random.Random(seed)
        self.number_of = {}
        self.notes = []

    @property
    def goal(self):
        return self.problem.goal

    def run(self):
        """What was opened again, as texts."""
        if self.header["subtrees"] == 0:
            return self.check_least_of_all()
        if len(self.lines) != self.header["lines"] or len(self.lines) != self.header["subtrees"]:
            raise Refused(1, f"it announces {self.header['lines']} subtrees, the file has {len(self.lines)}")
        if sum("opened" in line for line in self.lines) != self.header["opened"]:
            raise Refused(1, "it announces another number of opened subtrees")
        self.check_best()
        self.check_cover()
        for number, line in enumerate(self.lines, 3):
            try:
                self.check_line(line)
            except (KeyError, TypeError, ValueError) as error:
                raise Refused(number, str(error)) from error
        return self.open_sample()

    def check_least_of_all(self):
        """A proof that was over before the space was cut up claims no more than what no mapping can do without."""
        elems = self.problem.elems
        least = self.problem.value(self.problem.fastest, elems["input"], elems["filter"], elems["output"])
        if self.lines or self.lower > float(least):
            raise Refused(1, f"without subtrees nothing above {float(least)} is proved")
        self.check_best()
        return ["0 subtrees", "0 of 0 opened ones opened again"]

    def check_best(self):
        if self.best is None:
            if self.header["upper_bound"] is not None:
                raise Refused(2, "there is no best mapping, but an upper bound")
            return
        if self.best["value"] != self.header["upper_bound"] or self.lower > self.best["value"]:
            raise Refused(2, "its value is not the upper bound, or below the lower bound")
        try:
            runtime, energy, l1, l2, value = price_best(self.problem, self.best["mapping"])
        except ValueError as error:
            raise Refused(2, f"the best mapping does not count: {error}") from error
        found = {
            "value": value,
            "runtime_cycles": runtime,
            "energy_nj": energy,
            "l1_size_elems": l1,
            "l2_size_elems": l2,
        }
        for name, figure in found.items():
            if self.best[name] != figure:
                raise Refused(2, f"{name} is {self.best[name]}, not {figure}")

    def check_cover(self):
        """Every subtree of the space has one line."""
        p = self.problem
        wanted = {(DIMS[d], n, t) for d in p.parallel[0] for n in p.ranges for t in p.tiles[d]}
        for number, line in enumerate(self.lines, 3):
            key = line.get("parallel"), line.get("clusters"), line.get("tile")
            if key in self.number_of:
                raise Refused(number, f"subtree {key} has a line already")
            if key not in wanted:
                raise Refused(number, f"subtree {key} is not one of the space")
            self.number_of[key] = number
        if len(self.number_of) != len(wanted):
            missing = sorted(wanted - set(self.number_of))[0]
            raise Refused(len(self.lines) + 2, f"behind it the line of subtree {missing} is missing")

    def outer_of(self, line):
        return Outer(self.problem, DIMS.index(line["parallel"]), line["clusters"], line["tile"])

    def check_line(self, line):
        outer = self.outer_of(line)
        if line.get("miscounts", False) == outer.counts_right:
            raise ValueError("whether it miscounts is wrong")
        if not outer.counts_right:
            return
        bound = self.problem.bound(outer)
        if line["bound"] != bound:
            raise ValueError(f"the bound is {line['bound']}, not {bound}")
        if "as" in line:
            self.check_model(line, outer)
        elif "opened" in line:
            least = line["opened"]["least"]
            if least is not None and least < self.lower:
                raise ValueError(f"it has {least}, below the certified bound {self.lower}")
        elif bound is not None and bound < self.lower:
            raise ValueError(f"its bound {bound} does not reach {self.lower}, and it was not opened")

    def check_model(self, line, outer):
        """What another subtree holds carries over to this one."""
        number = self.number_of.get((line["parallel"], line["as"]["clusters"], line["as"]["tile"]))
        if number is None or "opened" not in self.lines[number - 3]:
            raise ValueError("the subtree that it refers to was not opened")
        model = self.outer_of(self.lines[number - 3])
        if self.problem.needs_runtime() or self.lines[number - 3]["opened"]["suspects"] != 0:
            raise ValueError("the subtree that it refers to proves nothing of others")
        if any(a < b for a, b in zip(outer.factors(), model.factors())):
            raise ValueError("it moves less than the subtree that it refers to")
        both = self.problem.choices(model.dim, model.tile, model.clusters, model)
        if model.dim not in self.problem.parallel[1] or not model.has_time or not both:
            raise ValueError("the subtree that it refers to leaves mappings out")
        if self.problem.least_output(model) < self.problem.elems["output"]:
            raise ValueError("the subtree that it refers to has implausible outputs")

    def open_sample(self):
        opened = [line for line in self.lines if "opened" in line]
        chosen = opened if len(opened) <= self.sample else self.random.sample(opened, self.sample)
        done = left = priced = 0
        for line in chosen:
            key = line["parallel"], line["clusters"], line["tile"]
            try:
                opening = Opening(self.problem, self.outer_of(line), self.lower)
                opening.run()
                vectors = opening.left
                if len(vectors) > self.sample:
                    vectors = self.random.sample(vectors, self.sample)
                for q, tiles in vectors:
                    opening.price_timed(q, tiles)
                done += 1
                left += len(opening.left)
                priced += len(vectors)
            except NotChecked as error:
                self.notes.append(f"line {self.number_of[key]} is not opened again: {error}")
            except ValueError as error:
                raise Refused(self.number_of[key], f"opened again: {error}") from error
        again = [f"{len(self.lines)} subtrees", f"{done} of {len(opened)} opened ones opened again"]
        return again + ([f"{priced} of {left} vectors of outer tiles step by step"] if left else [])
