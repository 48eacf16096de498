"""Groups that pairs of rows make, directly or by others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import as_array, check_length
from slp.scalars import check_whole

Integers = NDArray[np.int64]


def join_pairs(n_samples: int, left: ArrayLike, right: ArrayLike) -> Integers:
    """Give the groups that pairs of rows make, directly or by others.

    Parameters
    ----------
    n_samples : int
        How many rows there are.
    left, right : array-like of shape (n_pairs,)
        Row numbers, from 0 and below `n_samples`.

    Returns
    -------
    ndarray of shape (n_samples,), int64
        The number of each row's group, from 0 in the order of their first rows.

    Raises
    ------
    ValueError
        When one is no number of a row, there are more on one side, or `n_samples` is not whole.

    Examples
    --------
    >>> join_pairs(5, np.array([3, 4]), np.array([1, 3])).tolist()
    [0, 1, 2, 1, 1]
    """
    n_samples = check_whole("n_samples", n_samples)
    here, there = _rows(left, n_samples), _rows(right, n_samples)
    check_length("rows on the right", there, len(here))
    first = np.arange(n_samples)
    while len(here):
        one, two = first[here], first[there]
        apart = one != two
        here, there, one, two = here[apart], there[apart], one[apart], two[apart]
        np.minimum.at(first, np.maximum(one, two), np.minimum(one, two))
        while not np.array_equal(first, first[first]):
            first = first[first]
    return np.unique(first, return_inverse=True)[1].astype(np.int64)


def _rows(side: ArrayLike, n_samples: int) -> NDArray[np.integer[Any]]:
    rows = as_array("pairs of rows", side)
    if rows.ndim != 1 or (len(rows) and rows.dtype.kind not in "iu"):
        raise ValueError(f"rows of pairs have shape {rows.shape} and are of type {rows.dtype}")
    if len(rows) and not (rows.min() >= 0 and rows.max() < n_samples):
        wrong = rows.min() if rows.min() < 0 else rows.max()
        raise ValueError(f"there is no row {wrong} among {n_samples}, counted from 0")
    return rows
