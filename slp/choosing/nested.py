"""Nested cross-validation (중첩 교차 검증) of a sweep: the score of the whole procedure.

The best of many settings was chosen for its score, luck and all, so that score flatters. Here the
choice is made anew without each outer fold, which then measures what was chosen: Cawley and Talbot
(2010), JMLR 11, 2079.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import as_array, check_features, check_labels
from slp.splitting.folds import stratified_folds


def draw_folds(
    X: ArrayLike,
    y: ArrayLike,
    *,
    n_outer: int,
    n_inner: int,
    rng: np.random.Generator,
    groups: ArrayLike | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw the folds and seeds of all sweeps, and train nothing.

    What the folds cannot hold is then refused at once, and not after hours of training; and each
    training can be done by itself, in any order.

    Parameters
    ----------
    X, y : array-like
        As for `slp.splitting.folds.stratified_folds`.
    n_outer, n_inner : int
        Folds to score, which share most of their training rows, so that their spread is a little
        less than that of independent tests; and folds of the sweep within the rest. At least 2.
    rng : numpy.random.Generator
        Draws all of it.
    groups
        As for `slp.splitting.folds.stratified_folds`, of outer and inner folds alike.

    Returns
    -------
    inner : ndarray of shape (n_outer, n_samples), int64
        Without each outer fold, the inner fold of each row; -1 in the outer fold itself.
    seeds : ndarray of shape (n_outer, 2), int64
        Of the orders of each sweep, and of the training by its best.

    Raises
    ------
    ValueError
        When a class is too small for the outer folds, or for the inner ones without one of them.
    """
    features, labels = check_features(X), check_labels(y)
    same = np.full(len(labels), -1) if groups is None else as_array("groups", groups)
    fold = stratified_folds(features, labels, n_folds=n_outer, rng=rng, groups=same)
    inner, seeds = np.full((n_outer, len(labels)), -1), np.empty((n_outer, 2), dtype=np.int64)
    for number in range(n_outer):
        kept = fold != number
        try:
            inner[number, kept] = stratified_folds(
                features[kept], labels[kept], n_folds=n_inner, rng=rng, groups=same[kept]
            )
        except ValueError as error:
            raise ValueError(f"of the rows without outer fold {number}, {error}") from None
        seeds[number] = rng.integers(2**63, size=2)
    return inner, seeds
