"""The loop order in which the most stays in place (docs/certify-exact.md, F3)."""

import functools
import math

import numpy as np

STREAMS = range(5)
SETS = sorted((frozenset(d for d in range(4) if bits >> d & 1) for bits in range(16)), key=len)


def stays(weights, inside, moving, outside, onto=None):
    """What stays when a dimension's loop goes on and a set of loops is outside it: {(dimension, set): elements, weighed}.

    inside, moving, outside: factors by dimension and stream, of a loop inside the one that goes on, of that, outside.
    onto: another such table, which is added.
    """
    table = dict(onto or {})
    for mover in range(4):
        streams = [s for s in STREAMS if weights[s] != 0 and moving[mover][s].any()]
        others = [d for d in range(4) if d != mover]
        for s in streams:
            products = {frozenset(): weights[s] * moving[mover][s]}
            for d in others:
                products = {
                    **{loops: product * inside[d][s] for loops, product in products.items()},
                    **{loops | {d}: product * outside[d][s] for loops, product in products.items()},
                }
            for loops, product in products.items():
                key = mover, loops
                table[key] = table[key] + product if key in table else product
    return table


def staying(table, order):
    """What stays in one order."""
    return sum(table.get((d, frozenset(order[:i])), 0.0) for i, d in enumerate(order))


def most_staying(table, orders=None):
    """The most that stays in any of the orders; None: all 24.

    Of all, set by set of outermost loops, the best last loop of the set.
    """
    if orders is not None:
        return functools.reduce(np.maximum, [staying(table, order) for order in orders])
    best = {frozenset(): 0.0}
    for loops in SETS[1:]:
        found = None
        for d in loops:
            before = loops - {d}
            value = best[before] + table[d, before] if (d, before) in table else best[before]
            found = value if found is None else np.maximum(found, value)
        best[loops] = found
    return best[SETS[-1]]


def everything(weights, same):
    """What would move if nothing stayed."""
    return sum(w * math.prod(same[d][s] for d in range(4)) for s, w in enumerate(weights) if w != 0)
