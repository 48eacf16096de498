"""The layer for other surveys: weights against scikit-learn, order against what it promises."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from slp.companion import fit_companion
from slp.perceptron import Perceptron

LOGARITHM = np.array([False, True, False])
LEFT_OUT = np.array([False, False, True])
NONE = np.zeros(3, dtype=bool)


def make_rows(n_rows: int = 300) -> Any:
    rng = np.random.default_rng(0)
    y = (rng.random(n_rows) < 0.2).astype(int)
    X = np.column_stack([rng.normal(y, 1), np.exp(rng.normal(2 + y, 1)), rng.normal(size=n_rows)])
    return X, y


X, Y = make_rows()
FITTED = fit_companion(X, Y, logarithm=LOGARITHM, left_out=LEFT_OUT, ended=NONE)


def test_its_weights_are_those_of_a_logistic_regression_on_logarithms() -> None:
    Z = StandardScaler().fit_transform(np.column_stack([X[:, 0], np.log1p(10 * X[:, 1])]))
    other = LogisticRegression(C=1.0, tol=1e-10).fit(Z, Y)  # l2 of 1 / n
    assert_allclose(FITTED.coef[:2], other.coef_[0], rtol=1e-4)
    assert_allclose(FITTED.decision_function(X), other.decision_function(Z), rtol=1e-4, atol=1e-4)


@given(st.floats(-100, 100), st.floats(-1e3, 1e3))
def test_no_shift_moves_one_candidate_past_another(first: float, third: float) -> None:
    moved = FITTED.decision_function(X + np.array([first, 0, third]))
    usual = FITTED.decision_function(X)
    assert_allclose(moved - usual, (moved - usual)[0], atol=1e-9)


@given(st.floats(1, 1e6))
def test_a_larger_scale_hardly_moves_one_candidate_past_another(factor: float) -> None:
    large = X * [1, 100, 1]
    order = np.argsort(FITTED.decision_function(large))
    moved = FITTED.decision_function(large * [1, factor, 1])[order]
    assert (np.diff(moved) > -0.05 * moved.std()).all()


def test_what_is_left_out_has_no_say() -> None:
    assert FITTED.coef[2] == 0
    changed = X.copy()
    changed[:, 2] = 1e9
    assert FITTED.decision_function(changed).tobytes() == FITTED.decision_function(X).tobytes()


def test_it_calls_nothing_a_pulsar_and_survives_json() -> None:
    assert not FITTED.predict(np.array([[1e300, 1e300, 0.0]])).any()
    again = Perceptron.from_dict(json.loads(json.dumps(FITTED.to_dict())))
    assert again.to_dict() == FITTED.to_dict()
    assert again.decision_function(X).tobytes() == FITTED.decision_function(X).tobytes()


@given(st.floats(1, 1e300))
def test_what_ends_with_the_training_range_counts_as_its_end_beyond(beyond: float) -> None:
    ended = np.array([True, False, False])
    layer = fit_companion(X, Y, logarithm=LOGARITHM, left_out=LEFT_OUT, ended=ended)
    np.testing.assert_array_equal(layer.decision_function(X), FITTED.decision_function(X))
    far, last = X.copy(), X.copy()
    far[:, 0], last[:, 0] = X[:, 0].max() + beyond, X[:, 0].max()
    np.testing.assert_array_equal(layer.decision_function(far), layer.decision_function(last))
    far[:, 0], last[:, 0] = X[:, 0].min() - beyond, X[:, 0].min()
    np.testing.assert_array_equal(layer.decision_function(far), layer.decision_function(last))


def test_one_class_gives_no_order() -> None:
    with pytest.raises(ValueError, match="class"):
        fit_companion(X, np.zeros_like(Y), logarithm=LOGARITHM, left_out=LEFT_OUT, ended=NONE)
