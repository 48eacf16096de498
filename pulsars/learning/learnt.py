"""Which rows a model learns from, and which it is measured on.

All rows of a table that is too long for memory teach (`pulsars.learning.going_over`). Those held
out, and as many of the training part as are shown beside them, rest in memory and are measured as
those of a short table are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from schemas import ParameterError, TrainingParameters
from slp import Split

HELD_ROWS = 1 << 18
"""Rows of a part that is measured, at most: a share of a tenth is then known to 0.0006."""

LONG = 1 << 19
"""Rows from which on a table is gone over, though it may fit."""


def split_to_fit(parts: Mapping[str, np.ndarray], parameters: TrainingParameters) -> Split:
    """Give the split by which everything that learns is fitted: inputs, weights, what is outside.

    Where no epoch is to be chosen and the threshold asks for no held-out row, the validation part
    has nothing to do, and is learnt from too (`TrainingParameters.refits`): the training part of
    the split that is given then holds both, and its validation part none. Only that training part
    may be resampled. The test part is the same.

    Parameters
    ----------
    parts : mapping of str to ndarray
        Row numbers of ``train``, ``validation`` (may be absent) and ``test``.
    parameters : TrainingParameters
        Solver, rule for the threshold, and preset.
    """
    split = split_of(parts)
    return split.merged() if parameters.refits else split


def split_of(parts: Mapping[str, np.ndarray]) -> Split:
    """Give the split whose parts these are; ``validation`` may be absent."""
    nobody = np.empty(0, dtype=np.int64)
    return Split.from_indices(parts["train"], parts.get("validation", nobody), parts["test"])


def fitted_parts(
    parts: Mapping[str, np.ndarray], parameters: TrainingParameters
) -> dict[str, np.ndarray]:
    """Give the parts of `split_to_fit` that have rows, by name: with a refit there are two."""
    if not parameters.refits:
        return dict(parts)  # of a replay of the book too, whose parts may share rows
    split = split_to_fit(parts, parameters)
    return {"train": split.train.indices, "test": split.test}


def learnt_from(parameters: TrainingParameters) -> list[str]:
    """Name the parts that the weights were fitted to."""
    return ["train", "validation"] if parameters.refits else ["train"]


def is_long(parameters: TrainingParameters, n_rows: int, *, n_partitions: int) -> bool:
    """Tell whether a table is gone over, and measured in part.

    Raises
    ------
    ParameterError
        If it has to be, for it is in several partitions, and what is asked takes all rows at once:
        balanced rows, or a preset.
    """
    asked = {
        f"--oversample {parameters.oversample}": parameters.oversample != "none",
        f"--preset {parameters.preset}": parameters.preset is not None,
    }
    at_once = next((option for option, is_asked in asked.items() if is_asked), None)
    if at_once and n_partitions > 1:
        raise ParameterError(
            f"{at_once} takes all rows at once, and {n_rows:,} are too many for that; leave it "
            "out: what is learnt needs no balanced rows"
        )
    one_piece = at_once or parameters.solver == "sgd"  # which mixes all rows where they fit
    return n_partitions > 1 or (n_rows > LONG and not one_piece)


def sizes_of_parts(
    counts: NDArray[np.int64], parameters: TrainingParameters, *, most: int = HELD_ROWS
) -> NDArray[np.int64]:
    """Give the rows of each class for test, validation and what is shown of the training part.

    Parameters
    ----------
    counts : ndarray of shape (2,), int64
        Non-pulsars and pulsars of the table.
    parameters : TrainingParameters
        With the shares of the parts.
    most : int
        Rows of a part at most; its classes keep their shares.

    Returns
    -------
    ndarray of shape (3, 2), int64
    """
    held = np.array([parameters.test_size, parameters.validation_size])
    shares = np.append(held, 1 - held.sum())
    fits = np.minimum(1.0, most / (shares * counts.sum()))
    sizes: NDArray[np.int64] = np.rint(shares[:, None] * fits[:, None] * counts).astype(np.int64)
    sizes[-1] = np.minimum(sizes[-1], counts - sizes[:-1].sum(axis=0) - 1)
    return sizes


def shown_note(n_shown: int, n_train: int) -> str:
    """Say on how much of a long table a run is measured."""
    return (
        f"{n_train:,} rows taught this model; what is said of the training part is measured on "
        f"{n_shown:,} of them, drawn by the same ranking as the parts that are held out."
    )
