"""What a mapping costs by docs/timeloop-model.md."""

import math
from collections import defaultdict


class Loops:
    """The loops of a level, (dimension, bound) from the innermost one on, all bounds above 1."""

    def __init__(self, temporal, columns, rows):
        self.temporal, self.columns, self.rows = temporal, columns, rows

    @property
    def spatial(self):
        return [*self.columns, *self.rows]

    @property
    def used_x(self):
        return math.prod(n for _, n in self.columns)

    @property
    def used_y(self):
        return math.prod(n for _, n in self.rows)

    @property
    def used(self):
        return self.used_x * self.used_y


class Nest:
    """A mapping with what lies inside of each level's loops."""

    def __init__(self, q, mapping):
        self.q, self.levels = q, mapping
        self.below, self.at_once, self.tile = [], [], []
        box = [1] * len(q.sizes)
        for l in mapping:
            self.below.append(list(box))
            for d, n in l.spatial:
                box[d] *= n
            self.at_once.append(list(box))
            for d, n in l.temporal:
                box[d] *= n
            self.tile.append(list(box))
        self.cycles = math.prod(n for l in mapping for _, n in l.temporal)

    def instances(self, level):
        return self.instances_x(level) * self.instances_y(level)

    def instances_x(self, level):
        return math.prod(l.used_x for l in self.levels[level + 1 :])

    def instances_y(self, level):
        return math.prod(l.used_y for l in self.levels[level + 1 :])


# --- what a level hands down ------------------------------------------------------------------------------------------


def advances(nest, tensor, level):
    """Of a level's temporal loops and those outside of it: (step, jump, bound, how often it advances)."""
    found, behind = [], (0,) * len(tensor.axes)
    for b in range(level, len(nest.levels)):
        inside = list(nest.at_once[b])
        for d, bound in nest.levels[b].temporal:
            step = tensor.step(d, inside[d])
            found.append((step, tuple(s - h for s, h in zip(step, behind)), bound))
            behind = tuple(s + h for s, h in zip(step, behind))
            inside[d] *= bound
    counted, outside = [], 1
    for step, jump, bound in reversed(found):
        counted.append((step, jump, bound, (bound - 1) * outside))
        outside *= bound
    return counted[::-1]


def new_words(tile, jump):
    return math.prod(tile) - math.prod(max(0, t - abs(j)) for t, j in zip(tile, jump))


def events(nest, tensor, level):
    """(words, times, the jump after which neighbours may serve or None)."""
    loops = advances(nest, tensor, level)
    if level == 0:
        if not nest.levels[0].spatial:
            return [(1, nest.cycles, None)]
        return [(1, 1, None), *((1, times, jump) for _, jump, _, times in loops)]
    tile = tensor.extents(nest.below[level])
    whole = math.prod(tile)
    found = [(whole, 1, None)]
    mover = next((i for i, (step, *_) in enumerate(loops) if any(step)), None)
    if mover is None:
        return found
    first = loops[mover][0]
    part = new_words(tile, first)
    moving = [(part if jump == first else whole, times, jump) for _, jump, _, times in loops if any(jump)]
    if mover > 0:
        return found + [(words, times, None) for words, times, _ in moving]
    # The innermost loop moves the tile: neighbours serve what they were handed in the same shape just before.
    is_apart = part == whole

    def serves(jump):
        return any(jump) and (jump == first or is_apart)

    inner = loops[0][2] - 1
    found.append((part, inner, first if is_apart else None))
    for _, jump, _, times in loops[1:]:
        found.append((part, inner * times, first if serves(jump) else None))
    for _, jump, _, times in loops[1:]:
        if any(jump):
            found.append((part if jump == first else whole, times, jump if serves(jump) else None))
    return found


# --- groups and neighbours --------------------------------------------------------------------------------------------


