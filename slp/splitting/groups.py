"""Rows put into parts at random, identical rows together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from slp.checks import check_length

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def assign_parts(
    X: ArrayLike, labels: NDArray[np.int64], *, room: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Put rows into parts at random, identical rows together.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Features, looked at only to find identical rows.
    labels : ndarray of shape (n_samples,), int64
        0 or 1.
    room : ndarray of shape (n_parts, 2), int64
        How many rows of each class a part is to have; in all as many as there are.
    rng : numpy.random.Generator
        Source of every draw.

    Returns
    -------
    ndarray of shape (n_samples,), int64
        The number of each row's part; the counts are `room` unless groups of identical rows leave
        no way to that.

    Raises
    ------
    ValueError
        When there are not as many rows of features as labels.
    """
    room = room.copy()
    group = _group_identical(np.asarray(X, dtype=np.float64), len(labels))
    size = np.bincount(group)
    part = np.empty(len(labels), dtype=np.int64)
    for members in _shuffled_groups(group, size, rng):
        need = np.bincount(labels[members], minlength=2)
        chosen = _choose_part(room, need, rng)
        part[members] = chosen
        room[chosen] -= need
    alone = size[group] == 1
    for label in (0, 1):
        rows = rng.permutation(np.flatnonzero(alone & (labels == label)))
        part[rows] = np.repeat(np.arange(len(room)), _fit_room(room[:, label], len(rows)))
    return part


def _group_identical(X: NDArray[np.float64], n_samples: int) -> NDArray[np.int64]:
    """Give each row the number of its group of rows with the same bits, shape (n_samples,)."""
    check_length("rows of features", X, n_samples)
    bits = (X.reshape(n_samples, -1) + 0.0).view(np.int64)  # −0.0 + 0.0 is 0.0
    order = np.lexsort(bits.T)
    new = np.any(bits[order[1:]] != bits[order[:-1]], axis=1)
    group = np.zeros(n_samples, dtype=np.int64)
    group[order[1:]] = np.cumsum(new)
    return group


def _shuffled_groups(
    group: NDArray[np.int64], size: NDArray[np.int64], rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Rows of each group of two or more, largest group first, equally large ones shuffled."""
    rows = np.flatnonzero(size[group] > 1)
    rows = rows[np.argsort(group[rows], kind="stable")]
    groups = np.split(rows, np.flatnonzero(np.diff(group[rows])) + 1) if len(rows) else []
    order = rng.permutation(len(groups))
    return [groups[number] for number in sorted(order, key=lambda number: -len(groups[number]))]


def _choose_part(room: NDArray[np.int64], need: NDArray[np.int64], rng: np.random.Generator) -> int:
    """Draw a part that has room, by how much it has; with none, take the one with the most."""
    wanted = room[:, need > 0].sum(axis=1)
    fits = (room >= need)[:, need > 0].all(axis=1)
    if not fits.any():
        return int(np.argmax(wanted))
    ends = np.cumsum(np.where(fits, wanted, 0))
    return int(np.searchsorted(ends, rng.integers(ends[-1]), side="right"))


def _fit_room(room: NDArray[np.int64], n_rows: int) -> NDArray[np.int64]:
    """Take from the roomiest parts what overfull ones have had too much, so that all is n_rows."""
    fitted = np.maximum(room, 0)
    for _ in range(int(fitted.sum()) - n_rows):
        fitted[np.argmax(fitted)] -= 1
    return fitted
