"""Certificates of the best accelerator (docs/certify.md "The certificate of an accelerator")."""

import math
import random

from ..lines import NotChecked, Refused
from .latency import Latency
from .question import INFINITE, Question, ceil_div
from .walk import Mapping, Walk


def number(value):
    return INFINITE if value is None else value


class MachineChecker:
    """All of a certificate."""

    def __init__(self, entries, sample, seed):
        self.header, self.best, self.lines = entries[0], entries[1].get("best"), entries[2:]
        header, machine = self.header, self.header["accelerator"]
        if header.get("cost_model") != "exact":
            raise NotChecked(f"cost model {header.get('cost_model')}; those of exact are checked")
        self.goal = header["objective"]
        if self.goal not in ("budget-area", "latency"):
            raise NotChecked(f"objective {self.goal}")
        self.shapes, self.counts = header["layers"], [shape["count"] for shape in header["layers"]]
        if not self.shapes or any(count < 1 for count in self.counts):
            raise ValueError("no layers, or a count below 1")
        self.lower, self.upper = number(header["lower_bound"]), number(header["upper_bound"])
        self.most_cycles, self.most_area = number(header["latency_limit"]), number(header["area_budget_um2"])
        self.l1_limit, self.l2_limit = (
            INFINITE if machine[name] < 0 else machine[name] for name in ("l1_size_elems", "l2_size_elems")
        )
        most = machine["num_pes"]
        self.sizes = range(1, most + 1) if header["searches_pes"] else range(most, most + 1)
        questions = [self.question(i, most, -1, -1) for i in range(len(self.shapes))]
        if any(q.least_below(1, d, q.size[d]) > 1 for q in questions for d in range(4)):
            raise NotChecked("a space without tiles of one index in PEs")
        self.macs = [q.macs for q in questions]
        self.least_pes = max(q.least_cluster for q in questions)  # for one cluster
        # No mapping needs less than PEs' tiles of one index; with all of a layer in L2 none is faster.
        self.l1 = max(2 * sum(q.elements([1, 1, 1, 1])) for q in questions)
        self.most_l2 = min(self.l2_limit, max(2 * sum(q.elements(q.size)) for q in questions))
        self.sample, self.random = sample, random.Random(seed)
        self.notes = []

    def question(self, i, pes, l1, l2):
        """One shape on one accelerator, its latency asked for."""
        shape = self.shapes[i]
        machine = {**self.header["accelerator"], "num_pes": pes, "l1_size_elems": l1, "l2_size_elems": l2}
        return Question({**shape, "accelerator": machine, "objective": "latency"})

    def area(self, pes, l1, l2):
        k = self.header["accelerator"]["constants"]
        return k["budget_pe_area_um2"] * pes + k["budget_buffer_area_um2_per_byte"] * (float(l1) * pes + float(l2))

    def network_cycles(self, of_shapes):
        return sum(count * float(cycles) for count, cycles in zip(self.counts, of_shapes))

    def fewest(self, pes):
        """Cycles of each shape in which all PEs are busy all the time."""
        return [ceil_div(macs, pes) for macs in self.macs]

    def bound(self, pes):
        """No accelerator with so many PEs that counts has a lower value."""
        area, cycles = self.area(pes, self.l1, self.l1), self.network_cycles(self.fewest(pes))
        if pes < self.least_pes or self.l1 > self.l1_limit or area > self.most_area or cycles > self.most_cycles:
            return INFINITE
        return area if self.goal == "budget-area" else cycles

    def bound_of_opened(self, pes, l2, cycles):
        """The same from what the layers take at least with so much L2."""
        is_smallest, found = self.goal == "budget-area", self.network_cycles(cycles)
        least = INFINITE if found > self.most_cycles else 0 if is_smallest else found
        # With a larger L2 nothing is known but its area, unless it is not paid for or does not help.
        larger = self.area(pes, self.l1, l2 + 1)
        if l2 >= self.most_l2 or larger > self.most_area:
            return least
        return min(least, larger if is_smallest else 0)

    def run(self):
        """What was checked, as texts."""
        if len(self.lines) != self.header["lines"] or len(self.lines) != len(self.sizes):
            raise Refused(1, f"it announces {self.header['lines']} lines, there are {len(self.sizes)} numbers of PEs")
        self.check_best()
        opened = []
        for at, (pes, line) in enumerate(zip(self.sizes, self.lines), 3):
            try:
                opened += self.check_line(at, pes, line)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise Refused(at, str(error)) from error
        count = sum("opened" in line for line in self.lines)
        if count != self.header["opened"]:
            raise Refused(1, f"it announces {self.header['opened']} opened numbers of PEs, not {count}")
        chosen = self.random.sample(opened, self.sample) if len(opened) > self.sample else opened
        for one in chosen:
            self.prove_again(*one)
        again = f"{len(chosen)} of {len(opened)} least latencies proved again"
        return [f"{len(self.sizes)} numbers of PEs, {count} opened", again]

    def check_line(self, at, pes, line):
        """What of an opened number of PEs has to be proved: (line, shape, PEs, L2, cycles)."""
        if line["pes"] != pes:
            raise ValueError(f"it is of {line['pes']} PEs, not {pes}")
        bound = self.bound(pes)
        if number(line["bound"]) != bound:
            raise ValueError(f"the bound is {line['bound']}, not {bound}")
        found = line.get("opened")
        if found is None:
            if bound < self.lower:
                raise ValueError(f"its bound {bound} does not reach {self.lower}, and it was not opened")
            return []
        l2, cycles = found["l2_elems"], [number(c) for c in found["cycles"]]
        if not isinstance(l2, int) or l2 < 0 or len(cycles) != len(self.shapes):
            raise ValueError("what opening it found does not fit together")
        bound = max(bound, self.bound_of_opened(pes, l2, cycles))
        if bound < self.lower:
            raise ValueError(f"what opening it found leaves {bound}, below the certified bound {self.lower}")
        fewest = self.fewest(pes)
        return [(at, i, pes, l2, c) for i, c in enumerate(cycles) if c > fewest[i]]

    def prove_again(self, at, i, pes, l2, cycles):
        least = Latency(self.question(i, pes, self.l1, l2)).optimum(cycles)
        if least < cycles:
            name = self.shapes[i]["name"]
            raise Refused(at, f"proved again: layer {name} takes {least} cycles with {pes} PEs, not {cycles}")

    def check_best(self):
        if self.best is None:
            if math.isfinite(self.upper):
                raise Refused(2, "there is no accelerator, but an upper bound")
            return
        try:
            self.check_accelerator(self.best)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Refused(2, f"the accelerator does not count: {error}") from error

    def check_accelerator(self, best):
        pes, l1, l2 = (best[name] for name in ("num_pes", "l1_size_elems", "l2_size_elems"))
        if pes not in self.sizes or not 0 <= l1 <= self.l1_limit or not 0 <= l2 <= self.l2_limit:
            raise ValueError(f"{pes} PEs, L1 {l1} and L2 {l2} are not those that are asked about")
        area, cycles = self.area(pes, l1, l2), 0
        for i, text in enumerate(best["mappings"]):
            q = self.question(i, pes, l1, l2)
            walk = Walk(q, Mapping(q, text))
            if walk.l1_size > l1 or walk.l2_size > l2:
                raise ValueError(f"layer {self.shapes[i]['name']} needs L1 {walk.l1_size} and L2 {walk.l2_size}")
            cycles += self.counts[i] * walk.runtime
        if len(best["mappings"]) != len(self.shapes):
            raise ValueError("a layer has no mapping")
        for name, figure in (("budget_area_um2", area), ("latency_cycles", cycles)):
            if best[name] != figure:
                raise ValueError(f"{name} is {best[name]}, not {figure}")
        if area > self.most_area or cycles > self.most_cycles:
            raise ValueError(f"{area} um^2 and {cycles} cycles do not keep the budget or the limit")
        value = area if self.goal == "budget-area" else cycles
        if best["value"] != value or value != self.upper or self.lower > value:
            raise ValueError(f"its value is {value}, not the upper bound, or below the lower bound")
