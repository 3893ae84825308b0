"""What a certificate is about: a problem, an architecture, and which mappings count."""

import math

import numpy as np

INFINITE = math.inf
# What an axis is to a dimension: its window, if it is one of several, or
IRRELEVANT, PLAIN = -1, -2


class Tensor:
    """Its axes have (dimension, coefficient) for each dimension of more than one index."""

    def __init__(self, entry, letters, sizes):
        self.name, self.is_output = entry["name"], entry["is_output"]
        if not isinstance(self.is_output, bool):
            raise ValueError(f"tensor {self.name}: is_output is {self.is_output}")
        axes = [[(letters.index(letter), positive(c)) for letter, c in a] for a in entry["axes"]]
        axes = [[term for term in a if sizes[term[0]] > 1] for a in axes]
        self.axes = [a for a in axes if a]
        self.kinds, self.windows = [IRRELEVANT] * len(sizes), []
        for a in self.axes:
            is_plain = len(a) == 1 and a[0][1] == 1
            for d, _ in a:
                if self.kinds[d] != IRRELEVANT or len(a) > 2 or self.is_output and not is_plain:
                    raise ValueError(f"tensor {self.name}: no proof is known for such axes")
                self.kinds[d] = PLAIN if is_plain else len(self.windows)
            if not is_plain:
                self.windows.append(a)
        self.irrelevant = [d for d, kind in enumerate(self.kinds) if kind == IRRELEVANT and sizes[d] > 1]
        self.plain_words = math.prod(sizes[a[0][0]] for a in self.axes if self.kinds[a[0][0]] == PLAIN)

    def extents(self, box):
        """Axis by axis, what a box of iterations touches."""
        return [1 + sum(c * (box[d] - 1) for d, c in a) for a in self.axes]

    def volume(self, box):
        return math.prod(self.extents(box))

    def step(self, dimension, distance):
        """How far its coordinates move when the index of a dimension does."""
        return tuple(sum(c * distance for d, c in a if d == dimension) for a in self.axes)


class Level:
    """A storage level and what a mapping may do there."""

    def __init__(self, entry, rules, names, letters):
        self.name = entry["name"]
        self.instances, self.mesh_x, self.mesh_y, self.block_size = (
            positive(entry[n]) for n in ("instances", "mesh_x", "mesh_y", "block_size")
        )
        self.clusters = self.instances // positive(entry["cluster_size"])
        self.usable = INFINITE if entry["usable_words"] is None else entry["usable_words"]
        self.least_words = 0 if self.usable == INFINITE else self.usable * entry["min_utilization"]
        self.bandwidths = [
            INFINITE if entry[f"{n}_bandwidth"] is None else entry[f"{n}_bandwidth"] for n in ("read", "write", "shared")
        ]
        self.scales = entry["bandwidth_scales"]
        self.adds_up = entry["supports_reduction"]
        self.read_pj, self.fill_pj, self.update_pj, self.leak_pj, self.address_pj, self.hop_pj, self.router_pj = (
            entry[f"{n}_pj"] for n in ("read", "fill", "update", "leak", "address_generation", "hop", "router")
        )
        self.latency_cycles = entry["network_latency_cycles"]
        prices = (self.read_pj, self.fill_pj, self.update_pj, self.leak_pj, self.address_pj, self.hop_pj, self.router_pj)
        if min(prices) < 0 or len(self.scales) != len(names):
            raise ValueError(f"level {self.name}: an energy is below 0, or a scale of bandwidth is missing")
        self.keeps = [name in rules["keep"] for name in names]
        self.temporal, self.spatial = (LoopRules(rules[n], letters) for n in ("temporal", "spatial"))
        self.split = rules["split"]
        self.fan_x = self.fan_y = 1  # set by Question

    @property
    def units(self):
        return self.fan_x * self.fan_y


class LoopRules:
    """What the temporal or the spatial loops of a level may be."""

    def __init__(self, entry, letters):
        self.least = {letters.index(letter): n for letter, n in entry["least"].items()}
        self.most = {letters.index(letter): n for letter, n in entry["most"].items()}
        self.innermost, self.outermost = ([letters.index(x) for x in entry[n]] for n in ("innermost", "outermost"))

    def allow_factor(self, d, factor):
        return self.least.get(d, 1) <= factor <= self.most.get(d, INFINITE)

    def allow_order(self, loops):
        """loops: dimensions of the loops there are, the innermost first."""
        inner, outer = ([d for d in fixed if d in loops] for fixed in (self.innermost, self.outermost))
        if len(inner) + len(outer) > len(loops):
            return False
        return loops[: len(inner)] == inner and loops[len(loops) - len(outer) :] == outer

    def next_loops(self, left):
        """The dimensions out of `left` whose loops may come next, going outward."""
        for d in self.innermost:
            if d in left:
                return [d]
        free = [d for d in left if d not in self.outermost]
        return free or [d for d in self.outermost if d in left][:1]

    @property
    def bind_orders(self):
        return bool(self.innermost or self.outermost)


