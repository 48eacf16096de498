"""A ranking is measured by what orders the rows: logits stay apart where probabilities are 1."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from slp.measures.comparison import compare
from slp.measures.influence import influence_on_average_precision, influence_on_roc_auc
from slp.measures.intervals import intervals
from slp.measures.metrics import METRICS, measure
from slp.perceptron import sigmoid

ORACLES = {"roc_auc": roc_auc_score, "average_precision": average_precision_score}
INFLUENCES = {
    "roc_auc": influence_on_roc_auc,
    "average_precision": influence_on_average_precision,
}


def saturated(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of which most pulsars, and some non-pulsars below them, have the probability 1."""
    rng = np.random.default_rng(seed)
    y = (rng.random(500) < 0.2).astype(int)
    logits = 25 * rng.normal(size=500) + np.where(y == 1, 80, 0)
    ones = sigmoid(logits) == 1
    assert ones[y == 1].sum() > 50
    assert ones[y == 0].sum() > 10
    return y, logits


@pytest.mark.parametrize("name", ORACLES)
def test_each_measure_of_a_ranking_is_that_of_the_logits(name: str) -> None:
    y, logits = saturated()
    asked: dict[str, Any] = {"threshold": 0.9, "by": logits}
    truth = ORACLES[name](y, logits)
    assert ORACLES[name](y, sigmoid(logits)) < truth - 1e-3
    assert measure(y, sigmoid(logits), **asked)[name] == pytest.approx(truth, abs=1e-12)
    assert intervals(y, sigmoid(logits), **asked)[name].value == pytest.approx(truth, abs=1e-12)
    assert INFLUENCES[name](y, logits).value == pytest.approx(truth, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(-8, 8)), min_size=1, max_size=40))
def test_logits_that_no_probability_rounds_give_what_probabilities_give(
    rows: list[tuple[int, int]],
) -> None:
    y, logits = np.array(rows).T
    score = sigmoid(logits)
    bare, by = (intervals(y, score, threshold=0.4, by=order) for order in (None, logits))
    assert repr(bare) == repr(by)
    bare_values, values = (measure(y, score, threshold=0.4, by=order) for order in (None, logits))
    assert repr(bare_values) == repr(values)
    pair: tuple[Any, Any] = score, score[::-1]
    asked: dict[str, Any] = {"thresholds": (0.4, 0.6)}
    one = compare(y, *pair, **asked)
    other = compare(y, *pair, **asked, by=(logits, logits[::-1]))
    assert repr(one.differences) == repr(other.differences)


def test_what_orders_the_rows_changes_no_call_and_no_loss() -> None:
    y, logits = saturated()
    bare, by = (intervals(y, sigmoid(logits), threshold=0.9, by=o) for o in (None, logits))
    assert {name for name in METRICS if bare[name] != by[name]} == set(ORACLES)


def test_two_models_are_compared_by_their_logits() -> None:
    (y, old), noise = saturated(), np.random.default_rng(1).normal(size=500)
    new = old + 20 * noise
    pair = sigmoid(old), sigmoid(new)
    got = compare(y, *pair, thresholds=(0.5, 0.5), by=(old, new)).differences
    for name, oracle in ORACLES.items():
        assert got[name].value == pytest.approx(oracle(y, new) - oracle(y, old), abs=1e-12)


def test_models_that_only_logits_tell_apart_are_not_one() -> None:
    y = np.repeat([1, 0], 10)
    old, new = np.repeat([50.0, 60.0], 10), np.repeat([60.0, 50.0], 10)
    ones = np.ones(20)
    got = compare(y, ones, ones, thresholds=(0.5, 0.5), by=(old, new)).differences
    assert got["roc_auc"].value == 1
    assert got["brier"].value == 0
    itself = compare(y, ones, ones, thresholds=(0.5, 0.5), by=(old, old)).differences
    assert {(it.value, it.error, it.high) for it in itself.values()} == {(0, 0, 0)}


def test_a_model_beside_itself_has_no_ranking_of_one_class_either() -> None:
    half = np.full(4, 0.5)
    got = compare(np.ones(4), half, half, thresholds=(0.5, 0.5)).differences
    assert {name for name, it in got.items() if math.isnan(it.value)} == set(ORACLES)
    assert got["recall"].value == got["recall"].high == 0


@pytest.mark.parametrize(
    "by",
    [
        [0.0, np.nan, 1.0],
        [0.0, np.inf, 1.0],
        [0.0, 1.0],
        [[0.0, 1.0, 2.0]],
        ["a", "b", "c"],
        np.ma.masked_equal([0.0, 1.0, 2.0], 1.0),
    ],
)
def test_what_orders_no_rows_is_refused(by: Any) -> None:
    y, score = [0, 1, 1], [0.2, 0.4, 0.9]
    with pytest.raises(ValueError, match="score"):
        measure(y, score, threshold=0.5, by=by)
    with pytest.raises(ValueError, match="score"):
        intervals(y, score, threshold=0.5, by=by)
    with pytest.raises(ValueError, match="score"):
        compare(y, score, score, thresholds=(0.5, 0.5), by=(score, by))
    with pytest.raises(ValueError, match="1 orders"):
        compare(y, score, score, thresholds=(0.5, 0.5), by=(by,))  # type: ignore[arg-type]
