"""The parts of a split, and the type that guards the training part.

Only a `TrainingPart` can be resampled, and only a `Split` makes one: oversampling before the
split, which puts copies of test pulsars into the training part, cannot be written by mistake.
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import as_array, frozen

_SEAL = object()
PARTS = ("training", "validation", "test")


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

    def merged(self) -> Split:
        """Give the split to fit a model by that needs no validation part: it learns from both.

        The training part is this one's with the validation part, which is then empty; the test part
        is the same.
        """
        both = np.concatenate([self.train.indices, self.validation])
        return Split.from_indices(both, self.validation[:0], self.test)

    @classmethod
    def from_indices(cls, train: ArrayLike, validation: ArrayLike, test: ArrayLike) -> Split:
        """Read a split back from its row numbers, in any order.

        Raises
        ------
        ValueError
            Unless the numbers are whole and each of 0 to n_samples − 1 is there exactly once.
        """
        named = zip(PARTS, (train, validation, test), strict=True)
        parts = [_row_numbers(name, part) for name, part in named]
        rows = np.sort(np.concatenate(parts))
        wrong = np.flatnonzero(rows != np.arange(len(rows)))
        if len(wrong):
            place, row = wrong[0], rows[wrong[0]]
            fault = f"row {place} is in no part"
            if row < place:
                fault = f"row {row} is in the split twice"
            if row < 0:
                fault = f"row {row} is no row: they are counted from 0"
            raise ValueError(f"{fault}; each row belongs to exactly one part")
        train, validation, test = (frozen(np.sort(part)) for part in parts)
        return cls(TrainingPart(train, seal=_SEAL), validation, test)


def _row_numbers(name: str, part: ArrayLike) -> NDArray[np.int64]:
    numbers = as_array(f"row numbers of the {name} part", part)
    # Of an empty list NumPy makes floats.
    if numbers.ndim != 1 or not (np.issubdtype(numbers.dtype, np.integer) or not len(numbers)):
        raise ValueError(f"the {name} part is {numbers.dtype}, not a list of row numbers")
    return numbers.astype(np.int64)