class Elements:
    """What a level hands to: in each column and row, the place in the tensor that is worked on there."""

    def __init__(self, nest, tensor, level):
        l, own = nest.levels[level], nest.q.levels[level]
        self.columns, self.rows = max(own.fan_x, l.used_x), max(own.fan_y, l.used_y)
        self.offsets, inside = [(0,) * len(tensor.axes)], list(nest.below[level])
        for d, bound in l.spatial:
            step = tensor.step(d, inside[d])
            self.offsets = [tuple(o + i * s for o, s in zip(offset, step)) for i in range(bound) for offset in self.offsets]
            inside[d] *= bound
        self.not_served_after = {}

    def groups(self, chosen):
        found = defaultdict(list)
        for q in chosen:
            found[self.offsets[q]].append(q)
        return found

    def not_served(self, jump):
        """The elements that no neighbour can serve after a jump."""
        if jump not in self.not_served_after:
            self.not_served_after[jump] = tuple(q for q in range(len(self.offsets)) if not self.is_served(q, jump))
        return self.not_served_after[jump]

    def is_served(self, q, jump):
        wanted = tuple(o + j for o, j in zip(self.offsets[q], jump))
        column, others = q % self.columns, [q - self.columns, q + self.columns]
        if column > 0:
            others.append(q - 1)
        if column < self.columns - 1:
            others.append(q + 1)
        return any(0 <= o < len(self.offsets) and self.offsets[o] == wanted for o in others)

    def hops(self, group):
        """A trunk along the columns at half height, and from it a branch up and down each column."""
        lowest, highest = {}, {}
        for q in group:
            column, row = q % self.columns, q // self.columns
            lowest[column] = min(row, lowest.get(column, row))
            highest[column] = max(row, highest.get(column, row))
        middle = (self.rows - 1) / 2
        branches = sum(max(0.0, middle - lowest[c]) + max(0.0, highest[c] - middle) for c in lowest)
        return max(lowest) + branches


class Traffic:
    """What a tensor moves below a level: records are [multicast, accesses, hops of all of them]."""

    def __init__(self, nest, tensor, level):
        self.records, self.links = [], 0
        of_level = events(nest, tensor, level)
        if not nest.levels[level].spatial:
            self.records = [[1, sum(words * times for words, times, _ in of_level), 0]]
            return
        e = Elements(nest, tensor, level)
        everyone = tuple(range(len(e.offsets)))
        all_groups, words_to = len(e.groups(everyone)), defaultdict(int)
        for words, times, jump in of_level:
            left = everyone if jump is None else e.not_served(jump)
            if left != everyone and len(e.groups(left)) == all_groups:
                left = everyone
            words_to[left] += words * times
            self.links += (len(everyone) - len(left)) * words * times
        self.add_records(e, words_to)

    def add_records(self, e, words_to):
        found = {}
        for chosen, words in words_to.items():
            by_size = defaultdict(list)
            for group in e.groups(chosen).values():
                by_size[len(group)].append(e.hops(group))
            for size, hops in by_size.items():
                record = found.setdefault((size, len(hops)), [size, 0, 0])
                record[1] += len(hops) * words
                record[2] += len(hops) * words * (sum(hops) / len(hops))
        self.records = [found[key] for key in sorted(found)]

    @property
    def accesses(self):
        return sum(r[1] for r in self.records)

    @property
    def delivered(self):
        return sum(r[0] * r[1] for r in self.records)


# --- reads, fills, updates --------------------------------------------------------------------------------------------


