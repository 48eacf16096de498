"""Drift against chance, other mixes, and HTRU2 changed on purpose."""

from __future__ import annotations

import io
import itertools
import math
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slp.watching.drift import MIN_ROWS, chance_of_at_least, measure_drift
from slp.watching.explaining import LIMITS, Explained
from slp.watching.reference import Reference
from tests.slp.watching.samples import ROWS, draw, draw_classes

LEVELS = ("ok", "watch", "stop")


@given(ROWS, st.integers(0, 60))
def test_the_training_rows_do_not_differ_from_themselves(X: Any, n_pulsars: int) -> None:
    y = (np.arange(len(X)) < n_pulsars).astype(np.int64)
    reference = Reference.of(X, y)
    got = measure_drift(reference, X[::-1], min_rows=1)
    numbers = [(one.psi, one.distance, one.shift) for one in got.features]
    assert np.abs(numbers).max() < 1e-12
    assert all(one.below == one.above == 0 for one in got.features)
    assert all(one.training == one.candidates for one in got.features)
    assert (got.outside, got.level) == (0, "ok")


@given(ROWS, ROWS, st.integers(0, 60), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_not_a_bit(
    old: Any, new: Any, n_pulsars: int, random: Any
) -> None:
    y = (np.arange(len(old)) < n_pulsars).astype(np.int64)
    orders = [random.sample(range(len(rows)), len(rows)) for rows in (old, new)]
    one = measure_drift(Reference.of(old, y), new, min_rows=1)
    other = Reference.of(old[orders[0]], y[orders[0]])
    assert measure_drift(other, new[orders[1]], min_rows=1) == one


@given(ROWS, ROWS, st.sampled_from([0.25, 2.0, 1024.0]), st.integers(-3, 3))
def test_the_unit_of_a_feature_does_not_matter(old: Any, new: Any, unit: float, zero: int) -> None:
    one = measure_drift(Reference.of(old), new, min_rows=1)
    other = measure_drift(Reference.of(unit * old + zero), unit * new + zero, min_rows=1)
    assert other.outside == one.outside
    for a, b in zip(one.features, other.features, strict=True):
        assert b.psi == pytest.approx(a.psi, rel=1e-12)
        assert (b.below, b.above) == (a.below, a.above)
        if np.ptp(old, axis=0).all():  # a constant feature has no unit of its own
            assert b.distance == pytest.approx(a.distance, rel=1e-9, abs=1e-9)


@given(
    st.lists(st.floats(0, 2), min_size=12, max_size=12),
    st.integers(0, 11),
    st.floats(0, 2),
    st.floats(0, 0.3),
)
def test_the_level_rises_with_every_excess(
    numbers: list[float], which: int, more: float, outside: float
) -> None:
    def level(values: Any) -> int:
        table = np.array(values).reshape(2, 3, 2)  # two shares of pulsars, two features
        found = Explained(
            limits=LIMITS,
            values={"psi": table[:, 0], "distance": table[:, 1]},
            noise=dict.fromkeys(("psi", "distance"), (np.zeros((2, 2)), np.zeros((2, 2)))),
            outside=table[0, 2] / 10,
            outside_by_chance=(0.0, 0.0),
            best=int((table[:, :2] / [[0.18], [0.4]]).max(axis=(1, 2)).argmin()),
        )
        return max(int(found.levels().max()), found.level_anywhere(outside))

    higher = list(numbers)
    higher[which] += more
    assert level(higher) >= level(numbers)


@pytest.mark.parametrize(
    ("n_old", "least"),
    [(100, 250), *(pytest.param(n, 295, marks=pytest.mark.slow) for n in (500, 10_738))],
)
@pytest.mark.parametrize(
    "n_new", [30, *(pytest.param(n, marks=pytest.mark.slow) for n in (100, 499, 2000))]
)
def test_rows_of_the_same_kind_never_stop_and_are_nearly_always_ok(
    htru2: tuple[Any, Any], n_old: int, least: int, n_new: int
) -> None:
    rng = np.random.default_rng(20)
    (X, y), levels = htru2, Counter[str]()
    for _ in range(5):
        rows = rng.permutation(len(X))
        reference = Reference.of(X[rows[:n_old]], y[rows[:n_old]])
        for _ in range(60):
            new = rng.choice(rows[n_old:], n_new, replace=False)
            levels[measure_drift(reference, X[new]).level] += 1
    assert levels["stop"] == 0
    assert levels["ok"] >= least


@pytest.mark.slow
def test_a_stretch_of_the_same_table_is_nearly_never_a_reason_to_stop(data_dir: Path) -> None:
    rows = np.loadtxt(data_dir / "HTRU_2.csv", delimiter=",")
    reference = Reference.of(rows[:, :8], rows[:, 8].astype(np.int64))
    for n, most in ((500, 0.02), (1000, 0.0)):
        starts = range(0, len(rows) - n + 1, 100)
        stops = [measure_drift(reference, rows[at : at + n, :8]).level == "stop" for at in starts]
        assert np.mean(stops) <= most


@given(st.integers(0, 100))
def test_another_mix_is_explained_by_its_share_of_pulsars(percent: int) -> None:
    X, y = draw_classes(4000, share=0.2)
    new = draw_classes(2000, 1, share=percent / 100)[0]
    got = measure_drift(Reference.of(X, y), new)
    assert got.level == ("ok" if 10 <= percent <= 25 else "watch") or 5 <= percent <= 35
    assert got.pulsars == pytest.approx(percent / 100, abs=0.03)
    assert got.explained


def test_what_explains_each_feature_by_another_share_explains_nothing() -> None:
    X, y = draw_classes(4000, share=0.2)
    many, none = draw_classes(2000, 1, share=0.9)[0], draw_classes(2000, 2, share=0.0)[0]
    reference = Reference.of(X, y)
    assert {measure_drift(reference, new).level for new in (many, none)} == {"watch"}
    got = measure_drift(reference, np.column_stack([many[:, 0], none[:, 1:]]))
    assert got.level == "stop"
    assert any(one.level == "stop" for one in got.features)
    assert not got.explained


def test_what_lies_outside_is_explained_by_no_mix() -> None:
    X, y = draw_classes(4000, share=0.2)
    new = draw_classes(2000, 1, share=0.2)[0]
    reference = Reference.of(X, y)
    new[:100, 0] = reference.high[0] + 1
    got = measure_drift(reference, new)
    assert got.features[0].because == ("outside",)
    assert (got.level, got.explained) == ("watch", False)


@pytest.mark.parametrize("n", [30, 100, 1100])
def test_another_survey_stops_however_small_the_file(
    trained: Reference, data_dir: Path, n: int
) -> None:
    text = (data_dir / "other-surveys" / "HTRU_1_sample.arff").read_text()
    lines = [line for line in text.splitlines() if line.strip() and line[0] not in "%@"]
    X = np.loadtxt(io.StringIO("\n".join(lines)), delimiter=",", usecols=range(8))
    rng = np.random.default_rng(n)
    for _ in range(20):
        assert measure_drift(trained, X[rng.permutation(len(X))[:n]]).level == "stop"


@pytest.mark.parametrize("column", [2, 3, 4, 5, 7])
def test_a_quarter_of_a_standard_deviation_is_noticed_and_stops(
    trained: Reference, unseen: tuple[Any, Any], column: int
) -> None:
    rng = np.random.default_rng(column)
    for n, least in ((100, "watch"), (500, "stop")):
        for _ in range(20):
            new = rng.choice(unseen[0], n, replace=False)
            new[:, column] += 0.25 * trained.scale.std[column]
            got = measure_drift(trained, new)
            assert LEVELS.index(got.level) >= LEVELS.index(least)
            assert got.features[column].level == got.level
            assert got.features[column].shift == pytest.approx(0.25, abs=0.5)


def test_any_two_columns_swapped_and_any_ten_times_off_stop_at_200_rows(
    trained: Reference, unseen: tuple[Any, Any]
) -> None:
    rng = np.random.default_rng(0)
    for pair in itertools.combinations(range(8), 2):
        new = rng.choice(unseen[0], 200, replace=False)
        new[:, pair] = new[:, pair[::-1]]
        assert measure_drift(trained, new).level == "stop", pair
    for column, factor in itertools.product(range(8), (0.1, 10.0)):
        new = rng.choice(unseen[0], 200, replace=False)
        new[:, column] *= factor
        assert measure_drift(trained, new).level == "stop", column


def test_what_is_drawn_are_all_the_rows(trained: Reference, unseen: tuple[Any, Any]) -> None:
    got = measure_drift(trained, unseen[0] * 1.5)
    for j, one in enumerate(got.features):
        assert (len(one.edges), len(one.training), len(one.candidates)) == (26, 25, 25)
        assert (one.edges[0], one.edges[-1]) == (trained.low[j], trained.high[j])
        assert list(one.edges) == sorted(one.edges)
        assert sum(one.training) == pytest.approx(1)
        assert sum(one.candidates) == pytest.approx(1)
        assert one.training == pytest.approx([0.04] * 25, abs=5e-4)


def test_random_halves_of_the_real_data_are_ok(htru2: tuple[Any, Any]) -> None:
    X, y = htru2
    half = len(X) // 2
    for old, new in ((slice(half), slice(half, None)), (slice(half, None), slice(half))):
        assert measure_drift(Reference.of(X[old], y[old]), X[new]).level == "ok"


@pytest.mark.parametrize(("n_pulsars", "share"), [(0, 0.0), (7, 0.0), (650, 0.5)])
def test_another_share_of_pulsars_alone_is_no_reason_to_stop(
    trained: Reference, unseen: tuple[Any, Any], n_pulsars: int, share: float
) -> None:
    X, y = unseen
    survey = np.vstack([X[y == 0][: 650 if share else None], X[y == 1][:n_pulsars]])
    got = measure_drift(trained, survey)
    assert (got.level, got.explained) == ("watch", True)
    assert got.pulsars == pytest.approx(share, abs=0.03)
    rng = np.random.default_rng(0)
    few = [measure_drift(trained, rng.permutation(survey)[:500]).level for _ in range(100)]
    assert "stop" not in few


@pytest.mark.parametrize(
    ("columns", "factor"),
    [([4], 1.5), ([4, 5], 0.1), ([2], 0.5), ([3], 2.0), (range(8), 1.5), (range(8), 0.5)],
    ids=["dm_mean", "dm scale", "skewness", "kurtosis", "all larger", "all smaller"],
)
def test_another_scale_is_a_reason_to_stop(
    trained: Reference, unseen: tuple[Any, Any], columns: Any, factor: float
) -> None:
    X = unseen[0].copy()
    X[:, list(columns)] *= factor
    got = measure_drift(trained, X)
    assert got.level == "stop"
    changed = {i for i, one in enumerate(got.features) if one.level != "ok"}
    assert changed
    assert changed <= set(columns)


def test_swapped_columns_are_a_reason_to_stop(trained: Reference, unseen: tuple[Any, Any]) -> None:
    got = measure_drift(trained, unseen[0][:, [0, 1, 3, 2, 4, 5, 7, 6]])
    assert [one.level for one in got.features] == ["ok"] * 2 + ["stop"] * 2 + ["ok"] * 2 + [
        "stop"
    ] * 2


def test_what_ten_bins_do_not_see_the_distance_does(
    trained: Reference, unseen: tuple[Any, Any]
) -> None:
    X = unseen[0].copy()
    X[: len(X) // 20, 0] = 400
    profile_mean = measure_drift(trained, X).features[0]
    assert profile_mean.psi < 0.1
    assert (profile_mean.level, profile_mean.because) == ("stop", ("distance",))
    assert profile_mean.above == pytest.approx(0.05, abs=0.002)
    assert profile_mean.below == 0


def test_candidates_spread_over_all_features_can_be_outside_in_none_alone() -> None:
    X = np.random.default_rng(0).normal(size=(5000, 8))
    new = X.copy()
    for column in range(8):
        new[column::200, column] = 6  # half a percent of each, four percent of all
    got = measure_drift(Reference.of(X), new)
    assert {one.level for one in got.features} == {"ok"}
    assert got.outside == pytest.approx(0.04)
    assert got.level == "watch"


def test_of_too_few_rows_only_what_lies_outside_can_raise_an_alarm() -> None:
    many, few = draw(MIN_ROWS), draw(MIN_ROWS - 1)
    middle = np.median(many, axis=0)
    narrow, wide = middle + (few - middle) / 100, middle + (few - middle) * 100
    for reference, rows, whole in (
        (many, narrow, "too few"),
        (wide, many, "too few"),
        (many, wide, "stop"),
        (narrow, many, "stop"),
    ):
        got = measure_drift(Reference.of(reference), rows)
        assert {one.level for one in got.features} == {"too few"}
        assert got.level == whole
        assert not any(one.because for one in got.features)
        assert all(one.psi > 1 for one in got.features), "the numbers are given all the same"
    assert measure_drift(Reference.of(many), wide, min_rows=MIN_ROWS - 1).features[0].because


def test_a_candidate_is_outside_beyond_the_lowest_and_the_highest_only() -> None:
    reference = Reference.of([[0.0, 5.0], [1.0, 7.0], [2.0, 6.0]])
    rows = [[0.0, 7.0], [2.0, 5.0], [-0.1, 6.0], [2.1, 7.1], [1.0, 4.9]]
    assert reference.outside(rows).tolist() == [
        [False, False],
        [False, False],
        [True, False],
        [True, True],
        [False, True],
    ]
    got = measure_drift(reference, rows, min_rows=1)
    assert (got.n_rows, got.n_reference, got.outside) == (5, 3, 0.6)
    assert [(one.below, one.above) for one in got.features] == [(0.2, 0.2), (0.2, 0.2)]


def test_values_of_any_size_are_compared_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for new in ([[1e308, -1e308, 1e308]], [[-1e308, 1e-308, 0.0]], np.zeros((3, 3))):
            got = measure_drift(Reference.of(draw(50)), new, min_rows=1)
            assert np.isfinite([(one.psi, one.distance) for one in got.features]).all()
        assert measure_drift(Reference.of([[3.0], [3.0]]), [[3.0]] * 4, min_rows=1).level == "ok"


def test_comparing_changes_no_argument() -> None:
    X, new = draw(80), draw(40, seed=1)
    before = X.copy(), new.copy()
    measure_drift(Reference.of(X), new)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(new, before[1])


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[1.0, 2.0]], "2 columns; 3 are needed"),
        ([[1.0, math.nan, 2.0]], "feature nan in row 0, column 1 is not finite"),
        ([1.0, 2.0, 3.0], "two dimensions are needed"),
        (np.empty((0, 3)), "at least 1 candidate; there are 0"),
    ],
)
def test_what_cannot_be_compared_is_refused(X: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        measure_drift(Reference.of(draw(30)), X)


def test_without_a_bound_there_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="min_rows 0 is less than 1"):
        measure_drift(Reference.of(draw(30)), draw(30), min_rows=0)


