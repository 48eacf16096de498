"""Comparison against slopes by finite differences, SciPy's binomial and plain sets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from slp.measures.comparison import LOWER_IS_BETTER, Comparison, compare
from slp.measures.difference import Difference, difference
from slp.measures.influence import Influence
from slp.measures.mcnemar import mcnemar
from slp.measures.metrics import METRICS, measure
from tests.slp.measures.weighted import slopes_by_hand

COUNTS = st.integers(0, 60)


def make_rows(n_rows: int = 200, gap: float = 0.0) -> Any:
    rng = np.random.default_rng(0)
    y = (rng.random(n_rows) < 0.3).astype(int)
    noise = rng.normal(size=(2, n_rows))
    logits = 2 * y - 1 + np.array([noise[0], 0.7 * noise[0] + 0.7 * noise[1] + gap * (2 * y - 1)])
    return y, *np.round(1 / (1 + np.exp(-logits)), 2)  # two digits: many ties


def slopes_of_rows(y: Any, score: Any, threshold: float) -> dict[str, Any]:
    found = slopes_by_hand(y, score, threshold)
    for name in ("tn", "fp", "fn", "tp"):  # of as many rows: a share, times the rows
        found[name] -= found[name].mean()
    return found


@given(st.integers(0, 2**32), st.integers(4, 40))
def test_the_error_is_that_of_the_differences_of_two_models_slopes(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.r_[0, 1, rng.integers(2, size=n - 2)])
    old, new = rng.integers(0, 9, size=(2, n)) / 8  # many ties
    got = compare(y, old, new, thresholds=(0.5, 0.6))
    before, after = slopes_of_rows(y, old, 0.5), slopes_of_rows(y, new, 0.6)
    whole = measure(y, old, threshold=0.5), measure(y, new, threshold=0.6)
    smooth = {name for name in METRICS if not _at_a_corner(name, *whole)}
    assert tuple(got.differences) == METRICS
    for name, found in got.differences.items():
        assert found.value == pytest.approx(whole[1][name] - whole[0][name], abs=1e-12)
        if name in smooth:
            apart = after[name] - before[name]
            assert found.error == pytest.approx(np.sqrt(apart @ apart), abs=1e-6)


def _at_a_corner(name: str, *measured: dict[str, float]) -> bool:
    """Whether a measure of either model is 0/0, or has no slope there."""
    if name in {"precision", "mcc"}:
        return any(m["tp"] + m["fp"] == 0 or m["tn"] + m["fn"] == 0 for m in measured)
    return name == "g_mean" and any(m["g_mean"] == 0 for m in measured)


@pytest.mark.slow
@pytest.mark.parametrize(("n_rows", "most"), [(100, 1.0), (600, 0.985)])
def test_the_intervals_hold_the_true_difference_about_as_often_as_they_say(
    n_rows: int, most: float
) -> None:
    """Two models of one quality: the truth is 0. With twenty pulsars they may only be too wide."""
    rng = np.random.default_rng(5)
    held = dict.fromkeys(("average_precision", "roc_auc", "brier", "log_loss", "f1", "recall"), 0)
    for _ in range(400):
        y = (rng.random(n_rows) < 0.2).astype(int)
        shared, *own = rng.normal(size=(3, n_rows))
        pair = [1 / (1 + np.exp(-(3 * y - 2 + shared + 0.5 * one))) for one in own]
        got = compare(y, *pair, thresholds=(0.5, 0.5))
        for name in held:
            held[name] += got.differences[name].low <= 0 <= got.differences[name].high
    assert all(0.925 < n / 400 <= most for n in held.values()), held


def test_a_model_beside_itself_differs_in_nothing() -> None:
    y, score, _ = make_rows()
    got = compare(y, score, score, thresholds=(0.5, 0.5))
    assert set(got.differences.values()) == {Difference(0, 0, 0)}
    assert {got.call(name) for name in METRICS} == {"undecided"}
    assert (got.calls.exact, got.calls.mid_p, got.calls.call()) == (1, 1, "undecided")
    assert len(got.champion_only) == len(got.challenger_only) == 0


def test_a_plainly_better_challenger_is_better_by_every_measure_and_worse_the_other_way() -> None:
    y, old, new = make_rows(600, gap=1.5)
    for first, second, word in ((old, new, "better"), (new, old, "worse")):
        got = compare(y, first, second, thresholds=(0.5, 0.5))
        assert {got.call(name) for name in METRICS} == {word}
        assert got.calls.call() == word


@pytest.mark.parametrize("metric", ["f1", "brier"])
@pytest.mark.parametrize(
    ("value", "error", "sign"),
    [(0.0197, 0.01, 1), (-0.0197, 0.01, -1), (0.0195, 0.01, 0), (-0.0195, 0.01, 0), (0.0, 0.0, 0)],
)
def test_a_call_needs_the_whole_interval_on_one_side(
    metric: str, value: float, error: float, sign: int
) -> None:
    none = np.array([], dtype=np.int64)
    got = Comparison({metric: Difference(value, error)}, mcnemar(0, 0), none, none)
    sign = -sign if metric in LOWER_IS_BETTER else sign
    assert got.call(metric) == ("undecided", "better", "worse")[sign]


def test_a_difference_reaches_as_many_errors_down_and_up_as_it_is_asked() -> None:
    found = Difference(0.01, 0.003)
    assert (found.least(2.5), found.most(2.5)) == pytest.approx((0.0025, 0.0175))
    assert (found.low, found.high) == pytest.approx((0.01 - 1.959964e-2 * 0.3, 0.01588), abs=1e-6)
    assert found.widened(0.004) == Difference(0.01, pytest.approx(0.005))
    shorter = [Influence(0.5, np.zeros(n)) for n in (3, 4)]
    with pytest.raises(ValueError, match="slopes of 3 rows and of 4"):
        difference(*shorter)


def test_an_undefined_measure_decides_nothing() -> None:
    got = compare([0, 0], [0.1, 0.2], [0.1, 0.3], thresholds=(0.5, 0.5))
    assert got.call("roc_auc") == "undecided"
    with pytest.raises(ValueError, match="metric 'auc' is none of tn"):
        got.call("auc")


def test_the_ledger_names_the_pulsars_that_one_finds_and_the_other_misses() -> None:
    y = [1, 1, 1, 1, 0, 0]
    old = [0.9, 0.9, 0.1, 0.1, 0.9, 0.1]
    new = [0.9, 0.4, 0.5, 0.1, 0.1, 0.9]
    got = compare(y, old, new, thresholds=(0.5, 0.45))
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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"challenger": [0.1]}, "1 probabilities for 2 rows"),
        ({"champion": [0.1, 1.2]}, r"probability 1.2 in row 1 is outside \[0, 1\]"),
        ({"thresholds": (0.5,)}, r"thresholds \(0.5,\) are not two"),
        ({"thresholds": 0.5}, "thresholds 0.5 are not two"),
        ({"thresholds": (0.5, "x")}, "threshold 'x' is not a number"),
    ],
)
def test_what_cannot_be_compared_is_refused(options: Any, message: str) -> None:
    arguments = {
        "champion": [0.1, 0.9],
        "challenger": [0.2, 0.8],
        "thresholds": (0.5, 0.5),
        **options,
    }
    with pytest.raises(ValueError, match=message):
        compare([0, 1], **arguments)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="count -1 is below 0"):
        mcnemar(3, -1)
