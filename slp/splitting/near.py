"""Rows that are the same but for their last digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from slp.checks import check_features
from slp.splitting.keys import mix_columns

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from slp.checks import Floats

    Integers = NDArray[np.int64]

_CELL = 1.25e-5
_REACH = 9
"""In cells: 1e-4, and one for the rounding to cells."""

_WIDTHS = (256, 64, 32)
"""Of a bucket, in cells: narrow ones hold fewer rows, but more rows stand in several."""

_PAIRS_A_ROW = 50  # to be compared, from which on narrower buckets are cheaper


def near_identical(X: ArrayLike) -> Integers:
    """Put rows that agree to five significant digits in every feature into groups.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Finite.

    Returns
    -------
    ndarray of shape (n_samples,), int64
        The number of each row's group, from 0. Rows whose features differ by at most 1e-4 of their
        size are together, and none that differ by more than 1.25e-4 are joined but by rows between
        them. Below an eighth of the feature's median size that eighth is the size, so that a file
        printed with six decimals is known again though a skewness near 0 has fewer digits.

    Raises
    ------
    ValueError
        When a feature is not finite.

    Notes
    -----
    Time and memory grow as n log n: rows share a bucket, those near its lower end in a feature
    stand in the one below too, and only rows of one bucket that are not joined yet are compared.
    """
    features = check_features(X)
    return _grouped(_cells(features, _units(features)))


def _grouped(cells: Integers) -> Integers:
    """Give the groups of rows, numbered from 0 without a gap."""
    names = mix_columns(list(cells.T.view(np.uint64)), n_rows=len(cells), seed=0)
    _, first, cell = np.unique(names, return_index=True, return_inverse=True)
    return _near_groups(cells[first])[cell]


def count_repeats(X: ArrayLike) -> int:
    """Count the rows that are near-identical to an earlier one, as for `near_identical`."""
    features = check_features(X)
    return count_near(features, _units(features))


def count_near(X: Floats, units: ArrayLike) -> int:
    """Count as `count_repeats`, with an eighth of each feature's size given: shape (n_features,).

    Of a part of a table that holds every row that has another near it, the count is that of the
    whole table where `units` are.
    """
    group = _grouped(_cells(np.asarray(X, dtype=np.float64), np.asarray(units, dtype=np.float64)))
    return len(group) - int(group.max(initial=-1)) - 1


def join_pairs(n_samples: int, left: Integers, right: Integers) -> Integers:
    """Give the groups that pairs of rows make, directly or by others.

    Parameters
    ----------
    n_samples : int
        How many rows there are.
    left, right : ndarray of shape (n_pairs,), int64
        Row numbers.

    Returns
    -------
    ndarray of shape (n_samples,), int64
        The number of each row's group, from 0 in the order of their first rows.

    Examples
    --------
    >>> join_pairs(5, np.array([3, 4]), np.array([1, 3])).tolist()
    [0, 1, 2, 1, 1]
    """
    first = np.arange(n_samples)
    while len(left):
        one, two = first[left], first[right]
        apart = one != two
        left, right, one, two = left[apart], right[apart], one[apart], two[apart]
        np.minimum.at(first, np.maximum(one, two), np.minimum(one, two))
        while not np.array_equal(first, first[first]):
            first = first[first]
    return np.unique(first, return_inverse=True)[1].astype(np.int64)


def _units(X: Floats) -> Floats:
    """Give an eighth of each feature's median size, as a power of two that no other row moves."""
    units = np.ones(X.shape[1])
    for at, column in enumerate(X.T.astype(np.float64)):
        sizes = np.abs(column)
        sizes = sizes[sizes > 0]
        if len(sizes):
            units[at] = 2.0 ** np.floor(np.log2(max(float(np.median(sizes)), 1e-290) / 8))
    return units


def _cells(X: Floats, units: Floats) -> Integers:
    """Lay each feature out on a scale that is logarithmic for what is large, as `X` is."""
    cells = np.zeros(X.shape[::-1], dtype=np.int64)
    for at, (column, unit) in enumerate(zip(X.T.astype(np.float64), units, strict=True)):
        with np.errstate(over="ignore"):
            size = np.clip(column / unit, -1e300, 1e300)
        cells[at] = np.rint(np.arcsinh(size) / _CELL)
    return cells.T


def _near_groups(cells: Integers) -> Integers:
    """Join rows that no feature parts by more than the reach, those next in a bucket first."""
    bucket, row = _sorted_buckets(cells)
    _, begins, number = np.unique(bucket, return_index=True, return_inverse=True)
    group, found = np.arange(len(cells)), [np.empty((0, 2), dtype=np.int64)]
    step, start = 1, np.arange(len(bucket))
    while len(start):
        start = start[start + step < len(bucket)]
        start = start[bucket[start] == bucket[start + step]]
        pairs = np.column_stack([row[start], row[start + step]])
        pairs = pairs[np.diff(group[pairs], axis=1)[:, 0] != 0]
        left, right = pairs.T
        found.append(pairs[(np.abs(cells[left] - cells[right]) <= _REACH).all(axis=1)])
        if step & (step - 1) == 0:  # now and then, for a thousand alike make a million pairs
            group, found = _joined(group, found), found[:1]
            ends = (side.reduceat(group[row], begins) for side in (np.minimum, np.maximum))
            start = start[np.not_equal(*ends)[number[start]]]
        step += 1
    return _joined(group, found)


def _joined(group: Integers, pairs: list[Integers]) -> Integers:
    """Join the groups of pairs of rows."""
    left, right = group[np.concatenate(pairs)].T
    return join_pairs(int(group.max(initial=-1)) + 1, left, right)[group]


def _sorted_buckets(cells: Integers) -> tuple[NDArray[np.uint64], Integers]:
    """Give buckets, rising, and the rows in them; the widest that leave little to compare."""
    for width in _WIDTHS:
        bucket, row = _buckets(cells, width)
        sizes = np.unique(bucket, return_counts=True)[1]
        if sizes @ (sizes - 1) <= 2 * _PAIRS_A_ROW * len(cells):
            break
    order = np.argsort(bucket, kind="stable")
    return bucket[order], row[order]


def _buckets(cells: Integers, width: int) -> tuple[NDArray[np.uint64], Integers]:
    """Give buckets and the rows in them; two rows within reach share one at least."""
    row = np.arange(len(cells))
    bucket = np.zeros(len(cells), dtype=np.uint64)
    for column in cells.T:
        shifted = column - _quiet_edge(column, width)
        own, inside = shifted // width, shifted % width
        low = inside[row] < _REACH
        own = np.concatenate([own[row], own[row[low]] - 1])
        bucket, row = np.concatenate([bucket, bucket[low]]), np.concatenate([row, row[low]])
        bucket = mix_columns([bucket, own.view(np.uint64)], n_rows=len(row), seed=0)
    return bucket, row


def _quiet_edge(column: Integers, width: int) -> int:
    """Give where buckets should begin for the fewest rows to be near a lower end."""
    counts = np.bincount(column % width, minlength=width)
    run = np.cumsum(np.concatenate([[0], counts, counts]))
    return int(np.argmin(run[_REACH : _REACH + width] - run[:width]))
