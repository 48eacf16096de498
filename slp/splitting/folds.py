"""Folds (폴드) for cross-validation: like a split, groups stay together.

And those of nested cross-validation (중첩 교차 검증), the score of a whole sweep. The best of many
settings was chosen for its score, luck and all, so that score flatters. There the choice is made
anew without each outer fold, which then measures what was chosen: Cawley and Talbot (2010), JMLR
11, 2079.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import as_array, as_floats, check_labels, check_rng
from slp.scalars import check_whole
from slp.splitting.groups import assign_parts


def stratified_folds(
    X: ArrayLike,
    y: ArrayLike,
    *,
    n_folds: int,
    rng: np.random.Generator,
    groups: ArrayLike | None = None,
) -> NDArray[np.int64]:
    """Share rows out to folds at random, each class as evenly as can be.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Features, looked at only to find near-identical rows.
    y : array-like of shape (n_samples,)
        Labels, 0 or 1.
    n_folds : int
        How many folds, at least 2 and at most the rows of the rarer class.
    rng : numpy.random.Generator
        Source of every draw.
    groups : array-like of shape (n_samples,), optional
        As for `slp.splitting.split.stratified_split`.

    Returns
    -------
    ndarray of shape (n_samples,), int64
        The fold of each row, from 0. Folds differ by at most one row in each class, and by at most
        one in all, unless groups leave no way to that; groups stay together as in
        `slp.splitting.split.stratified_split`.

    Raises
    ------
    ValueError
        When `n_folds` is out of bounds, or a fold would have no row of a class.
    """
    check_rng(rng)
    labels = check_labels(y)
    counts = np.bincount(labels, minlength=2)
    n_folds = check_whole("n_folds", n_folds)
    if not 2 <= n_folds <= counts.min():  # noqa: PLR2004 - one to learn from, one to measure
        raise ValueError(
            f"n_folds {n_folds} is outside [2, {counts.min()}], the rows of the rarer class"
        )
    room, place = _even_shares(counts, n_folds), rng.permutation(len(labels))
    fold = assign_parts(X, labels, room=room, place=place, groups=groups)
    found = np.bincount(2 * fold + labels, minlength=2 * n_folds).reshape(n_folds, 2)
    if not found.all():
        number, label = np.argwhere(found == 0)[0]
        raise ValueError(
            f"fold {number} would have 0 of the {counts[label]} rows labelled {label}; rows that "
            f"stay together, identical or of one source, are too few groups for {n_folds} folds"
        )
    return fold


def as_held(held: ArrayLike, n_samples: int) -> NDArray[np.bool_]:
    """Give what says of each fold and row whether it is held out, shape (n_folds, n_samples).

    Raises
    ------
    ValueError
        When it is of another shape, or anything but True and False, or 1 and 0.
    """
    folds = as_array("folds", held)
    if folds.ndim != 2 or folds.shape[1] != n_samples:  # noqa: PLR2004 - folds and rows
        raise ValueError(f"held has shape {folds.shape}; one row a fold of {n_samples} is needed")
    if folds.dtype == np.bool_:
        return folds
    numbers = as_floats("folds", folds)
    if not np.isin(numbers, (0, 1)).all():
        raise ValueError("held is not True or False, or 1 or 0, throughout")
    return numbers.astype(np.bool_)


def _even_shares(counts: NDArray[np.int64], n_folds: int) -> NDArray[np.int64]:
    """Rows of each class a fold is to have, shape (n_folds, 2 classes)."""
    # One class fills folds from the front and the other from the back, so that no fold gets
    # the odd row of both while another gets none.
    front = np.arange(n_folds)[:, None] < counts % n_folds
    front[:, 1] = front[::-1, 1]
    return counts // n_folds + front