@pytest.mark.parametrize("n", [30, 100, 1000])
def test_one_wild_row_stops_no_file(trained: Reference, unseen: tuple[Any, Any], n: int) -> None:
    new = unseen[0][:n].copy()
    for column, wild in itertools.product(range(8), (-1e9, 1e9)):
        new[7] = unseen[0][7]
        new[7, column] = wild
        allowed = ("ok",) if n > MIN_ROWS else ("ok", "watch")
        assert measure_drift(trained, new).level in allowed, column


@pytest.mark.parametrize("n", [3, 20, 29])
def test_few_candidates_that_lie_outside_are_stopped_and_like_ones_are_not(n: int) -> None:
    rng = np.random.default_rng(n)
    reference = Reference.of(rng.normal(size=(5000, 3)))
    assert measure_drift(reference, rng.normal(size=(n, 3)) * 1000 + 5000).level == "stop"
    assert measure_drift(reference, rng.normal(size=(n, 3))).level == "too few"


def test_one_strange_candidate_is_an_accident() -> None:
    reference = Reference.of(np.random.default_rng(0).normal(size=(5000, 3)))
    assert measure_drift(reference, np.full((1, 3), 9.0)).level == "too few"


@pytest.mark.parametrize(
    ("k", "n", "share"), [(1, 1, 0.1), (3, 10, 0.3), (40, 300, 0.1), (0, 5, 0.2)]
)
def test_the_chance_of_a_count_is_that_of_scipy(k: int, n: int, share: float) -> None:
    from scipy.stats import binom

    assert chance_of_at_least(k, n, share) == pytest.approx(
        float(binom.sf(k - 1, n, share)), rel=1e-9
    )
