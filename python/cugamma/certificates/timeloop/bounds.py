"""T1 to T8 of docs/certify-timeloop.md, for many choices of splits at once."""

import itertools
import math

import numpy as np

from .question import INFINITE, IRRELEVANT, divisors
from .windows import FIGURES, Window

PRECISION = 1e-12  # sums in double precision may end this share above the true ones


class Choices:
    """Splits of some dimensions, a choice a row: of a dimension, the places of its splits. The others are open."""

    def __init__(self, q, places, rows=1):
        self.places, self.rows = places, rows
        self.spatial, self.temporal, self.below, self.instances, self.visits = (
            {d: getattr(q.splits[d], name)[at] for d, at in places.items()}
            for name in ("spatial", "temporal", "below", "instances", "visits")
        )

    def product(self, of, dimensions, level):
        """Of those dimensions that are chosen."""
        result = np.ones(self.rows)
        for d in dimensions:
            if d in of:
                result = result * of[d][:, level]
        return result


class Prices:
    """Energies of a level, per word of all instances, at least."""

    def __init__(self, level):
        shared = min(1.0, level.clusters / level.instances)  # at worst all instances are in use
        self.read, self.fill, self.update = (
            pj * (shared / level.block_size) for pj in (level.read_pj, level.fill_pj, level.update_pj)
        )
        self.address = level.address_pj * shared


