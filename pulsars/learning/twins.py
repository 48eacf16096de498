"""Rows that are the same to five digits, found otherwise than the split finds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

_DIGITS = 5
_SLACK = 1.0003e-4
"""A unit of the last digit is at most 1e-4 of a number; the rest is for rounding."""

_ROUNDING = 1 + 1e-9

_DROPPED, _WIDTH, _REACH = np.uint64(32), np.uint64(15), np.uint64(213)
"""The bits of a float rise with it. Without the last 32, buckets for a first look are 2^15 wide,
and those of twins differ by 213 at most."""

_LAST = 10**_DIGITS - 10

_UNITS = (64, 16, 4)
"""How wide buckets are in units of the fifth digit, where many rows are close."""

_FEW = 50  # pairs a row, from which on narrower buckets are cheaper
_AT_ONCE = 1 << 20  # pairs, to bound memory

_GOLDEN = 0.618  # of a bucket, so that no round number lies at its edge
_ODD = np.uint64(0x9E3779B97F4A7C15)  # to mix by


@dataclass(frozen=True, eq=False)
class Twins:
    """Which rows are the same to five digits, themselves or by others between them.

    Attributes
    ----------
    group : ndarray of shape (n_rows,), int64
        The number of the first row of each row's group, which is joined by pairs that differ in no
        feature by more than one in the fifth significant digit.
    """

    group: np.ndarray

    @classmethod
    def of(cls, X: np.ndarray) -> Twins:
        """Find them: only rows that share a bucket are compared, so time grows as n log n.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features), float64
            Finite.
        """
        some = np.unique(_shared(_by_bits(X), len(X))[1])  # of a survey next to none
        name = np.zeros(len(some), dtype=np.uint64)
        for column in X.T:
            name = _mix(name, _bits(column[some]))
        _, first, copy = np.unique(name, return_index=True, return_inverse=True)
        distinct = np.sort(first)
        joined = distinct[_joined(X[some[distinct]])]
        group = np.arange(len(X))
        group[some] = some[joined[np.searchsorted(distinct, first)[copy]]]
        return cls(group)

    @property
    def most(self) -> int:
        """Rows of the largest group."""
        return int(np.bincount(self.group).max())

    def of_rows(self, rows: np.ndarray) -> np.ndarray:
        """Tell which rows, of shape (n_rows,), are in a group with one of these."""
        there = np.zeros(len(self.group), dtype=bool)
        there[self.group[rows]] = True
        found: np.ndarray = there[self.group]
        return found


def _joined(X: np.ndarray) -> np.ndarray:
    """Give the first row of each row's group; no two rows have the same bits."""
    for width in _UNITS:
        bucket, row = _shared(_by_digits(X, width), len(X))
        sizes = np.unique(bucket, return_counts=True)[1]
        if sizes @ (sizes - 1) <= 2 * _FEW * len(X):
            break
    group, n_each, more = np.arange(len(X)), 1, len(row) > 0
    while more:
        ahead, more = _ahead(bucket, group[row], n_each)
        for left, right in ahead:
            group = _merged(X, group, row[left], row[right])
        n_each *= 4
    return group


def _ahead(
    bucket: np.ndarray, group: np.ndarray, n_each: int
) -> tuple[Iterator[tuple[np.ndarray, np.ndarray]], bool]:
    """Pair each place with the next so many of its bucket and not its group; tell if more follow.

    What one look joins is passed over by the next, so that rows that are all alike cost little.
    """
    order = np.lexsort((group, bucket))
    new = np.append(bucket[order][1:] != bucket[order][:-1], True)
    other = np.append(group[order][1:] != group[order][:-1], True)
    place = np.arange(len(order))
    last, after = (
        (ends := np.flatnonzero(where) + 1)[np.searchsorted(ends, place, side="right")]
        for where in (new, new | other)
    )
    count = np.minimum(last - after, n_each)
    n_pairs = np.cumsum(count)

    def pairs() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for begin in range(0, int(n_pairs[-1]), _AT_ONCE):
            pair = np.arange(begin, min(begin + _AT_ONCE, n_pairs[-1]))
            left = np.searchsorted(n_pairs, pair, side="right")
            nth = pair - (n_pairs[left] - count[left])
            yield order[left], order[after[left] + nth]

    return pairs(), bool((last - after > n_each).any())