class Counts:
    """Words of a tensor at each level, of one instance."""

    def __init__(self, nest, t):
        q, tensor = nest.q, nest.q.tensors[t]
        levels = range(len(q.levels))
        keeps = [l.keeps[t] for l in q.levels]
        self.tile = [tensor.volume(nest.tile[b]) for b in levels]
        self.below = [Traffic(nest, tensor, b) for b in levels]
        partition = list(self.tile)
        for b in reversed(levels[:-1]):
            outer = nest.levels[b + 1]
            together = tensor.volume(nest.at_once[b + 1]) if outer.spatial else self.tile[b]
            partition[b] = partition[b + 1] * self.tile[b] // together
        content = [x.accesses for x in self.below]
        share = [self.below[b + 1].delivered / nest.levels[b + 1].used for b in levels[:-1]] + [0]
        for b in levels:
            if keeps[b]:
                continue
            if b + 1 < len(levels):
                outer = self.below[b + 1]
                more = content[b] * nest.levels[b + 1].used / outer.delivered
                for record in outer.records:
                    record[1] *= more
                outer.links, content[b + 1] = 0, outer.accesses
            self.tile[b] = partition[b] = content[b] = share[b] = 0
        last = max(b for b in levels if keeps[b])
        share[last] = 0
        for b in levels[last + 1 :]:
            self.below[b].records, self.below[b].links = [], 0
        peers = [self.below[b + 1].links / nest.instances(b) for b in levels[:-1]] + [0]
        self.reads, self.fills, self.updates = [0] * len(levels), [0] * len(levels), [0] * len(levels)
        for b in levels:
            if not keeps[b]:
                continue
            if tensor.is_output:
                first = partition[b]
                self.updates[b] = rounded(content[b])
                self.reads[b] = rounded(content[b] + peers[b] - first)
                self.fills[b] = rounded(share[b] + peers[b] - (0 if b == last else first))
            else:
                self.reads[b], self.fills[b] = rounded(content[b] + peers[b]), int(share[b] + peers[b])
        if tensor.is_output:
            for b in levels:
                for record in () if q.levels[b].adds_up else self.below[b].records:
                    record[1] = 2 * record[1] - partition[b]


def rounded(x):
    return math.floor(x + 0.5)


# --- cycles, energy ---------------------------------------------------------------------------------------------------


def check_fit(nest, counts):
    q = nest.q
    x, y = nest.instances_x(-1), nest.instances_y(-1)
    if x * y > q.mac_instances or x > q.mac_x or y > q.mac_y:
        raise ValueError(f"it takes {x} x {y} MACs")
    for b, l in enumerate(q.levels):
        words, x, y = sum(c.tile[b] for c in counts), nest.instances_x(b), nest.instances_y(b)
        if not l.least_words <= words <= l.usable:
            raise ValueError(f"level {l.name} holds {l.usable} words, at least {l.least_words}, not {words}")
        if x * y > l.instances or x > l.mesh_x or y > l.mesh_y:
            raise ValueError(f"it takes {x} x {y} instances of level {l.name}")


def level_cycles(level, cycles, counts, b):
    read = sum(c.reads[b] / cycles * scale for c, scale in zip(counts, level.scales))
    written = sum((c.fills[b] + c.updates[b]) / cycles * scale for c, scale in zip(counts, level.scales))
    slowdown = 1
    for bandwidth, need in zip(level.bandwidths, (read, written, read + written)):
        if bandwidth < need:
            slowdown = min(slowdown, bandwidth / need)
    return math.ceil(cycles / slowdown)


def network_pj(traffic, level, instances):
    wires, routers = 0, 0
    for _, accesses, hops in traffic.records:
        if accesses > 0:
            routers = math.trunc(routers + (1 + math.floor(hops / accesses)) * accesses)
            wires += hops
    links = traffic.links * (level.hop_pj + 2 * level.router_pj)
    return (wires * level.hop_pj + routers * level.router_pj + links) * instances


def storage_pj(level, counts, b, is_output, instances):
    def vectors(words):
        return -(-words // level.block_size)

    clusters = min(instances, level.clusters)
    reads, fills, updates = counts.reads[b], counts.fills[b], counts.updates[b]
    accesses = vectors(reads) * level.read_pj + vectors(fills) * level.fill_pj + vectors(updates) * level.update_pj
    addresses = ((updates if is_output else reads) + fills) * level.address_pj
    return (accesses + addresses) * clusters


def price(q, mapping):
    """(cycles, energy in pJ). Raises ValueError for a mapping that does not fit."""
    nest = Nest(q, mapping)
    counts = [Counts(nest, t) for t in range(len(q.tensors))]
    check_fit(nest, counts)
    cycles = max([nest.cycles, *(level_cycles(l, nest.cycles, counts, b) for b, l in enumerate(q.levels))])
    energy = q.compute_pj
    for b, l in enumerate(q.levels):
        instances = nest.instances(b)
        energy += l.leak_pj * cycles * instances
        for tensor, c in zip(q.tensors, counts):
            energy += storage_pj(l, c, b, tensor.is_output, instances) + network_pj(c.below[b], l, instances)
    return cycles + q.latency_cycles, energy
