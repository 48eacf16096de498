"""The stratified split into training, validation and test part."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_labels
from slp.scalars import check_number
from slp.splitting.groups import assign_parts
from slp.splitting.keys import places
from slp.splitting.parts import PARTS, Split


def stratified_split(
    X: ArrayLike,
    y: ArrayLike,
    *,
    validation_size: float,
    test_size: float,
    seed: int,
    groups: ArrayLike | None = None,
) -> Split:
    """Split rows by the rank of a hash, so that each part has its share of each class.

    Content and seed decide a row's rank, so the order of the rows does not matter, and when a table
    grows only the few rows at a cut move. The test part is at the low end of the ranking, then come
    the validation and the training part, and a moving cut of the test part has only one side.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Features: they decide the rank, and which rows are near-identical.
    y : array-like of shape (n_samples,)
        Labels, 0 or 1.
    validation_size, test_size : float
        Shares of the rows, each in (0, 1), together below 1; the rest is the training part.
    seed : int
        Of the ranking.
    groups : array-like of shape (n_samples,), optional
        Whole numbers: rows with the same one stay together, as one source seen twice; -1 is none.

    Returns
    -------
    Split
        Rows that agree to five significant digits, and rows of one of `groups`, are in the same
        part whatever their labels: that of the row with the lowest key, so that a group that grows
        moves towards the test part if at all. Each part's count of each class is within one row of
        its exact share; where a group stands at a cut, within that group's rows of the class.

    Raises
    ------
    ValueError
        When a share is out of bounds, a class is absent, or a part would have no row of a class.

    Notes
    -----
    `slp.splitting.keys.row_keys` needs no other row, and a ranking is cut by counts of keys: over
    pieces of a table keep labels and keys, 17 bytes a row, or counts of the keys' leading bits,
    which add up, and cut those.
    """
    labels = check_labels(y)
    counts = np.bincount(labels, minlength=2)
    room = _shares(counts, validation_size, test_size)
    place = places(X, seed=seed)
    part = 2 - assign_parts(X, labels, room=room[::-1], place=place, groups=groups)
    _check_parts(part, labels)
    return Split.from_indices(*(np.flatnonzero(part == number) for number in range(3)))


def _shares(
    counts: NDArray[np.int64], validation_size: float, test_size: float
) -> NDArray[np.int64]:
    """Rows of each class a part is to have, shape (3 parts, 2 classes)."""
    validation_size = check_number("validation_size", validation_size)
    test_size = check_number("test_size", test_size)
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
