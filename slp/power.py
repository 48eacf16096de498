"""The power transform (멱변환) of Yeo and Johnson, with the exponent that makes a column normal.

With ``c = exponent`` where x ≥ 0 and ``c = 2 - exponent`` where x < 0, the transform is
``sign(x) * ((1 + |x|) ** c - 1) / c``, and ``sign(x) * log(1 + |x|)`` where c is 0. It is written
with ``expm1(c * log1p(|x|))``, which neither cancels near c = 0 nor at small x.

References
----------
Yeo and Johnson (2000), "A new family of power transformations to improve normality or symmetry",
Biometrika 87, 954, section 2 (the transform) and section 3 (the likelihood). Marchand et al.
(2022), "SecureFedYJ", NeurIPS 35, section 3: the negative log-likelihood is convex, so a search
that only compares values finds its minimum.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

EXPONENTS = (-4.0, 6.0)
"""The exponents looked at: symmetric about 1, which leaves a column as it is."""

_MAX_EXPONENT_OF_E = 700.0  # exp(709.8) is the largest float
_LARGEST = np.finfo(np.float64).max
_TOLERANCE = 1e-6  # costs less than 1e-12 of likelihood a row
_TINY = 1e-300
_NEARLY = 1e-12  # for 0: the same to ten digits, and no special case
_GOLDEN = (math.sqrt(5) - 1) / 2


def transform(
    X: NDArray[np.float64],
    exponents: NDArray[np.float64],
    unit: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Transform each column of `X` with its exponent.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), float64
        Finite.
    exponents : ndarray of shape (n_features,), float64
        In `EXPONENTS`.
    unit : ndarray of shape (n_features,), float64, optional
        Positive: what `X` is divided by first.

    Returns
    -------
    ndarray of shape (n_samples, n_features), float64
        Finite and rising with `X`; what would pass the largest float stays just below it.
    """
    if unit is not None:
        with np.errstate(over="ignore"):
            X = np.clip(X / unit, -_LARGEST, _LARGEST)
    curvature = _settled(np.where(X >= 0, exponents, 2 - exponents))
    logarithm = np.log1p(np.abs(X))
    straight = curvature == 0
    power = np.expm1(np.minimum(curvature * logarithm, _MAX_EXPONENT_OF_E))
    return np.copysign(np.where(straight, logarithm, power / np.where(straight, 1, curvature)), X)


def transform_column(
    x: NDArray[np.float64],
    exponent: float,
    unit: float | None = None,
    *,
    out: NDArray[np.float64],
) -> None:
    """Transform one column into `out`, which may be `x` itself: the bits of `transform`, faster.

    Parameters
    ----------
    x : ndarray of shape (n_samples,), float64
        Finite, without gaps.
    exponent : float
        In `EXPONENTS`.
    unit : float, optional
        Positive: what `x` is divided by first.
    out : ndarray of shape (n_samples,), float64
        Overwritten.
    """
    if unit is not None:
        with np.errstate(over="ignore"):
            np.divide(x, unit, out=out)
        x = np.clip(out, -_LARGEST, _LARGEST, out=out)
    logarithm = np.abs(x)
    np.log1p(logarithm, out=logarithm)
    exponent = float(_settled(np.float64(exponent)))
    curvature = _curvature(x, exponent)
    if isinstance(curvature, float) and curvature == 0:
        np.copysign(logarithm, x, out=out)
        return
    power = curvature * logarithm
    np.minimum(power, _MAX_EXPONENT_OF_E, out=power)
    np.expm1(power, out=power)
    if exponent in (0, 2) and not isinstance(curvature, float):  # a logarithm on one side of 0
        straight = curvature == 0
        power /= np.where(straight, 1, curvature)
        np.copyto(power, logarithm, where=straight)
    else:
        power /= curvature
    np.copysign(power, x, out=out)


