"""Which candidates would teach most, against a loop that tries each row every time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slp.choosing.teaching import most_informative

# Few values, so that products are equal often; differences of these are exact in floating point.
PLACE = st.tuples(st.sampled_from([-1.0, 0.0, 0.25, 2.0]), st.sampled_from([0.0, 3.0]))
ROW = st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]), PLACE)


def tried_one_by_one(rows: Any, n: int, known: Any) -> list[int]:
    chosen: list[int] = []
    while len(chosen) < min(n, len(rows)):
        best, best_gain = -1, -1.0
        for i, (p, place) in enumerate(rows):
            others = [*known, *(rows[j][1] for j in chosen)]
            distance = min((math.dist(place, other) for other in others), default=1.0)
            gain = p * (1 - p) * distance
            if i not in chosen and gain > best_gain:
                best, best_gain = i, gain
        chosen.append(best)
    return chosen


@given(st.lists(ROW, min_size=1, max_size=12), st.integers(0, 14), st.lists(PLACE, max_size=4))
@settings(max_examples=150, deadline=None)
def test_the_most_informative_are_those_that_a_loop_finds(rows: Any, n: int, known: Any) -> None:
    found = most_informative([p for p, _ in rows], [x for _, x in rows], n, known=known or None)
    assert found.tolist() == tried_one_by_one(rows, n, known)
    assert found.dtype == np.int64


def test_of_doubtful_twins_one_is_chosen_and_then_what_is_unlike_it() -> None:
    X = np.array([[0.0], [0.0], [0.0], [2.0]])
    assert most_informative([0.5, 0.5, 0.5, 0.1], X, 2).tolist() == [0, 3]


def test_what_is_like_a_labelled_row_is_chosen_last() -> None:
    X = np.array([[0.0], [5.0], [9.0]])
    assert most_informative([0.5, 0.4, 0.4], X, 3, known=[[0.0]]).tolist() == [2, 1, 0]


def test_rows_keep_their_order_where_nothing_tells_them_apart() -> None:
    assert most_informative([1.0, 0.0, 1.0], np.zeros((3, 2)), 3).tolist() == [0, 1, 2]


def test_more_than_there_are_gives_all_and_none_gives_none() -> None:
    X = np.eye(3)
    assert sorted(most_informative([0.1, 0.5, 0.9], X, 99)) == [0, 1, 2]
    assert most_informative([0.1, 0.5, 0.9], X, 0).shape == (0,)
    assert most_informative([], np.empty((0, 2)), 3).shape == (0,)


def test_what_is_given_is_not_changed() -> None:
    p, X, known = np.array([0.2, 0.5]), np.eye(2), np.ones((1, 2))
    for array in (p, X, known):
        array.flags.writeable = False
    assert most_informative(p, X, 2, known=known).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("p", "X", "n", "known", "said"),
    [
        ([0.5], [[1.0]], -1, None, "-1"),
        ([1.5], [[1.0]], 1, None, "1.5"),
        ([0.5, 0.5], [[1.0]], 1, None, "2 probabilities"),
        ([0.5], [[math.nan]], 1, None, "nan"),
        ([0.5], [[1.0]], 1, [[1.0, 2.0]], "2 columns"),
        ([0.5], [[1.0]], 1, 3.0, "two dimensions are needed"),
    ],
)
def test_what_is_out_of_bounds_is_refused(p: Any, X: Any, n: int, known: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        most_informative(p, X, n, known=known)


@pytest.mark.parametrize("known", [None, [[0.0, 0.0]]])
def test_a_row_without_doubt_is_never_before_one_in_doubt_however_far_it_is(known: Any) -> None:
    p, X = [0.5, 0.0, 0.4, 1.0], [[0.0, 1.0], [1e200, 0.0], [0.0, 2.0], [-1e308, 1e308]]
    assert sorted(most_informative(p, X, 2, known=known).tolist()) == [0, 2]
    far = most_informative(
        [0.5, 0.5, 0.0], [[0.0, 1.0], [1e200, 0.0], [1e300, 0.0]], 2, known=known
    )
    assert set(far.tolist()) == {0, 1}
