"""The score of a whole procedure: nothing of an outer fold may be in what was chosen for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from slp.choosing import cross_validation as sweeping
from slp.choosing import nested as procedure
from slp.choosing.cross_validation import sweep, try_on
from slp.choosing.grid import Grid
from slp.choosing.nested import OuterScore, draw_folds, score_procedure
from slp.choosing.results import best
from slp.kinds import MEASURES
from slp.splitting.folds import stratified_folds

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


def scored(X: Any, y: Any, **change: Any) -> tuple[OuterScore, ...]:
    asked: dict[str, Any] = {"grid": GRID, "n_outer": 3, "n_inner": 2, "by": "log_loss"}
    return score_procedure(X, y, **(asked | {"rng": np.random.default_rng(0)} | change))


def test_an_outer_fold_has_no_part_in_what_is_chosen_for_it() -> None:
    X, y = make_rows()
    fold = stratified_folds(X, y, n_folds=3, rng=np.random.default_rng(0))
    before = scored(X, y)
    for number in range(3):
        spoilt, rows = X.copy(), np.flatnonzero(fold == number)
        spoilt[rows] = 50 - 3 * X[rows[::-1]]  # other features, and still no two rows the same
        after = scored(spoilt, y)
        assert after[number].chosen == before[number].chosen
        assert after[number].measured.log_loss != before[number].measured.log_loss
        assert after[number - 1].chosen != before[number - 1].chosen


@pytest.mark.parametrize("by", MEASURES)
def test_each_fold_is_scored_as_the_procedure_done_by_hand(by: Any) -> None:
    X, y = make_rows()
    rng = np.random.default_rng(0)
    fold = stratified_folds(X, y, n_folds=3, rng=rng)
    for number, found in enumerate(scored(X, y, by=by)):
        held = fold == number
        swept = sweep(X[~held], y[~held], grid=GRID, n_folds=2, rng=rng)
        assert found.chosen == best(swept, by=by)
        setting = found.chosen.setting
        assert found.measured == try_on(X, y, setting=setting, held=held, rng=rng)


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
        draws = np.random.default_rng(seed)
        swept = sweep(X, y, grid=grid, n_folds=3, rng=draws)
        claimed.append(best(swept, by="average_precision").mean("average_precision"))
        outer = scored(X, y, grid=grid, n_inner=3, by="average_precision", rng=draws)
        honest.append(np.mean([each.measured.average_precision for each in outer]))
    assert np.mean(claimed) > np.mean(honest) + 0.02


def test_each_pass_is_told_once_and_in_order() -> None:
    told: list[int] = []
    scored(*make_rows(), on_pass=told.append)
    assert told == list(range(3 * GRID.n_passes))


def test_the_folds_drawn_beforehand_are_those_of_the_procedure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[Any] = []

    def noted(*args: Any, **more: Any) -> Any:
        drawn.append(stratified_folds(*args, **more))
        return drawn[-1]

    monkeypatch.setattr(procedure, "stratified_folds", noted)
    monkeypatch.setattr(sweeping, "stratified_folds", noted)
    X, y = make_rows()
    scored(X, y)
    by_procedure = drawn[:]
    drawn.clear()
    draw_folds(X, y, n_outer=3, n_inner=2, rng=np.random.default_rng(0))
    assert len(drawn) == len(by_procedure) == 3 + 1
    for one, other in zip(drawn, by_procedure, strict=True):
        np.testing.assert_array_equal(one, other)
