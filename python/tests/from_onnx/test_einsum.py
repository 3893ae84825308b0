"""Every legal form of Einsum."""

import math
import random
import string

import numpy
import pytest
from graphs import convert, integers, macs_of, model, node, rows_of, weights

from cugamma.from_onnx import Row, UnmappableError


def einsum(equation, *shapes):
    """MACs of an Einsum of operands of these shapes."""
    inputs = {f"x{place}": shape for place, shape in enumerate(shapes)}
    return macs_of([node("Einsum", list(inputs), equation=equation)], inputs)


@pytest.mark.parametrize("equation", ["ij->ji", "ij->i", "ij->", "...ii->...i", "ii", "...j->..."])
def test_one_operand_multiplies_nothing(equation):
    nodes = [node("Einsum", "x", "t", equation=equation)]
    network = convert(model(nodes, {"x": (6, 6)}, outputs=["t"]))
    assert (network.rows, network.skipped) == ([], {"Einsum": 1})


def test_a_transposition_before_a_product():
    nodes = [node("Einsum", "x", "t", equation="ij->ji"), node("MatMul", "t w")]
    assert macs_of(nodes, {"x": (16, 4)}, [weights("w", 16, 8)]) == 4 * 16 * 8


@pytest.mark.parametrize(
    "equation,shapes,macs",
    [
        ("bqd,bkd->bqk", [(2, 5, 8), (1, 7, 8)], 560),
        ("bqd,bkd->bqk", [(1, 5, 8), (2, 7, 8)], 560),
        ("...qd,...kd->...qk", [(2, 3, 5, 8), (2, 3, 7, 8)], 1680),
        ("...qd,...kd->...qk", [(2, 3, 5, 8), (7, 8)], 1680),
        ("...qd,...kd->...qk", [(4, 1, 5, 8), (3, 7, 8)], 4 * 3 * 5 * 8 * 7),
        ("b...d,d...->b...", [(2, 6, 8), (8, 6)], 2 * 6 * 8),
        ("ij,jk", [(4, 5), (5, 6)], 120),
        ("ba,cb", [(4, 5), (6, 4)], 120),
        ("i,i", [(5,), (5,)], 5),
        ("i,i->", [(5,), (5,)], 5),
        ("i,j->ij", [(5,), (6,)], 30),
        ("ij,ij->ij", [(5, 6), (5, 6)], 30),
        (" i j , j k -> i k ", [(4, 5), (5, 6)], 120),
        ("Ab,bA->A", [(4, 5), (5, 4)], 20),
        ("iij,jk->ik", [(4, 4, 5), (5, 6)], 120),
        ("bii,i->b", [(3, 4, 4), (4,)], 12),
        (",ij->ij", [(), (4, 5)], 20),
        ("ij,jk->ik", [(4, 1), (5, 6)], 4 * 6),
        ("ij,kl->il", [(4, 5), (6, 7)], 4 * 7),
        ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)], 2 * 3 * 4 + 2 * 4 * 5),
        ("i,i,i->", [(7,), (7,), (7,)], 7 + 7),
        ("ab,bc,cd,de", [(2, 3), (3, 4), (4, 5), (5, 6)], 24 + 40 + 60),
    ],
)
def test_macs(equation, shapes, macs):
    assert einsum(equation, *shapes) == macs


def test_rows_are_those_of_a_product():
    (row,) = rows_of([node("Einsum", "a b", equation="bhqd,bhkd->bhqk", name="e")],
                     {"a": (2, 3, 5, 8), "b": (2, 3, 7, 8)})  # fmt: skip
    assert row == Row("e", "GEMM", 7, 8, 5, count=6)


def test_the_result_has_a_shape_for_the_next_layer():
    nodes = [node("Einsum", "a b", "e", equation="...qd,...kd->q...k"), node("MatMul", "e w")]
    inputs = {"a": (3, 5, 8), "b": (1, 7, 8)}
    assert macs_of(nodes, inputs, [weights("w", 7, 2)]) == 3 * 5 * 8 * 7 + 5 * 3 * 7 * 2


