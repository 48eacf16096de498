"""Intervals against SciPy, sums over pairs of rows, finite differences and solved equations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import binomtest, norm

from slp.measures.confusion import Confusion, rates
from slp.measures.count_intervals import count_intervals
from slp.measures.interval import Interval, wilson
from slp.measures.intervals import intervals
from slp.measures.loss_intervals import LOSSES, PowerSums, loss_interval
from slp.measures.metrics import METRICS, measure
from slp.measures.ranking_intervals import ranking_intervals

Z = norm.ppf(0.975)
SHARES = {
    "accuracy": lambda c: (c.tp + c.tn, c.tp + c.tn + c.fp + c.fn),
    "precision": lambda c: (c.tp, c.tp + c.fp),
    "recall": lambda c: (c.tp, c.tp + c.fn),
    "specificity": lambda c: (c.tn, c.tn + c.fp),
}
RANKED = ("roc_auc", "average_precision")


@st.composite
def labelled_scores(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    y = np.array(draw(st.lists(st.integers(0, 1), min_size=1, max_size=40)))
    places = st.integers(0, 8)  # many ties
    return y, np.array(draw(st.lists(places, min_size=len(y), max_size=len(y)))) / 8


def make_rows(n_rows: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = (rng.random(n_rows) < 0.2).astype(int)
    return y, np.round(rng.beta(1 + 3 * y, 5 - 3 * y), 2)


def ends(one: Interval) -> tuple[float, float]:
    return one.low, one.high


@given(labelled_scores(), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_the_value_is_the_measure_and_lies_between_ends_that_can_be(
    given_rows: tuple[np.ndarray, np.ndarray], threshold: float
) -> None:
    y, score = given_rows
    got = intervals(y, score, threshold=threshold)
    assert tuple(got) == METRICS
    for name, value in measure(y, score, threshold=threshold).items():
        one = got[name]
        if math.isnan(value):
            assert name in RANKED
            assert all(math.isnan(end) for end in (one.value, one.low, one.high))
            continue
        most = {"log_loss": -math.log(np.finfo(float).eps)} | dict.fromkeys(METRICS[:4], len(y))
        least = -1 if name == "mcc" else 0
        assert one.value == value
        assert least <= one.low <= value <= one.high <= most.get(name, 1) + 1e-9
        assert one.low < one.high


@given(labelled_scores(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_bit(
    given_rows: tuple[np.ndarray, np.ndarray], random: Any
) -> None:
    y, score = given_rows
    order = list(range(len(y)))
    random.shuffle(order)
    one, two = (intervals(*rows, threshold=0.4) for rows in ((y, score), (y[order], score[order])))
    assert repr(one) == repr(two)  # NaN is not equal to itself


def test_a_hundred_times_the_rows_give_a_tenth_of_the_width() -> None:
    y, score = make_rows()
    few, many = (intervals(np.tile(y, n), np.tile(score, n), threshold=0.4) for n in (1, 100))
    for name in METRICS:
        factor = 100 if name in {"tn", "fp", "fn", "tp"} else 1
        assert many[name].value == pytest.approx(factor * few[name].value)
        width = (many[name].high - many[name].low) / factor
        assert width == pytest.approx((few[name].high - few[name].low) / 10, rel=0.2)


def test_a_lower_level_is_narrower() -> None:
    y, score = make_rows()
    wide, narrow = (intervals(y, score, threshold=0.4, level=level) for level in (0.95, 0.5))
    for name in METRICS:
        assert wide[name].low < narrow[name].low < narrow[name].high < wide[name].high


@given(*[st.integers(0, 500)] * 4, st.sampled_from([0.8, 0.95]))
def test_shares_have_the_interval_of_scipy(
    tn: int, fp: int, fn: int, tp: int, level: float
) -> None:
    counts = Confusion(tn, fp, fn, tp + 1)
    got = count_intervals(counts, level=level)
    for name, of in SHARES.items():
        successes, n = of(counts)
        if n:
            ci = binomtest(successes, n).proportion_ci(level, method="wilson")
            assert ends(got[name]) == pytest.approx((ci.low, ci.high), abs=1e-12)
    n_rows = tn + fp + fn + tp + 1
    ci = binomtest(fp, n_rows).proportion_ci(level, method="wilson")
    assert ends(got["fp"]) == pytest.approx((n_rows * ci.low, n_rows * ci.high), abs=1e-9)


def test_f1_is_bent_from_the_share_of_hits_among_all_that_is_or_is_called_a_pulsar() -> None:
    got = count_intervals(Confusion(900, 10, 20, 70))["f1"]
    ci = binomtest(70, 100).proportion_ci(method="wilson")
    assert got.value == pytest.approx(140 / 170)
    assert ends(got) == pytest.approx((2 * ci.low / (1 + ci.low), 2 * ci.high / (1 + ci.high)))


def test_where_one_rate_is_known_the_mean_has_the_interval_of_the_other() -> None:
    got = count_intervals(Confusion(10**9, 0, 20, 70))
    recall = got["recall"]
    half = [(1 + end) / 2 for end in ends(recall)]
    assert ends(got["balanced_accuracy"]) == pytest.approx(half, abs=1e-4)
    assert ends(got["g_mean"]) == pytest.approx([math.sqrt(end) for end in ends(recall)], abs=1e-4)


def test_the_two_means_spread_as_many_samples_do() -> None:
    rng = np.random.default_rng(0)
    drawn = [
        Confusion(*map(int, row)) for row in rng.multinomial(4000, [0.8, 0.05, 0.05, 0.1], 2000)
    ]
    for name in ("g_mean", "balanced_accuracy", "mcc", "f1"):
        one = count_intervals(Confusion(3200, 200, 200, 400))[name]
        spread = np.std([rates(counts)[name] for counts in drawn])
        assert one.high - one.low == pytest.approx(2 * Z * spread, rel=0.06)


def test_mcc_is_bent_by_the_inverse_hyperbolic_tangent() -> None:
    cells = np.array([80.25, 5.25, 4.25, 11.25])

    def mcc(x: np.ndarray) -> float:
        tn, fp, fn, tp = x
        return float((tp * tn - fp * fn) / math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))

    step = 1e-5 * np.eye(4)
    slopes = np.array([(mcc(cells + s) - mcc(cells - s)) / 2e-5 for s in step])
    p = cells / cells.sum()
    covariance = cells.sum() * (np.diag(p) - np.outer(p, p))
    half = Z * math.sqrt(slopes @ covariance @ slopes) / (1 - mcc(cells) ** 2)
    expected = [math.tanh(math.atanh(mcc(cells)) + sign * half) for sign in (-1, 1)]
    got = count_intervals(Confusion(80, 5, 4, 11))["mcc"]
    assert got.value == pytest.approx(rates(Confusion(80, 5, 4, 11))["mcc"])
    assert ends(got) == pytest.approx(expected, rel=1e-6)


def test_of_nothing_nothing_is_known() -> None:
    without_call = count_intervals(Confusion(90, 0, 10, 0))
    assert without_call["precision"] == Interval(0, 0, 1)
    assert without_call["recall"].high < 0.3
    without_pulsar = count_intervals(Confusion(90, 10, 0, 0))
    assert without_pulsar["recall"] == Interval(0, 0, 1)
    assert without_pulsar["mcc"] == Interval(0, -1, 1)
    assert without_pulsar["g_mean"].high == pytest.approx(math.sqrt(wilson(90, 100).value))
    neither = count_intervals(Confusion(90, 0, 0, 0))
    assert neither["f1"] == Interval(0, 0, 1)
    assert neither["specificity"].low > 0.95


def test_one_pulsar_that_is_found_is_no_certainty() -> None:
    got = intervals(np.eye(1, 50)[0], np.eye(1, 50)[0] * 0.9, threshold=0.5)
    for name in ("precision", "recall", "f1", "mcc", "g_mean", "balanced_accuracy", *RANKED):
        assert got[name].value == 1
        assert got[name].high == 1
        assert got[name].low < 0.7, name


def test_the_variance_of_roc_auc_is_that_of_delong_by_pairs_of_rows() -> None:
    y, score = make_rows(150)
    wins = (score[y == 1][:, None] > score[y == 0]) + 0.5 * (
        score[y == 1][:, None] == score[y == 0]
    )
    auc, n = wins.mean(), len(wins)
    variance = sum(
        ((wins.mean(axis=axis) - auc) ** 2).sum() / wins.shape[1 - axis] ** 2 for axis in (0, 1)
    )
    middle = (n * auc + 0.25 * 0.5) / (n + 0.25)
    # The moments of a place drawn evenly, by its definition.
    places = (np.arange(100_000) + 0.5) / 100_000
    spread = ((places - middle) ** 2).mean()
    se = math.sqrt(n**2 * variance + 0.25 * spread) / (n + 0.25)
    logit = math.log(middle / (1 - middle))
    expected = [
        1 / (1 + math.exp(-logit - side * Z * se / middle / (1 - middle))) for side in (-1, 1)
    ]
    assert ends(intervals(y, score, threshold=0.5)["roc_auc"]) == pytest.approx(expected, rel=1e-8)


def test_average_precision_spreads_as_many_samples_do() -> None:
    drawn = [make_rows(3000, seed) for seed in range(400)]
    values = [measure(*rows, threshold=0.5)["average_precision"] for rows in drawn]
    widths = [
        one.high - one.low
        for one in (intervals(*rows, threshold=0.5)["average_precision"] for rows in drawn[:50])
    ]
    assert np.mean(widths) == pytest.approx(2 * Z * np.std(values), rel=0.1)


def test_a_pseudo_pulsar_at_a_random_rank_has_the_average_precision_of_one() -> None:
    found, alarms = np.array([1.0, 0.0]), np.array([0.0, 9.0])
    places = (np.arange(200_000) + 0.5) / 200_000
    precision = 1 / (1 + 9 * places)
    middle = (1 + 0.25 * precision.mean()) / 1.25
    se = math.sqrt(0.25 * ((precision - middle) ** 2).mean()) / 1.25
    low = 1 / (1 + math.exp(-math.log(middle / (1 - middle)) + Z * se / middle / (1 - middle)))
    got = ranking_intervals(found, alarms)["average_precision"]
    assert (got.value, got.high) == (1, 1)
    assert got.low == pytest.approx(low, rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_the_ends_of_a_loss_solve_the_cube_that_takes_its_skewness_away(name: str) -> None:
    rng = np.random.default_rng(2)
    p = rng.beta(1, 6, size=60)
    losses = {"brier": p**2, "log_loss": -np.log1p(-p)}[name]
    any_p = (np.arange(400_000) + 0.5) / 400_000
    chance = {"brier": any_p**2, "log_loss": -np.log(any_p)}[name]
    rows = np.concatenate([losses, chance])
    weight = np.concatenate([np.ones(60), np.full(len(chance), 2 / len(chance))])
    middle = np.average(rows, weights=weight)
    spread = math.sqrt(np.average((rows - middle) ** 2, weights=weight))
    a = np.average(((rows - middle) / spread) ** 3, weights=weight) / math.sqrt(62)
    low, high = (
        middle
        - spread
        / math.sqrt(62)
        * brentq(lambda t, z=z: t + a * t**2 / 3 + a**2 * t**3 / 27 + a / 6 - z, -60, 60)
        for z in (Z, -Z)
    )
    got = loss_interval(name, PowerSums.of(losses))
    assert got.value == pytest.approx(losses.mean())
    assert (got.low, got.high) == pytest.approx((min(low, losses.mean()), high), rel=1e-4)


def test_parts_of_a_table_add_up_to_the_whole() -> None:
    y, score = make_rows(300)
    halves = [(y[:120], score[:120]), (y[120:], score[120:])]
    whole = intervals(y, score, threshold=0.4)
    losses = [(part_score - part_y) ** 2 for part_y, part_score in halves]
    joined = PowerSums.of(losses[0]) + PowerSums.of(losses[1])
    assert ends(loss_interval("brier", joined)) == pytest.approx(ends(whole["brier"]))
    places = np.linspace(1, 0, 101)  # every score has two digits
    found, alarms = (
        sum(
            (np.isclose(s[t == label][None, :], places[:, None])).sum(axis=1).astype(float)
            for t, s in halves
        )
        for label in (1, 0)
    )
    for name, one in ranking_intervals(np.asarray(found), np.asarray(alarms)).items():
        assert ends(one) == pytest.approx(ends(whole[name]))


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_level_that_makes_no_interval_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match=rf"level {level} is outside \(0, 1\)"):
        intervals([0, 1], [0.1, 0.9], threshold=0.5, level=level)


@given(st.integers(1, 60), st.sampled_from([0, 1]))
def test_no_value_lies_above_its_interval_where_each_row_loses_the_most(n: int, label: int) -> None:
    for one in intervals([label] * n, [1.0 - label] * n, threshold=0.5).values():
        assert math.isnan(one.value) or one.low <= one.value <= one.high
