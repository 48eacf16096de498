"""Drift against SciPy, plain loops, chance itself and HTRU2 changed on purpose."""

from __future__ import annotations

import itertools
import json
import math
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import wasserstein_distance

from slp.watching.distances import distance, distance_noise, psi, psi_noise
from slp.watching.drift import MIN_ROWS, chance_of_at_least, measure_drift
from slp.watching.reference import GROUPS, Reference

ROWS = arrays(
    np.float64,
    st.tuples(st.integers(1, 60), st.just(2)),
    # Coarse numbers tie often, and their sums are exact.
    elements=st.integers(-40, 40).map(lambda number: number / 4),
)
TRAINING_ROWS = 10_738


def draw(n_rows: int, seed: int = 0) -> Any:
    """Rows of a normal, a heavy-tailed and a skewed feature."""
    rng = np.random.default_rng(seed)
    return np.column_stack(
        [rng.normal(100, 20, n_rows), rng.standard_t(4, n_rows), rng.gamma(0.5, 10, n_rows)]
    )


@pytest.fixture(scope="module")
def htru2(data_dir: Path) -> tuple[Any, Any]:
    rows = np.loadtxt(data_dir / "HTRU_2.csv", delimiter=",")
    rows = np.random.default_rng(0).permutation(rows)
    return rows[:, :8], rows[:, 8]


@pytest.fixture(scope="module")
def trained(htru2: tuple[Any, Any]) -> Reference:
    return Reference.of(htru2[0][:TRAINING_ROWS])


@pytest.fixture(scope="module")
def unseen(htru2: tuple[Any, Any]) -> tuple[Any, Any]:
    X, y = htru2
    return X[TRAINING_ROWS:], y[TRAINING_ROWS:]


def psi_by_loop(old: Any, new: Any) -> float:
    """Ten bins, each holding its upper edge, counted one row at a time."""
    ordered = sorted(old)
    edges = sorted({ordered[math.ceil(len(old) * k / 10) - 1] for k in range(1, 10)})
    bounds = [-math.inf, *edges, math.inf]
    total = 0.0
    n_bins = len(bounds) - 1
    for low, high in itertools.pairwise(bounds):
        p, q = (
            (sum(low < x <= high for x in rows) + 0.5) / (len(rows) + n_bins / 2)
            for rows in (old, new)
        )
        total += (q - p) * math.log(q / p)
    return total


@given(ROWS, ROWS)
def test_the_index_is_the_one_counted_row_by_row(old: Any, new: Any) -> None:
    expected = [psi_by_loop(*columns) for columns in zip(old.T, new.T, strict=True)]
    assert psi(Reference.of(old), new) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n_old", [1, 50, 200])
@pytest.mark.parametrize("n_new", [1, 8, 100, 200])
def test_the_distance_is_that_of_scipy_where_it_is_exact(n_old: int, n_new: int) -> None:
    old, new = draw(n_old), draw(n_new, seed=1)
    reference = Reference.of(old)
    expected = [wasserstein_distance(old[:, j], new[:, j]) for j in range(3)]
    assert distance(reference, new) * reference.scale.std == pytest.approx(expected, rel=1e-9)


@given(ROWS, ROWS)
def test_the_distance_is_never_above_that_of_scipy(old: Any, new: Any) -> None:
    reference = Reference.of(old)
    expected = [wasserstein_distance(old[:, j], new[:, j]) for j in range(2)]
    assert (distance(reference, new) * reference.scale.std <= np.array(expected) + 1e-9).all()


def test_on_the_real_data_the_distance_is_that_of_scipy_to_a_hundredth(
    htru2: tuple[Any, Any], trained: Reference, unseen: tuple[Any, Any]
) -> None:
    old, (new, y) = htru2[0][:TRAINING_ROWS], unseen
    for rows in (new, new[y == 1], new[y == 0], 1.5 * new):
        expected = [wasserstein_distance(old[:, j], rows[:, j]) / old[:, j].std() for j in range(8)]
        assert distance(trained, rows) == pytest.approx(expected, abs=0.01)


@given(ROWS)
def test_the_training_rows_do_not_differ_from_themselves(X: Any) -> None:
    reference = Reference.of(X)
    got = measure_drift(reference, X[::-1], min_rows=1)
    assert all(one.psi == one.distance == one.below == one.above == 0 for one in got.features)
    assert (got.outside, got.level) == (0, "ok")


