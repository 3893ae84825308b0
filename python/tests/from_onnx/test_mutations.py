"""Models damaged at random; mutations.py goes on for as long as one likes."""

import pytest
from mutations import damaged, outcome, seeds

from cugamma.from_onnx import convert


def test_the_models_are_whole_before():
    assert [convert(made).macs > 0 for made in seeds()] == [True] * 6


@pytest.mark.parametrize("first", range(0, 600, 100))
def test_damaged_models_give_possible_rows_or_a_reason(first):
    outcomes = [outcome(damaged(seed)) for seed in range(first, first + 100)]
    assert {"rows", "refused"} == set(outcomes)
