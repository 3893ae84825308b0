"""Checks certificates of the cost model `timeloop`, from docs/timeloop-model.md and docs/certify-timeloop.md alone."""

import math
import random

import numpy as np

from ..lines import Refused
from .bounds import Bounds, Choices
from .leaf import Reopening, TooMuch
from .mapping import read_mapping
from .model import price
from .question import INFINITE, Question

ROUNDING = 1e-11  # between sums of energies in another order
NEAR = 1e-9  # between bounds
MOST_SPLITS_LEFT = 500  # of a subtree that was gone through
ROWS = 50_000  # choices whose bounds are computed at once


def number(value):
    return INFINITE if value is None else value


class Subtree:
    """A line: what was done with the mappings whose first splits are these."""

    def __init__(self, q, at, line):
        self.at, self.stated = at, number(line["bound"])
        if len(line["splits"]) > len(q.order):
            raise ValueError("it has more splits than dimensions")
        self.key = tuple(q.splits[d].index.get(tuple(f), -1) for d, f in zip(q.order, line["splits"]))
        if -1 in self.key:
            letter = q.letters[q.order[self.key.index(-1)]]
            raise ValueError(f"{letter} cannot be split like that in this space")
        if ("cut" in line) == ("opened" in line):
            raise ValueError("it does not say what was done with it")
        self.is_cut = "cut" in line
        what = line["cut" if self.is_cut else "opened"]
        self.least = number(what["least"])
        self.unfit, self.settled = (what["unfit"], what["settled"]) if self.is_cut else (0, 0)
        left = math.prod(len(q.splits[d]) for d in q.order[len(self.key) :])
        if self.is_cut and len(self.key) == len(q.order):
            raise ValueError("nothing is left to cut it by")
        if not self.is_cut and left > MOST_SPLITS_LEFT:
            raise ValueError(f"{left} choices of splits are left in it, too many to be gone through")
        self.parts = {}  # those with a line of their own, by the place of their next split


