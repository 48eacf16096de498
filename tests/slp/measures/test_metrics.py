"""Every measure against scikit-learn, a hand-worked matrix and the definitions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

import slp
from slp.measures.confusion import Confusion, confusion, rates, slopes_of
from slp.measures.count_intervals import count_intervals
from slp.measures.metrics import METRICS, measure
from slp.perceptron import NOTHING_REACHES

# Few distinct scores, so that ties are the rule; some at the very ends.
SCORES = st.sampled_from([0.0, 1e-300, 1e-17, 0.1, 0.25, 0.5, 0.5000001, 0.9, 1.0]) | st.floats(
    0, 1
)
ROWS = st.lists(st.tuples(st.integers(0, 1), SCORES), min_size=2, max_size=60).filter(
    lambda rows: len({label for label, _ in rows}) == 2
)


def by_scikit_learn(y: Any, score: Any, threshold: float) -> dict[str, float]:
    called = (score >= threshold).astype(int)
    tn, fp, fn, tp = sk.confusion_matrix(y, called, labels=[0, 1]).ravel()
    recall = sk.recall_score(y, called, zero_division=0)
    specificity = sk.recall_score(y, called, pos_label=0, zero_division=0)
    return {
        "tn": tn,
        "fp": fp,
        "fn": fn,
        "tp": tp,
        "accuracy": sk.accuracy_score(y, called),
        "precision": sk.precision_score(y, called, zero_division=0),
        "recall": recall,
        "specificity": specificity,
        "f1": sk.f1_score(y, called, zero_division=0),
        "mcc": sk.matthews_corrcoef(y, called),
        "g_mean": math.sqrt(recall * specificity),
        "balanced_accuracy": sk.balanced_accuracy_score(y, called),
        "roc_auc": sk.roc_auc_score(y, score),
        "average_precision": sk.average_precision_score(y, score),
        "brier": sk.brier_score_loss(y, score),
        "log_loss": sk.log_loss(y, score, labels=[0, 1]),
    }


@given(ROWS, SCORES)
@settings(deadline=None)
def test_every_measure_agrees_with_scikit_learn(rows: Any, threshold: float) -> None:
    y, score = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    got = measure(y, score, threshold=threshold)
    assert tuple(got) == METRICS
    assert got == pytest.approx(by_scikit_learn(y, score, threshold), rel=1e-12, abs=1e-12)


def test_a_large_sample_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(20_000) < 0.09).astype(int)
    score = np.round(rng.beta(1 + 4 * y, 6 - 4 * y), 3)
    got = measure(y, score, threshold=0.4)
    assert got == pytest.approx(by_scikit_learn(y, score, 0.4), rel=1e-12, abs=1e-12)


def test_the_matrix_worked_by_hand() -> None:
    #        pulsars: 0.9 0.8 0.2      others: 0.8 0.3 0.1 0.1
    y = [1, 0, 1, 0, 1, 0, 0]
    score = [0.9, 0.8, 0.8, 0.3, 0.2, 0.1, 0.1]
    got = measure(y, score, threshold=0.8)
    assert [got[name] for name in ("tn", "fp", "fn", "tp")] == [3, 1, 1, 2]
    assert got["accuracy"] == pytest.approx(5 / 7)
    assert got["precision"] == pytest.approx(2 / 3)
    assert got["recall"] == pytest.approx(2 / 3)
    assert got["specificity"] == pytest.approx(3 / 4)
    assert got["f1"] == pytest.approx(2 / 3)
    assert got["mcc"] == pytest.approx((2 * 3 - 1 * 1) / math.sqrt(3 * 3 * 4 * 4))
    assert got["g_mean"] == pytest.approx(math.sqrt(2 / 3 * 3 / 4))
    assert got["balanced_accuracy"] == pytest.approx((2 / 3 + 3 / 4) / 2)
    # pairs won: 4 by 0.9, 3½ by 0.8, 2 by 0.2
    assert got["roc_auc"] == pytest.approx(9.5 / 12)
    # precision 1/1, 2/3 and 3/5 at the three steps of recall
    assert got["average_precision"] == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)
    assert got["brier"] == pytest.approx((0.01 + 0.64 + 0.04 + 0.09 + 0.64 + 0.01 + 0.01) / 7)
    assert got["log_loss"] == pytest.approx(
        -sum(map(math.log, [0.9, 0.2, 0.8, 0.7, 0.2, 0.9, 0.9])) / 7
    )


def test_a_score_equal_to_the_threshold_is_called() -> None:
    assert measure([1, 0], [0.5, 0.5], threshold=0.5)["tp"] == 1
    assert measure([1, 0], [0.5, 0.5], threshold=0.5)["fp"] == 1
    assert measure([1, 0], [0.5, 0.5], threshold=np.nextafter(0.5, 1))["fn"] == 1
    assert measure([1, 0], [0.5, 0.5], threshold=np.nextafter(0.5, 1))["tn"] == 1


def test_certainty_that_is_wrong_costs_a_finite_loss() -> None:
    got = measure([1, 0], [0.0, 1.0], threshold=0.5)
    assert got["log_loss"] == pytest.approx(-math.log(2**-52))
    assert got["brier"] == 1


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_has_no_ranking_and_its_empty_ratios_are_zero(label: int) -> None:
    got = measure([label] * 3, [0.2, 0.6, 0.7], threshold=0.5)
    assert math.isnan(got["roc_auc"])
    assert math.isnan(got["average_precision"])
    assert got["mcc"] == 0
    assert got["g_mean"] == 0
    assert got["specificity" if label else "recall"] == 0
    assert got["precision"] == label
    assert got["recall"] == pytest.approx(2 / 3 if label else 0)


def test_calling_nothing_has_precision_and_f1_zero() -> None:
    got = measure([1, 0], [0.2, 0.1], threshold=0.9)
    assert got["precision"] == got["f1"] == got["mcc"] == got["recall"] == 0
    assert got["specificity"] == 1


def test_confusion_counts_truth_first() -> None:
    counts = confusion([0, 0, 0, 1, 1, 1, 1, 0], [0, 1, 1, 0, 1, 1, 1, 0])
    assert counts == Confusion(tn=2, fp=2, fn=1, tp=3)
    assert all(type(count) is int for count in (counts.tn, counts.fp, counts.fn, counts.tp))


def test_rates_are_those_of_measure() -> None:
    y, called = [0, 0, 1, 1, 1], [0, 1, 1, 1, 0]
    whole = measure(y, called, threshold=0.5)
    got = rates(confusion(y, called))
    assert tuple(got) == METRICS[: len(got)]
    assert got == {name: whole[name] for name in got}
    assert all(type(value) is float for value in got.values())


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="there are 1 probabilities for 2 rows"):
        measure([0, 1], [0.5], threshold=0.5)
    with pytest.raises(ValueError, match="there are 1 labels for 2 rows"):
        confusion([0, 1], [1])
    with pytest.raises(ValueError, match="label 2 in row 1"):
        measure([0, 2], [0.5, 0.5], threshold=0.5)
    with pytest.raises(ValueError, match=r"probability 1\.5 in row 0"):
        measure([0, 1], [1.5, 0.5], threshold=0.5)
    with pytest.raises(ValueError, match=r"shape \(0,\)"):
        measure([], [], threshold=0.5)


ROWS = [0, 1, 1], [0.1, 1.0, 0.8]
MEASURED: dict[str, Callable[[Any], Any]] = {
    "measure": lambda at: measure(*ROWS, threshold=at)["recall"],
    "intervals": lambda at: slp.intervals(*ROWS, threshold=at)["recall"].value,
    "in blocks": lambda at: slp.intervals_in_blocks(
        [(*map(np.array, ROWS), np.array([3, 1, 2]))], n_rows=3, threshold=at
    )["recall"].value,
    "champion": lambda at: len(slp.compare(ROWS[0], ROWS[1], ROWS[1],
                                           thresholds=(at, 0.5)).challenger_only) - 2,
    "challenger": lambda at: len(slp.compare(ROWS[0], ROWS[1], ROWS[1],
                                             thresholds=(0.5, at)).champion_only) - 2,
}  # fmt: skip


@pytest.mark.parametrize("entry", MEASURED)
@pytest.mark.parametrize("threshold", [math.nan, "x", None])
def test_a_threshold_that_is_no_number_is_refused(entry: str, threshold: Any) -> None:
    with pytest.raises(ValueError, match=f"threshold {threshold!r}"):
        MEASURED[entry](threshold)


@pytest.mark.parametrize("entry", MEASURED)
@pytest.mark.parametrize("threshold", [NOTHING_REACHES, math.inf])
def test_a_threshold_that_nothing_reaches_calls_nothing(entry: str, threshold: float) -> None:
    assert MEASURED[entry](threshold) == 0


def test_what_follows_from_the_calls_has_a_slope_and_an_interval_by_the_same_name() -> None:
    counts = Confusion(5, 1, 2, 3)
    assert [*rates(counts)] == [*slopes_of(counts)] == [*count_intervals(counts)]
