"""The problem of a certificate, and the figures that a mapping's parts add up to (docs/exact-model.md)."""

import itertools
import math

import numpy as np

from ..lines import NotChecked

DIMS = "KCYX"
K, C, Y, X = range(4)
NONE = 4  # in place of a parallel dimension
INFINITE = math.inf
ROUNDING = 1e-12  # sums of doubles are compared to within this part of them

# What moves at a level; each with a product over the dimensions.
STREAMS = INPUT_READS, INPUT_FILLS, FILTER_READS, FILTER_FILLS, OUTPUTS = range(5)


class Question:
    """The layer, the accelerator, the space and the objective of a header."""

    def __init__(self, header):
        layer, machine = header["layer"], header["accelerator"]
        size = layer["size"]
        window, stride = (size["R"], size["S"]), (layer["stride_y"], layer["stride_x"])
        if layer["type"] not in ("CONV", "DSCONV", "GEMM"):
            raise NotChecked(f"a layer of type {layer['type']}")
        self.type = layer["type"]
        self.is_depthwise = layer["type"] == "DSCONV"
        rows = [(size[d] - w) // s + 1 for d, w, s in zip("YX", window, stride)]
        self.size = [1 if self.is_depthwise else size["K"], size["C"], *rows]
        # n rows of output need n x each + more rows of input.
        self.each = [1, 1] + [min(s, w) for s, w in zip(stride, window)]
        self.more = [0, 0] + [max(0, w - s) for s, w in zip(stride, window)]
        self.window = window[0] * window[1]
        self.filter_size = dict(zip("RS", window))
        self.stride = dict(zip("YX", stride))
        self.own = {
            "input": {C, Y, X},
            "filter": {K, C},
            "output": {C, Y, X} if self.is_depthwise else {K, Y, X},
        }
        self.macs = self.window * math.prod(self.size)
        self.goal = header["objective"]
        if self.goal not in ("latency", "energy", "EDP"):
            raise NotChecked(f"objective {self.goal}")
        self.has_energy, self.has_cycles = self.goal != "latency", self.goal != "energy"
        self.read_machine(machine)
        self.read_space(header["space"])
        self.set_cycles()
        self.set_energy()

    def is_plain(self, dim):
        """Whether rows (or columns) of input and output are the same."""
        return self.stride[dim] == 1 and self.filter_size["RS"["YX".index(dim)]] == 1

    def read_machine(self, machine):
        self.pes, self.lanes = machine["num_pes"], machine["simd_lanes"]
        self.noc, self.offchip = machine["noc_bw"], machine["offchip_bw"]
        self.head = machine["noc_hops"] * machine["noc_hop_latency"]
        self.l1, self.l2 = machine["l1_size_elems"], machine["l2_size_elems"]
        self.constants = machine["constants"]

    def read_space(self, space):
        if len(space["levels"]) != 2 or space["factors_only"]:
            raise NotChecked("a space of other than two levels, or of factors only")
        whole = dict(zip(DIMS, self.size), **self.filter_size)
        self.rules = [[self.read_rule(level, space["levels"][level], d, whole) for d in range(4)] for level in (0, 1)]
        self.begins = [[DIMS.index(d) for d in level["order_begins"] if d in DIMS] for level in space["levels"]]
        self.orders = [self.orders_that_begin(begins) for begins in self.begins]
        self.parallel = [[DIMS.index(d) for d in level["parallel"] if d in DIMS] for level in space["levels"]]
        inner = space["levels"][1]
        self.least_cluster = inner["cluster_low"]
        self.largest_cluster = min(inner["cluster_high"], self.pes)

    @staticmethod
    def read_rule(level, given, d, whole):
        """(low, high, whether it is the tile above) of a tile, all cut to the tile above."""
        rule, size = given["tiles"].get(DIMS[d]), whole[DIMS[d]]
        if rule is None:
            return 1, size, False
        same, most = rule["same_as_above"], rule["at_most_tile_of"]
        # At the top the tile above is the whole dimension, as it is of R and S.
        if any(level > 0 and other not in (None, DIMS[d], "R", "S") for other in (same, most)):
            raise NotChecked("a space with tiles bound to those of other dimensions")
        if same is not None:
            above = min(whole[same], size)
            return (1, size, True) if level > 0 and same == DIMS[d] else (above, above, False)
        high = min(rule["high"], size)
        return rule["low"], min(high, whole[most]) if most not in (None, DIMS[d]) else high, False

    @staticmethod
    def orders_that_begin(begins):
        """Loop orders of K, C, Y and X; None: all."""
        rest = [d for d in range(4) if d not in begins]
        return [tuple(begins) + end for end in itertools.permutations(rest)] if begins else None

    def least_below(self, level, d, above):
        low, high, is_same = self.rules[level][d]
        return above if is_same else np.minimum(min(low, high), above)

    def most_below(self, level, d, above):
        _, high, is_same = self.rules[level][d]
        return above if is_same else np.minimum(high, above)

    def outer_tiles(self, d):
        """The least and the largest tile of level 0."""
        return int(self.least_below(0, d, self.size[d])), int(self.most_below(0, d, self.size[d]))

    def allows(self, d, outer, inner):
        low, high = self.outer_tiles(d)
        return low <= outer <= high and self.least_below(1, d, outer) <= inner <= self.most_below(1, d, outer)

    def set_cycles(self):
        """Whether no step can wait for a NoC; else what each mapping waits for at least."""
        whole = self.elements(self.size)
        half = self.l2 / 2 if self.l2 >= 0 else INFINITE
        ingress = min(min(whole[0], half) + min(whole[1], half), half)
        egress = min(whole[2], half)
        least = min(self.noc, self.offchip)
        self.is_wide = self.lanes == 1 and self.head <= 1 and ingress <= least and egress <= least
        self.transfer = 0
        if not self.is_wide:
            most = max(whole[0] + whole[1], whole[2])
            waits = most / self.offchip
            if self.head >= 1:
                waits = max(waits, most / self.noc)
            self.transfer = math.ceil(waits)

    def set_energy(self):
        k = self.constants
        self.w1, self.w2, self.wc = k["l1_energy_macs"], k["l2_energy_macs"], k["cluster_energy_macs"]
        whole = self.elements(self.size)
        self.dram = k.get("dram_energy_macs", 0) * float(sum(whole))  # older certificates have none
        self.fixed = self.macs + self.w1 * 4 * self.macs + self.w2 * (whole[0] + whole[1]) + self.dram
        if not self.has_energy:  # nothing that moves counts
            self.w1 = self.w2 = self.wc = self.fixed = 0
        f = self.window
        self.outer_weights = [self.w2, self.wc, self.w2 * f, self.wc * f, 2 * self.w2]
        self.inner_weights = [self.wc, self.w1, self.wc * f, self.w1 * f, 2 * self.wc]

    def elements(self, box):
        """Input, filter and output of a box of K, C, Y and X; numbers or arrays."""
        rows, columns = (box[d] * self.each[d] + self.more[d] for d in (Y, X))
        features = box[C] if self.is_depthwise else box[K]
        return box[C] * rows * columns, box[K] * box[C] * self.window, features * box[Y] * box[X]

    def fits(self, box, buffer):
        return buffer < 0 or 2 * sum(self.elements(box)) <= buffer

    def cycles(self, busy, steps, first=0, cycles=0, starts=0):
        """F1, or a bound where mappings wait: for elements of level 0's first step, and of level 1's starts in its first
        sub-cluster, and further cycles."""
        work = busy * float(self.window)
        if self.lanes > 1:
            work = np.ceil(work / self.lanes * (1 - ROUNDING))
        waits = np.maximum(np.ceil(first / self.noc) - 1, 0) + np.maximum(starts / self.noc - steps, 0) + cycles
        return np.maximum(work + self.head * (steps + 1.0) + waits, self.transfer)

    @property
    def may_wait(self):
        """Whether the objective depends on waiting for a NoC."""
        return self.has_cycles and not self.is_wide

    def waited_for(self, box):
        """Input and filter of a box, where mappings may wait for them."""
        return 0 if self.is_wide else sum(self.elements(box)[:2])

    def value(self, energy, cycles):
        """The objective at an energy in MACs."""
        if not self.has_energy:
            return cycles
        energy = energy * self.constants["mac_energy_nj"]
        return energy * cycles if self.has_cycles else energy

    def energy_nj(self, l1, l2, clusters):
        """Of so many accesses, as the model computes it."""
        k = self.constants
        done = float(self.macs) + k["l1_energy_macs"] * float(l1)
        done = done + k["l2_energy_macs"] * float(l2)
        return (done + k["cluster_energy_macs"] * float(clusters) + self.dram) * k["mac_energy_nj"]

    def compulsory_nj(self):
        """Each tensor moved once between all levels."""
        inputs, filters, outputs = self.elements(self.size)
        moved = inputs + filters
        return self.energy_nj(4 * self.macs + moved, 2 * moved + 2 * outputs, 2 * (moved + outputs))

    def cluster_ranges(self):
        """(P0, the least and the largest cluster size that leave so many sub-clusters)."""
        found = {}
        for c in range(self.least_cluster, self.largest_cluster + 1):
            low, _ = found.get(self.pes // c, (c, c))
            found[self.pes // c] = (low, c)
        return found


def ceil_div(a, b):
    return -(-a // b)


def classes_of(size, low, high):
    """(steps, smallest tile, largest tile) of the tiles low to high of a dimension, the smallest tiles first."""
    found, tile = [], low
    while tile <= high:
        steps = ceil_div(size, tile)
        largest = size if steps == 1 else ceil_div(size, steps - 1) - 1
        found.append((steps, tile, min(largest, high)))
        tile = largest + 1
    return found


def first_share(box, tile, units):
    """What the first of the sub-clusters has of a box, over all its rounds."""
    whole, left = divmod(box, tile * units)
    return whole * tile + np.minimum(left, tile)


def busy_extent(size, outer_tile, outer_units, inner_tile, inner_units):
    """busy(d) of exact-model.md."""
    tiles = ceil_div(size, outer_tile)
    steps = ceil_div(tiles, outer_units)
    whole = first_share(outer_tile, inner_tile, inner_units)
    last = first_share(size - (tiles - 1) * outer_tile, inner_tile, inner_units)
    return (steps - 1) * whole + np.where(tiles - (steps - 1) * outer_units > 1, whole, last)
