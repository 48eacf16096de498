"""Projections against counting in a thought survey, and the budget curve against shuffling."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slp.measures.budget import recall_at_budget, recall_intervals
from slp.measures.interval import Interval, wilson
from slp.measures.projection import alarms_per_pulsar, project

RATE = st.floats(0.01, 1)
PREVALENCE = st.floats(1e-5, 0.99)


def exactly(value: float) -> Interval:
    return Interval(value, value, value)


@given(RATE, RATE, PREVALENCE)
def test_a_projection_counts_right_in_a_thought_survey(
    recall: float, rate: float, prevalence: float
) -> None:
    n = 1e6
    found, alarms = n * prevalence * recall, n * (1 - prevalence) * rate
    got = project(exactly(recall), exactly(rate), prevalence=prevalence)
    assert got.precision.value == pytest.approx(found / (found + alarms))
    assert got.false_alarms.value == pytest.approx(alarms / found)
    assert got.called.value * n == pytest.approx(found + alarms)
    assert alarms_per_pulsar(recall, rate, prevalence=prevalence) == got.false_alarms.value


@pytest.mark.parametrize(
    ("prevalence", "precision"), [(0.0916, 0.944), (0.01, 0.63), (0.001, 0.14), (0.0001, 0.017)]
)
def test_94_percent_here_becomes_63_and_14_and_2_where_pulsars_are_rarer(
    prevalence: float, precision: float
) -> None:
    recall = 0.83
    # What a precision of 94.4 % among 9.16 % pulsars says about the false-alarm rate:
    rate = recall * 0.0916 * (1 - 0.944) / 0.944 / (1 - 0.0916)
    got = project(exactly(recall), exactly(rate), prevalence=prevalence)
    assert got.precision.value == pytest.approx(precision, rel=0.04)


@given(RATE, RATE, RATE, RATE, PREVALENCE)
def test_the_ends_are_the_worst_and_the_best_of_both_rates(
    a: float, b: float, c: float, d: float, prevalence: float
) -> None:
    recall = Interval((a + b) / 2, min(a, b), max(a, b))
    rate = Interval((c + d) / 2, min(c, d), max(c, d))
    got = project(recall, rate, prevalence=prevalence)
    corners = [project(exactly(r), exactly(f), prevalence=prevalence)
               for r in (recall.low, recall.high) for f in (rate.low, rate.high)]  # fmt: skip
    for name in ("precision", "false_alarms", "called"):
        values = [getattr(corner, name).value for corner in corners]
        end = getattr(got, name)
        assert (end.low, end.high) == pytest.approx((min(values), max(values)), rel=1e-12)
        assert end.low * (1 - 1e-12) <= end.value <= end.high * (1 + 1e-12)
    assert got.prevalence == prevalence


def test_a_test_part_without_a_false_alarm_still_has_a_low_end() -> None:
    got = project(Interval(0.8, 0.7, 0.9), Interval(0.0, 0.0, 0.001), prevalence=0.001)
    assert got.precision.value == 1
    assert got.precision.low == pytest.approx(0.0007 / (0.0007 + 0.000999))


def test_a_model_that_finds_nothing_has_no_precision() -> None:
    assert alarms_per_pulsar(0.0, 0.1, prevalence=0.01) == math.inf
    assert project(exactly(0.0), exactly(0.1), prevalence=0.01).precision == exactly(0.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.1, 0.1, 0.5), r"recall 1.1 is outside \[0, 1\]"),
        ((0.5, -0.1, 0.5), r"false-alarm rate -0.1 is outside \[0, 1\]"),
        ((0.5, math.nan, 0.5), r"false-alarm rate nan is not finite"),
        ((0.5, 0.1, 0.0), r"prevalence 0.0 is outside \(0, 1\)"),
        ((0.5, 0.1, 1.0), r"prevalence 1.0 is outside \(0, 1\)"),
    ],
)
def test_what_is_no_rate_is_refused(arguments: Any, message: str) -> None:
    recall, rate, prevalence = arguments
    with pytest.raises(ValueError, match=message):
        alarms_per_pulsar(recall, rate, prevalence=prevalence)


def test_the_budget_curve_is_the_one_worked_by_hand() -> None:
    y, score = [1, 0, 1, 1, 0], [0.9, 0.8, 0.7, 0.2, 0.1]
    expected = [0, 1 / 3, 1 / 3, 2 / 3, 1, 1, 1]
    assert recall_at_budget(y, score, [0, 1, 2, 3, 4, 5, 99]) == pytest.approx(expected)


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3)), min_size=1, max_size=7).filter(
        lambda rows: any(label for label, _ in rows)
    )
)
def test_ties_are_inspected_in_random_order(rows: Any) -> None:
    y, score = (np.array(column) for column in zip(*rows, strict=True))
    budgets = np.arange(len(y) + 1)
    rng = np.random.default_rng(0)
    found = np.zeros(len(budgets))
    for _ in range(400):
        order = np.lexsort((rng.random(len(y)), -score))
        found += np.append(0, np.cumsum(y[order])) / y.sum()
    # 400 draws of a number in [0, 1]: five standard errors are at most 0.125
    assert recall_at_budget(y, score, budgets) == pytest.approx(found / 400, abs=0.125)


@pytest.mark.parametrize("budget", [0, 1, 2, 3])
def test_each_row_of_a_tie_finds_the_same_share(budget: int) -> None:
    got = recall_at_budget([1, 0, 0, 1], [0.9, 0.5, 0.5, 0.5], [1 + budget])
    assert got == pytest.approx([0.5 + budget / 6])


@pytest.mark.parametrize(
    ("y", "score", "budgets", "message"),
    [
        ([0, 0], [0.1, 0.2], [1], "the 2 rows have none"),
        ([0, 1], [0.1, math.inf], [1], "score inf in row 1 is not finite"),
        ([0, 1], [0.1, 0.2, 0.3], [1], "3 scores for 2 rows"),
        ([0, 1], [0.1, 0.2], [-1], r"budgets \[-1.0\] are not all 0 or more"),
        ([0, 1], [0.1, 0.2], [math.nan], r"budgets \[nan\] are not all 0 or more"),
    ],
)
def test_what_has_no_budget_curve_is_refused(
    y: Any, score: Any, budgets: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        recall_at_budget(y, score, budgets)


def test_far_down_the_list_the_recall_is_a_share_of_the_pulsars() -> None:
    y = np.repeat([1, 0, 1, 0], [80, 900, 20, 4000])
    (got,) = recall_intervals(y, -np.arange(5000), [500])
    ci = wilson(80, 100)
    assert got.value == pytest.approx(0.8)
    assert (got.low, got.high) == pytest.approx((ci.low, ci.high), abs=0.002)


def test_where_all_that_is_inspected_is_a_pulsar_only_their_number_is_unknown() -> None:
    y = np.repeat([1, 0], [400, 3600])
    (got,) = recall_intervals(y, -np.arange(4000), [100])
    share = wilson(400, 4000)  # of the rows; 100 of 4,000 are inspected
    assert got.value == pytest.approx(0.25)
    assert got.low == pytest.approx(0.025 / share.high, abs=0.002)
    assert got.high == pytest.approx(0.025 / share.low, abs=0.002)


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), min_size=1, max_size=60),
    st.lists(st.integers(0, 80), min_size=1, max_size=5),
)
def test_the_recall_lies_between_its_ends_in_any_order_of_the_rows(
    rows: list[tuple[int, int]], budgets: list[int]
) -> None:
    y, score = np.array([*rows, (1, 3)]).T
    got = recall_intervals(y, score, budgets)
    assert [one.value for one in got] == recall_at_budget(y, score, budgets).tolist()
    assert all(0 <= one.low <= one.value <= one.high <= 1 for one in got)
    assert recall_intervals(y[::-1], score[::-1], budgets) == got
    for one, n in zip(got, budgets, strict=True):
        if n == 0 or n > len(rows):
            assert one.low == one.value == one.high == float(n > 0)


def test_the_recall_at_a_budget_needs_a_level_between_0_and_1() -> None:
    with pytest.raises(ValueError, match=r"level 1.0 is outside \(0, 1\)"):
        recall_intervals([1], [0.5], [1], level=1.0)


@pytest.mark.parametrize(
    ("recall", "rate", "prevalence"),
    [
        (1e-200, 0.1, 1e-200),
        (1e-200, 1e-200, 1e-200),
        (1e-300, 1e-300, 1e-30),
        (1e-300, 0.0, 1e-300),
        (5e-324, 1.0, 5e-324),
        (0.5, 0.25, 0.1),
    ],
)
def test_alarms_are_those_of_whole_fractions_however_small_the_shares(
    recall: float, rate: float, prevalence: float
) -> None:
    exact = Fraction(rate) * (1 - Fraction(prevalence)) / (Fraction(recall) * Fraction(prevalence))
    found = alarms_per_pulsar(recall, rate, prevalence=prevalence)
    assert found == (pytest.approx(float(exact)) if exact < Fraction(1e308) else math.inf)


@pytest.mark.parametrize(
    ("recall", "rate", "name"),
    [
        (Interval(0.8, 0.9, 0.7), exactly(0.1), "recall"),
        (exactly(0.8), Interval(0.1, 0.2, 0.1), "false-alarm rate"),
    ],
)
def test_an_interval_whose_ends_are_turned_is_not_projected(
    recall: Interval, rate: Interval, name: str
) -> None:
    with pytest.raises(ValueError, match=f"{name} .* low .* above .* high"):
        project(recall, rate, prevalence=0.1)
