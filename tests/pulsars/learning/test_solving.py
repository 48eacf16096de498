"""The two ways to the weights, and what both promise."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from pulsars.learning.going_over import fit_over
from pulsars.learning.leak import find_leak
from pulsars.learning.solving import Solved, penalty, solve
from schemas.errors import ParameterError
from schemas.parameters import TrainingParameters
from slp.perceptron import cross_entropy


def rows(n: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two overlapping clouds in two dimensions."""
    rng = np.random.default_rng(seed)
    y = (np.arange(n) % 4 == 0).astype(np.int64)
    return rng.normal(size=(n, 2)) + y[:, None], y


def solved(**asked: object) -> Solved:
    parameters = TrainingParameters.model_validate({"data": "x", **asked})
    return solve(
        rows(400, seed=1), rows(200, seed=2), parameters, shift=0.0, on_epoch=lambda *_: None
    )


def test_both_solvers_end_at_the_same_minimum() -> None:
    newton = solved(l2=0.01)
    sgd = solved(
        l2=0.01, solver="sgd", learning_rate=0.05, batch_size=400, n_epochs=4000, patience=None
    )
    np.testing.assert_allclose(newton.path[-1], sgd.path[-1], atol=1e-4)


def test_newton_keeps_its_last_step_and_says_the_loss_of_each() -> None:
    found = solved()
    X, y = rows(400, seed=1)
    assert found.best_epoch == len(found.path) - 1 == len(found.losses) - 1
    assert found.losses == sorted(found.losses, reverse=True)
    weights = found.path[-1]
    again = cross_entropy(y, X @ weights[:-1] + weights[-1]).mean()
    assert found.losses[-1] == pytest.approx(again, rel=1e-12)


def test_descent_keeps_the_epoch_with_the_lowest_validation_loss() -> None:
    found = solved(solver="sgd", n_epochs=20)
    X, y = rows(200, seed=2)
    losses = [cross_entropy(y, X @ w[:-1] + w[-1]).mean() for w in found.path]
    assert found.best_epoch == int(np.argmin(losses))


def test_without_a_penalty_asked_for_it_weighs_as_much_as_one_row() -> None:
    assert penalty(TrainingParameters(data="x"), n_rows=250) == 1 / 250
    assert penalty(TrainingParameters(data="x", l2=0.0), n_rows=250) == 0.0
    np.testing.assert_array_equal(solved().path, solved(l2=1 / 400).path)


def test_classes_that_a_plane_parts_end_in_a_note_and_no_warning() -> None:
    X = np.linspace(-1, 1, 40)[:, None]
    y = (X[:, 0] > 0).astype(np.int64)
    parameters = TrainingParameters(data="x", l2=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = solve((X, y), (X, y), parameters, shift=0.0, on_epoch=lambda *_: None)
    assert found.note
    assert "a larger l2" in found.note
    assert np.isfinite(found.path).all()
    held = TrainingParameters(data="x", l2=0.1)
    assert not solve((X, y), (X, y), held, shift=0.0, on_epoch=lambda *_: None).note


def test_weights_that_grow_past_all_bounds_are_a_wrong_parameter() -> None:
    X, y = rows(400, seed=1)
    parameters = TrainingParameters(data="x", solver="sgd", learning_rate=10)
    with pytest.raises(ParameterError, match="learning_rate 10"):
        solve((X * 1e200, y), (X, y), parameters, shift=0.0, on_epoch=lambda *_: None)


@pytest.mark.parametrize(
    "asked",
    [{"learning_rate": 0.1}, {"n_epochs": 5}, {"batch_size": 8}, {"patience": None}],
    ids=str,
)
def test_a_setting_of_descent_is_refused_where_it_would_have_no_effect(
    asked: dict[str, object],
) -> None:
    (name,) = asked
    with pytest.raises(ValueError, match=f"{name} would have no effect.*solver sgd"):
        TrainingParameters.model_validate({"data": "x", **asked})
    assert TrainingParameters.model_validate({"data": "x", "solver": "sgd", **asked})


def test_a_solver_that_only_the_list_of_words_knows_trains_nothing() -> None:
    unknown: Any = TrainingParameters(data="x").model_copy(update={"solver": "lbfgs"})
    with pytest.raises(ValueError, match="'lbfgs'"):
        solve(rows(40, seed=1), rows(20, seed=2), unknown, shift=0.0, on_epoch=lambda *_: None)
    X, y = rows(40, seed=1)
    with pytest.raises(ValueError, match="'lbfgs'"):
        fit_over([lambda: [(X, y)]], (X, y), unknown, n_rows=40)
    parts = {"train": np.arange(30), "validation": np.arange(30, 35), "test": np.arange(35, 40)}
    assert "'lbfgs'" in find_leak(X, y, parts, unknown)["not_measured"]