class Bounds:
    def __init__(self, q):
        self.q, self.levels = q, len(q.levels)
        self.prices = [Prices(l) for l in q.levels]
        self.windows = [[Window(q, axis) for axis in t.windows] for t in q.tensors]
        self.words = [t.plain_words * math.prod(w.length for w in ws) for t, ws in zip(q.tensors, self.windows)]
        self.last_keeper = [max(b for b in range(self.levels) if q.levels[b].keeps[t]) for t in range(len(q.tensors))]
        self.products = {}

    # --- fan-outs and capacities

    def open_products(self, open_dimensions):
        """Products of factors of dimensions that are not chosen, ascending."""
        if open_dimensions not in self.products:
            found = {1}
            for d in open_dimensions:
                found = {x * f for x in found for f in divisors(self.q.sizes[d])}
            self.products[open_dimensions] = np.array(sorted(found), dtype=float)
        return self.products[open_dimensions]

    def use(self, c):
        """Of each level, elements of its fan-out by what is chosen, and by which factor the rest may add to it."""
        products = self.open_products(tuple(d for d in self.q.order if d not in c.places))
        used = [c.product(c.spatial, c.places, b) for b in range(self.levels)]
        rooms = [np.maximum(1.0, np.floor(l.units / u)) for l, u in zip(self.q.levels, used)]
        more = [products[np.searchsorted(products, room, side="right") - 1] for room in rooms]
        parallel = np.prod(used, axis=0) * np.minimum(np.prod(more, axis=0), products[-1])
        return used, more, parallel

    def may_fit(self, c):
        fits = np.ones(c.rows, dtype=bool)
        for b, level in enumerate(self.q.levels):
            fits &= c.product(c.spatial, c.places, b) <= level.units
            words = np.zeros(c.rows)
            for t, tensor in enumerate(self.q.tensors):
                if level.keeps[t]:
                    words += math.prod(
                        (1 + sum(k * (c.below[d][:, b + 1] - 1) for d, k in a if d in c.places) for a in tensor.axes),
                        start=np.ones(c.rows),
                    )
            fits &= words <= level.usable
        return fits

    # --- runs

    def run(self, c, placed, t, level):
        """The product of the loops inside of the first that moves the tile; its kind, IRRELEVANT: not known."""
        kinds = self.q.tensors[t].kinds
        stays, goes_on = np.ones(c.rows), np.ones(c.rows, dtype=bool)
        mover = np.full(c.rows, IRRELEVANT)
        for b in range(level, self.levels):
            for d in placed.get(b, ()):
                if kinds[d] != IRRELEVANT:
                    mover[goes_on] = kinds[d]
                    return stays, mover
                if d in c.places:
                    stays = np.where(goes_on, stays * c.temporal[d][:, b], stays)
            others = [d for d in c.places if d not in placed.get(b, ())]
            in_place = c.product(c.temporal, [d for d in others if kinds[d] == IRRELEVANT], b)
            stays = np.where(goes_on, stays * in_place, stays)
            goes_on &= c.product(c.temporal, [d for d in others if kinds[d] != IRRELEVANT], b) == 1
            if not goes_on.any():
                break
        return stays, mover

    # --- words

    def hand(self, c, placed, t, b):
        """What level b hands down of a tensor to elements that get the same once, and what its inner neighbours get."""
        tensor = self.q.tensors[t]
        irrelevant = [d for d in tensor.irrelevant if d in c.places]
        repeats = tensor.plain_words * c.product(c.instances, irrelevant, b) * c.product(c.visits, irrelevant, b)
        elements = c.product(c.spatial, irrelevant, b)
        stays, mover = self.run(c, placed, t, b)
        whole, slid, may_serve = self.window_shares(c, mover, t, b)
        given = repeats * whole["given"] * slid["given"]
        served = repeats * whole["served"] * slid["served"]
        filled = repeats * elements * whole["filled"] * slid["filled"]
        if b == 0:  # MACs take a word each cycle, unless a neighbour passes it on
            may_serve = may_serve | (elements > 1) | (len(irrelevant) < len(tensor.irrelevant))
            given, served = repeats * whole["given"], np.maximum(served / stays, self.words[t])
            return Handed(np.where(may_serve, np.minimum(given, served), given))
        served = np.maximum(served, self.words[t])
        h = Handed(given / stays, filled / stays, served, filled, np.maximum(0.0, given - served), may_serve)
        self.allow_for_rounding(b, h)
        return h

    def window_shares(self, c, mover, t, b):
        """The product of all windows, every tile whole, and the least share of one along which tiles may slide."""
        whole, slid = ({name: np.ones(c.rows) for name in FIGURES} for _ in range(2))
        may_serve = np.zeros(c.rows, dtype=bool)
        for w, window in enumerate(self.windows[t]):
            at = [c.places.get(d, -1) for d in window.dimensions]
            at = (at[0], at[1] if len(at) > 1 else 0, b)
            may_serve = may_serve | window.may_serve[at]
            may_slide = (mover == IRRELEVANT) | (mover == w)
            for name in FIGURES:
                words, new = window.whole[name][at], window.slid[name][at]
                whole[name] = whole[name] * words
                slid[name] = np.where(may_slide, np.minimum(slid[name], new / words), slid[name])
        return whole, slid, may_serve

    def allow_for_rounding(self, b, h):
        """Where neighbours serve, groups of several sizes make fractions: a count of an instance may lose up to a word.

        Of several instances, the words between neighbours count once.
        """
        if self.q.levels[b].instances > 1:
            h.links = 0 * h.links
            h.filled_served = np.minimum(h.filled_served, h.served)
        lost = np.where(h.may_serve, self.q.levels[b - 1].instances, 0)
        h.filled, h.filled_served, h.links = (np.maximum(0.0, x - lost) for x in (h.filled, h.filled_served, h.links))

    def first_accesses(self, c, t, b):
        """The first access of each word of the output, which needs no read, in all instances of a level."""
        tensor = self.q.tensors[t]
        if not tensor.is_output:
            return 0.0
        return self.words[t] * c.product(c.instances, tensor.irrelevant, b)

    def passed_on(self, c, more, t, b, given):
        """T5: what a level gives of a tensor that the next inner one bypasses."""
        multicast = more[b] * c.product(c.spatial, self.q.tensors[t].irrelevant, b)
        for window in self.windows[t]:
            if len(window.dimensions) > 1 and all(d in c.places for d in window.dimensions):
                x, y = (c.spatial[d][:, b] for d in window.dimensions)
                multicast = multicast * np.minimum(x, y)
        if not self.windows[t]:
            return given / multicast
        return np.maximum(0.0, given / multicast - self.q.levels[b].instances)

    def open_instances(self, c, more, t, b):
        """Instances of a level that work on the same words by splits that are open, at most."""
        sizes = math.prod(self.q.sizes[d] for d in self.q.tensors[t].irrelevant if d not in c.places)
        return np.minimum(sizes, math.prod(more[b + 1 :], start=np.ones(c.rows)))

    # --- figures

    def add_tensor(self, c, placed, t, more, sums):
        tensor, levels = self.q.tensors[t], self.q.levels
        # What MACs take is known whatever is open; then so must be how far open dimensions share it out.
        counts_open = levels[0].units <= 1
        given = np.full(c.rows, float(self.q.macs)) if counts_open else self.hand(c, placed, t, 0).given
        for b in range(self.last_keeper[t] + 1):
            own, keeps = self.prices[b], levels[b].keeps[t]
            if b > 0 and levels[b - 1].keeps[t]:
                given = self.add_handed(c, t, b, self.hand(c, placed, t, b), sums)
                counts_open = False
            else:
                if b > 0:
                    given = self.passed_on(c, more, t, b, given)
                if keeps:
                    sums.energy = sums.energy + given * (own.read + own.address + (own.update if tensor.is_output else 0))
            if not keeps:
                continue
            first = self.first_accesses(c, t, b) * (self.open_instances(c, more, t, b) if counts_open else 1)
            sums.energy = sums.energy - np.minimum(given, first) * own.read
            sums.read[b] = sums.read[b] + np.maximum(0.0, given - first) * levels[b].scales[t]
            if tensor.is_output:
                sums.written[b] = sums.written[b] + given * levels[b].scales[t]

    def add_handed(self, c, t, b, h, sums):
        """Adds what a level hands to the next inner one, the cheaper way; returns what it gives."""
        is_output, inner, own = self.q.tensors[t].is_output, self.prices[b - 1], self.prices[b]
        give = own.read + own.address + (own.update if is_output else 0) if self.q.levels[b].keeps[t] else 0
        fill, link = inner.fill + inner.address, inner.read + (0 if is_output else inner.address)
        first = self.first_accesses(c, t, b - 1)
        alone = h.given * give + (h.filled - first) * fill
        together = h.served * give + (h.filled_served - first) * fill + h.links * link
        cheaper = np.where(h.may_serve, np.minimum(alone, together), alone)
        sums.energy = sums.energy + np.maximum(0.0, cheaper)
        filled = np.where(h.may_serve, np.minimum(h.filled, h.filled_served), h.filled)
        sums.written[b - 1] = sums.written[b - 1] + np.maximum(0.0, filled - first) * self.q.levels[b - 1].scales[t]
        return np.where(h.may_serve, np.minimum(h.given, h.served), h.given)

    def weak(self, c, placed=None):
        """No mapping with these splits and these innermost loops, {level: dimensions}, has a lower value."""
        used, more, parallel = self.use(c)
        sums = Sums(self.q.compute_pj, self.levels)
        for t in range(len(self.q.tensors)):
            self.add_tensor(c, placed or {}, t, more, sums)
        cycles, most, instances, leaking = self.q.macs / parallel, 1.0, 1.0, 0.0
        for b, level in reversed(list(enumerate(self.q.levels))):
            read, written = sums.read[b] / most, sums.written[b] / most
            for bandwidth, words in zip(level.bandwidths, (read, written, read + written)):
                if bandwidth != INFINITE:
                    cycles = np.maximum(cycles, words / bandwidth)
            leaking = leaking + level.leak_pj * instances
            most, instances = most * used[b] * more[b], instances * used[b]
        cycles = np.ceil(cycles * (1 - PRECISION))
        energy = (sums.energy + leaking * cycles) * (1 - PRECISION)
        cycles = cycles + self.q.latency_cycles
        if self.q.goal == "edp":
            return energy * cycles * (1 - PRECISION)
        return np.broadcast_to(cycles if self.q.goal == "latency" else energy, (c.rows,))

    def strong(self, c):
        """T8: the least over the kinds of the innermost loop of every level."""
        first = 0 if self.q.levels[0].units > 1 else 1
        least = np.full(c.rows, INFINITE)
        options = [self.innermost_loops(c, b) for b in range(first, self.levels)]
        for combination in itertools.product(*options):
            possible = np.ones(c.rows, dtype=bool)
            for _, is_there in combination:
                possible &= is_there
            if possible.any():
                placed = {b: [d] for b, (d, _) in enumerate(combination, first) if d is not None}
                least = np.where(possible, np.minimum(least, self.weak(c, placed)), least)
        return least

    def innermost_loops(self, c, b):
        """(a dimension of each kind that may be the innermost loop of a level, where it may); None: there is none."""
        kinds, is_empty = {}, np.ones(c.rows, dtype=bool)
        for d in self.q.order:
            if self.q.sizes[d] > 1:
                is_there = c.temporal[d][:, b] > 1 if d in c.places else np.ones(c.rows, dtype=bool)
                kind = tuple(t.kinds[d] for t in self.q.tensors)
                first, before = kinds.get(kind, (d, False))
                kinds[kind] = (first, before | is_there)
                if d in c.places:
                    is_empty &= ~is_there
        return [*kinds.values(), (None, is_empty)]


class Handed:
    """Words of all instances: given by a level, filled into the next inner one; the same if neighbours serve."""

    def __init__(self, given, filled=None, served=None, filled_served=None, links=None, may_serve=None):
        self.given, self.filled, self.served, self.filled_served = given, filled, served, filled_served
        self.links, self.may_serve = links, may_serve


class Sums:
    """Over tensors, of all instances."""

    def __init__(self, energy, levels):
        self.energy, self.read, self.written = energy, [0.0] * levels, [0.0] * levels