@given(ROWS, ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_not_a_bit(old: Any, new: Any, random: Any) -> None:
    shuffled = [rows[random.sample(range(len(rows)), len(rows))] for rows in (old, new)]
    assert measure_drift(Reference.of(old), new) == measure_drift(
        Reference.of(shuffled[0]), shuffled[1]
    )


@given(ROWS, ROWS, st.sampled_from([0.25, 2.0, 1024.0]), st.integers(-3, 3))
def test_the_unit_of_a_feature_does_not_matter(old: Any, new: Any, unit: float, zero: int) -> None:
    one = measure_drift(Reference.of(old), new, min_rows=1)
    other = measure_drift(Reference.of(unit * old + zero), unit * new + zero, min_rows=1)
    assert other.outside == one.outside
    for a, b in zip(one.features, other.features, strict=True):
        assert b.psi == a.psi
        assert (b.below, b.above) == (a.below, a.above)
        if np.ptp(old, axis=0).all():  # a constant feature has no unit of its own
            assert b.distance == pytest.approx(a.distance, rel=1e-9, abs=1e-9)


@given(st.floats(0, 50), st.floats(0, 50))
def test_the_distance_of_a_shift_is_its_size(a: float, b: float) -> None:
    X = draw(300)
    reference = Reference.of(X)
    near, far = (distance(reference, X + shift) for shift in sorted([a, b]))
    assert (near <= far + 1e-9).all()
    assert far == pytest.approx(max(a, b) / X.std(axis=0), rel=1e-9, abs=1e-9)


def test_the_index_rises_with_the_shift() -> None:
    X = draw(2000)
    reference = Reference.of(X)
    indices = [psi(reference, X + shift * X.std(axis=0)) for shift in (0, 0.1, 0.3, 1, 3)]
    assert (np.diff(indices, axis=0) > 0).all()


def test_chance_alone_gives_the_noise_that_is_taken_off() -> None:
    old, new = 1500, 700
    pairs = [(Reference.of(draw(old, seed)), draw(new, seed + 1000)) for seed in range(300)]
    # Standard errors: 4.2/300**.5 of 9 for the index, some 5 % of the distance.
    indices = np.mean([psi(*pair) for pair in pairs], axis=0)
    assert indices == pytest.approx([psi_noise(pairs[0][0], new)] * 3, rel=0.1)
    distances = np.mean([distance(*pair) for pair in pairs], axis=0)
    noise = np.mean([distance_noise(reference, new) for reference, _ in pairs], axis=0)
    assert noise == pytest.approx(distances, rel=0.1)


@pytest.mark.parametrize(("n_old", "n_new"), [(500, 500), (1000, 500), (10_738, 500), (9000, 4000)])
def test_rows_of_the_same_kind_are_ok_99_times_in_100(
    htru2: tuple[Any, Any], n_old: int, n_new: int
) -> None:
    rng = np.random.default_rng(20)
    X, levels = htru2[0], Counter[str]()
    for _ in range(20):
        rows = rng.permutation(len(X))
        reference = Reference.of(X[rows[:n_old]])
        for _ in range(15):
            new = rng.choice(rows[n_old:], n_new, replace=False)
            levels[measure_drift(reference, X[new]).level] += 1
    assert levels.total() == 300
    assert levels["ok"] >= 297


def test_random_halves_of_the_real_data_are_ok(htru2: tuple[Any, Any]) -> None:
    half = len(htru2[0]) // 2
    first, second = htru2[0][:half], htru2[0][half:]
    assert measure_drift(Reference.of(first), second).level == "ok"
    assert measure_drift(Reference.of(second), first).level == "ok"


@pytest.mark.parametrize("n_pulsars", [0, 7])
def test_rarer_pulsars_alone_are_no_reason_to_stop(
    trained: Reference, unseen: tuple[Any, Any], n_pulsars: int
) -> None:
    X, y = unseen
    survey = np.vstack([X[y == 0], X[y == 1][:n_pulsars]])
    got = measure_drift(trained, survey)
    assert got.level == "watch"
    assert 0.1 < max(one.psi for one in got.features) < 0.2
    assert 0.2 < max(one.distance for one in got.features) < 0.3
    rng = np.random.default_rng(0)
    few = [measure_drift(trained, rng.permutation(survey)[:1000]).level for _ in range(100)]
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
    assert measure_drift(Reference.of(many), narrow, min_rows=MIN_ROWS - 1).level == "stop"


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


@given(ROWS)
def test_a_reference_survives_json_to_the_last_bit(X: Any) -> None:
    reference = Reference.of(X / 3)
    again = Reference.from_dict(json.loads(json.dumps(reference.to_dict())))
    assert again.to_dict() == reference.to_dict()
    assert again.counts.dtype == np.int64
    assert measure_drift(again, X) == measure_drift(reference, X)


def test_a_reference_is_small_and_cannot_be_changed(trained: Reference) -> None:
    assert len(json.dumps(trained.to_dict())) < 40_000
    assert trained.n_rows == TRAINING_ROWS
    assert trained.groups.shape == (8, GROUPS)
    for name in ("low", "high", "edges", "counts", "groups"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(trained, name)[0] = 0


def test_comparing_changes_no_argument() -> None:
    X, new = draw(80), draw(40, seed=1)
    before = X.copy(), new.copy()
    measure_drift(Reference.of(X), new)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(new, before[1])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("mean", None, "the reference has no mean; it needs mean, std"),
        ("low", [0.0], "low has 1 numbers; 3 are needed"),
        ("high", [0.0, 0.0, 0.0], "low, edges, high do not rise"),
        ("edges", [[1.0] * 9] * 2, r"edges have shape \(2, 9\); \(3, 9\) is needed"),
        ("edges", "none", "edges are not lists of numbers"),
        ("edges", [[math.nan] * 9] * 3, "edges are not finite"),
        ("counts", [[8] * 9 + [-1]] * 3, "counts are not all whole numbers"),
        ("counts", [[0.5] * 10] * 3, "counts are not all whole numbers"),
        ("counts", [[0] * 10] * 3, r"counts add up to \[0, 0, 0\] rows"),
        ("counts", [[1] * 10, [1] * 10, [2] * 10], r"counts add up to \[10, 10, 20\] rows"),
        ("groups", [list(range(200, 0, -1))] * 3, "groups do not rise"),
    ],
)
def test_what_no_training_rows_give_is_refused(name: str, value: Any, message: str) -> None:
    record = {**Reference.of(draw(30)).to_dict(), name: value}
    if value is None:
        del record[name]
    with pytest.raises(ValueError, match=message):
        Reference.from_dict(record)


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


def test_without_a_row_or_a_bound_there_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="at least 1 row"):
        Reference.of(np.empty((0, 3)))
    with pytest.raises(ValueError, match="min_rows 0 is less than 1"):
        measure_drift(Reference.of(draw(30)), draw(30), min_rows=0)
    assert Reference.of(draw(30)).outside(np.empty((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("n", [3, 20, 499])
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
