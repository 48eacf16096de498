"""Ranks against sorting tuples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slp.measures.ranking import rank

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