def test_a_dimension_that_is_not_known_stays_so():
    nodes = [node("Einsum", "a b", "e", equation="nd,dk->nk", name="e")]
    made = model(nodes, {"a": ("n", 8), "b": (8, 7)}, outputs=["e"])
    with pytest.raises(UnmappableError, match="'e' .*'n' .*--dim n=N"):
        convert(made)
    assert convert(made, {"n": 3}).macs == 3 * 8 * 7


@pytest.mark.parametrize("seed", range(60))
def test_random_products_have_every_combination_of_their_indices(seed):
    """Where no index is summed by one operand alone, numpy's result times the summed sizes."""
    chance = random.Random(seed)
    labels = chance.sample(string.ascii_letters, chance.randint(1, 6))
    sizes = {label: chance.randint(2, 5) for label in labels}
    left = [label for label in labels if chance.random() < 0.7]
    right = [label for label in labels if chance.random() < 0.7 or label not in left]
    both = [label for label in left if label in right]
    result = [label for label in labels if label not in both or chance.random() < 0.5]
    for operand in (left, right, result):
        chance.shuffle(operand)
    shapes = [
        tuple(1 if chance.random() < 0.1 and label in both and label in result else sizes[label]
              for label in operand)
        for operand in (left, right)
    ]  # fmt: skip
    equation = f"{''.join(left)},{''.join(right)}->{''.join(result)}"
    made = numpy.einsum(equation, *map(numpy.zeros, shapes))
    summed = math.prod(sizes[label] for label in both if label not in result)
    assert einsum(equation, *shapes) == made.size * summed, equation


@pytest.mark.parametrize(
    "equation,shapes,reason",
    [
        ("ij,jk->ik", [(4, 5), (6, 7)], "index 'j' is of size 5 and of size 6"),
        ("iij,j->i", [(4, 5, 6), (6,)], "index 'i' is of size 4 and of size 5"),
        ("ij,jk->ik", [(4, 5, 6), (5, 6)], "'ij' does not label the dimensions"),
        ("ij,jk->ix", [(4, 5), (5, 6)], "an index of no operand"),
        ("ij,jk->ii", [(4, 5), (5, 6)], "an index twice"),
        ("i1,1k->ik", [(4, 5), (5, 6)], "expected letters"),
        ("ij,jk->ik->k", [(4, 5), (5, 6)], "expected letters"),
        ("..ij,jk->ik", [(4, 5), (5, 6)], "expected letters"),
        ("ij->i", [(4, 5), (5, 6)], "equation of 1 operands, it has 2"),
        ("ij,jk,kl->il", [(4, 5), (5, 6)], "equation of 3 operands, it has 2"),
        ("ij,jk->...", [(4, 5), (5, 6)], "an index of no operand"),
    ],
)
def test_what_is_no_equation_is_refused_by_the_name_of_its_node(equation, shapes, reason):
    with pytest.raises(UnmappableError, match=rf"node 'Einsum_0' \(Einsum\): .*{reason}"):
        einsum(equation, *shapes)


def test_a_missing_or_odd_equation_is_refused():
    inputs = {"x": (2, 3), "w": (3, 4)}
    with pytest.raises(UnmappableError, match=r"'Einsum_0' \(Einsum\): .*'equation' is missing"):
        macs_of([node("Einsum", "x w")], inputs)
    with pytest.raises(UnmappableError, match=r"\(Einsum\): .*'equation' is not a text"):
        macs_of([node("Einsum", "x w", equation=5)], inputs)
    # onnx's own rule of shapes never comes back from a letter beyond ASCII.
    with pytest.raises(UnmappableError, match=r"\(Einsum\): .*expected letters"):
        macs_of([node("Einsum", "x w", equation="...\xb6j,...jk->...k")], inputs)


def test_a_faulty_equation_of_one_operand_stops_nothing():
    nodes = [node("Einsum", "x", "t", equation="i1->"), node("MatMul", "x w")]
    assert macs_of(nodes, {"x": (2, 3)}, [weights("w", 3, 4), integers("i", 1)]) == 24
