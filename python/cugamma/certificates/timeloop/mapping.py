"""Which mappings are in the space of a certificate."""

import math

from .model import Loops
from .question import positive


def read_mapping(q, levels):
    """A mapping as a certificate has it. Raises ValueError if it is not in the space."""
    if len(levels) != len(q.levels):
        raise ValueError("it has other levels than the architecture")
    mapping = [Loops(*(read_loops(q, l[name]) for name in ("temporal", "columns", "rows"))) for l in levels]
    for d, size in enumerate(q.sizes):
        found = math.prod(n for l in mapping for e, n in (*l.temporal, *l.spatial) if e == d)
        if found != size:
            raise ValueError(f"the factors of {q.letters[d]} multiply to {found}, not {size}")
    for level, loops in zip(q.levels, mapping):
        check_level(q, level, loops)
    if q.parallelism([l.used for l in mapping]) < q.min_parallelism:
        raise ValueError("it uses less of the fan-outs than the space demands")
    return mapping


def read_loops(q, entries):
    loops = [(q.letters.index(letter), positive(n)) for letter, n in entries]
    if any(n == 1 for _, n in loops):
        raise ValueError("it has a loop of one step")
    return loops


def check_level(q, level, loops):
    for rules, own, name in ((level.temporal, loops.temporal, "temporal"), (level.spatial, loops.spatial, "spatial")):
        order = [d for d, _ in own]
        factors = dict(own)
        if len(factors) != len(order):
            raise ValueError(f"level {level.name} has two {name} loops of a dimension")
        if not all(rules.allow_factor(d, factors.get(d, 1)) for d in range(len(q.sizes))):
            raise ValueError(f"level {level.name}: a {name} factor is not in the space")
        if not rules.allow_order(order):
            raise ValueError(f"level {level.name}: the order of the {name} loops is not in the space")
    if loops.used_x > level.fan_x or loops.used_y > level.fan_y:
        raise ValueError(f"level {level.name} has {level.fan_x} columns and {level.fan_y} rows below it")
    if not allow_split(q, level, loops):
        raise ValueError(f"level {level.name}: the split into columns and rows is not in the space")


def allow_split(q, level, loops):
    """Whether the loops of one step can stand such that the X loops come before the split and the Y loops behind."""
    if level.split is None:
        return True
    inner, outer = level.spatial.innermost, level.spatial.outermost
    first_outer = len(q.sizes) - len(outer)
    places = {**{d: i for i, d in enumerate(inner)}, **{d: first_outer + i for i, d in enumerate(outer)}}
    room_x = min(max(level.split, len(inner)), first_outer) - len(inner)
    room_y = first_outer - len(inner) - room_x
    for own, room, is_x in ((loops.columns, room_x, True), (loops.rows, room_y, False)):
        fixed = [d for d, _ in own if d in places]
        if len(own) - len(fixed) > room or any((places[d] < level.split) != is_x for d in fixed):
            return False
    return True
