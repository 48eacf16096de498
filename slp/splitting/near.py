"""Rows that are the same but for their last digits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_columns
from slp.splitting.keys import mix_columns
from slp.splitting.near_names import check_units
from slp.splitting.pairs import join_pairs

Integers = NDArray[np.int64]
Cells = NDArray[np.int32]

_CELL = 1.25e-5
_REACH = 9
"""In cells: 1e-4, and one for the rounding to cells."""

_WIDTHS = (256, 64, 32)
"""Of a bucket, in cells: narrow ones hold fewer rows, but more rows stand in several."""

_MOST_PAIRS = 1 << 27  # compared, and seconds spent, before rows of one bucket are joined unseen
_PAIRS_A_ROW = 50  # to be compared, from which on narrower buckets are cheaper

_SHELF, _SLOT, _SLOTS = 47, 40, 128
"""Bits of a mantissa that a shelf, the bucket of a first look, leaves out: it is 2 % wide.

In slots of that many bits its edge is laid.
"""

_LOOKED_AT = 10_000  # rows that say where few are

_ODD = 0x1E3779B97F4A7C15  # to mix by

_NEXT = int(2.6e-4 * 2**52)
"""The reach there, in those bits: as far as rows within reach, 10 cells, can be apart."""


def near_identical(X: ArrayLike) -> Integers:
    """Put rows that agree to five significant digits in every feature into groups.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Finite.

    Returns
    -------
    ndarray of shape (n_samples,), int64
        The number of each row's group, from 0 in the order of their first rows. Rows whose
        features differ by at most 1e-4 of their size are together, and none that differ by more
        than 1.25e-4 are joined but by rows between them. Below an eighth of the feature's median
        size that eighth is the size, so that a file printed with six decimals is known again
        though a skewness near 0 has fewer digits; near that eighth up to 1.8e-4 may be joined.

    Raises
    ------
    ValueError
        When a feature is not finite, or no number.

    Notes
    -----
    Of a survey's rows time and memory grow as n log n: those that no other is near on wide shelves
    are left out at once. The rest share buckets, those near its lower end in a feature stand in the
    one below too, and only rows of one bucket that are not joined yet are compared. Where nearly
    all are as far from each other as the reach, these are too many pairs: after 2**27, or 50 a
    row, the rows of each bucket that is not done are joined, which differ by up to 4e-4.
    """
    return near_in_units(X, None)


def near_in_units(X: ArrayLike, given: ArrayLike | None) -> Integers:
    """Give the groups of `near_identical`, with an eighth of each feature's size given, or None."""
    checked = check_columns(X)
    columns = list(np.asarray(X).T)
    if given is not None:
        check_units(given, len(columns))
    units, rows = _not_alone(checked, given, n_rows=np.shape(X)[0])
    cells = np.empty((len(rows), len(columns)), dtype=np.int32, order="F")  # below 2**26
    for at, (column, unit) in enumerate(zip(columns, units, strict=True)):
        cells[:, at] = np.rint(np.arcsinh(_in_units(column[rows], unit)) / _CELL)
    wide = (column.astype(np.int64).view(np.uint64) for column in cells.T)
    names = mix_columns(wide, n_rows=len(cells), seed=0)
    _, first, cell = np.unique(names, return_index=True, return_inverse=True)
    del names
    group = _near_groups(cells[first])[cell]
    _, begins, number = np.unique(group, return_index=True, return_inverse=True)
    start = np.arange(np.shape(X)[0])
    start[rows] = rows[begins[number]]
    numbers: Integers = np.cumsum(start == np.arange(len(start)))[start] - 1
    return numbers


def count_repeats(X: ArrayLike) -> int:
    """Count the rows that are near-identical to an earlier one, as for `near_identical`."""
    return _count(near_identical(X))


def count_near(X: ArrayLike, units: ArrayLike) -> int:
    """Count as `count_repeats`, with an eighth of each feature's size given: shape (n_features,).

    Of a part of a table that holds every row that has another near it, the count is that of the
    whole table where `units` are.
    """
    return _count(near_in_units(X, units))


def _count(group: Integers) -> int:
    return len(group) - int(group.max(initial=-1)) - 1


def units_of(X: ArrayLike) -> list[float]:
    """Give about an eighth of each feature's median size: a power of two.

    Parameters and errors are those of `near_identical`.
    """
    return [_unit(column) for column in check_columns(X)]


def _unit(column: NDArray[np.float64]) -> float:
    """Give about an eighth of a feature's median size, a power of two that no row more moves."""
    size = np.abs(column)
    positive = size > 0
    if not positive.any():
        return 1.0
    size /= 8  # here, for a median is a mean of two, whose sum may be more than a float holds
    typical = float(np.median(size if positive.all() else size[positive], overwrite_input=True))
    return float(2.0 ** np.floor(np.log2(max(typical, 1e-290 / 8))))


def _in_units(column: NDArray[Any], unit: float) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        size: NDArray[np.float64] = np.clip(column.astype(np.float64) / unit, -1e300, 1e300)
    return size


