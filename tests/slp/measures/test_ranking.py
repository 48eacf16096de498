"""Ranks against sorting tuples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slp.measures.by_score import order_of, rank

SCORES = st.lists(st.sampled_from([-1.5, 0.0, 0.25, 0.5, 1.0]), max_size=12)


@given(SCORES)
def test_ranks_are_those_of_sorted_pairs(scores: list[float]) -> None:
    pairs = sorted((-score, row) for row, score in enumerate(scores))
    expected = {row: place for place, (_, row) in enumerate(pairs, start=1)}
    assert rank(scores).tolist() == [expected[row] for row in range(len(scores))]


def test_of_equal_scores_the_earlier_row_comes_first() -> None:
    assert rank([0.5, 0.9, 0.5, 0.9]).tolist() == [3, 1, 4, 2]


@pytest.mark.parametrize(
    ("score", "message"),
    [
        ([0.1, math.nan], "score nan in row 1 is not finite"),
        (np.zeros((2, 2)), "one dimension is needed"),
    ],
)
def test_what_has_no_order_is_refused(score: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rank(score)


@given(st.lists(st.sampled_from([math.nan, -math.inf, 0.0, -0.0, 1.0]) | st.floats(), max_size=40))
def test_the_order_is_that_of_a_stable_sort(values: list[float]) -> None:
    assert order_of(values).tolist() == np.argsort(np.array(values), kind="stable").tolist()


def test_a_few_that_are_no_number_come_last_in_their_order() -> None:
    values = np.random.default_rng(0).random(5000)
    values[[4000, 7, 900]] = math.nan
    assert order_of(values)[-3:].tolist() == [7, 900, 4000]


@pytest.mark.parametrize("values", [np.zeros((2, 2)), 3.0, np.ma.masked_equal([1.0, 2.0], 1.0)])
def test_what_is_no_list_of_values_has_no_order(values: Any) -> None:
    with pytest.raises(ValueError, match="values"):
        order_of(values)