def _merged(X: np.ndarray, group: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Give the groups when the pairs among these rows that are the same are joined."""
    pairs = np.column_stack([left, right])
    pairs = pairs[group[left] != group[right]]
    pairs = pairs[_same(X, pairs)]
    while (group[pairs[:, 0]] != group[pairs[:, 1]]).any():
        ends, lower = group[pairs], group.copy()
        np.minimum.at(lower, ends.max(axis=1), ends.min(axis=1))
        while not np.array_equal(lower, lower[lower]):
            lower = lower[lower]
        group = lower[group]
    return group


def _shared(
    places: Iterable[tuple[np.ndarray, np.ndarray]], n_rows: int
) -> tuple[np.ndarray, np.ndarray]:
    """Give buckets that hold several rows, rising, and the rows; twins share one.

    `places` are the place of each row in a feature, and whether its twins may be one below.
    """
    row, bucket = np.arange(n_rows), np.zeros(n_rows, dtype=np.uint64)
    for place, low in places:
        below = np.flatnonzero(low[row])
        at = np.append(place[row], place[row[below]] - np.uint64(1))
        bucket, row = np.append(bucket, bucket[below]), np.append(row, row[below])
        bucket = _mix(bucket, at)
    order = np.argsort(bucket)
    same = np.zeros(len(order) + 1, dtype=bool)
    same[1:-1] = bucket[order][1:] == bucket[order][:-1]
    order = order[same[1:] | same[:-1]]
    return bucket[order], row[order]


def _bits(column: np.ndarray) -> np.ndarray:
    bits: np.ndarray = (np.ascontiguousarray(column) + 0.0).view(np.uint64)  # -0 is 0
    return bits


def _by_bits(X: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    edge = np.uint64(_GOLDEN * 2 ** int(_WIDTH))
    for column in X.T:
        place = (_bits(column) >> _DROPPED) + edge
        own = place >> _WIDTH
        yield own, place - (own << _WIDTH) < _REACH


def _by_digits(X: np.ndarray, width: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Lay features out in units of the fifth digit, so that twins are within one."""
    for column in X.T:
        size = np.abs(column)
        power = np.floor(np.log10(np.maximum(size, 1e-300)))
        digits = size / 10.0 ** (power - (_DIGITS - 1))
        # Above a power of ten a unit is ten of those below: the last ten count as one.
        digits = np.where(digits > _LAST, _LAST + (digits - _LAST) / 10, digits)
        place = ((_LAST + 1 - 10 ** (_DIGITS - 1)) * (power + 300) + digits) / width + _GOLDEN
        own = np.floor(place)
        sign = np.where(column < 0, np.uint64(1) << _DROPPED, np.uint64(0))
        yield own.astype(np.uint64) + sign, (place - own) * width < 1.01  # noqa: PLR2004


def _mix(name: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Mix a column of bits into names; two that differ are mixed into one once in 10^19 pairs."""
    mixed = (name ^ column ^ (column >> _DROPPED)) * _ODD
    mixed ^= mixed >> _DROPPED
    found: np.ndarray = (mixed + np.uint64(1)) * _ODD
    return found


def _same(X: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Tell which pairs differ in no feature by more than one in the last digit that counts."""
    left = np.arange(len(pairs))
    for column in X.T:  # few are left after the first
        one, other = column[pairs[left]].T
        size = np.maximum(np.abs(one), np.abs(other))
        left = left[np.abs(one - other) <= size * _SLACK]
    one, other = X[pairs[left, 0]], X[pairs[left, 1]]
    size = np.maximum(np.abs(one), np.abs(other))
    with np.errstate(divide="ignore"):
        unit = 10.0 ** (np.floor(np.log10(size)) - (_DIGITS - 1))
    same = np.zeros(len(pairs), dtype=bool)
    same[left] = (np.abs(one - other) <= unit * _ROUNDING).all(axis=1)
    return same
