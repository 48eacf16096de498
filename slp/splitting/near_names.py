"""Names by which rows that are the same but for their last digits find one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from slp.splitting.keys import mix_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Bits = NDArray[np.uint64]

_DROPPED = np.uint64(45)
"""Bits of a double below those of a bucket: 2 ** 7 buckets stand between a size and its double."""

_BELOW = np.uint64((1 << 45) - 1)

_REACH = np.uint64(int(2.5e-4 * 2**52))
"""How far apart, as integers, the bits of two features are at most that are near-identical: 1.25e-4
of their size, which is up to twice as much of the power of two below."""


def near_names(
    features: Sequence[NDArray[np.float64]], units: Sequence[float]
) -> tuple[Bits, NDArray[np.int64]]:
    r"""Give each row one name or more, such that near-identical rows share one.

    Parameters
    ----------
    features : sequence of ndarray of shape (n_samples,), float64
        Some features, one at least; finite. The more, the fewer rows share a name for nothing, and
        the more names a row has.
    units : sequence of float
        An eighth of the typical size of each, as for `slp.splitting.near.near_identical`.

    Returns
    -------
    names : ndarray of shape (n_names,), uint64
    rows : ndarray of shape (n_names,), int64
        Whose they are; the first name of each row first.

    Notes
    -----
    With u a unit, the logarithm of \|x\| + u grows nowhere faster than arsinh(x / u), by which
    rows are near-identical; and the bits of a double, read as an integer, are its logarithm but
    for straight lines between the powers of two. A row near the lower end of a bucket has the name
    of the bucket below too.
    """
    n_rows = len(features[0])
    buckets, low = [], []
    for column, unit in zip(features, units, strict=True):
        bits = (np.abs(column) + unit).view(np.uint64)
        buckets.append(bits >> _DROPPED)
        low.append(bits & _BELOW < _REACH)
    names = mix_columns(buckets, n_rows=n_rows, seed=0)
    edge = np.flatnonzero(np.logical_or.reduce(low))
    more, rows = _other_names([b[edge] for b in buckets], [one[edge] for one in low])
    return np.concatenate([names, more]), np.concatenate([np.arange(n_rows), edge[rows]])


def _other_names(
    buckets: list[Bits], low: list[NDArray[np.bool_]]
) -> tuple[Bits, NDArray[np.int64]]:
    """Names of rows near a lower end, but for the first of each."""
    rows = np.arange(len(buckets[0]))
    chosen: list[Bits] = []
    moved = np.zeros(len(rows), dtype=bool)
    for bucket, is_low in zip(buckets, low, strict=True):
        again = np.flatnonzero(is_low[rows])
        chosen = [np.concatenate([one, one[again]]) for one in chosen]
        chosen.append(np.concatenate([bucket[rows], bucket[rows[again]] - np.uint64(1)]))
        moved = np.concatenate([moved, np.ones(len(again), dtype=bool)])
        rows = np.concatenate([rows, rows[again]])
    names = mix_columns([one[moved] for one in chosen], n_rows=int(moved.sum()), seed=0)
    return names, rows[moved]
