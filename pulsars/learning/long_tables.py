"""When a table is too long for memory, and what of it is measured.

All its rows teach (`pulsars.learning.going_over`). The rows held out, and as many of the training
part as are shown beside them, rest in memory and are measured as those of a short table are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from schemas import ParameterError, TrainingParameters

HELD_ROWS = 1 << 18
"""Rows of a part that is measured, at most: a share of a tenth is then known to 0.0006."""

LONG = 1 << 19
"""Rows from which on a table is gone over, though it may fit."""


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
