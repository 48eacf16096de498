"""Ranks of the parts of a table are those of the whole, whatever the parts and the buckets."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsars.learning.ranking import best_first, rank_parts
from slp.measures.by_score import rank

SCORES = st.lists(
    st.one_of(
        st.sampled_from([0.0, -0.0, 1.0, -1.0, 5e-324, 1.7e308, -1.7e308]),
        st.floats(allow_nan=False, allow_infinity=False, width=16),
    ),
    min_size=1,
    max_size=200,
)


def in_parts(
    scores: np.ndarray, n_rows: int, *, are_sorted: bool = False, **how: int
) -> np.ndarray:
    parts = [scores[at : at + n_rows] for at in range(0, len(scores), n_rows)]
    with tempfile.TemporaryDirectory() as folder:
        loads = [
            lambda part=part: (part, best_first(part) if are_sorted else None) for part in parts
        ]
        found = rank_parts(loads, Path(folder), **how)
        ranks = np.concatenate(list(found))
        assert list(Path(folder).iterdir()) == []
    return ranks


def by_numpy(scores: np.ndarray) -> np.ndarray:
    ranks = np.empty(len(scores), dtype=np.int64)
    ranks[np.lexsort((np.arange(len(scores)), -scores))] = np.arange(1, len(scores) + 1)
    return ranks


@given(
    values=SCORES,
    n_rows=st.integers(1, 60),
    bucket_rows=st.integers(1, 300),
    threads=st.integers(1, 2),
    are_sorted=st.booleans(),
)
def test_ranks_in_parts_are_those_of_numpy_ties_and_zeros_of_either_sign_included(
    values: list[float], n_rows: int, bucket_rows: int, threads: int, *, are_sorted: bool
) -> None:
    scores = np.array(values)
    how = {"bucket_rows": bucket_rows, "threads": threads}
    found = in_parts(scores, n_rows, are_sorted=are_sorted, **how)
    np.testing.assert_array_equal(found, by_numpy(scores))
    np.testing.assert_array_equal(rank(scores), by_numpy(scores))


def test_a_score_that_most_rows_share_makes_no_bucket_larger() -> None:
    rng = np.random.default_rng(5)
    scores = np.where(rng.random(40_000) < 0.9, 0.25, rng.normal(size=40_000))
    np.testing.assert_array_equal(in_parts(scores, 3_000, bucket_rows=500), by_numpy(scores))


@pytest.mark.parametrize("n_tied", [0, 2, 500, 9_000])
def test_ranks_of_few_and_of_many_equal_scores_are_those_of_numpy(n_tied: int) -> None:
    scores = np.random.default_rng(n_tied).normal(size=10_000)
    scores[:n_tied] = scores[n_tied : 2 * n_tied : 2].repeat(2)[:n_tied] if n_tied < 5_000 else 0.5
    np.testing.assert_array_equal(rank(scores), by_numpy(scores))


def test_a_score_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="score nan in row 1 is not finite"):
        in_parts(np.array([0.0, 1.0, 2.0, np.nan]), 2, bucket_rows=1)