def inverse(Z: NDArray[np.float64], exponents: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn each transformed column back: what `transform` makes `Z` of.

    Parameters
    ----------
    Z : ndarray of shape (n_samples, n_features), float64
        Within the range of `transform`, which ends at -1 / c where c is negative.
    exponents : ndarray of shape (n_features,), float64
        In `EXPONENTS`.

    Returns
    -------
    ndarray of shape (n_samples, n_features), float64
        Rising with `Z`, as near as float64 tells apart what a power has pressed together.
    """
    curvature = _settled(np.where(Z >= 0, exponents, 2 - exponents))
    straight = curvature == 0
    safe = np.where(straight, 1, curvature)
    grown = np.maximum(safe * np.abs(Z), -1 + np.finfo(np.float64).epsneg)
    logarithm = np.where(straight, np.abs(Z), np.log1p(grown) / safe)
    return np.copysign(np.expm1(np.minimum(logarithm, _MAX_EXPONENT_OF_E)), Z)


def _settled(exponents: Any) -> Any:  # what is too near 0 to be divided by is 0
    return np.where(np.abs(exponents) < _TINY, 0.0, exponents)


def log_likelihood(x: NDArray[np.float64], exponent: float) -> float:
    """Log-likelihood of an exponent, were the transformed column normal.

    Parameters
    ----------
    x : ndarray of shape (n_samples,), float64
        One column, finite and not constant.
    exponent : float

    Returns
    -------
    float
        Up to a constant, with mean and variance of the transformed column at their best:
        ``-n / 2 * log(variance) + (exponent - 1) * sum(sign(x) * log1p(|x|))``. Infinite where
        the variance is 0 in float64.
    """
    return _Likelihood(x)(exponent)


def best_exponent(x: NDArray[np.float64]) -> float:
    """Find the exponent with the highest likelihood by golden-section search.

    Parameters
    ----------
    x : ndarray of shape (n_samples,), float64
        One column, finite.

    Returns
    -------
    float
        In `EXPONENTS`. It is 1, which changes nothing, for a constant column, and where float64
        does not tell the values, or the transformed values, apart.
    """
    likelihood = _Likelihood(x)
    if (x == x[0]).all() or not math.isfinite(likelihood(1.0)):
        return 1.0
    low, high = EXPONENTS
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = likelihood(left), likelihood(right)
    while high - low > _TOLERANCE:
        if at_left > at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = likelihood(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = likelihood(right)
    found = (low + high) / 2
    values = transform(x[:, None], np.array([found]))
    # Large values with a low exponent all come to -1 / exponent.
    return found if np.ptp(values) > 1e-9 * np.abs(values).max() else 1.0


def _curvature(x: NDArray[np.float64], exponent: float) -> float | NDArray[np.float64]:
    """Give what each value's logarithm is multiplied by: one number where all have one sign."""
    if len(x) == 0 or x.min() >= 0:
        return exponent
    if x.max() < 0:
        return 2 - exponent
    return np.where(x >= 0, exponent, 2 - exponent)


class _Likelihood:
    """`log_likelihood` of one column for one exponent after the other, in memory that is kept."""

    def __init__(self, x: NDArray[np.float64]) -> None:
        self._x, self._logarithm = x, np.log1p(np.abs(x))
        self._jacobian = float(np.copysign(self._logarithm, x).sum())
        self._one_sign = x.min() >= 0 or x.max() < 0
        self._power, self._grown = np.empty_like(x), np.empty_like(x)

    def __call__(self, exponent: float) -> float:
        """Give it."""
        jacobian = (exponent - 1) * self._jacobian
        return jacobian - len(self._x) / 2 * self._log_variance(exponent)

    def _log_variance(self, exponent: float) -> float:
        """Logarithm of the transformed column's variance, at any size without overflow."""
        curvature = _curvature(self._x, exponent)
        if isinstance(curvature, float):
            curvature = curvature or _NEARLY
        else:
            curvature[curvature == 0] = _NEARLY
        values = np.multiply(curvature, self._logarithm, out=self._power)
        top = float(values.max())
        # The values are taken times exp(-top). In a column of one sign the constant -1 / curvature,
        # which swallows their differences when the exponent is far from 1, is left out as well.
        if self._one_sign:
            values -= top
            np.expm1(values, out=values)
            values /= curvature
        else:
            top = max(0.0, top)
            grown = np.maximum(values, 0, out=self._grown)
            grown -= top
            np.exp(grown, out=grown)
            # times 1 - exp(-abs(power)), signed as the value is and not as its growth
            np.abs(values, out=values)
            np.negative(values, out=values)
            np.expm1(values, out=values)
            values *= grown
            values /= np.abs(curvature, out=self._grown)
            np.copysign(values, self._x, out=values)
        with np.errstate(divide="ignore"):
            return float(2 * top + np.log(_variance(values)))


def _variance(values: NDArray[np.float64]) -> float:
    """Give ``values.var()``, bit for bit, in the place of the values."""
    values -= values.mean()
    values *= values
    return float(values.mean())
