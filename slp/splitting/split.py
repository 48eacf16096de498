"""The stratified split into training, validation and test part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from slp.checks import check_labels
from slp.splitting.groups import assign_parts
from slp.splitting.parts import PARTS, Split

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def stratified_split(
    X: ArrayLike,
    y: ArrayLike,
    *,
    validation_size: float,
    test_size: float,
    rng: np.random.Generator,
) -> Split:
    """Split rows at random so that each part has its share of each class.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Features, looked at only to find identical rows.
    y : array-like of shape (n_samples,)
        Labels, 0 or 1.
    validation_size, test_size : float
        Shares of the rows, each in (0, 1), together below 1; the rest is the training part.
    rng : numpy.random.Generator
        Source of every draw.

    Returns
    -------
    Split
        Each part's count of each class is within one row of its exact share. Rows with the same
        features, bit for bit once −0 is read as 0, are in the same part whatever their labels;
        where such groups leave no way to meet the shares, they stay whole, largest first, and the
        counts come as near as the groups placed one by one allow.

    Raises
    ------
    ValueError
        When a share is out of bounds, a class is absent, or a part would have no row of a class.
    """
    labels = check_labels(y)
    counts = np.bincount(labels, minlength=2)
    room = _shares(counts, validation_size, test_size)
    part = assign_parts(X, labels, room=room, rng=rng)
    _check_parts(part, labels)
    return Split.from_indices(*(np.flatnonzero(part == number) for number in range(3)))


def _shares(
    counts: NDArray[np.int64], validation_size: float, test_size: float
) -> NDArray[np.int64]:
    """Rows of each class a part is to have, shape (3 parts, 2 classes)."""
    for name, share in (("validation_size", validation_size), ("test_size", test_size)):
        if not 0 < share < 1:
            raise ValueError(f"{name} {share} is outside (0, 1)")
    if not validation_size + test_size < 1:
        raise ValueError(
            f"validation_size {validation_size} and test_size {test_size} leave nothing to train on"
        )
    validation = np.rint(counts * validation_size).astype(np.int64)
    test = np.rint(counts * test_size).astype(np.int64)
    return np.stack([counts - validation - test, validation, test])


def _check_parts(part: NDArray[np.int64], labels: NDArray[np.int64]) -> None:
    for number, name in enumerate(PARTS):
        for label in (0, 1):
            if not np.any((part == number) & (labels == label)):
                raise ValueError(
                    f"the {name} part would have 0 of the {np.count_nonzero(labels == label)} rows "
                    f"labelled {label}; at least 1 is needed: give more rows or a larger share"
                )
