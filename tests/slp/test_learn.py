"""The plain loop, which the fast paths are held to, against differences of the loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from slp.perceptron import learn


def make_rows(n_rows: int = 120) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, 3))
    return X, (X @ [1, 2, 3] + 2 * rng.normal(size=n_rows) > 1).astype(np.int64)


def mean_loss(X: Any, y: Any, weights: Any, l2: float) -> float:
    """Give the penalised loss from probabilities, as a textbook writes it."""
    p = 1 / (1 + np.exp(-(X @ weights[:-1] + weights[-1])))
    losses = -np.log(np.where(y == 1, p, 1 - p))
    return float(losses.mean() + l2 / 2 * (weights[:-1] ** 2).sum())


@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_a_step_goes_down_the_slope_of_its_batch(l2: float) -> None:
    X, y = make_rows()
    here, step, tiny = np.array([0.3, -0.2, 0.1, 0.5]), 0.25, 1e-6
    for first in range(0, 120, 50):  # the last of three batches is short
        rows = np.random.default_rng(1).permutation(120)[first : first + 50]
        slope = [
            (
                mean_loss(X[rows], y[rows], here + tiny * axis, l2)
                - mean_loss(X[rows], y[rows], here - tiny * axis, l2)
            )
            / (2 * tiny)
            for axis in np.eye(4)
        ]
        here = here - step * np.array(slope)
    path, _ = learn(
        X,
        y,
        learning_rate=step,
        batch_size=50,
        n_epochs=1,
        l2=l2,
        rng=np.random.default_rng(1),
        start=[0.3, -0.2, 0.1, 0.5],
    )
    assert path[0] == pytest.approx(here, abs=1e-8)


def test_each_loss_is_taken_before_its_own_step() -> None:
    X, y = make_rows()
    path, losses = learn(
        X, y, learning_rate=0.5, batch_size=120, n_epochs=3, rng=np.random.default_rng(0)
    )
    before = [np.zeros(4), *path[:-1]]
    assert losses == pytest.approx([mean_loss(X, y, each, 0.0) for each in before], rel=1e-12)


def test_it_ends_where_scikit_learn_does() -> None:
    X, y = make_rows()
    path, losses = learn(
        X,
        y,
        learning_rate=1.0,
        batch_size=120,
        n_epochs=3000,
        l2=0.01,
        rng=np.random.default_rng(0),
    )
    other = LogisticRegression(C=1 / (0.01 * len(X)), tol=1e-10, max_iter=1000).fit(X, y)
    assert path[-1] == pytest.approx([*other.coef_[0], other.intercept_[0]], abs=1e-6)
    assert (path.shape, losses.shape) == ((3000, 4), (3000,))


def test_what_is_handed_in_stays_as_it_was() -> None:
    X, y = make_rows()
    start = np.ones(4)
    kept = X.copy(), y.copy()
    learn(
        X,
        y,
        learning_rate=0.5,
        batch_size=7,
        n_epochs=2,
        rng=np.random.default_rng(0),
        start=start,
    )
    assert (start == 1).all()
    assert np.array_equal(X, kept[0])
    assert np.array_equal(y, kept[1])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"y": [0, 1]}, "there are 2 labels for 120 rows"),
        ({"X": [[0.0], [1.0]]}, "there are 120 labels for 2 rows"),
        ({"batch_size": 0}, "batch_size 0 is below 1"),
        ({"batch_size": -1}, "batch_size -1 is below 1"),
        ({"n_epochs": 0}, "n_epochs 0 is below 1"),
        ({"learning_rate": np.nan}, "learning_rate nan is not finite"),
        ({"learning_rate": 2.0, "l2": 0.5}, "l2 0.5 is outside"),
        ({"start": [0.0, 0.0, 0.0]}, "is not 4 finite numbers"),
        ({"start": [0.0, 0.0, 0.0, np.nan]}, "is not 4 finite numbers"),
        ({"start": np.ones(4) * 1j}, "are of type complex128"),
        ({"start": ["a", "b", "c", "d"]}, "hold what is no number"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(changed: dict[str, Any], said: str) -> None:
    X, y = make_rows()
    asked = {"X": X, "y": y, "learning_rate": 0.5, "batch_size": 7, "n_epochs": 2} | changed
    with pytest.raises(ValueError, match=said):
        learn(**asked, rng=np.random.default_rng(0))
