"""Learning from a table that is too long for memory: all its rows teach, a bounded part measures.

The rows held out, and as many of the training part as are shown beside them, rest in memory and
are measured as those of a short table are. Only the weights and what the layer sees are fitted to
all rows, which are gone over a few times.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pulsars.learning.fitting import Fitted, epoch_rows
from pulsars.learning.solving import Solved, in_words, penalty, separable_note
from schemas import ParameterError
from slp import (
    SHOWN,
    VALIDATION,
    Inputs,
    Perceptron,
    choose_threshold,
    cross_entropy,
    fit_newton_over,
    parse_threshold,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pulsars.learning.reviewed import Reviews
    from schemas import TrainingParameters
    from slp import Chunks, Mapped, Source

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
        another solver than Newton's, balanced rows, or a preset.
    """
    asked = {
        "--solver sgd": parameters.solver != "newton",
        f"--oversample {parameters.oversample}": parameters.oversample != "none",
        f"--preset {parameters.preset}": parameters.preset is not None,
    }
    at_once = next((option for option, is_asked in asked.items() if is_asked), None)
    if at_once and n_partitions > 1:
        raise ParameterError(
            f"{at_once} takes all rows at once, and {n_rows:,} are too many for that; leave it "
            "out: Newton's method goes over them, and needs no balanced rows"
        )
    return n_partitions > 1 or (n_rows > LONG and not at_once)


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


def learnt_rows(
    chunks: Chunks, codes: NDArray[np.uint8], *, refits: bool, reviews: Reviews | None = None
) -> Source:
    """Give the rows to learn from, features and labels, each time it is called.

    Parameters
    ----------
    chunks : callable
        All rows.
    codes : ndarray of shape (n_rows,), uint8
        As of `slp.hold_out`.
    refits : bool
        Whether the validation part is learnt from too.
    reviews : Reviews, optional
        With them labels are what people say, and the candidates that were added come last.
    """
    lowest = VALIDATION if refits else SHOWN

    def rows() -> Iterator[tuple[NDArray[np.float64], NDArray[np.integer]]]:
        start = 0
        for part in chunks():
            wanted = codes[start : start + len(part.y)] >= lowest
            y = reviews.labelled(part.y, first=start) if reviews else part.y
            start += len(wanted)
            yield part.X[wanted], y[wanted]
        if reviews:
            yield reviews.X, reviews.y

    return rows


def fit_over(
    source: Source,
    shown: tuple[NDArray[np.float64], NDArray[np.integer]],
    parameters: TrainingParameters,
    *,
    n_rows: int,
    mapped: Mapped = map,
    drawn: Source | None = None,
) -> Fitted:
    """Fit inputs and weights to rows that are gone over, and choose the threshold on those shown.

    Parameters
    ----------
    source : callable
        The rows to learn from, as of `learnt_rows`.
    shown : tuple of X and y
        Rows to choose the threshold on and to measure each step on: of the validation part, or
        where that is learnt from of the rows to learn from.
    parameters : TrainingParameters
        Inputs, penalty, threshold.
    n_rows : int
        To learn from.
    mapped : callable
        As for `slp.fit_newton_over`.
    drawn : callable, optional
        Of these rows those that are as the sky is, to fit the inputs to; all, where it is not
        given.

    Raises
    ------
    ParameterError
        When these parameters do not lead to finite weights.
    """
    X, y = shown
    l2 = penalty(parameters, n_rows=n_rows)
    with in_words():
        inputs = Inputs.fit_over(parameters.inputs, drawn or source, mapped=mapped)
        found = fit_newton_over(source, inputs, l2=l2, mapped=mapped)
    seen, layer = inputs.transform(X), Inputs.raw(inputs.n_outputs)
    by_step = [Perceptron(w[:-1], float(w[-1]), layer) for w in found.path]
    losses = [float(cross_entropy(y, seen @ w[:-1] + w[-1]).mean()) for w in found.path]
    solved = Solved(found.path, losses, found.n_steps - 1, separable_note(found, l2))
    best = replace(by_step[-1], inputs=inputs)
    spec = parse_threshold(parameters.threshold)
    threshold = choose_threshold(y, best.predict_proba(X), spec)
    epochs = epoch_rows(solved, by_step, seen, y, held_out=not parameters.refits)
    return Fitted(best.with_threshold(threshold), epochs, found.n_steps, solved.note)
