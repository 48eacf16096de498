"""What no curve between two bounds can have: moments that contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from schemas.features import Curve


ROUNDING = 1e-6
"""Relative tolerance of both inequalities: wider than float32, far below any real violation."""

CURVES: tuple[Curve, Curve] = ("profile", "dm")


def breaks_moments(skewness: ArrayLike, kurtosis: ArrayLike) -> NDArray[np.bool_]:
    """Tell which pairs no distribution can have: kurtosis < skewness² − 2.

    Parameters
    ----------
    skewness, kurtosis : array_like of shape (n_rows,)
        Kurtosis is excess kurtosis. Pairs with NaN break nothing.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # of an infinite square below
        square = np.square(np.asarray(skewness, dtype=np.float64))
        broken = np.asarray(kurtosis, dtype=np.float64) < square - 2 - ROUNDING * (1 + square)
    return broken | np.isinf(square)


def allows_pearson(skewness: ArrayLike, kurtosis: ArrayLike) -> NDArray[np.bool_]:
    """Tell which pairs can be skewness and Pearson's kurtosis: kurtosis ≥ skewness² + 1.

    Pearson's kurtosis is the plain fourth standardised moment, 3 for a normal curve: 3 more than
    excess kurtosis. Pairs with NaN are none.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        square = np.square(np.asarray(skewness, dtype=np.float64))
        allowed: NDArray[np.bool_] = np.asarray(kurtosis, dtype=np.float64) >= (
            square + 1 - ROUNDING * (1 + square)
        )
    return allowed & np.isfinite(square)


def breaks_variance(mean: ArrayLike, stdev: ArrayLike, *, top: float) -> NDArray[np.bool_]:
    """Tell which pairs no curve between 0 and `top` can have: variance > mean·(top − mean)."""
    mean = np.asarray(mean, dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        variance = np.square(np.asarray(stdev, dtype=np.float64))
        broken = variance > mean * (top - mean) + ROUNDING * (1 + variance)
    return broken | np.isinf(variance)


def breaks_spread(mean: ArrayLike, stdev: ArrayLike, *, n: int) -> NDArray[np.bool_]:
    """Tell which pairs no `n` numbers from 0 up can have: variance > (n − 1)·mean²."""
    with np.errstate(invalid="ignore", over="ignore"):
        variance = np.square(np.asarray(stdev, dtype=np.float64))
        most = (n - 1) * np.square(np.asarray(mean, dtype=np.float64))
        broken = variance > most + ROUNDING * (1 + variance)
    return broken | np.isinf(variance)
