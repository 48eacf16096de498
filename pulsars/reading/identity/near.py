"""Pairs of candidates near one another on the sky, with one period or a harmonic of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import gcd

import numpy as np
from numpy.typing import NDArray

from schemas import BEAM_DEGREES

NEAR_DEGREES = BEAM_DEGREES

SAME_PERIOD = 1e-3
"""Relative: the Earth's motion changes a period by 1e-4, that of a binary by up to 1e-3."""

SAME_HARMONIC = 3e-4
"""Relative: forty ratios that are tried match by chance forty times as often as one."""

MAX_HARMONIC = 16
"""A search folds a pulsar at n times its period or at one nth of it, n up to here."""

MAX_FRACTION = 5
"""And at n / m of it, both up to here."""

SAME_DM = (3.0, 0.1)
"""Two dispersion measures agree within the larger of the first, in pc/cm³, and this share."""

MAX_TRIED = 32
"""Rows next in period that are tried for each row: a thousand repeats need no million pairs."""

_HALF = 512  # cells along half of an axis, and more
_STRIDES = np.array([1 << 20, 1 << 10, 1])
_SPAN = 64.0  # logarithms of periods of one cell of the sky, and their harmonics, lie within


def find_near(
    ra: NDArray[np.float64],
    dec: NDArray[np.float64],
    period: NDArray[np.float64],
    dm: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find pairs that can be one source.

    Parameters
    ----------
    ra, dec : ndarray of shape (n_rows,), float64
        Degrees; NaN where unknown.
    period : ndarray of shape (n_rows,), float64
        In one unit, whichever; rows without a positive period pair with none.
    dm : ndarray of shape (n_rows,), float64
        pc/cm³; where one of two is NaN it decides nothing.

    Returns
    -------
    same, harmonic : ndarray of shape (n_pairs, 2), int64
        Pairs of one period, and pairs of which one has a harmonic of the other's.
    """
    with np.errstate(invalid="ignore"):
        rows = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec) & (period > 0))
    sky = unit_vectors(ra[rows], dec[rows])
    found: dict[bool, list[NDArray[np.int64]]] = {True: [], False: []}
    for ratio, pairs in _alike(sky, np.clip(np.log(period[rows]), -15, 15)):
        pairs = pairs[are_near(sky, pairs) & dms_agree(*dm[rows[pairs]].T)]  # noqa: PLW2901
        found[ratio == 1].append(rows[pairs])
    none = np.empty((0, 2), dtype=np.int64)
    return np.concatenate([none, *found[True]]), np.concatenate([none, *found[False]])


def ratios() -> list[tuple[int, int]]:
    """Give the ratios of a longer period to a shorter one, n to m, that are tried, rising."""
    whole = {(n, 1) for n in range(1, MAX_HARMONIC + 1)}
    parts = {(n, m) for n in range(2, MAX_FRACTION + 1) for m in range(2, n) if gcd(n, m) == 1}
    return sorted(whole | parts, key=lambda ratio: ratio[0] / ratio[1])


def unit_vectors(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give positions in degrees as vectors of length 1, shape (n_rows, 3)."""
    ra, dec = np.radians(ra), np.radians(dec)
    return np.column_stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])


def _alike(
    sky: NDArray[np.float64], log_period: NDArray[np.float64]
) -> Iterator[tuple[float, NDArray[np.int64]]]:
    """Pairs from neighbouring cells of the sky, ratio by ratio."""
    cells = np.floor(sky / chord(NEAR_DEGREES)).astype(np.int64) + _HALF
    places, cell = np.unique(cells @ _STRIDES, return_inverse=True)
    along = cell * _SPAN + log_period
    order = np.argsort(along, kind="stable")
    # What is sought in order is found in a tenth of the time.
    along, cell, log_period = along[order], cell[order], log_period[order]
    for step in product((-1, 0, 1), repeat=3):
        sought_places = places + np.array(step) @ _STRIDES
        at = np.searchsorted(places, sought_places).clip(max=max(len(places) - 1, 0))
        other = np.where(places[at] == sought_places, at, -1)[cell]
        rows = np.flatnonzero(other >= 0)
        for ratio in [n / m for n, m in ratios()] if len(rows) else []:
            width = np.log1p(SAME_PERIOD if ratio == 1 else SAME_HARMONIC)
            sought = other[rows] * _SPAN + log_period[rows] + np.log(ratio)
            yield ratio, order[_within(rows, sought, width, along, once=ratio == 1)]


def _within(
    rows: NDArray[np.int64],
    sought: NDArray[np.float64],
    width: float,
    ordered: NDArray[np.float64],
    *,
    once: bool,
) -> NDArray[np.int64]:
    """Pairs of places and what lies within a width of what they seek; at most `MAX_TRIED` each.

    With `once` only what lies not before: each pair is then found from one of its ends.
    """
    low = np.searchsorted(ordered, sought if once else sought - width, side="left")
    high = np.searchsorted(ordered, sought + width, side="right")
    n_found = np.minimum(high - low, MAX_TRIED)
    starts = np.repeat(low - np.r_[0, np.cumsum(n_found)[:-1]], n_found)
    pairs = np.column_stack([np.repeat(rows, n_found), starts + np.arange(n_found.sum())])
    apart: NDArray[np.bool_] = pairs[:, 0] != pairs[:, 1]
    return pairs[apart]


def chord(degrees: float) -> float:
    """Give how far the ends of two unit vectors are apart that have an angle between them."""
    return float(2 * np.sin(np.radians(degrees) / 2))


def are_near(sky: NDArray[np.float64], pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which pairs of unit vectors can be one place; NaN contradicts none."""
    apart = sky[pairs[:, 0]] - sky[pairs[:, 1]]
    far: NDArray[np.bool_] = np.square(apart).sum(axis=1) > chord(NEAR_DEGREES) ** 2
    return ~far


def dms_agree(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which pairs of dispersion measures, pc/cm³, can be one; NaN contradicts none."""
    apart = np.abs(one - two)
    within = np.maximum(SAME_DM[0], SAME_DM[1] * np.maximum(np.abs(one), np.abs(two)))
    return ~(apart > within)