def _not_alone(
    columns: Iterable[NDArray[np.float64]], given: ArrayLike | None, *, n_rows: int
) -> tuple[list[float], Integers]:
    """Give units, and the rows, rising, that may be within reach of another; few of a survey are.

    The bits of 1 + a size rise as its logarithm, nearly, and at most twice as fast as cells do.
    """
    row, shelf, units = np.arange(n_rows), np.zeros(n_rows, dtype=np.int64), []
    for at, column in enumerate(columns):
        units.append(_unit(column) if given is None else float(np.asarray(given)[at]))
        size = _in_units(column, units[-1])
        place = (1 + np.abs(size)).view(np.int64) - np.float64(1).view(np.int64)
        np.negative(place, out=place, where=size < 0)
        place -= _quiet_edge(place[:: len(place) // _LOOKED_AT + 1] >> _SLOT, _SLOTS, 2) << _SLOT
        low = np.flatnonzero((place & (2**_SHELF - 1))[row] < _NEXT)
        own = (place >> _SHELF)[row]
        shelf = np.concatenate([shelf + own * _ODD, shelf[low] + (own[low] - 1) * _ODD])
        shelf = (shelf ^ (shelf >> 29)) * _ODD  # two shelves of one number only look too close
        row = np.concatenate([row, row[low]])
    order = np.argsort(shelf)
    same = np.diff(shelf[order]) == 0
    some = np.zeros(n_rows, dtype=bool)
    some[row[order[1:][same]]] = some[row[order[:-1][same]]] = True
    return units, np.flatnonzero(some)


def _near_groups(cells: Cells) -> Integers:
    """Join rows that no feature parts by more than the reach, those next in a bucket first."""
    bucket, row = _sorted_buckets(cells)
    _, begins, number = np.unique(bucket, return_index=True, return_inverse=True)
    group, found = np.arange(len(cells)), [np.empty((0, 2), dtype=np.int64)]
    step, start, compared = 1, np.arange(len(bucket)), 0
    while len(start):
        start = start[start + step < len(bucket)]
        start = start[bucket[start] == bucket[start + step]]
        pairs = np.column_stack([row[start], row[start + step]])
        pairs = pairs[np.diff(group[pairs], axis=1)[:, 0] != 0]
        compared += len(start)
        if compared > max(_MOST_PAIRS, _PAIRS_A_ROW * len(cells)):
            return _joined(group, [*found, _chained(row, number, np.unique(number[start]))])
        left, right = pairs.T
        found.append(pairs[(np.abs(cells[left] - cells[right]) <= _REACH).all(axis=1)])
        if step & (step - 1) == 0:  # now and then, for a thousand alike make a million pairs
            group, found = _joined(group, found), found[:1]
            ends = (side.reduceat(group[row], begins) for side in (np.minimum, np.maximum))
            start = start[np.not_equal(*ends)[number[start]]]
        step += 1
    return _joined(group, found)


def _chained(row: Integers, number: Integers, some: Integers) -> Integers:
    """Give the pairs of rows that stand next to each other in some of the buckets."""
    start = np.flatnonzero((np.diff(number) == 0) & np.isin(number[1:], some))
    return np.column_stack([row[start], row[start + 1]])


def _joined(group: Integers, pairs: list[Integers]) -> Integers:
    """Join the groups of pairs of rows."""
    left, right = group[np.concatenate(pairs)].T
    return join_pairs(int(group.max(initial=-1)) + 1, left, right)[group]


def _sorted_buckets(cells: Cells) -> tuple[NDArray[np.uint64], Integers]:
    """Give buckets, rising, and the rows in them; the widest that leave little to compare."""
    for width in _WIDTHS:
        bucket, row = _buckets(cells, width)
        sizes = np.unique(bucket, return_counts=True)[1]
        if sizes @ (sizes - 1) <= 2 * _PAIRS_A_ROW * len(cells):
            break
    order = np.argsort(bucket, kind="stable")
    return bucket[order], row[order]


def _buckets(cells: Cells, width: int) -> tuple[NDArray[np.uint64], Integers]:
    """Give buckets and the rows in them; two rows within reach share one at least."""
    row = np.arange(len(cells))
    bucket = np.zeros(len(cells), dtype=np.uint64)
    for column in cells.T:
        shifted = column - _quiet_edge(column, width, _REACH)
        own, inside = shifted // width, shifted % width
        low = inside[row] < _REACH
        own = np.concatenate([own[row], own[row[low]] - 1])
        bucket, row = np.concatenate([bucket, bucket[low]]), np.concatenate([row, row[low]])
        bucket = mix_columns(
            [bucket, own.astype(np.int64).view(np.uint64)], n_rows=len(row), seed=0
        )
    return bucket, row


def _quiet_edge(column: NDArray[Any], width: int, reach: int) -> int:
    """Give where buckets should begin for the fewest rows to be near a lower end."""
    counts = np.bincount(column % width, minlength=width)
    run = np.cumsum(np.concatenate([[0], counts, counts]))
    return int(np.argmin(run[reach : reach + width] - run[:width]))
