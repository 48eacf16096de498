"""Rows put into parts by their place in a ranking, groups of rows whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import as_array, check_length
from slp.splitting.near import near_in_units
from slp.splitting.pairs import join_pairs

Integers = NDArray[np.int64]


def assign_parts(
    X: ArrayLike,
    labels: Integers,
    *,
    room: Integers,
    place: Integers,
    groups: ArrayLike | None = None,
) -> Integers:
    """Put rows into parts by rank within their class, groups whole.

    Near-identical rows stand where the first of them in the ranking does, which no order of the
    file changes. A group that `groups` names stands where the first of its rows in the file does:
    what is added at the end moves none that is there. It is among pulsars if it has one.
    In each class the ranking is cut into parts, the first part first; a group across a cut goes
    where its middle lies, and rows that are alone fill up what groups leave.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Features: where they agree to five significant digits, rows are one group.
    labels : ndarray of shape (n_samples,), int64
        0 or 1.
    room : ndarray of shape (n_parts, 2), int64
        How many rows of each class a part is to have; in all as many as there are.
    place : ndarray of shape (n_samples,), int64
        Of each row in the ranking, from 0, each once.
    groups : array-like of shape (n_samples,), optional
        Whole numbers: rows with the same one are one group too; -1 is no group.

    Returns
    -------
    ndarray of shape (n_samples,), int64
        The number of each row's part; the counts are `room` unless groups leave no way to that.
        A group larger than a part is in the one with the most room.

    Raises
    ------
    ValueError
        When there are not as many rows of features, or groups, as labels, or a group is not a whole
        number of at least -1.
    """
    group = gather_groups(X, groups)
    check_length("rows of features", group, len(labels))
    group = _ranked_groups(group, place, named=groups)
    need = np.bincount(2 * group + labels, minlength=2 * (group.max() + 1)).reshape(-1, 2)
    return _fill(need, room.copy())[group]


def gather_groups(
    X: ArrayLike, groups: ArrayLike | None = None, *, units: ArrayLike | None = None
) -> Integers:
    """Give the groups that near-identity and `groups`, as for `assign_parts`, make together.

    `units` are those of `slp.splitting.near.near_in_units`.
    """
    group = near_in_units(X, units)
    if groups is None:
        return group
    named = as_array("groups", groups)
    if named.ndim != 1 or not np.issubdtype(named.dtype, np.integer) or (named < -1).any():
        raise ValueError(f"groups are {named.dtype} of shape {named.shape}; whole numbers from -1")
    check_length("groups", named, len(group))
    rows = np.flatnonzero(named >= 0)
    _, first, name = np.unique(named[rows], return_index=True, return_inverse=True)
    _, near = np.unique(group, return_index=True)
    left = np.concatenate([np.arange(len(group)), rows])
    return join_pairs(len(group), left, np.concatenate([near[group], rows[first][name]]))


def _ranked_groups(group: Integers, place: Integers, *, named: ArrayLike | None) -> Integers:
    """Give groups new numbers, by where they stand."""
    first = np.full(group.max() + 1, len(group))
    np.minimum.at(first, group, place)
    if named is not None:
        _, row = np.unique(group, return_index=True)
        several = np.unique(group[np.asarray(named) >= 0])
        first[several] = place[row[several]]
    return np.argsort(np.argsort(first))[group]


def _fill(need: Integers, left: Integers) -> Integers:
    """Give the part of each group, by its rank, from the rows of each class in it.

    `need` is of shape (n_groups, 2); `left`, of shape (n_parts, 2), is used up.
    """
    part = np.full(len(need), -1)
    several = need.sum(axis=1) > 1
    for number in _oversized(need, left, several):
        part[number] = np.argmax(left[:, need[number] > 0].sum(axis=1))
        left[part[number]] -= need[number]
    for label in (1, 0):
        ranked = np.flatnonzero((part < 0) & (need[:, label] > 0))
        if not len(ranked):
            continue
        size = need[ranked, label]
        middle = np.cumsum(size) - size / 2
        part[ranked] = np.searchsorted(_cuts(left[:, label], size.sum()), middle, side="right")
        whole, alone = ranked[several[ranked]], ranked[~several[ranked]]
        np.subtract.at(left, part[whole], need[whole])
        if len(alone):
            cuts = _cuts(left[:, label], len(alone))
            part[alone] = np.searchsorted(cuts, np.arange(len(alone)) + 0.5, side="right")
    return part


def _oversized(need: Integers, room: Integers, several: NDArray[np.bool_]) -> Integers:
    """Give the groups that do not fit some part, largest first."""
    found = np.flatnonzero(several & (need > room.min(axis=0)).any(axis=1))
    return found[np.argsort(-need[found].sum(axis=1), kind="stable")]


def _cuts(room: Integers, n_rows: int) -> NDArray[np.float64]:
    """Give where a ranking of `n_rows` is cut, by the room that parts have, shape (n_parts − 1,).

    Where a part is overfull already, the others have that much less, each by its share.
    """
    ends = np.cumsum(np.maximum(room, 0))
    cuts: NDArray[np.float64] = np.rint(ends * (n_rows / ends[-1]))
    return cuts[:-1]
