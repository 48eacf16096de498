"""Thresholds against trying every cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from slp.choosing.thresholds import choose_threshold
from slp.kinds import ThresholdSpec, parse_threshold
from slp.perceptron import NOTHING_REACHES

SCORES = st.sampled_from([0.0, 1e-300, 0.1, 0.1000000001, 0.5, 0.9, np.nextafter(1, 0), 1.0])
ROWS = st.lists(st.tuples(st.integers(0, 1), SCORES | st.floats(0, 1)), min_size=1, max_size=40)


def split_rows(rows: Any) -> tuple[Any, Any]:
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows])


def every_cut(score: Any) -> list[Any]:
    """Which rows are called, from none to all, as one mask a distinct score."""
    return [score > 2, *(score >= cut for cut in sorted(set(score), reverse=True))]


@given(ROWS.filter(lambda rows: any(label for label, _ in rows)))
@settings(deadline=None)
def test_f1_takes_the_best_cut_and_of_equals_the_highest(rows: Any) -> None:
    y, score = split_rows(rows)
    cuts = every_cut(score)
    values = [f1_score(y, called, zero_division=0) for called in cuts]
    best = next(
        called for called, f1 in zip(cuts, values, strict=True) if f1 >= max(values) - 1e-12
    )
    threshold = choose_threshold(y, score, parse_threshold("f1"))
    assert (score >= threshold).tolist() == best.tolist()
    assert 0 <= threshold <= NOTHING_REACHES


@given(ROWS)
def test_expected_f1_takes_the_best_cut_when_a_row_counts_by_its_probability(rows: Any) -> None:
    y, score = split_rows(rows)
    cuts = every_cut(score)
    values = [
        2 * score[called].sum() / (called.sum() + score.sum()) if called.any() else 0.0
        for called in cuts
    ]
    threshold = choose_threshold(y, score, parse_threshold("expected-f1"))
    found = (score >= threshold).tolist()
    best = [c.tolist() for c, v in zip(cuts, values, strict=True) if v >= max(values) * (1 - 1e-12)]
    assert found in best
    assert 0 <= threshold <= NOTHING_REACHES


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=40))
def test_the_best_expected_f1_is_twice_its_threshold(score: list[float]) -> None:
    """Lipton et al. (2014): rows are called down to half of the best F1, and no further."""
    p = np.array(score)
    threshold = choose_threshold(np.zeros(len(p), int), p, parse_threshold("expected-f1"))
    called = p >= threshold
    half = p[called].sum() / (called.sum() + p.sum())
    assert (p[called] >= half - 1e-12).all()
    assert (p[~called] <= half + 1e-12).all()


def test_expected_f1_looks_at_no_label_and_calls_nothing_that_is_impossible() -> None:
    score = np.random.default_rng(0).random(50)
    asked = parse_threshold("expected-f1")
    none, all_of_them = np.zeros(50, int), np.ones(50, int)
    assert choose_threshold(none, score, asked) == choose_threshold(all_of_them, score, asked)
    assert choose_threshold(none, none * 0.0, asked) == 0.5
    assert choose_threshold([0, 0], [1.0, 0.0], asked) == 0.5


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("expected-f1", False),
        ("0.5", False),
        ("f1", True),
        ("recall:0.9", True),
        ("budget:9", True),
    ],
)
def test_a_rule_about_what_is_found_or_called_needs_rows_that_were_not_learnt_from(
    text: str, needed: Any
) -> None:
    assert parse_threshold(text).needs_held_out_rows is needed


@given(ROWS.filter(lambda rows: any(label for label, _ in rows)), st.floats(0.01, 1))
def test_recall_takes_the_highest_cut_that_reaches_it(rows: Any, recall: float) -> None:
    y, score = split_rows(rows)
    best = next(called for called in every_cut(score) if (called & y).sum() / y.sum() >= recall)
    threshold = choose_threshold(y, score, ThresholdSpec("recall", recall))
    assert (score >= threshold).tolist() == best.tolist()


@given(ROWS, st.integers(0, 45))
def test_budget_takes_the_lowest_cut_within_it(rows: Any, budget: int) -> None:
    y, score = split_rows(rows)
    best = [called for called in every_cut(score) if called.sum() <= budget][-1]
    threshold = choose_threshold(y, score, ThresholdSpec("budget", budget))
    assert (score >= threshold).tolist() == best.tolist()
    assert 0 <= threshold <= NOTHING_REACHES


@given(
    st.lists(st.tuples(st.integers(0, 1), SCORES, st.integers(0, 4)), min_size=1, max_size=20),
    st.sampled_from(["expected-f1", "f1", "recall:0.7", "budget:5", "0.3"]),
)
def test_a_row_that_weighs_a_whole_number_stands_for_so_many(rows: Any, text: str) -> None:
    y, score, weight = (np.array(column) for column in zip(*rows, strict=True))
    assume((y * weight).any())
    asked = parse_threshold(text)
    repeated = choose_threshold(np.repeat(y, weight), np.repeat(score, weight), asked)
    assert choose_threshold(y, score, asked, sample_weight=weight) == repeated


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        ([1.0], "1 sample weights for 2 rows"),
        ([1.0, -1.0], "sample weight -1.0 in row 1"),
        ([0.0, 0.0], "add up to 0.0"),
        ([1e308, 1e308], "add up to inf"),
    ],
)
def test_weights_that_rows_cannot_have_are_refused(weight: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        choose_threshold([0, 1], [0.1, 0.9], parse_threshold("f1"), sample_weight=weight)


def test_the_threshold_lies_midway_between_neighbouring_scores() -> None:
    y, score = [1, 1, 0, 1, 0], [0.9, 0.75, 0.25, 0.125, 0.0625]
    assert choose_threshold(y, score, parse_threshold("f1")) == 0.09375  # 3 of 4 called, all found
    assert choose_threshold(y, score, parse_threshold("recall:0.5")) == 0.5
    assert choose_threshold(y, score, parse_threshold("budget:1")) == pytest.approx(0.825)
    assert choose_threshold(y, score, parse_threshold("budget:0")) == pytest.approx(0.95)
    assert choose_threshold(y, score, parse_threshold("budget:9")) == 0.03125


@pytest.mark.parametrize("start", [0.3, np.nextafter(0.3, 1), 0.0])
def test_between_neighbouring_floats_the_upper_one_is_taken(start: float) -> None:
    above = float(np.nextafter(start, 1))
    assert choose_threshold([1, 0], [above, start], parse_threshold("f1")) == above


def test_where_nothing_may_be_called_not_even_certainty_is() -> None:
    assert choose_threshold([1, 0], [1.0, 1.0], parse_threshold("budget:1")) == NOTHING_REACHES


def test_a_given_threshold_is_taken_as_it_is() -> None:
    assert choose_threshold([0], [0.3], parse_threshold("0.125")) == 0.125


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("f1", ThresholdSpec("f1")),
        ("Expected-F1", ThresholdSpec("expected-f1")),
        (" F1 ", ThresholdSpec("f1")),
        ("recall:0.95", ThresholdSpec("recall", 0.95)),
        ("recall:1", ThresholdSpec("recall", 1.0)),
        ("budget:200", ThresholdSpec("budget", 200)),
        ("budget:0", ThresholdSpec("budget", 0)),
        ("0.5", ThresholdSpec("fixed", 0.5)),
        (".5", ThresholdSpec("fixed", 0.5)),
        ("1e-3", ThresholdSpec("fixed", 0.001)),
    ],
)
def test_each_way_to_write_a_threshold_is_read(text: str, spec: ThresholdSpec) -> None:
    assert parse_threshold(text) == spec


@pytest.mark.parametrize(
    "text",
    [
        *("", "f2", "recall", "recall:", "recall:0", "recall:1.1", "recall:nan", "recall:x"),
        *("budget:-1", "budget:1.5", "budget:", "0", "1", "1.5", "-0.5", "nan", "inf", "1_0"),
        *(
            "expected",
            "expected-f1:0.5",
            "expected-recall:0.5",
            "f1:0.5",
            "recall:0.5:0.5",
            "0.5 0.5",
            "budget:1e999",
            "٠.5",
        ),
    ],
)
def test_any_other_text_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"is not expected-f1, f1, recall:R .* budget:N .* number in \(0, 1\)"
    ):
        parse_threshold(text)


@pytest.mark.parametrize(
    ("rule", "amount"),
    [
        ("f1", 0.5),
        ("expected-f1", 0.5),
        ("recall", 0),
        ("budget", 0.5),
        ("fixed", 1.0),
        ("best", 0.5),
    ],
)
def test_a_rule_refuses_an_amount_it_does_not_take(rule: Any, amount: float) -> None:
    with pytest.raises(ValueError, match="is not expected-f1, f1, recall:R"):
        ThresholdSpec(rule, amount)


@pytest.mark.parametrize("text", ["f1", "recall:0.5"])
def test_rules_about_pulsars_need_one(text: str) -> None:
    with pytest.raises(ValueError, match="the 2 rows have none"):
        choose_threshold([0, 0], [0.1, 0.2], parse_threshold(text))


def test_a_rule_may_be_given_as_its_text() -> None:
    y, score = [0, 1, 0, 1], [0.1, 0.8, 0.6, 0.7]
    for text in ("f1", "expected-f1", "recall:0.5", "budget:3", "0.3"):
        assert choose_threshold(y, score, text) == choose_threshold(y, score, parse_threshold(text))
    with pytest.raises(ValueError, match="threshold 'best' is not expected-f1"):
        choose_threshold(y, score, "best")


WEIGHTS = [0.1, 0.3, 1 / 3, 0.7, 1e-5, 3.0, 1e9 / 7]


def ranked_rows(n_rows: int) -> tuple[Any, Any]:
    """Rows of as many scores, every second a pulsar."""
    return np.arange(n_rows) % 2, 1 - np.arange(n_rows) / n_rows


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("text", ["f1", "expected-f1", *(f"recall:0.{n}" for n in range(1, 10))])
def test_rows_that_weigh_alike_are_cut_as_rows_without_weights(weight: float, text: str) -> None:
    for n_rows in range(2, 60):
        y, score = ranked_rows(n_rows)
        bare = choose_threshold(y, score, text)
        weights = np.full(n_rows, weight)
        assert choose_threshold(y, score, text, sample_weight=weights) == bare, n_rows


@pytest.mark.parametrize("budget", range(6))
def test_a_budget_is_kept_whole_by_rows_that_weigh_a_tenth(budget: int) -> None:
    for n_rows in range(1, 80):
        y, score = ranked_rows(n_rows)
        tenths = choose_threshold(
            y, score, ThresholdSpec("budget", budget), sample_weight=np.full(n_rows, 0.1)
        )
        assert tenths == choose_threshold(y, score, ThresholdSpec("budget", 10 * budget))


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(1, 9)), min_size=1, max_size=60),
    st.sampled_from(["f1", "recall:0.6", "recall:1", "budget:7"]),
)
def test_weights_in_tenths_cut_as_ten_times_these_do(
    rows: list[tuple[int, int]], text: str
) -> None:
    y, times = np.array([(1, 1), *rows]).T
    score = 1 - np.arange(len(y)) / len(y)
    whole = text.replace("budget:7", "budget:70")
    expected = choose_threshold(y, score, whole, sample_weight=times)
    assert choose_threshold(y, score, text, sample_weight=times / 10) == expected


def test_a_rule_that_the_grammar_alone_knows_is_refused_and_held_to_rows_of_its_own() -> None:
    spec = ThresholdSpec("f1")
    object.__setattr__(spec, "rule", "precision")
    assert spec.needs_held_out_rows
    with pytest.raises(ValueError, match="'precision'"):
        choose_threshold([0, 1, 1], [0.1, 0.4, 0.9], spec)
