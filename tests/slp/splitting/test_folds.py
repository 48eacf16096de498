"""What folds promise, on tables of every shape that Hypothesis finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slp.splitting.folds import stratified_folds
from slp.splitting.groups import assign_parts


def rows_of(n_rows: int) -> Any:
    return np.arange(2.0 * n_rows).reshape(n_rows, 2)


@given(
    n_others=st.integers(10, 200),
    n_pulsars=st.integers(10, 60),
    n_folds=st.integers(2, 10),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None)
def test_folds_are_even_in_each_class_and_in_all(
    n_others: int, n_pulsars: int, n_folds: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat([0, 1], [n_others, n_pulsars]))
    fold = stratified_folds(rows_of(len(y)), y, n_folds=n_folds, rng=rng)
    assert fold.shape == y.shape
    assert fold.dtype == np.int64
    for rows in (y == 0, y == 1, y < 2):
        counts = np.bincount(fold[rows], minlength=n_folds)
        assert len(counts) == n_folds
        assert counts.max() - counts.min() <= 1


@given(st.lists(st.integers(1, 6), min_size=40, max_size=60), st.integers(0, 2**32))
@settings(deadline=None)
def test_identical_rows_are_in_one_fold_whatever_their_labels(sizes: list[int], seed: int) -> None:
    group = np.repeat(np.arange(len(sizes)), sizes)
    X = np.stack([group, -group], axis=1).astype(float)
    y = np.arange(len(group)) % 2
    fold = stratified_folds(X, y, n_folds=4, rng=np.random.default_rng(seed))
    assert all(len(set(fold[group == number])) == 1 for number in range(len(sizes)))
    assert set(fold) == {0, 1, 2, 3}


def test_the_seed_and_nothing_else_decides_and_it_draws_at_random() -> None:
    X, y = rows_of(200), np.arange(200) % 4 == 0
    one, same, other = (
        stratified_folds(X, y, n_folds=5, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert one.tobytes() == same.tobytes()
    assert 0.1 < np.mean(one == other) < 0.3


def test_the_room_that_parts_are_given_is_left_as_it_was() -> None:
    X, y, room = np.zeros((6, 1)), np.array([0, 1] * 3), np.array([[2, 1], [1, 2]])
    part = assign_parts(X, y, room=room, place=np.arange(6))
    assert len(set(part.tolist())) == 1
    assert room.tolist() == [[2, 1], [1, 2]]


@pytest.mark.parametrize(
    ("y", "n_folds", "message"),
    [
        ([0, 1] * 10, 1, r"n_folds 1 is outside \[2, 10\]"),
        ([0, 1] * 10, 11, r"n_folds 11 is outside \[2, 10\]"),
        ([0] * 20, 2, r"n_folds 2 is outside \[2, 0\]"),
        ([0] * 19 + [2], 2, "label 2 in row 19"),
    ],
)
def test_what_cannot_be_folded_is_refused(y: list[int], n_folds: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stratified_folds(rows_of(len(y)), y, n_folds=n_folds, rng=np.random.default_rng(0))


def test_too_few_groups_of_identical_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="would have 0 of the 4 rows labelled 1; rows that stay"):
        stratified_folds(
            np.append(np.arange(40.0), np.full(4, -1.0))[:, None],
            np.repeat([0, 1], [40, 4]),
            n_folds=2,
            rng=np.random.default_rng(0),
        )
