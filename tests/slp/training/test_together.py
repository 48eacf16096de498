"""Many perceptrons at once against one at a time."""

from __future__ import annotations

import dataclasses
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from slp.perceptron import learn
from slp.settings import Settings
from slp.training.epochs import fit
from slp.training.together import fit_many

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOW = Settings(learning_rate=0.1, batch_size=5, n_epochs=3)


def make_rows(n_rows: int, n_features: int = 3, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_features))
    y = (X @ np.arange(1, n_features + 1) + 2 * rng.normal(size=n_rows) > 1).astype(np.int64)
    return X, y


def rng_of(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def plain_weighted_descent(
    X: NDArray[Any], y: NDArray[Any], weight: NDArray[Any], how: Settings, rng: np.random.Generator
) -> NDArray[Any]:
    """Train one model, one plain step after the other."""
    coef, bias = np.zeros(X.shape[1]), 0.0
    for _ in range(how.n_epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), how.batch_size):
            rows = order[start : start + how.batch_size]
            error = weight[rows] * (1 / (1 + np.exp(-(X[rows] @ coef + bias))) - y[rows])
            slope = X[rows].T @ error / len(rows) + how.l2 * weight.mean() * coef
            coef = coef - how.learning_rate * slope
            bias -= how.learning_rate * error.sum() / len(rows)
    return np.append(coef, bias)


@given(
    n_rows=st.integers(5, 40),
    batch_size=st.integers(1, 45),
    rates=st.lists(st.floats(0.001, 0.5), min_size=1, max_size=3),
    n_weightings=st.integers(1, 3),
    seed=st.integers(0, 2**32),
)
@pytest.mark.parametrize("l2", [0.0, 0.3])
@settings(deadline=None)
def test_every_model_takes_the_steps_it_would_take_alone(
    n_rows: int, batch_size: int, rates: list[float], n_weightings: int, seed: int, l2: float
) -> None:
    X, y = make_rows(n_rows, seed=seed)
    weights = rng_of(seed).choice([0.0, 1.0, 2.5], (n_rows, n_weightings))
    weights[0] = 1
    how = [
        Settings(learning_rate=rate, batch_size=batch_size, n_epochs=2, l2=l2 * (rate > 0.1))
        for rate in rates
    ]
    stack = np.stack([X + 0.1 * number for number in range(n_weightings)])
    for rows in (X, stack):
        found = fit_many(rows, y, settings=how, weights=weights, rng=rng_of(seed))
        assert found.shape == (4, n_weightings, len(rates))
        for g in range(n_weightings):
            own = X if rows is X else stack[g]
            for k, each in enumerate(how):
                alone = plain_weighted_descent(own, y, weights[:, g], each, rng_of(seed))
                assert found[:, g, k] == pytest.approx(alone, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("batch_size", [10, 2**31])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_one_model_of_many_is_the_one_that_fit_gives_and_learn(
    precision: str, batch_size: int
) -> None:
    X, y = make_rows(203)
    how = Settings(learning_rate=0.2, batch_size=batch_size, n_epochs=4, l2=0.01)
    rows = X.astype(precision)
    many = fit_many(rows, y, settings=[how], rng=rng_of())
    one = fit(rows, y, settings=how, rng=rng_of())
    asked = {"learning_rate": 0.2, "batch_size": batch_size, "n_epochs": 4, "l2": 0.01}
    path, _ = learn(X, y, **asked, rng=rng_of())
    tolerance = 1e-5 if precision == "float32" else 1e-12
    assert many[:, 0, 0] == pytest.approx(path[-1], rel=tolerance)
    assert many[:, 0, 0] == pytest.approx([*one.coef, one.intercept], rel=tolerance)
    assert many.dtype == np.float64


def test_weights_that_repeat_rows_lead_where_repeated_rows_do() -> None:
    X, y = make_rows(60)
    times = np.where(y == 1, 3, 1)
    times[:10] = 0
    how = Settings(learning_rate=0.5, batch_size=60, n_epochs=3000, l2=0.02)
    found = fit_many(X, y, settings=[how], weights=times[:, None], rng=rng_of())
    rows = np.repeat(np.arange(60), times)
    other = LogisticRegression(C=1 / (0.02 * len(rows)), tol=1e-10, max_iter=1000)
    other.fit(X[rows], y[rows])
    assert found[:-1, 0, 0] == pytest.approx(other.coef_[0], abs=1e-6)
    assert found[-1, 0, 0] == pytest.approx(other.intercept_[0], abs=1e-6)


def test_the_same_seed_gives_the_same_bits_and_inputs_stay_as_they_were() -> None:
    X, y = make_rows(100)
    weights = np.ones((100, 2))
    kept = X.copy(), y.copy()
    first, second = (
        fit_many(X, y, settings=[HOW, HOW], weights=weights, rng=rng_of(5)) for _ in range(2)
    )
    assert first.tobytes() == second.tobytes()
    assert np.array_equal(X, kept[0])
    assert np.array_equal(y, kept[1])
    assert (weights == 1).all()


def test_huge_features_saturate_without_a_warning() -> None:
    X, y = make_rows(50)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fit_many((X * 1e4).astype(np.float32), y, settings=[HOW], rng=rng_of())
    assert np.isfinite(found).all()


def test_weights_past_all_bounds_are_refused_without_a_warning() -> None:
    X, y = make_rows(50)
    how = [HOW, dataclasses.replace(HOW, learning_rate=1e200)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=r"learning_rate 1e\+200 is too large.*after epoch 1"):
            fit_many(X * 1e150, y, settings=how, rng=rng_of())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"settings": []}, "settings are none"),
        ({"settings": [HOW, dataclasses.replace(HOW, batch_size=6)]}, r"batch_size.*\[5, 6\]"),
        ({"settings": [HOW, dataclasses.replace(HOW, n_epochs=6)]}, r"n_epochs.*\[3, 6\]"),
        ({"settings": [dataclasses.replace(HOW, init_std=0.1)]}, "init_std 0.1 and patience None"),
        ({"settings": [dataclasses.replace(HOW, patience=2)]}, "init_std 0.0 and patience 2"),
        ({"weights": np.ones(10)}, r"weights have shape \(10,\)"),
        ({"weights": np.ones((9, 1))}, r"weights have shape \(9, 1\); one row for each of 10"),
        ({"weights": np.eye(10)[:, :2] - 0.5}, "weight -0.5 in row 0, column 1 is negative"),
        ({"weights": np.full((10, 1), np.nan)}, "weight nan in row 0, column 0"),
        ({"weights": np.full((10, 1), np.inf)}, "weight inf in row 0, column 0"),
        ({"weights": np.eye(10)[:, :2] * [1, 0]}, "all weights in column 1 are 0"),
        ({"y": np.full(10, 2)}, "label 2 in row 0"),
        ({"y": np.ones(9)}, "10 rows of features for 9 labels"),
        ({"X": np.full((10, 3), np.nan)}, "feature nan in row 0"),
        ({"X": np.ones((2, 10, 3))}, "2 sets of features for 1 weightings"),
    ],
)
def test_what_cannot_be_trained_is_refused(change: dict[str, Any], message: str) -> None:
    X, y = make_rows(10)
    possible = {"X": X, "y": y, "settings": [HOW], "weights": None}
    with pytest.raises(ValueError, match=message):
        fit_many(**{**possible, **change}, rng=rng_of())
