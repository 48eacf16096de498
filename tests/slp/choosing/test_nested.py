"""The score of a whole procedure: nothing of an outer fold may be in what was chosen for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from slp.choosing.cross_validation import sweep
from slp.choosing.grid import Grid
from slp.choosing.nested import draw_folds
from slp.choosing.results import Swept, best
from slp.splitting.folds import stratified_folds
from tests.slp.choosing.procedure import score_procedure

GRID = Grid(
    learning_rate=(0.05, 0.5),
    l2=(0.001, 0.1),
    batch_size=(16,),
    oversample=("none", "cycle"),
    inputs=("standard", "quadratic"),
    n_epochs=2,
)


def make_rows(n_rows: int = 160) -> tuple[Any, Any]:
    rng = np.random.default_rng(1)
    X = rng.normal(2, 3, size=(n_rows, 3))
    y = (X @ [1, -2, 1] + 4 * rng.normal(size=n_rows) > 3).astype(np.int64)
    return X, y


def scored(X: Any, y: Any, *, seed: int = 0, **change: Any) -> list[tuple[Swept, Swept]]:
    asked: dict[str, Any] = {"grid": GRID, "n_inner": 2, "by": "log_loss"}
    return score_procedure(X, y, **(asked | change), rng=np.random.default_rng(seed))


def test_an_outer_fold_has_no_part_in_what_is_chosen_for_it() -> None:
    X, y = make_rows()
    fold = stratified_folds(X, y, n_folds=3, rng=np.random.default_rng(0))
    before = scored(X, y)
    for number in range(3):
        spoilt, rows = X.copy(), np.flatnonzero(fold == number)
        spoilt[rows] = 50 - 3 * X[rows[::-1]]  # other features, and still no two rows the same
        after = scored(spoilt, y)
        (chosen, measured), (same, other) = before[number], after[number]
        assert same == chosen
        assert other.log_loss != measured.log_loss
        assert after[number - 1][0] != before[number - 1][0]


def test_the_best_of_many_guesses_flatters_and_the_score_of_the_procedure_does_not() -> None:
    """Labels are coin tosses: no setting can know them, and the best seems to all the same."""
    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(120, 6)), np.arange(120) % 2
    grid = Grid(
        learning_rate=(0.001, 0.01, 0.1, 1.0), l2=(0.0, 0.1, 0.5), solver=("sgd",),
        inputs=("raw", "standard", "quadratic"), batch_size=(4, 16),
    )  # fmt: skip
    claimed, honest = [], []
    for seed in range(5):
        swept = sweep(X, y, grid=grid, n_folds=3, rng=np.random.default_rng(seed))
        claimed.append(best(swept, by="average_precision").mean("average_precision"))
        outer = scored(X, y, grid=grid, n_inner=3, by="average_precision", seed=seed)
        honest.append(np.mean([measured.average_precision for _, measured in outer]))
    assert np.mean(claimed) > np.mean(honest) + 0.02


def test_each_row_is_left_out_of_one_sweep_and_shared_out_in_the_others() -> None:
    X, y = make_rows()
    inner, seeds = draw_folds(X, y, n_outer=3, n_inner=2, rng=np.random.default_rng(0))
    assert (inner == -1).sum(axis=0).tolist() == [1] * len(y)
    assert len(np.unique(seeds)) == seeds.size
    for fold in inner:
        for label in (0, 1):
            sizes = np.bincount(fold[(fold >= 0) & (y == label)], minlength=2)
            assert np.ptp(sizes) <= 1


def test_a_group_that_is_masked_is_refused() -> None:
    X, y = np.arange(40.0)[:, None], np.arange(40) % 2
    groups = np.ma.masked_equal(np.arange(40), 7)
    with pytest.raises(ValueError, match="of the groups some are masked"):
        draw_folds(X, y, n_outer=2, n_inner=2, rng=np.random.default_rng(0), groups=groups)
