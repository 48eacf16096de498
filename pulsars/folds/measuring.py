"""The eight statistics of a fold."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsars.folds.fold import Fold
from schemas import ROUNDING, FoldError

_AS_PUBLISHED = ROUNDING / 4
"""By how much statistics in single precision may differ from those in double to be taken, beside
their size, and for skewness and kurtosis 1: so much breaks no inequality of moments."""
_UNITS = np.array([0.0, 0.0, 1.0, 1.0])


def measure(fold: Fold, *, name: str = "the fold") -> NDArray[np.float64]:
    """Take mean, standard deviation, skewness and excess kurtosis of profile and DM curve.

    Population moments (n in the denominator), as in Lyon et al. (2016), MNRAS 459, 1104, table 4;
    in the precision of the curve where that suffices: what prepfold's χ² are published from is
    single, and its digits cancel where χ² is much the same at all DMs.

    Parameters
    ----------
    fold : Fold
    name : str, optional
        How a message calls the file.

    Returns
    -------
    ndarray of shape (8,), float64
        In the order of `schemas.FEATURE_NAMES`.

    Raises
    ------
    FoldError
        If a curve is flat: it has no skewness.

    Examples
    --------
    >>> import numpy as np
    >>> from pulsars.folds.fold import Fold
    >>> ramp = np.array([0.0, 85.0, 170.0, 255.0])
    >>> measure(Fold(kind="phcx", profile=ramp, dm_curve=ramp))[:4].round(3).tolist()
    [127.5, 95.033, 0.0, -1.36]
    """
    curves = {"profile": fold.profile, "DM curve": fold.dm_curve}
    return np.hstack([_moments(curve, f"{name}: its {of}") for of, curve in curves.items()])


def _moments(curve: NDArray[Any], what: str) -> NDArray[np.float64]:
    if curve.min() == curve.max():
        raise FoldError(f"{what} is flat, {curve[0]} throughout; what is flat has no skewness")
    with np.errstate(all="ignore"):
        found = _taken(curve.astype(np.float64, copy=False))
    if not np.isfinite(found).all():
        raise FoldError(f"{what} goes from {curve.min()} to {curve.max()}: no finite statistics")
    return found if curve.dtype == found.dtype else _as_published(curve, found)


def _as_published(curve: NDArray[Any], found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give statistics in the precision of the curve where they are those found in double."""
    with np.errstate(all="ignore"):
        published = _taken(curve)
        suffices = np.abs(published - found) <= _AS_PUBLISHED * (_UNITS + np.abs(found))
    return published if suffices.all() else found


def _taken(curve: NDArray[Any]) -> NDArray[np.float64]:
    mean = curve.mean()
    centred = curve - mean
    squared = centred * centred
    variance = squared.mean()
    stdev = np.sqrt(variance)
    skewness = (squared * centred).mean() / stdev**3
    kurtosis = (squared * squared).mean() / variance**2 - 3
    return np.array([mean, stdev, skewness, kurtosis], dtype=np.float64)
