"""Comparison against one resample after the other, SciPy's binomial and plain sets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from slp.measures.comparison import LOWER_IS_BETTER, Comparison, compare
from slp.measures.interval import Interval
from slp.measures.mcnemar import mcnemar
from slp.measures.metrics import METRICS, measure

COUNTS = st.integers(0, 60)


def make_rows(n_rows: int = 200, gap: float = 0.0) -> Any:
    rng = np.random.default_rng(0)
    y = (rng.random(n_rows) < 0.3).astype(int)
    noise = rng.normal(size=(2, n_rows))
    logits = 2 * y - 1 + np.array([noise[0], 0.7 * noise[0] + 0.7 * noise[1] + gap * (2 * y - 1)])
    return y, *np.round(1 / (1 + np.exp(-logits)), 2)  # two digits: many ties


def test_the_differences_are_those_of_resamples_measured_one_by_one() -> None:
    y, old, new = make_rows(60)
    got = compare(
        y, old, new, thresholds=(0.5, 0.6), rng=np.random.default_rng(3), n_resamples=50, level=0.8
    )
    rng = np.random.default_rng(3)
    drawn = [rng.integers(60, size=60) for _ in range(50)]
    pairs = [
        (measure(y[rows], old[rows], threshold=0.5), measure(y[rows], new[rows], threshold=0.6))
        for rows in drawn
    ]
    whole = measure(y, old, threshold=0.5), measure(y, new, threshold=0.6)
    assert tuple(got.differences) == METRICS
    for name, found in got.differences.items():
        values = [after[name] - before[name] for before, after in pairs]
        low, high = np.quantile(values, [0.1, 0.9])
        assert found.value == pytest.approx(whole[1][name] - whole[0][name], abs=1e-12)
        assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


def test_a_model_beside_itself_differs_in_nothing() -> None:
    y, score, _ = make_rows()
    got = compare(y, score, score, thresholds=(0.5, 0.5), rng=np.random.default_rng(0))
    assert set(got.differences.values()) == {Interval(0, 0, 0)}
    assert {got.call(name) for name in METRICS} == {"undecided"}
    assert (got.calls.exact, got.calls.mid_p, got.calls.call()) == (1, 1, "undecided")
    assert len(got.champion_only) == len(got.challenger_only) == 0


def test_a_plainly_better_challenger_is_better_by_every_measure_and_worse_the_other_way() -> None:
    y, old, new = make_rows(600, gap=1.5)
    for first, second, word in ((old, new, "better"), (new, old, "worse")):
        got = compare(
            y, first, second, thresholds=(0.5, 0.5), rng=np.random.default_rng(0), n_resamples=200
        )
        assert {got.call(name) for name in METRICS} == {word}
        assert got.calls.call() == word


@pytest.mark.parametrize("metric", ["f1", "brier"])
@pytest.mark.parametrize(
    ("low", "high", "word"), [(0.01, 0.02, 1), (-0.02, -0.01, -1), (0.0, 0.1, 0), (-0.1, 0.0, 0)]
)
def test_a_call_needs_the_whole_interval_on_one_side(
    metric: str, low: float, high: float, word: int
) -> None:
    got = Comparison(
        {metric: Interval((low + high) / 2, low, high)}, mcnemar(0, 0), np.array([]), np.array([])
    )
    sign = -word if metric in LOWER_IS_BETTER else word
    assert got.call(metric) == ("undecided", "better", "worse")[sign]


def test_an_undefined_measure_decides_nothing() -> None:
    got = compare(
        [0, 0], [0.1, 0.2], [0.1, 0.3], thresholds=(0.5, 0.5), rng=np.random.default_rng(0)
    )
    assert got.call("roc_auc") == "undecided"
    with pytest.raises(ValueError, match="metric 'auc' is none of tn"):
        got.call("auc")


def test_the_ledger_names_the_pulsars_that_one_finds_and_the_other_misses() -> None:
    y = [1, 1, 1, 1, 0, 0]
    old = [0.9, 0.9, 0.1, 0.1, 0.9, 0.1]
    new = [0.9, 0.4, 0.5, 0.1, 0.1, 0.9]
    got = compare(y, old, new, thresholds=(0.5, 0.45), rng=np.random.default_rng(0))
    assert (got.champion_only.tolist(), got.challenger_only.tolist()) == ([1], [2])
    # rows 1 and 5 only the champion calls rightly, 2 and 4 only the challenger
    assert (got.calls.only_champion, got.calls.only_challenger) == (2, 2)


@given(COUNTS, COUNTS)
def test_mcnemar_agrees_with_scipys_binomial(b: int, c: int) -> None:
    got = mcnemar(b, c)
    exact = stats.binomtest(b, b + c).pvalue if b + c else 1.0
    assert got.exact == pytest.approx(exact, rel=1e-10)
    tails = stats.binom.cdf(min(b, c) - 1, b + c, 0.5), stats.binom.pmf(min(b, c), b + c, 0.5)
    assert got.mid_p == pytest.approx(min(1, 2 * tails[0] + tails[1]), rel=1e-9)
    assert got.mid_p <= got.exact


def test_mcnemar_of_large_counts_does_not_overflow() -> None:
    got = mcnemar(4000, 4300)
    assert got.exact == pytest.approx(stats.binomtest(4000, 8300).pvalue, rel=1e-9)
    assert got.call() == "better"
    assert got.call(level=0.9999) == "undecided"
    assert mcnemar(4300, 4000).call() == "worse"


def test_the_same_seed_gives_the_same_comparison() -> None:
    y, old, new = make_rows()
    one, two = (
        compare(y, old, new, thresholds=(0.5, 0.5), rng=np.random.default_rng(1), n_resamples=30)
        for _ in range(2)
    )
    assert one.differences == two.differences


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_resamples": 0}, "n_resamples 0 is below 1"),
        ({"level": 1.0}, r"level 1.0 is outside \(0, 1\)"),
        ({"challenger": [0.1]}, "1 probabilities for 2 rows"),
        ({"champion": [0.1, 1.2]}, r"probability 1.2 in row 1 is outside \[0, 1\]"),
    ],
)
def test_what_cannot_be_compared_is_refused(options: Any, message: str) -> None:
    arguments = {"champion": [0.1, 0.9], "challenger": [0.2, 0.8], **options}
    with pytest.raises(ValueError, match=message):
        compare([0, 1], thresholds=(0.5, 0.5), rng=np.random.default_rng(0), **arguments)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="count -1 is below 0"):
        mcnemar(3, -1)
