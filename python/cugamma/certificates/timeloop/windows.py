"""T2 of docs/certify-timeloop.md: what an axis with several dimensions or steps above 1 contributes."""

import numpy as np

FIGURES = ("given", "served", "filled")


def positions(extent, walks):
    """Different positions that walks, (bound, step), reach from a run of `extent` positions."""
    reached = np.ones(extent, dtype=bool)
    for bound, step in walks:
        more = np.zeros(len(reached) + (bound - 1) * step, dtype=bool)
        for i in range(bound):
            more[i * step : i * step + len(reached)] |= reached
        reached = more
    return int(reached.sum())


class Alone:
    """The splits of a second dimension that is not there."""

    def __init__(self, levels):
        self.spatial = self.temporal = self.instances = self.visits = np.ones((1, levels), dtype=np.int64)
        self.below = np.ones((1, levels + 1), dtype=np.int64)

    def __len__(self):
        return 1


class Window:
    """A window of a tensor: tables by its dimensions' splits and level. Index -1: any split, the least of each figure.

    Factors of the words given to elements that get the same once, of those given if neighbours served all elements but
    one, and of those filled into the inner neighbours. whole: every tile comes whole; slid: only what is new along this
    axis comes.
    """

    def __init__(self, q, axis):
        self.dimensions = [d for d, _ in axis]
        self.coefficients = [c for _, c in axis] + [0] * (2 - len(axis))
        self.levels = len(q.levels)
        splits = [q.splits[d] for d in self.dimensions] + [Alone(self.levels)] * (2 - len(axis))
        shape = [len(splits[0]) + 1, len(splits[1]) + 1, self.levels]
        self.whole, self.slid = ({name: np.ones(shape) for name in FIGURES} for _ in range(2))
        self.may_serve = np.zeros(shape, dtype=bool)
        for i in range(len(splits[0])):
            for j in range(len(splits[1])):
                for b in range(self.levels):
                    self.set_share(splits, i, j, b)
        for table in (*self.whole.values(), *self.slid.values()):
            if shape[1] > 1:
                table[:, -1] = table[:, :-1].min(axis=1)
            if shape[0] > 1:
                table[-1] = table[:-1].min(axis=0)
        self.may_serve[:, -1] = self.may_serve.any(axis=1)
        self.may_serve[-1] = self.may_serve.any(axis=0)
        self.length = positions(1, [(q.sizes[d], c) for d, c in zip(self.dimensions, self.coefficients)])

    def set_share(self, splits, i, j, b):
        both = list(zip(splits, (i, j), self.coefficients))
        tile = 1 + sum(c * (int(s.below[at, b]) - 1) for s, at, c in both)
        walks = [
            (int(s.temporal[at, l]), c * int(s.below[at, l] * s.spatial[at, l]))
            for s, at, c in both
            for l in range(b, self.levels)
            if s.temporal[at, l] > 1
        ]
        instances = float(np.prod([s.instances[at, b] for s, at, _ in both]))
        visits = float(np.prod([s.visits[at, b] for s, at, _ in both]))
        elements = int(np.prod([s.spatial[at, b] for s, at, _ in both]))
        groups = positions(1, [(int(s.spatial[at, b]), c * int(s.below[at, b])) for s, at, c in both])
        whole, slid = instances * tile * visits, instances * positions(tile, walks)
        for name, times in zip(FIGURES, (groups, 1, elements)):
            self.whole[name][i, j, b], self.slid[name][i, j, b] = whole * times, slid * times
        self.may_serve[i, j, b] = len(self.dimensions) > 1 and elements > 1
