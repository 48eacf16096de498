"""What no curve between two bounds can have: moments that contradict each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from schemas.features import Curve

ROUNDING = 1e-6
"""Relative tolerance of the inequalities: wider than the rounding of numbers that are kept in
float32, far below any real violation."""

MOST_POINTS = 1 << 20
"""No curve has more, and n numbers have a Pearson's kurtosis below n."""

CURVES: tuple[Curve, Curve] = ("profile", "dm")


@np.errstate(invalid="ignore", over="ignore")  # of an infinite square
def breaks_moments(skewness: ArrayLike, kurtosis: ArrayLike) -> NDArray[np.bool_]:
    """Tell which pairs no distribution can have: kurtosis < skewness² − 2.

    Parameters
    ----------
    skewness, kurtosis : array_like of shape (n_rows,)
        Kurtosis is excess kurtosis. Pairs with NaN break nothing.
    """
    square = np.square(np.asarray(skewness, dtype=np.float64))
    broken = np.asarray(kurtosis, dtype=np.float64) < square - 2 - ROUNDING * (1 + square)
    return broken | np.isinf(square)


@np.errstate(invalid="ignore", over="ignore")
def allows_pearson(skewness: ArrayLike, kurtosis: ArrayLike) -> NDArray[np.bool_]:
    """Tell which pairs can be skewness and Pearson's kurtosis: kurtosis ≥ skewness² + 1.

    Pearson's kurtosis is the plain fourth standardised moment, 3 for a normal curve: 3 more than
    excess kurtosis. Pairs with NaN are none.
    """
    square = np.square(np.asarray(skewness, dtype=np.float64))
    allowed: NDArray[np.bool_] = np.asarray(kurtosis, dtype=np.float64) >= (
        square + 1 - ROUNDING * (1 + square)
    )
    return allowed & np.isfinite(square)


@np.errstate(invalid="ignore", over="ignore")
def breaks_variance(mean: ArrayLike, stdev: ArrayLike, *, top: float) -> NDArray[np.bool_]:
    """Tell which pairs no curve between 0 and `top` can have: variance > mean·(top − mean)."""
    mean = np.asarray(mean, dtype=np.float64)
    variance = np.square(np.asarray(stdev, dtype=np.float64))
    broken = variance > mean * (top - mean) + ROUNDING * (1 + variance)
    return broken | np.isinf(variance)


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def breaks_range(
    mean: ArrayLike, stdev: ArrayLike, skewness: ArrayLike, fourth: ArrayLike, *, top: float
) -> NDArray[np.bool_]:
    """Tell which rows no curve between 0 and `top` can have: more kurtosis than its range allows.

    With z = (x − mean) / stdev in [−a, b] the expectation of z²(z + a)(b − z) cannot be negative:
    E z⁴ ≤ a·b + (b − a)·skewness. Nor have `MOST_POINTS` numbers any kurtosis.

    Parameters
    ----------
    mean, stdev, skewness, fourth : array_like of shape (n_rows,)
        The fourth standardised moment is Pearson's kurtosis, excess kurtosis + 3. Where a NaN or a
        stdev of 0 leaves the range open, only `MOST_POINTS` holds; of what is flat see
        `breaks_flatness`.
    top : float
    """
    mean, stdev = np.asarray(mean, dtype=np.float64), np.asarray(stdev, dtype=np.float64)
    skewness = np.asarray(skewness, dtype=np.float64)
    fourth = np.asarray(fourth, dtype=np.float64)
    below, above = mean / stdev, (top - mean) / stdev
    slack = ROUNDING * (1 + np.abs(skewness) + np.abs(fourth)) * (1 + below + above)
    allowed = below * above + (above - below) * skewness + slack
    broken: NDArray[np.bool_] = fourth > np.fmin(allowed, MOST_POINTS)
    return broken


def breaks_flatness(
    stdev: ArrayLike, skewness: ArrayLike, kurtosis: ArrayLike
) -> NDArray[np.bool_]:
    """Tell which rows are flat, stdev 0, and have a moment all the same: 0/0 is 0 here.

    Kurtosis may be 3, too, which is what Pearson's is then.
    """
    flat = np.asarray(stdev, dtype=np.float64) == 0
    skew, tail = (np.abs(np.asarray(one, dtype=np.float64)) for one in (skewness, kurtosis))
    broken: NDArray[np.bool_] = flat & ((skew > 0) | ((tail > 0) & (tail != 3)))  # noqa: PLR2004
    return broken


def breaks_number(fourth: ArrayLike, *, n: int) -> NDArray[np.bool_]:
    """Tell which Pearson's kurtosis `n` numbers cannot have: more than n − 2 + 1 / (n − 1)."""
    most = n - 2 + 1 / (n - 1)
    return np.asarray(fourth, dtype=np.float64) > most + ROUNDING * n


@np.errstate(invalid="ignore", over="ignore")
def breaks_spread(mean: ArrayLike, stdev: ArrayLike, *, n: int) -> NDArray[np.bool_]:
    """Tell which pairs no `n` numbers from 0 up can have: variance > (n − 1)·mean²."""
    variance = np.square(np.asarray(stdev, dtype=np.float64))
    most = (n - 1) * np.square(np.asarray(mean, dtype=np.float64))
    broken = variance > most + ROUNDING * (1 + variance)
    return broken | np.isinf(variance)
