"""Calibration against scikit-learn, a naive loop and numbers worked by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.calibration import calibration_curve

from slp.inputs import Inputs
from slp.measures.brier import brier_parts
from slp.measures.calibration import expected_calibration_error, reliability
from slp.measures.interval import wilson
from slp.measures.metrics import measure
from slp.perceptron import Perceptron
from slp.settings import Settings
from slp.splitting.resampling import resample
from slp.splitting.split import stratified_split
from slp.training.epochs import fit

ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]) | st.floats(0, 1)),
    min_size=1,
    max_size=60,
)


def make_rows(n_rows: int = 500) -> Any:
    rng = np.random.default_rng(0)
    probability = rng.beta(0.5, 2, n_rows)
    return (rng.random(n_rows) < probability**1.3).astype(int), probability


def test_the_curve_agrees_with_scikit_learn() -> None:
    y, probability = make_rows(504)
    observed, mean = calibration_curve(y, probability, n_bins=7, strategy="uniform")
    curve = reliability(y, probability, n_bins=7)
    assert [one.observed.value for one in curve] == pytest.approx(observed, rel=1e-12)
    assert [one.probability for one in curve] == pytest.approx(mean, rel=1e-12)


@given(ROWS, st.integers(1, 12))
def test_bins_hold_every_row_once_and_part_no_tie(rows: Any, n_bins: int) -> None:
    y, probability = (np.array(column) for column in zip(*rows, strict=True))
    curve = reliability(y, probability, n_bins=n_bins)
    assert 1 <= len(curve) <= n_bins
    assert sum(one.n_rows for one in curve) == len(y)
    assert sum(one.n_pulsars for one in curve) == y.sum()
    means = [one.probability for one in curve]
    assert means == sorted(means)
    # Rows in order of probability, cut into the bins' numbers: no value on both sides of a cut.
    ordered, cuts = np.sort(probability), np.cumsum([one.n_rows for one in curve])[:-1]
    assert all(ordered[cut - 1] < ordered[cut] for cut in cuts)


def test_an_edge_belongs_to_the_bin_above_and_one_to_the_last() -> None:
    curve = reliability([0, 1, 1, 1], [0.0, 0.5, 0.5, 1.0], n_bins=2)
    assert [(one.n_rows, one.n_pulsars) for one in curve] == [(1, 0), (3, 3)]


@pytest.mark.parametrize("n_bins", [3, 10, 40, 1000])
def test_the_decimal_of_an_edge_belongs_to_the_bin_above(n_bins: int) -> None:
    edges = np.array([k / n_bins for k in range(n_bins)])
    probability = np.concatenate([edges, edges + 0.5 / n_bins])  # each with its bin's middle
    curve = reliability(np.zeros(2 * n_bins), probability, n_bins=n_bins)
    assert [one.n_rows for one in curve] == [2] * n_bins


def test_the_calibration_error_is_the_one_worked_by_hand() -> None:
    y, probability = [0, 1, 1, 1], [0.1, 0.3, 0.8, 0.8]
    curve = reliability(y, probability, n_bins=2)
    # bins: mean 0.2 with half pulsars, mean 0.8 with pulsars only
    assert expected_calibration_error(curve) == pytest.approx((2 * 0.3 + 2 * 0.2) / 4)


@given(ROWS, st.integers(1, 12))
def test_the_parts_of_the_brier_score_add_up_to_it(rows: Any, n_bins: int) -> None:
    y, probability = (np.array(column) for column in zip(*rows, strict=True))
    parts = brier_parts(y, probability, n_bins=n_bins)
    assert parts.brier == pytest.approx(np.mean((probability - y) ** 2), abs=1e-12)
    assert parts.brier == pytest.approx(
        parts.reliability - parts.resolution + parts.uncertainty + parts.within_bins, abs=1e-15
    )


def test_the_parts_are_those_of_a_naive_loop() -> None:
    y, probability = make_rows(200)
    curve = reliability(y, probability, n_bins=5)
    parts = brier_parts(y, probability, n_bins=5)
    base = y.mean()
    expected = [
        sum(b.n_rows * (b.probability - b.n_pulsars / b.n_rows) ** 2 for b in curve) / 200,
        sum(b.n_rows * (b.n_pulsars / b.n_rows - base) ** 2 for b in curve) / 200,
        base * (1 - base),
    ]
    assert [parts.reliability, parts.resolution, parts.uncertainty] == pytest.approx(expected)


def test_murphys_three_parts_are_exact_when_forecasts_are_binned() -> None:
    y, probability = make_rows()
    rounded = np.round(probability, 1)
    parts = brier_parts(y, rounded, n_bins=500)
    assert parts.within_bins == pytest.approx(0, abs=1e-15)
    three = parts.reliability - parts.resolution + parts.uncertainty
    assert three == pytest.approx(np.mean((rounded - y) ** 2), abs=1e-14)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_wilson_interval_agrees_with_scipy(counts: Any) -> None:
    k, n = counts
    theirs = stats.binomtest(k, n).proportion_ci(0.9, method="wilson")
    ours = wilson(k, n, level=0.9)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert 0 <= ours.low <= ours.value <= ours.high <= 1


def test_a_share_of_none_is_uncertain_too() -> None:
    none = wilson(0, 20)
    z2 = stats.norm.ppf(0.975) ** 2
    assert (none.value, none.low) == (0, 0)
    assert none.high == pytest.approx(z2 / (20 + z2))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_bins": 0}, "n_bins 0 is below 1"),
        ({"level": 1.0}, r"level 1.0 is outside \(0, 1\)"),
    ],
)
def test_what_makes_no_curve_is_refused(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        reliability([0, 1], [0.1, 0.9], **options)


@pytest.mark.parametrize("counts", [(0, 0), (3, 2), (-1, 2)])
def test_what_is_no_share_has_no_interval(counts: Any) -> None:
    with pytest.raises(ValueError, match=f"{counts[0]} of {counts[1]} is no share"):
        wilson(*counts)


def test_the_brier_score_is_split_by_ten_bins_unless_told_otherwise() -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(200)
    y = (rng.random(200) < probability).astype(int)
    parts = brier_parts(y, probability)
    assert parts == brier_parts(y, probability, n_bins=10)
    assert parts != brier_parts(y, probability, n_bins=11)


def test_prior_correction_after_oversampling_halves_the_brier_score(data_dir: Path) -> None:
    table = np.loadtxt(data_dir / "pulsar_stars.csv", delimiter=",", skiprows=1)
    X, y = table[:, :8], table[:, 8]
    split = stratified_split(X, y, validation_size=0.2, test_size=0.2, seed=0)
    train, test = split.train.indices, split.test
    balanced = resample(split.train, y, strategy="cycle", rng=np.random.default_rng(0))
    inputs = Inputs.fit("standard", X[train])
    found = fit(
        inputs.transform(X[balanced.sample_indices]),
        y[balanced.sample_indices],
        settings=Settings(learning_rate=0.05, batch_size=32, n_epochs=20),
        rng=np.random.default_rng(0),
    )
    shifted = Perceptron(found.coef, found.intercept, inputs)
    corrected = shifted.with_prior(trained=balanced.prevalence, true=float(y[train].mean()))
    without, with_ = (model.predict_proba(X[test]) for model in (shifted, corrected))
    # On these data 0.032 without and 0.017 with it.
    assert measure(y[test], without, threshold=0.5)["brier"] > 0.027
    assert measure(y[test], with_, threshold=0.5)["brier"] < 0.020
    worse, better = (brier_parts(y[test], score).reliability for score in (without, with_))
    assert better < worse / 5
    errors = [expected_calibration_error(reliability(y[test], s)) for s in (without, with_)]
    assert errors[1] < errors[0] / 3
