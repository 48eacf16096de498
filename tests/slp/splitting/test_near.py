"""Which rows are the same but for their last digits, against every pair looked at."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slp.splitting import near
from slp.splitting.near import near_identical
from slp.splitting.pairs import join_pairs


def printed(X: Any, form: str) -> Any:
    return np.array([[float(form % value) for value in row] for row in X])


def same_groups(one: Any, other: Any) -> bool:
    return bool(np.array_equal(one[:, None] == one, other[:, None] == other))


@given(
    n_rows=st.integers(1, 60),
    n_columns=st.integers(1, 4),
    spread=st.sampled_from([0.0, 1e-5, 8e-5, 3e-4, 2e-3]),
    width=st.sampled_from([256, 64, 32]),
    size=st.sampled_from([1e-12, 1.0, 1e200]),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None)
def test_groups_are_those_of_all_pairs(
    n_rows: int, n_columns: int, spread: float, width: int, size: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    centres = rng.choice([-3.0, 1.0, 1.5, 700.0], size=(n_rows, n_columns))
    X = size * centres * (1 + spread * rng.uniform(-1, 1, size=(n_rows, n_columns)))
    with patch.object(near, "_WIDTHS", (width,)):
        found = near_identical(X)
    apart, size_of = np.abs(X[:, None] - X), np.maximum(np.abs(X[:, None]), np.abs(X))
    least = np.median(np.abs(X), axis=0) / 8
    together, at_most = (
        join_pairs(n_rows, *np.nonzero((apart <= bound).all(axis=2)))
        for bound in (1e-4 * size_of, 1.26e-4 * np.hypot(size_of, least))
    )
    assert sorted(set(found.tolist())) == list(range(found.max() + 1))
    for a, b in zip(*np.nonzero(together[:, None] == together), strict=True):
        assert found[a] == found[b]
    for a, b in zip(*np.nonzero(found[:, None] == found), strict=True):
        assert at_most[a] == at_most[b]


def test_rows_that_are_all_alike_are_joined_without_looking_at_every_pair() -> None:
    noise = 2e-5 * np.random.default_rng(0).normal(size=(30_000, 8))
    X = np.array([110.0, 45.0, 0.2, 0.3, 3.0, 20.0, 8.0, 70.0]) * (1 + noise)
    X[::3000] *= 2
    started = time.process_time()
    found = near_identical(X)
    assert time.process_time() - started < 20  # 0.2 s here; all pairs take minutes and 28 GB
    assert np.array_equal(found == found[0], np.arange(30_000) % 3000 == 0)


def test_no_rows_make_no_groups() -> None:
    assert near_identical(np.empty((0, 8))).tolist() == []


@pytest.mark.parametrize("form", ["%.5g", "%.6g", "%.6f", "%.9g"])
def test_a_row_that_was_printed_with_fewer_digits_is_known_again(data_dir: Path, form: str) -> None:
    X = np.loadtxt(data_dir / "HTRU_2.csv", delimiter=",")[:, :8]
    rows = np.random.default_rng(0).permutation(len(X))
    found = near_identical(np.concatenate([X, printed(X[rows], form)]))
    assert found[: len(X)][rows].tolist() == found[len(X) :].tolist()
    assert len(set(found.tolist())) == len(X)


def test_a_column_without_a_median_has_none_to_compare_with() -> None:
    X = np.zeros((6, 2))
    X[3:, 0] = [1.0, 1.00001, 1.01]
    assert same_groups(near_identical(X), np.array([0, 0, 0, 1, 1, 2]))


def test_rows_between_join_rows_further_apart() -> None:
    X = 1 + np.arange(0, 2000, 0.5)[:, None] * 1e-4
    assert set(near_identical(X).tolist()) == {0}
    assert len(set(near_identical(X[::4]).tolist())) == 1000


def test_a_feature_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        near_identical([[1.0], [np.inf]])


@pytest.mark.parametrize(
    "table",
    [
        lambda X: np.repeat(X[:1], len(X), axis=0),
        lambda X: np.concatenate([X[: len(X) // 2], np.repeat(X[:1], len(X) // 2, axis=0)]),
        lambda X: np.column_stack([X[:, :3], np.full((len(X), 5), 7.0)]),
        np.rint,
        lambda X: 1000 + X / 10,
    ],
    ids=["one row", "half of it one row", "constant columns", "whole numbers", "narrow columns"],
)
def test_time_does_not_grow_as_the_square_on_tables_of_few_values(table: Any) -> None:
    X = table(np.random.default_rng(0).normal(10, 5, size=(100_000, 8)))
    started = time.process_time()
    near_identical(X)
    assert time.process_time() - started < 20  # 1 s here; all pairs would take hours


def test_of_a_cloud_as_wide_as_the_reach_rows_of_one_bucket_are_joined_once_time_is_up() -> None:
    size = np.arange(1.0, 9.0)
    cloud = size * np.random.default_rng(0).uniform(1 - 4e-4, 1 + 4e-4, size=(3000, 8))
    X = np.concatenate([cloud, 2 * cloud[:5], 3 * cloud[[0, 0]]])
    by_pairs = near_identical(X)
    with patch.object(near, "_MOST_PAIRS", 0), patch.object(near, "_PAIRS_A_ROW", 1):
        in_time = near_identical(X)
    assert len(set(zip(by_pairs, in_time, strict=True))) == len(set(by_pairs)) > 2000
    assert len(set(in_time[:3000])) < 1000
    assert np.unique(in_time[3000:], return_inverse=True)[1].tolist() == [0, 1, 2, 3, 4, 5, 5]
    assert set(in_time[3000:]).isdisjoint(in_time[:3000])


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=20))
def test_groups_of_pairs_are_what_spreading_from_row_to_row_gives(
    pairs: list[tuple[int, int]],
) -> None:
    groups = list(range(12))
    for _ in range(12):
        for one, two in pairs:
            groups[one] = groups[two] = min(groups[one], groups[two])
    found = join_pairs(12, *np.array(pairs, dtype=np.int64).reshape(-1, 2).T)
    assert found.tolist() == np.unique(groups, return_inverse=True)[1].tolist()


def test_rows_near_the_end_of_floats_are_as_far_apart_as_others() -> None:
    X = np.array([[1.5e308], [1.7e308], [1e308], [1.2e308]])
    assert near_identical(X).tolist() == near_identical(X / 16).tolist() == [0, 1, 2, 3]
    assert near.units_of(X) == [16 * unit for unit in near.units_of(X / 16)]


def test_sizes_of_small_integers_are_those_of_their_floats() -> None:
    X = np.array([[-128], [-128], [5]], dtype=np.int8)
    assert near.units_of(X) == near.units_of(X.astype(float)) == [16.0]


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ([0], [5], "no row 5 among 3"),
        ([0], [-1], "no row -1 among 3"),
        ([0.0], [1.0], "of type float64"),
        ([True], [False], "of type bool"),
        ([[0]], [[1]], r"shape \(1, 1\)"),
        ([0, 1], [2], "1 rows on the right for 2"),
    ],
)
def test_a_pair_of_what_are_no_rows_is_refused(left: Any, right: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        join_pairs(3, left, right)


@pytest.mark.parametrize("n_samples", [3.0, "3", None])
def test_pairs_are_among_a_whole_number_of_rows(n_samples: Any) -> None:
    with pytest.raises(ValueError, match=f"n_samples {n_samples!r} is not a whole number"):
        join_pairs(n_samples, [0], [1])


def test_pairs_may_be_lists_and_none_at_all() -> None:
    assert join_pairs(3, [2], [0]).tolist() == [0, 1, 0]
    assert join_pairs(3, [], []).tolist() == [0, 1, 2]
