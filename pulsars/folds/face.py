"""The face of a fold: what a page shows of it, in a few kilobytes."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from pulsars.folds.fold import Fold, Told

MOST_BINS = 128
"""Of a profile or a DM curve."""

MOST_ROWS = 32
"""Sub-bands or sub-integrations."""

MOST_COLUMNS = 64
"""Bins of each of them."""

_WHITE = 255.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Face(Told):
    """What a page shows of a fold. Every picture is scaled to its own 0–255.

    Attributes
    ----------
    profile : ndarray of shape (n_bins,), uint8
        At most `MOST_BINS`.
    dm_curve : ndarray of shape (n,), uint8
        At most `MOST_BINS`; of a plane of periods and DMs, the best of each DM.
    dm_low, dm_high : float or None
        The first and the last trial DM, pc cm⁻³.
    sub_bands, sub_integrations : ndarray of shape (n_rows, n_bins), uint8, or None
        At most `MOST_ROWS` rows of `MOST_COLUMNS` bins; a row is scaled with the others.
    """

    profile: NDArray[np.uint8]
    dm_curve: NDArray[np.uint8]
    dm_low: float | None = None
    dm_high: float | None = None
    sub_bands: NDArray[np.uint8] | None = None
    sub_integrations: NDArray[np.uint8] | None = None


@np.errstate(over="ignore", invalid="ignore")  # a plane is measured by nobody
def face_of(fold: Fold) -> Face:
    """Draw the face of a fold; what is larger than a face shows is averaged.

    Examples
    --------
    >>> import numpy as np
    >>> from pulsars.folds.fold import Fold
    >>> fold = Fold(kind="pfd", profile=np.array([0.0, 1.0, 4.0]), dm_curve=np.ones(500))
    >>> face = face_of(fold)
    >>> face.profile, len(face.dm_curve)
    (array([  0,  64, 255], dtype=uint8), 128)
    """
    dms = fold.dms
    return Face(
        **{field.name: getattr(fold, field.name) for field in fields(Told)},
        profile=_grey(_at_most(fold.profile, MOST_BINS)),
        dm_curve=_grey(_at_most(_by_dm(fold), MOST_BINS)),
        dm_low=None if dms is None else float(dms[0]),
        dm_high=None if dms is None else float(dms[-1]),
        sub_bands=_picture(fold.sub_bands),
        sub_integrations=_picture(fold.sub_integrations),
    )


def _by_dm(fold: Fold) -> NDArray[np.float64]:
    """Give the curve, or of a plane the best of each DM: rows are DMs, columns periods."""
    curve = fold.dm_curve.astype(np.float64)
    if fold.dms is None or len(curve) == len(fold.dms) or len(curve) % len(fold.dms):
        return curve
    best: NDArray[np.float64] = curve.reshape(len(fold.dms), -1).max(axis=1)
    return best


def _picture(rows: NDArray[np.float64] | None) -> NDArray[np.uint8] | None:
    if rows is None:
        return None
    fewer = _at_most(_at_most(rows, MOST_COLUMNS).T, MOST_ROWS).T
    return _grey(fewer)


def _at_most(values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Average neighbours along the last axis, so that at most `n` are left."""
    n_values = values.shape[-1]
    if n_values <= n:
        return values
    starts = np.arange(n) * n_values // n
    sums = np.add.reduceat(values, starts, axis=-1)  # what is infinite then is drawn black
    averaged: NDArray[np.float64] = sums / np.diff(starts, append=n_values)
    return averaged


def _grey(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Scale to 0–255; what is flat is black, and so is what has no finite range."""
    low, high = values.min(), values.max()
    spread = high - low
    if not 0.0 < spread < np.inf:
        return np.zeros(values.shape, dtype=np.uint8)
    grey: NDArray[np.uint8] = np.rint((values - low) / spread * _WHITE).astype(np.uint8)
    return grey
