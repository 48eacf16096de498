"""Names by which rows that are the same but for their last digits find one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import all_finite, as_floats, check_length, check_vector
from slp.splitting.keys import mix_columns

Bits = NDArray[np.uint64]

_DROPPED = np.uint64(45)
"""Bits of a double below those of a bucket: 2 ** 7 buckets stand between a size and its double."""

_BELOW = np.uint64((1 << 45) - 1)

_REACH = np.uint64(int(2.5e-4 * 2**52))
"""How far apart, as integers, the bits of two features are at most that are near-identical: 1.25e-4
of their size, which is up to twice as much of the power of two below."""


def near_names(
    features: Sequence[ArrayLike], units: Sequence[float] | Iterator[float]
) -> tuple[Bits, NDArray[np.int64]]:
    r"""Give each row one name or more, such that near-identical rows share one.

    Parameters
    ----------
    features : sequence of array-like of shape (n_samples,)
        Some features, one at least; finite. The more, the fewer rows share a name for nothing, and
        the more names a row has.
    units : sequence or iterator of float
        An eighth of the typical size of each, as for `slp.splitting.near.near_identical`.

    Returns
    -------
    names : ndarray of shape (n_names,), uint64
    rows : ndarray of shape (n_names,), int64
        Whose they are; the first name of each row first.

    Raises
    ------
    ValueError
        When there is no feature, one is not finite or has other rows than the first, or units are
        not one number above 0 a feature.

    Notes
    -----
    With u a unit, the logarithm of \|x\| + u grows nowhere faster than arsinh(x / u), by which
    rows are near-identical; and the bits of a double, read as an integer, are its logarithm but
    for straight lines between the powers of two. A row near the lower end of a bucket has the name
    of the bucket below too. Numbers of buckets are added up, each times an odd number of its
    feature (Carter and Wegman, 1979), so that the name with a bucket below is a subtraction.
    """
    columns = [_column(each) for each in features]
    sizes = check_units(list(units) if isinstance(units, Iterator) else units, len(columns))
    n_rows = len(columns[0])
    totals, low = np.zeros(n_rows, dtype=np.uint64), []
    steps = mix_columns([np.arange(len(columns), dtype=np.uint64)], n_rows=len(columns), seed=0)
    steps |= np.uint64(1)
    for column, unit, step in zip(columns, sizes, steps, strict=True):
        check_length("numbers of a feature", column, n_rows)
        bits = (np.abs(column) + unit).view(np.uint64)
        totals += (bits >> _DROPPED) * step
        low.append(bits & _BELOW < _REACH)
    edge = np.flatnonzero(np.logical_or.reduce(low))
    more, rows = _other_totals(totals[edge], [one[edge] for one in low], steps)
    every = np.concatenate([totals, more])
    names = mix_columns([every], n_rows=len(every), seed=0)
    return names, np.concatenate([np.arange(n_rows), edge[rows]])


def check_units(units: ArrayLike, length: int) -> NDArray[np.float64]:
    """Give one number above 0 a feature; raise ValueError where these are others."""
    checked = check_vector("units", units, length=length)
    if (checked <= 0).any():
        raise ValueError(f"units {checked.tolist()} are not above 0 throughout")
    return checked


def _column(feature: ArrayLike) -> NDArray[np.float64]:
    column: NDArray[np.float64] = as_floats("features", feature).astype(np.float64, copy=False)
    if column.ndim != 1 or not all_finite(column):
        raise ValueError(f"a feature has shape {column.shape}, or is not finite throughout")
    return column


def _other_totals(
    totals: Bits, low: list[NDArray[np.bool_]], steps: Bits
) -> tuple[Bits, NDArray[np.int64]]:
    """Totals of rows near a lower end, but for the first of each."""
    n_rows, rows = len(totals), np.arange(len(totals))
    for is_low, step in zip(low, steps, strict=True):
        again = np.flatnonzero(is_low[rows])
        totals = np.concatenate([totals, totals[again] - step])
        rows = np.concatenate([rows, rows[again]])
    return totals[n_rows:], rows[n_rows:]
