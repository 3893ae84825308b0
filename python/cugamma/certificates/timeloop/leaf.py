"""Opens a subtree again: all splits that are left, all orders whose figures may differ ("Orders" of the document)."""

import itertools
import math

import numpy as np

from .bounds import Choices
from .mapping import allow_split
from .model import Loops, price
from .question import INFINITE, IRRELEVANT

MOST_STEPS = 20_000  # partial orders, or mappings, that are looked at


class TooMuch(Exception):
    """More than MOST_STEPS."""


class Reopening:
    """Looks for the least value below a threshold."""

    def __init__(self, q, bounds, threshold):
        self.q, self.bounds, self.threshold = q, bounds, threshold
        self.least, self.steps = INFINITE, 0

    def open(self, chosen):
        """chosen: the places of splits of the first dimensions of the order."""
        dimensions = self.q.order
        rest = [range(len(self.q.splits[d])) for d in dimensions[len(chosen) :]]
        rows = np.array([(*chosen, *more) for more in itertools.product(*rest)], dtype=np.int64).reshape(-1, len(dimensions))
        for of in (self.bounds.may_fit, self.may_win(self.bounds.weak), self.may_win(self.bounds.strong)):
            if len(rows):
                rows = rows[of(Choices(self.q, dict(zip(dimensions, rows.T)), len(rows)))]
        for row in rows:
            Orders(self, {d: row[i : i + 1] for i, d in enumerate(dimensions)}).place_all()
        return self.least

    def may_win(self, bound):
        return lambda c: bound(c) < self.threshold

    def step(self):
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooMuch


class Orders:
    """The orders of one complete choice of splits."""

    def __init__(self, of, places):
        self.of, self.q = of, of.q
        self.choice = Choices(self.q, places)
        levels = range(len(self.q.levels))
        self.temporal, self.spatial = (
            [{d: int(n[d][0, b]) for d in places if n[d][0, b] > 1} for b in levels]
            for n in (self.choice.temporal, self.choice.spatial)
        )
        self.starts = [[self.start(b, t) for t in range(len(self.q.tensors))] for b in levels]

    def start(self, b, t):
        """None: what the level hands down of the tensor does not depend on orders. Else whether it ever settles."""
        tensor, level = self.q.tensors[t], self.q.levels[b]
        if b > self.of.bounds.last_keeper[t]:
            return None
        pairs = [a for a in tensor.windows if len(a) > 1]
        may_serve = any(d in self.spatial[b] for a in pairs for d, _ in a) or b == 0 and pairs and level.units > 1
        if may_serve:
            return False
        counts = any(d in self.spatial[0] for d in tensor.irrelevant) if b == 0 else self.q.levels[b - 1].keeps[t]
        return True if counts else None

    def is_settled(self, b, t, placed):
        """Whether each tile comes whole further out: a loop has moved it along a plain axis, or loops along two axes."""
        if self.starts[b][t] is None:
            return True
        kinds = [self.q.tensors[t].kinds[d] for l in range(b, len(self.q.levels)) for d in placed.get(l, ())]
        moved = {kind for kind in kinds if kind != IRRELEVANT}
        return self.starts[b][t] and (len(moved) > 1 or any(kind < 0 for kind in moved))

    def place_all(self):
        used = [math.prod(s.values()) for s in self.spatial]
        if self.q.parallelism(used) < self.q.min_parallelism or not self.fill_levels():
            return
        self.arrangements = [self.arrange(b) for b in range(len(self.q.levels))]
        if all(self.arrangements):
            self.place(0, set(self.temporal[0]), {0: []})

    def fill_levels(self):
        tiles = {d: self.choice.below[d][0] for d in self.choice.places}
        for b, level in enumerate(self.q.levels):
            box = [int(tiles[d][b + 1]) for d in range(len(self.q.sizes))]
            if sum(t.volume(box) for t, keeps in zip(self.q.tensors, level.keeps) if keeps) < level.least_words:
                return False
        return True

    def place(self, b, left, placed):
        """Places the loops that are left of a level, then those of the levels outside."""
        while not left:
            b += 1
            if b == len(self.q.levels):
                self.price_all(placed)
                return
            left, placed = set(self.temporal[b]), {**placed, b: []}
        tensors = range(len(self.q.tensors))
        any_will_do = all(self.is_settled(l, t, placed) for l in range(b + 1) for t in tensors)
        for d in self.candidates(b, left):
            more = {**placed, b: [*placed[b], d]}
            self.of.step()
            if any_will_do or self.of.bounds.weak(self.choice, more)[0] < self.of.threshold:
                self.place(b, left - {d}, more)
            if any_will_do:
                return

    def candidates(self, b, left):
        """Of loops that no tensor tells apart one stands for both, unless a rule names loops."""
        rules = self.q.levels[b].temporal
        found = rules.next_loops(sorted(left))
        if rules.bind_orders:
            return found
        kinds = {}
        for d in found:
            kind = tuple(t.kinds[d] for t in self.q.tensors)
            kinds.setdefault(kind if max(kind) < 0 else d, d)
        return list(kinds.values())

    def arrange(self, b):
        """The ways to put a level's spatial loops into columns and rows: one, if they make no difference."""
        level, spatial, found = self.q.levels[b], self.spatial[b], []
        windows = [a for t in self.q.tensors for a in t.windows if len(a) > 1]
        slides = any(d in spatial for a in windows for d, _ in a)
        matters = b == 0 or level.hop_pj or level.router_pj or level.split is not None or slides
        for order in self.spatial_orders(level.spatial, set(spatial), []):
            for split in range(len(order) + 1):
                columns, rows = ([(d, spatial[d]) for d in part] for part in (order[:split], order[split:]))
                loops = Loops([], columns, rows)
                if loops.used_x <= level.fan_x and loops.used_y <= level.fan_y and allow_split(self.q, level, loops):
                    found.append((columns, rows))
                    if not matters:
                        return found
        return found

    def spatial_orders(self, rules, left, order):
        if not left:
            yield order
        for d in rules.next_loops(sorted(left)) if left else ():
            yield from self.spatial_orders(rules, left - {d}, [*order, d])

    def price_all(self, placed):
        temporal = [[(d, self.temporal[b][d]) for d in placed[b]] for b in range(len(self.q.levels))]
        for spatial in itertools.product(*self.arrangements):
            self.of.step()
            try:
                value = self.q.value(*price(self.q, [Loops(t, *s) for t, s in zip(temporal, spatial)]))
            except ValueError:
                continue  # it does not fit the accelerator
            if value < self.of.threshold:
                self.of.least = min(self.of.least, value)
