"""Products of two features, squares among them: a plane of them is a curved border."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def pairs(n_features: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the first and the second feature of each product.

    The first feature with all, then the second with all but the first, and so on.
    """
    first, second = np.triu_indices(n_features)
    return first, second


def with_products(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put the products behind the features, shape (n_samples, n_features) into one of 44 for 8."""
    first, second = pairs(scaled.shape[1])
    return np.hstack([scaled, scaled[:, first] * scaled[:, second]])


def with_product_names(names: Sequence[str]) -> tuple[str, ...]:
    """Name the columns of `with_products`: ``dm_mean``, ``dm_mean²``, ``dm_mean × dm_stdev``."""
    both = zip(*pairs(len(names)), strict=True)
    products = [f"{names[i]}²" if i == j else f"{names[i]} × {names[j]}" for i, j in both]
    return (*names, *products)


def shared_out(parts: NDArray[np.float64], n_features: int) -> NDArray[np.float64]:
    """Share the columns' parts of a sum among the features, keeping the sum.

    Parameters
    ----------
    parts : ndarray of shape (n_samples, n_columns), float64
        What each column of `with_products` adds to each row's sum.
    n_features : int
        How many of the columns are features.

    Returns
    -------
    ndarray of shape (n_samples, n_features), float64
        A feature keeps its own part and its square's, and gets half of each product's.

    Notes
    -----
    A product belongs to two features at once, and halves are one convention among several. They are
    the Shapley values of a game in which a feature that is absent makes every input with it 0, its
    mean (Lundberg and Lee, 2017, "A Unified Approach to Interpreting Model Predictions", section
    2).
    """
    halves = parts[:, n_features:] / 2
    shared = parts[:, :n_features].copy()
    # One addition after the other: a matrix product would let bits depend on other rows.
    for pair, (i, j) in enumerate(zip(*pairs(n_features), strict=True)):
        shared[:, i] += halves[:, pair]
        shared[:, j] += halves[:, pair]
    return shared
