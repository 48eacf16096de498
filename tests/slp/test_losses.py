"""Sigmoid and cross-entropy against exact arithmetic, finite differences and scikit-learn."""

from __future__ import annotations

import warnings
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from slp.perceptron import cross_entropy, sigmoid

LOGITS = st.floats(-700, 700)
LABELS = st.sampled_from([0, 1])


def exact_sigmoid(logit: float) -> Decimal:
    return 1 / (1 + (-Decimal(logit)).exp())


@given(LOGITS)
def test_sigmoid_agrees_with_fifty_digits(logit: float) -> None:
    with localcontext(prec=50):
        expected = float(exact_sigmoid(logit))
    assert sigmoid(logit) == pytest.approx(expected, rel=1e-14, abs=0)


@given(LABELS, LOGITS)
def test_cross_entropy_is_minus_the_logarithm_of_the_right_probability(
    y: int, logit: float
) -> None:
    with localcontext(prec=400):
        expected = float(-exact_sigmoid(logit if y else -logit).ln())
    assert cross_entropy(y, logit) == pytest.approx(expected, rel=1e-13, abs=1e-15)


def test_the_formulas_give_the_values_worked_by_hand() -> None:
    logit = np.log(3.0)  # odds of three to one
    assert sigmoid(logit) == pytest.approx(0.75)
    assert cross_entropy(1, logit) == pytest.approx(np.log(4 / 3))
    assert cross_entropy(0, logit) == pytest.approx(np.log(4))


@given(st.floats(0, 1), st.floats(-30, 30))
def test_probability_less_label_is_the_slope_of_the_cross_entropy(y: float, logit: float) -> None:
    step = 1e-5
    slope = (cross_entropy(y, logit + step) - cross_entropy(y, logit - step)) / (2 * step)
    assert sigmoid(logit) - y == pytest.approx(slope, abs=1e-8)


def test_cross_entropy_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y, logits = rng.integers(0, 2, 500), rng.normal(0, 2, 500)
    assert cross_entropy(y, logits).mean() == pytest.approx(log_loss(y, sigmoid(logits)), rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_of_any_size_are_silent_and_exact(dtype: type[np.floating]) -> None:
    logits = np.array([-1e4, -50, 0, 50, 1e4], dtype=dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        probability = sigmoid(logits)
        as_pulsar, as_noise = cross_entropy(np.ones(5), logits), cross_entropy(np.zeros(5), logits)
    tiny = np.exp(dtype(-50))
    assert probability.tolist() == pytest.approx([0, float(tiny), 0.5, 1, 1], rel=1e-6)
    assert probability[1] > 0
    assert as_pulsar.tolist() == pytest.approx([1e4, 50, np.log(2), float(tiny), 0], rel=1e-6)
    assert as_noise.tolist() == pytest.approx([0, float(tiny), np.log(2), 50, 1e4], rel=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_keep_their_precision(dtype: type[np.floating]) -> None:
    logits, y = np.zeros(3, dtype), np.array([0, 1, 1])
    assert sigmoid(logits).dtype == cross_entropy(y, logits).dtype == dtype


def test_whole_numbers_become_float64() -> None:
    assert sigmoid([0, 1]).dtype == np.float64
    assert cross_entropy([0, 1], [0, 1]).dtype == np.float64