class TimeloopChecker:
    """All of a certificate."""

    def __init__(self, entries, sample, seed):
        self.header, self.best, self.lines = entries[0], entries[1].get("best"), entries[2:]
        self.q = Question(self.header)
        self.goal = self.q.goal
        self.lower, self.upper = (number(self.header[f"{side}_bound"]) for side in ("lower", "upper"))
        self.bounds = Bounds(self.q)
        self.sample, self.random = sample, random.Random(seed)
        self.notes = []

    def run(self):
        """What was checked, as texts."""
        if len(self.lines) != self.header["lines"]:
            raise Refused(1, f"it announces {self.header['lines']} lines, the file has {len(self.lines)}")
        self.check_best()
        subtrees = self.read_subtrees()
        count = sum(len(self.q.splits[self.next_of(s)]) for s in subtrees if s.is_cut) + bool(subtrees)
        if count != self.header["subtrees"]:
            raise Refused(1, f"it announces {self.header['subtrees']} subtrees, not {count}")
        self.check_root(subtrees)
        for depth in range(len(self.q.order)):
            self.check_cuts([s for s in subtrees if s.is_cut and len(s.key) == depth])
        opened = [s for s in subtrees if not s.is_cut]
        chosen = self.random.sample(opened, self.sample) if len(opened) > self.sample else opened
        for s in chosen:
            self.open_again(s)
        return [f"{count} subtrees", f"{len(chosen)} of {len(opened)} opened ones opened again"]

    def next_of(self, s):
        return self.q.order[len(s.key)]

    # --- the best mapping

    def check_best(self):
        if self.best is None:
            if math.isfinite(self.upper):
                raise Refused(2, "there is no best mapping, but an upper bound")
            return
        if self.best["value"] != self.upper or self.lower > self.upper:
            raise Refused(2, "its value is not the upper bound, or below the lower bound")
        try:
            cycles, energy = price(self.q, read_mapping(self.q, self.best["mapping"]))
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(2, f"the best mapping does not count: {error}") from error
        for name, figure in (("cycles", cycles), ("energy_pj", energy), ("value", self.q.value(cycles, energy))):
            if not abs(self.best[name] - figure) <= ROUNDING * figure:
                raise Refused(2, f"{name} is {self.best[name]}, not {figure}")

    # --- the subtrees

    def read_subtrees(self):
        found = {}
        for at, line in enumerate(self.lines, 3):
            try:
                s = Subtree(self.q, at, line)
                self.add(s, found)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise Refused(at, str(error)) from error
            found[s.key] = s
        return list(found.values())

    def add(self, s, found):
        if s.key in found:
            raise ValueError(f"this subtree has a line already, {found[s.key].at}")
        if s.least < self.lower * (1 - ROUNDING):
            raise ValueError(f"the least of it is {s.least}, below the certified bound {self.lower}")
        if not s.is_cut and s.least < self.upper * (1 - ROUNDING):
            raise ValueError(f"it has a mapping of {s.least}, better than the best")
        if not s.key:
            return
        whole = found.get(s.key[:-1])
        if whole is None or not whole.is_cut:
            raise ValueError("it is no part of a subtree that was cut before")
        whole.parts[s.key[-1]] = s

    def check_root(self, subtrees):
        bound = float(self.bounds.strong(Choices(self.q, {}))[0])
        if not subtrees:
            if self.lower > bound * (1 + ROUNDING):
                raise Refused(1, f"without subtrees nothing above {bound} is proved")
            return
        if subtrees[0].key:
            raise Refused(3, "the subtree of all mappings comes first")
        self.check_bound(subtrees[0], bound)

    def check_bound(self, s, bound):
        if s.stated != bound and not abs(s.stated - bound) <= NEAR * bound:
            raise Refused(s.at, f"the bound is {bound}, not {s.stated}")
        s.bound = bound

    def check_cuts(self, subtrees):
        """Subtrees cut by the same dimension: each part has a line, does not fit, or is settled by its bound."""
        if not subtrees:
            return
        width = len(self.q.splits[self.next_of(subtrees[0])])
        at_once = max(1, ROWS // max(1, width))
        for first in range(0, len(subtrees), at_once):
            some = subtrees[first : first + at_once]
            self.check_parts(some, np.repeat(np.arange(len(some)), width), np.tile(np.arange(width), len(some)))

    def choices(self, subtrees, of, part):
        """The parts of subtrees: of which one, and which part of it."""
        keys = np.array([s.key for s in subtrees], dtype=np.int64).reshape(len(subtrees), -1)[of]
        places = {d: keys[:, i] for i, d in enumerate(self.q.order[: keys.shape[1]])}
        return Choices(self.q, {**places, self.next_of(subtrees[0]): part}, len(of))

    def check_parts(self, subtrees, of, part):
        fits = self.bounds.may_fit(self.choices(subtrees, of, part)) if len(of) else np.zeros(0, dtype=bool)
        has_line = np.array([p in subtrees[i].parts for i, p in zip(of, part)], dtype=bool)
        unfit, settled = (np.bincount(of[which], minlength=len(subtrees)) for which in (~fits, fits & ~has_line))
        for i, p in zip(of[has_line & ~fits], part[has_line & ~fits]):
            raise Refused(subtrees[i].parts[p].at, "its tiles or spatial loops do not fit")
        for s, n, m in zip(subtrees, unfit, settled):
            if (s.unfit, s.settled) != (n, m):
                raise Refused(s.at, f"{n} parts do not fit and {m} have no line of their own, not {s.unfit} and {s.settled}")
        self.check_settled(subtrees, of[fits & ~has_line], part[fits & ~has_line])
        self.check_lines(subtrees, of[has_line], part[has_line])

    def check_settled(self, subtrees, of, part):
        whole, least = (np.array([getattr(s, name) for s in subtrees]) for name in ("bound", "least"))
        for bound in (self.bounds.weak, self.bounds.strong):
            if len(of) == 0:
                return
            found = np.maximum(whole[of], bound(self.choices(subtrees, of, part)))
            is_below = ~(found >= least[of] * (1 - ROUNDING))
            of, part, found = of[is_below], part[is_below], found[is_below]
        if len(of):
            s = subtrees[of[0]]
            raise Refused(s.at, f"a part without a line has the bound {found[0]}, below {s.least}")

    def check_lines(self, subtrees, of, part):
        if len(of) == 0:
            return
        c = self.choices(subtrees, of, part)
        for i, p, bound in zip(of, part, np.maximum(self.bounds.weak(c), self.bounds.strong(c)).tolist()):
            self.check_bound(subtrees[i].parts[p], max(subtrees[i].bound, bound))

    def open_again(self, s):
        is_close = s.least <= self.upper * (1 + 1e-4) and math.isfinite(s.least)
        threshold = s.least * (1 + ROUNDING) if is_close else self.upper * (1 - ROUNDING)
        reopening = Reopening(self.q, self.bounds, threshold)
        try:
            found = reopening.open(s.key)
        except TooMuch:
            self.notes.append(f"line {s.at}: opened again in part only")
            return
        if found < self.upper * (1 - ROUNDING):
            raise Refused(s.at, f"opened again: it has a mapping of {found!r}, below the upper bound {self.upper!r}")
        if is_close and not abs(found - s.least) <= ROUNDING * s.least:
            raise Refused(s.at, f"opened again: the least of its mappings has {found!r}, not {s.least!r}")