class Question:
    """The header of a certificate."""

    def __init__(self, header):
        problem, machine, space = header["problem"], header["architecture"], header["space"]
        self.goal = header["objective"]
        if self.goal not in ("edp", "energy", "latency"):
            raise ValueError(f"objective {self.goal}")
        self.letters = list(problem["dimensions"])
        self.sizes = [positive(n) for n in problem["dimensions"].values()]
        self.tensors = [Tensor(t, self.letters, self.sizes) for t in problem["tensors"]]
        names = [t.name for t in self.tensors]
        if sum(t.is_output for t in self.tensors) != 1:
            raise ValueError("expected one output")
        if len(space["levels"]) != len(machine["levels"]):
            raise ValueError("the space has other levels than the architecture")
        self.levels = [Level(l, r, names, self.letters) for l, r in zip(machine["levels"], space["levels"])]
        for t in range(len(names)):
            if not any(l.keeps[t] for l in self.levels):
                raise ValueError(f"no level keeps {names[t]}")
        self.mac_instances, self.mac_x, self.mac_y = (positive(machine["macs"][n]) for n in ("instances", "mesh_x", "mesh_y"))
        x, y = self.mac_x, self.mac_y
        for l in self.levels:
            l.fan_x, l.fan_y = x // l.mesh_x, y // l.mesh_y
            x, y = l.mesh_x, l.mesh_y
        self.macs = math.prod(self.sizes)
        self.compute_pj = self.macs * machine["macs"]["mac_pj"]
        self.latency_cycles = int(sum(l.latency_cycles for l in self.levels))
        self.min_parallelism = space["min_parallelism"]
        self.order = [self.letters.index(letter) for letter in header["order"]]
        if sorted(self.order) != list(range(len(self.sizes))):
            raise ValueError("the order has not every dimension once")
        # (level, whether spatial), the innermost first
        self.places = [(b, s) for b, l in enumerate(self.levels) for s in (True, False) if l.units > 1 or not s]
        self.splits = [Splits(self, d) for d in range(len(self.sizes))]

    def value(self, cycles, energy_pj):
        return {"latency": cycles, "energy": energy_pj, "edp": energy_pj * cycles}[self.goal]

    def parallelism(self, used):
        """used: elements of the fan-out of each level."""
        share = 1.0
        for l, n in zip(self.levels, used):
            share *= n / l.units
        return share


class Splits:
    """All ways to share a dimension out over the places, as arrays by way and level."""

    def __init__(self, q, dimension):
        self.factors = list(ways(q, dimension, 0, q.sizes[dimension]))
        self.index = {f: i for i, f in enumerate(self.factors)}
        shape = (len(self.factors), len(q.levels))
        self.spatial, self.temporal = np.ones(shape, dtype=np.int64), np.ones(shape, dtype=np.int64)
        for at, (b, is_spatial) in enumerate(q.places):
            (self.spatial if is_spatial else self.temporal)[:, b] = [f[at] for f in self.factors]
        both = self.spatial * self.temporal
        # Indices that an instance of the next inner level works on; those of the outermost come last.
        self.below = np.ones((shape[0], shape[1] + 1), dtype=np.int64)
        np.cumprod(both, axis=1, out=self.below[:, 1:])
        from_outside = np.ones((shape[0], shape[1] + 1), dtype=np.int64)
        from_outside[:, :-1] = np.cumprod(self.spatial[:, ::-1], axis=1)[:, ::-1]
        self.instances = from_outside[:, 1:].astype(float)  # spatial factors of all levels outside
        self.visits = np.cumprod(self.temporal[:, ::-1], axis=1)[:, ::-1].astype(float)  # temporal, this level too

    def __len__(self):
        return len(self.factors)


def ways(q, d, place, left):
    b, is_spatial = q.places[place]
    rules = q.levels[b].spatial if is_spatial else q.levels[b].temporal
    if place == len(q.places) - 1:
        if rules.allow_factor(d, left):
            yield (left,)
        return
    for factor in divisors(left):
        if rules.allow_factor(d, factor):
            for more in ways(q, d, place + 1, left // factor):
                yield (factor, *more)


def divisors(n):
    small = [f for f in range(1, math.isqrt(n) + 1) if n % f == 0]
    return small + [n // f for f in reversed(small) if f * f != n]


def positive(n):
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise ValueError(f"found {n}, expected a whole number from 1 on")
    return n
