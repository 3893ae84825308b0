"""Checks certificates of the cost model `exact`, from docs/exact-model.md and docs/certify-exact.md alone."""

import itertools
import math
import random

import numpy as np

from ..lines import Refused
from .floors import Ranges
from .latency import Latency, LatencyCheck
from .leaf import open_range
from .level_0 import Level0
from .question import DIMS, INFINITE, NONE, ROUNDING, Question
from .ranges import Tree, root_ranges
from .sums import SumTables
from .vectors import VectorBounds
from .walk import Mapping, Walk

NEAR = 1e-6  # the program keeps what level 0 costs in numbers of 24 bits, rounded down


WALKED = 2  # of the mappings that were priced, above each tile of PEs that is opened again


class RangesCheck:
    """The lines of a certificate of energy, of EDP, or of latency where mappings may wait."""

    def __init__(self, question, lower, chance):
        self.q, self.lower, self.random = question, lower, chance
        self.walked = self.priced = 0
        self.tables = SumTables(question)
        self.roots = root_ranges(question)
        self.of_lists, self.of_ranges, self.opened, self.by_vectors = {}, {}, [], []
        self.level_0 = None

    def check(self, number, line):
        if "lists" in line:
            self.check_lists(number, line)
        else:
            self.add_range(number, line)

    def check_lists(self, number, line):
        p = self.dimension(line["lists"])
        if p in self.of_lists or p not in (NONE, *self.q.parallel[0]) and line["count"] != 0:
            raise ValueError("these lists have a line already, or are not those of the space")
        self.of_lists[p] = number
        below = INFINITE if line["below"] is None else line["below"]
        if self.level_0 is None:
            if below < self.lower:
                raise ValueError(f"vectors from {below} on were left out, below the certified bound {self.lower}")
            self.level_0 = Level0(self.q, self.tables, below, self.roots)
        if below != self.level_0.threshold:
            raise ValueError(f"vectors from {below} on were left out, not {self.level_0.threshold}")
        if p in self.level_0.vectors:
            self.level_0.check(p, line)

    @staticmethod
    def dimension(letter):
        return NONE if letter is None else DIMS.index(letter)

    def add_range(self, number, line):
        inner = self.dimension(line["inner"])
        if inner not in [r.inner for r in self.roots]:
            raise ValueError("the space has no such parallel dimension")
        if [len(line[name]) for name in ("low", "high", "pes")] != [4, 4, 2]:
            raise ValueError("it is no range")
        if not all(isinstance(n, int) for name in ("low", "high", "pes") for n in line[name]):
            raise ValueError("it is no range of whole numbers")
        self.of_ranges.setdefault(inner, []).append((number, line))
        found = line.get("opened")
        if found is None:
            return
        least = INFINITE if found["least"] is None else found["least"]
        is_priced = self.q.may_wait and found.get("priced", 0) > 0
        if least < self.lower * (1 - ROUNDING) and not is_priced:
            raise ValueError(f"it has {least}, below the certified bound {self.lower}")
        if (found["mappings"] <= 0 and math.isfinite(least)) or found["vectors"] < 0 or found["mappings"] < 0:
            raise ValueError("what opening it found does not fit together")
        if line["low"] != line["high"]:
            raise ValueError("it was opened and has more than one tile")
        self.opened.append((number, line))

    def finish(self, last):
        for p in (NONE, *self.q.parallel[0]):
            if p not in self.of_lists:
                name = "no dimension" if p == NONE else DIMS[p]
                raise Refused(last, f"behind it the line of the lists of {name} is missing")
        trees = {}
        for root in self.roots:
            lines = self.of_ranges.get(root.inner, [])
            if not lines:
                name = "none" if root.inner == NONE else DIMS[root.inner]
                raise Refused(last, f"behind it the lines of the ranges of inner {name} are missing")
            trees[root.inner] = self.tree_of(root, lines, last)
        for table in self.level_0.groups():
            for tree in trees.values():
                tree.lower_bounds(table)
        for inner, tree in trees.items():
            self.check_bounds(tree.bounds(), self.of_ranges[inner])
        self.subtrees = sum(len(lines) for lines in self.of_ranges.values())

    def tree_of(self, root, lines, last):
        def column(name):
            return np.array([line[name] for _, line in lines], dtype=np.int64).T

        records = Ranges(root.inner, column("low"), column("high"), *column("pes"))
        tree = Tree(self.q, root, records, np.array([number for number, _ in lines]), last)
        tree.start_bounds()
        return tree

    def check_bounds(self, bounds, lines):
        for bound, (number, line) in zip(bounds.tolist(), lines):
            stated = INFINITE if line["bound"] is None else line["bound"]
            if stated != bound and not abs(stated - bound) <= NEAR * bound:
                raise Refused(number, f"the bound is {line['bound']}, not {bound}")
            if "opened" in line or bound >= self.lower * (1 - ROUNDING) or self.lower <= self.compulsory():
                continue
            if line.get("by_vectors") is not True:
                raise Refused(number, f"its bound {bound} does not reach {self.lower}, and it was not opened")
            self.by_vectors.append((number, line))

    def compulsory(self):
        """What no mapping can do without."""
        return compulsory(self.q)

    def open_again(self, one):
        number, line = one
        least = INFINITE if line["opened"]["least"] is None else line["opened"]["least"]
        below = self.lower * (1 - ROUNDING)
        is_close = least <= self.lower * (1 + 1e-4)
        threshold = least * (1 + ROUNDING) if is_close else below
        try:
            found, sure, unsettled = open_range(self.q, self.tables, self.level_0, line, threshold, below)
        except ValueError as error:
            raise Refused(number, f"opened again: {error}, below the bound {self.lower!r}") from error
        # Vectors that the bound settles may have been opened or not.
        if is_close and not found * (1 - ROUNDING) <= least <= sure * (1 + ROUNDING):
            raise Refused(number, f"opened again: the least of its mappings has {found!r}, not {least!r}")

        self.walk_some(number, unsettled)

    def walk_some(self, number, unsettled):
        """Mappings that no bound settles, in random loop orders."""
        self.priced += len(unsettled)
        for tiles, parallel, cluster in self.random.sample(unsettled, min(WALKED, len(unsettled))):
            orders = [self.random.choice(given or list(itertools.permutations(range(4)))) for given in self.q.orders]
            walk = Walk(self.q, Mapping.of(tiles, orders, parallel, cluster))
            self.walked += 1
            value = value_of(self.q, walk)
            if value < self.lower:
                raise Refused(number, f"a mapping with tiles {tiles} has {value!r}, below the bound {self.lower!r}")

    def look_again(self, one):
        """The vectors of a range that they settle."""
        number, line = one
        low, high, units = ([np.array([n]) for n in line[name]] for name in ("low", "high", "pes"))
        r = Ranges(self.dimension(line["inner"]), np.array(low), np.array(high), *units)
        bounds = VectorBounds(self.q, self.level_0, r)
        for v in self.level_0.vectors.values():
            least = bounds.of(v, self.lower).min(initial=INFINITE)
            if least < self.lower * (1 - ROUNDING):
                raise Refused(number, f"looked through again: a vector has {least!r}, below the bound {self.lower!r}")


