"""The power transform against SciPy, its own definition and numbers that break a plain formula."""

from __future__ import annotations

import math
import warnings
from decimal import Context, Decimal, localcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from sklearn.preprocessing import PowerTransformer

from slp.power import EXPONENTS, best_exponent, inverse, log_likelihood, transform

EXPONENT = st.floats(*EXPONENTS) | st.sampled_from([0.0, 2.0, 1.0])


def one(x: Any, exponent: float) -> Any:
    """Transform a single column."""
    return transform(np.asarray(x, dtype=np.float64)[:, None], np.array([exponent]))[:, 0]


def by_definition(x: float, exponent: float) -> float:
    if x >= 0:
        return math.log(1 + x) if exponent == 0 else ((1 + x) ** exponent - 1) / exponent
    other = 2 - exponent
    return -math.log(1 - x) if other == 0 else -((1 - x) ** other - 1) / other


@given(st.floats(-300, 300), EXPONENT)
def test_the_transform_is_the_one_of_the_paper(x: float, exponent: float) -> None:
    if 0 < min(abs(exponent), abs(2 - exponent)) < 1e-4:
        return  # there the plain formula is the one that cancels
    expected = by_definition(x, exponent)
    assert one([x], exponent)[0] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@example(x=1.0, exponent=5e-324)
@given(st.floats(-10, 10), EXPONENT)
def test_the_inverse_gives_back_what_was_transformed(x: float, exponent: float) -> None:
    back = inverse(one([x], exponent)[:, None], np.array([exponent]))[:, 0]
    assert back[0] == pytest.approx(x, rel=1e-9, abs=1e-9)


@given(st.floats(allow_nan=False, allow_infinity=False), EXPONENT)
def test_the_inverse_is_finite_wherever_the_transform_leads(x: float, exponent: float) -> None:
    assert np.isfinite(inverse(one([x], exponent)[:, None], np.array([exponent]))).all()


def test_an_exponent_of_one_changes_nothing() -> None:
    x = np.array([-300.0, -0.5, 0.0, 0.5, 1e10])
    assert one(x, 1.0) == pytest.approx(x, rel=1e-14)


@given(st.floats(-1e308, 1e308), st.floats(-1e308, 1e308), EXPONENT)
def test_the_transform_keeps_the_order_and_stays_finite(a: float, b: float, power: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        low, high = one(sorted([a, b]), power)
    assert np.isfinite([low, high]).all()
    assert low <= high


def samples() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    return rng.normal(size=400), rng.gamma(2, 5, 400), -rng.gamma(2, 5, 400)


@pytest.mark.parametrize("exponent", [-3.0, -0.5, 0.0, 0.7, 1.0, 2.0, 4.0])
def test_the_likelihood_agrees_with_scipy(exponent: float) -> None:
    for x in samples():
        expected = stats.yeojohnson_llf(exponent, x)
        assert log_likelihood(x, exponent) == pytest.approx(expected, rel=1e-7, abs=1e-6)


@pytest.mark.parametrize("exponent", [1e-13, 2 + 1e-13])
def test_the_likelihood_keeps_its_digits_where_a_power_is_nearly_a_logarithm(
    exponent: float,
) -> None:
    # With sixty digits, for SciPy 1.18 loses six here.
    for x in samples():
        with localcontext(Context(prec=60)):
            expected = exact_log_likelihood([Decimal(float(v)) for v in x], Decimal(exponent))
        assert log_likelihood(x, exponent) == pytest.approx(expected, rel=1e-9)


def exact_log_likelihood(x: list[Decimal], exponent: Decimal) -> float:
    logarithms = [(1 + abs(v)).ln() for v in x]
    values = []
    for v, logarithm in zip(x, logarithms, strict=True):
        curvature = exponent if v >= 0 else 2 - exponent
        values.append((((curvature * logarithm).exp() - 1) / curvature).copy_sign(v))
    middle = sum(values) / len(values)
    variance = sum((v - middle) ** 2 for v in values) / len(values)
    jacobian = sum(log.copy_sign(v) for log, v in zip(logarithms, x, strict=True))
    return float((exponent - 1) * jacobian - len(x) * variance.ln() / 2)


def test_the_likelihood_outlives_the_digits_that_the_values_lose() -> None:
    # With exponent -4 these all come to 1/4 in float64; 1/(1+x)**4 does not.
    x = np.array([1e4, 2e4, 3e4, 5e4])
    values = -((1 + x) ** -4.0) / 4
    expected = -2 * math.log(values.var()) - 5 * np.log1p(x).sum()
    assert log_likelihood(x, -4.0) == pytest.approx(expected, rel=1e-12)
    # and beyond the largest float: (1 + x) ** 6 of 1e100
    huge = np.array([1e100, 2e100])
    spread = math.log(63 / 6 / 2) + 600 * math.log(10)
    expected = -2 * spread + 5 * np.log(huge).sum()
    assert log_likelihood(huge, 6.0) == pytest.approx(expected, rel=1e-9)


def test_the_best_exponents_are_those_of_scikit_learn_on_the_real_data(data_dir: Path) -> None:
    X = np.loadtxt(data_dir / "pulsar_stars.csv", delimiter=",", skiprows=1)[:, :8]
    theirs = PowerTransformer(standardize=False).fit(X)
    ours = np.array([best_exponent(column) for column in X.T.copy()])
    assert ours == pytest.approx(theirs.lambdas_, abs=2e-6)
    for column, mine, their in zip(X.T, ours, theirs.lambdas_, strict=True):
        assert log_likelihood(column, mine) >= log_likelihood(column, their) - 1e-6
    assert_allclose(transform(X, ours), theirs.transform(X), rtol=1e-4)


@given(st.integers(0, 10_000), st.sampled_from([-1.0, 0.0, 0.5, 2.0, 3.0]))
def test_no_exponent_nearby_is_likelier(seed: int, skew: float) -> None:
    rng = np.random.default_rng(seed)
    x = np.sinh(rng.normal(size=80) + skew)
    found = best_exponent(x)
    best = log_likelihood(x, found)
    grid = np.linspace(*EXPONENTS, 101)
    assert all(log_likelihood(x, exponent) <= best + 1e-8 for exponent in grid)


@pytest.mark.parametrize(
    "x",
    [
        [5.0, 5.0, 5.0],  # constant
        [0.1] * 7,  # constant, with a spread of 1e-17 by rounding
        [1e-300, 2e-300, 4e-300],  # no variance in float64
        [1e8, 1e8 + 1, 1e8 + 2, 1e8 + 1000],  # the likeliest exponent takes them to one number
    ],
)
def test_what_no_power_makes_normal_is_left_as_it_is(x: Any) -> None:
    assert best_exponent(np.array(x)) == 1
    assert one(x, 1.0) == pytest.approx(x, rel=1e-12)


def test_values_of_any_size_find_an_exponent_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for x in ([1e308, -1e308], [1e300, 1.0, 2.0, -1e300], [0.0, 1e-308], [0.0, 1.0]):
            assert np.isfinite(one(x, best_exponent(np.array(x)))).all()
