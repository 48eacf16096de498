"""The split into training, validation and test part, and the type that guards the training part.

Only a `TrainingPart` can be resampled, and only a `Split` makes one: oversampling before the
split, which puts copies of test pulsars into the training part, cannot be written by mistake.
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from typing import TYPE_CHECKING

import numpy as np

from slp.checks import check_labels, check_length, frozen

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_SEAL = object()
_PARTS = ("training", "validation", "test")


@dataclass(frozen=True, eq=False)
class TrainingPart:
    """The rows a model may learn from.

    Attributes
    ----------
    indices : ndarray of shape (n_training,), int64, read-only
        Rising row numbers of the split table.

    Raises
    ------
    TypeError
        When made by anything but `Split`.
    """

    indices: NDArray[np.int64]
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        """Let only this module through."""
        if seal is not _SEAL:
            raise TypeError("a TrainingPart is made by stratified_split or Split.from_indices only")


@dataclass(frozen=True, eq=False)
class Split:
    """Every row of a table in exactly one of three parts.

    Attributes
    ----------
    train : TrainingPart
        The rows to learn from.
    validation, test : ndarray of shape (n_part,), int64, read-only
        Rising row numbers: what chooses epoch and threshold, and what is only measured.
    """

    train: TrainingPart
    validation: NDArray[np.int64]
    test: NDArray[np.int64]

    @classmethod
    def from_indices(cls, train: ArrayLike, validation: ArrayLike, test: ArrayLike) -> Split:
        """Read a split back from its row numbers, in any order.

        Raises
        ------
        ValueError
            Unless the numbers are whole and each of 0 to n_samples − 1 is there exactly once.
        """
        parts = [np.asarray(part) for part in (train, validation, test)]
        for name, part in zip(_PARTS, parts, strict=True):
            if part.ndim != 1 or not np.issubdtype(part.dtype, np.integer):
                raise ValueError(f"the {name} part is {part.dtype}, not a list of row numbers")
        rows = np.sort(np.concatenate(parts))
        wrong = np.flatnonzero(rows != np.arange(len(rows)))
        if len(wrong):
            place, row = wrong[0], rows[wrong[0]]
            fault = (
                f"row {row} is in the split twice" if row < place else f"row {place} is in no part"
            )
            raise ValueError(f"{fault}; each row belongs to exactly one part")
        train, validation, test = (frozen(np.sort(part).astype(np.int64)) for part in parts)
        return cls(TrainingPart(train, seal=_SEAL), validation, test)


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


def _check_parts(part: NDArray[np.int64], labels: NDArray[np.int64]) -> None:
    for number, name in enumerate(_PARTS):
        for label in (0, 1):
            if not np.any((part == number) & (labels == label)):
                raise ValueError(
                    f"the {name} part would have 0 of the {np.count_nonzero(labels == label)} rows "
                    f"labelled {label}; at least 1 is needed: give more rows or a larger share"
                )
