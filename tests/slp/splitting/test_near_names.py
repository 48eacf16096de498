"""Rows that are near-identical share a name; a count of those that do is that of the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from slp.splitting.near import count_near, count_repeats, near_identical, units_of
from slp.splitting.near_names import near_names


def drawn(rng: np.random.Generator, n: int) -> np.ndarray:
    """Rows of eight features of many sizes, half of them once more with other last digits."""
    X = rng.normal(size=(n, 8)) * np.array([100, 40, 1, 3, 10, 20, 8, 90]) + rng.normal(size=8)
    X[:5, 2] = 0
    moved = X * (1 + rng.uniform(-1e-4, 1e-4, X.shape))
    moved[::3, 2] += rng.uniform(-1e-5, 1e-5, len(moved[::3]))
    return np.concatenate([X, moved])


@pytest.mark.parametrize("seed", range(20))
def test_near_identical_rows_share_a_name(seed: int) -> None:
    X = drawn(np.random.default_rng(seed), 400)
    names, rows = near_names(list(X.T.copy()), np.array(units_of(X)).tolist())
    group = near_identical(X)
    pairs = [(a, a + 400) for a in range(400) if group[a] == group[a + 400]]
    assert len(pairs) > 100
    of_row: dict[int, set[int]] = {}
    for name, row in zip(names.tolist(), rows.tolist(), strict=True):
        of_row.setdefault(row, set()).add(name)
    assert all(of_row[a] & of_row[b] for a, b in pairs)
    assert (rows[:800] == np.arange(800)).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_rows_that_share_a_name_hold_all_that_repeat_another(seed: int) -> None:
    X = drawn(np.random.default_rng(seed), 300)[:450]
    units = np.array(units_of(X))
    names, rows = near_names(list(X.T.copy()), units.tolist())
    values, n_times = np.unique(names, return_counts=True)
    shared = np.unique(rows[np.isin(names, values[n_times > 1])])
    assert 0 < len(shared) < len(X)
    assert count_near(X[shared], units) == count_repeats(X) > 0


def test_units_are_those_of_the_columns_whatever_holds_them() -> None:
    X = drawn(np.random.default_rng(1), 30)
    held = pd.DataFrame(X, index=np.random.default_rng(2).permutation(len(X)))
    assert units_of(held) == units_of(X.tolist()) == units_of(X)


def test_features_of_any_type_have_the_names_of_their_floats() -> None:
    X = np.random.default_rng(0).normal(size=(2, 50)).astype(np.float32)
    names, rows = near_names(list(X), [0.125, 0.125])
    for same in (X.astype(float), X.tolist()):
        others, whose = near_names(list(same), [0.125, 0.125])
        assert (names.tolist(), rows.tolist()) == (others.tolist(), whose.tolist())


def test_units_may_come_one_by_one() -> None:
    features, units = [[1.0, 2.0], [3.0, 4.0]], [0.125, 0.25]
    for found, same in zip(
        near_names(features, iter(units)), near_names(features, units), strict=True
    ):
        assert found.tolist() == same.tolist()


@pytest.mark.parametrize(
    ("features", "units", "said"),
    [
        ([], [], "units"),
        ([[1.0, np.nan]], [1.0], "not finite throughout"),
        ([[[1.0]]], [1.0], r"shape \(1, 1\)"),
        ([["a"]], [1.0], "no number"),
        ([[1.0]], [0.0], "not above 0"),
        ([[1.0]], None, "units"),
        ([[1.0]], [1.0, 1.0], "units has 2 numbers; 1 are needed"),
        ([[1.0, 2.0], [1.0]], [1.0, 1.0], "1 numbers of a feature for 2 rows"),
    ],
)
def test_what_has_no_names_is_refused(features: Any, units: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        near_names(features, units)