def value_of(q, walk):
    return {"latency": walk.runtime, "energy": walk.energy, "EDP": walk.energy * walk.runtime}[q.goal]


def compulsory(q):
    """Each tensor moved once between all levels, in the fewest cycles."""
    if not q.has_energy:
        return 0
    nj = q.compulsory_nj()
    if not q.has_cycles:
        return nj
    if not hasattr(q, "fewest_cycles"):
        q.fewest_cycles = Latency(q).optimum()
    return nj * q.fewest_cycles


class ExactChecker:
    """All of a certificate."""

    def __init__(self, entries, sample, seed):
        self.header, self.best, self.lines = entries[0], entries[1].get("best"), entries[2:]
        self.q = Question(self.header)
        bound = self.header["lower_bound"]
        self.lower = INFINITE if bound is None else bound
        self.sample, self.random = sample, random.Random(seed)
        self.notes = []

    @property
    def goal(self):
        return self.q.goal

    def run(self):
        """What was opened again, as texts."""
        if len(self.lines) != self.header["lines"]:
            raise Refused(1, f"it announces {self.header['lines']} lines, the file has {len(self.lines)}")
        self.check_best()
        if not self.lines:
            return self.check_least_of_all()
        check = self.check_of_lines()
        for number, line in enumerate(self.lines, 3):
            try:
                check.check(number, line)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise Refused(number, str(error)) from error
        check.finish(len(self.lines) + 2)
        if check.subtrees != self.header["subtrees"] or len(check.opened) != self.header["opened"]:
            raise Refused(1, f"it announces other numbers of subtrees than {check.subtrees}, {len(check.opened)} opened")
        again = [f"{check.subtrees} subtrees", self.again(check.opened, check.open_again, "opened ones opened again")]
        if check.by_vectors:
            again.append(self.again(check.by_vectors, check.look_again, "settled by vectors looked through again"))
        if check.walked:
            again.append(f"{check.walked} mappings walked of {check.priced} there that no bound settles")
        return again

    def check_of_lines(self):
        if self.q.has_energy or self.q.may_wait and any("lists" in line for line in self.lines):
            return RangesCheck(self.q, self.lower, self.random)
        return LatencyCheck(self.q, self.lower)

    def again(self, every, work, what):
        chosen = self.random.sample(every, self.sample) if len(every) > self.sample else every
        for one in chosen:
            work(one)
        return f"{len(chosen)} of {len(every)} {what}"

    def check_least_of_all(self):
        """A proof that was over before the space was cut up claims no more than what no mapping can do without."""
        least = compulsory(self.q)
        if self.header["subtrees"] or self.header["opened"] or self.lower > least:
            raise Refused(1, f"without subtrees nothing above {least} is proved")
        return ["0 subtrees", "0 of 0 opened ones opened again"]

    def check_best(self):
        upper = self.header["upper_bound"]
        if self.best is None:
            if upper is not None:
                raise Refused(2, "there is no best mapping, but an upper bound")
            return
        if self.best["value"] != upper or self.lower > upper:
            raise Refused(2, "its value is not the upper bound, or below the lower bound")
        try:
            walk = Walk(self.q, Mapping(self.q, self.best["mapping"]))
        except ValueError as error:
            raise Refused(2, f"the best mapping does not count: {error}") from error
        value = value_of(self.q, walk)
        found = {
            "value": value,
            "runtime_cycles": walk.runtime,
            "energy_nj": walk.energy,
            "l1_size_elems": walk.l1_size,
            "l2_size_elems": walk.l2_size,
        }
        for name, figure in found.items():
            if self.best[name] != figure:
                raise Refused(2, f"{name} is {self.best[name]}, not {figure}")
        for name, limit in (("l1_size_elems", self.q.l1), ("l2_size_elems", self.q.l2)):
            if 0 <= limit < found[name]:
                raise Refused(2, f"{name} is {found[name]}, and the accelerator has {limit}")
