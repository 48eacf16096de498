"""Groups that pairs of rows make, directly or by others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]


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
