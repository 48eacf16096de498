"""Learning from a table that is too long for memory: its rows are gone over a few times.

Only the weights and what the layer sees are fitted to all rows; the threshold, and of gradient
descent the epoch, is chosen on rows that rest in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from pulsars.learning.fitting import Fitted, fitted
from pulsars.learning.reviewed import Reviews
from pulsars.learning.solving import (
    OnEpoch,
    Rows,
    Solved,
    at_the_minimum,
    descent_settings,
    in_words,
    penalty,
    rng_for,
)
from schemas import TrainingParameters
from slp import (
    SHOWN,
    VALIDATION,
    Chunks,
    Inputs,
    Mapped,
    Source,
    fit_groups,
    fit_newton_over,
    untaken,
)


def learnt_rows(
    chunks: Chunks,
    codes: NDArray[np.uint8],
    *,
    refits: bool,
    reviews: Reviews | None = None,
    first: int = 0,
) -> Source:
    """Give the rows to learn from, features and labels, each time it is called.

    Parameters
    ----------
    chunks : callable
        Rows of the table, in order.
    codes : ndarray of shape (n_rows,), uint8
        Of these, as of `slp.hold_out`.
    refits : bool
        Whether the validation part is learnt from too.
    reviews : Reviews, optional
        With them labels are what people say; what was added is a group of its own.
    first : int
        Number in the table of the first of these rows.
    """
    lowest = VALIDATION if refits else SHOWN

    def rows() -> Iterator[tuple[NDArray[np.float64], NDArray[np.integer]]]:
        start = 0
        for part in chunks():
            wanted = codes[start : start + len(part.y)] >= lowest
            y = reviews.labelled(part.y, first=first + start) if reviews else part.y
            start += len(wanted)
            yield part.X[wanted], y[wanted]

    return rows


def fit_over(  # noqa: PLR0913 - what is optional is keyword-only
    groups: Sequence[Source],
    shown: Rows,
    parameters: TrainingParameters,
    *,
    n_rows: int,
    beside: Source | None = None,
    mapped: Mapped = map,
    on_epoch: OnEpoch | None = None,
) -> Fitted:
    """Fit inputs and weights to rows that are gone over, and choose the threshold on those shown.

    Parameters
    ----------
    groups : sequence of callables
        The rows to learn from, each as of `learnt_rows`. Gradient descent shuffles them, and the
        rows within; the minimum is the same however they are cut.
    shown : tuple of X and y
        Rows to choose the epoch and the threshold on and to measure each step on: of the
        validation part, or where that is learnt from of the rows to learn from.
    parameters : TrainingParameters
        Inputs, solver, penalty, threshold.
    n_rows : int
        To learn from, those beside among them.
    beside : callable, optional
        Rows that are learnt from too, and that are not as the sky is: no input is fitted to them.
        They go with the last group: in batches of their own few would weigh as much as many.
    mapped : callable
        As for `slp.fit_newton_over`.
    on_epoch : callable, optional
        Called after each epoch of descent.

    Raises
    ------
    ParameterError
        When these parameters do not lead to finite weights.
    """
    X, y = shown
    l2 = penalty(parameters, n_rows=n_rows)
    with in_words():
        inputs = Inputs.fit_over(parameters.inputs, _all_of(groups), mapped=mapped)
        learnt = [*groups[:-1], _all_of([groups[-1], beside])] if beside else groups
        seen = cache(partial(inputs.transform, X))
        match parameters.solver:
            case "newton":
                minimum = fit_newton_over(
                    _all_of(learnt), inputs, l2=l2, mapped=mapped, warns=False
                )
                found = at_the_minimum(minimum, seen(), y, l2=l2)
            case "sgd":
                descent = fit_groups(
                    learnt,
                    inputs,
                    settings=descent_settings(parameters, l2=l2),
                    rng=rng_for(parameters.seed, "fit"),
                    validation=shown,
                    on_epoch=on_epoch,
                    mapped=mapped,
                )
                found = Solved(descent.path, descent.loss_history.tolist(), descent.best_epoch)
            case other:
                raise untaken(other)
    return fitted(found, inputs, (X, seen(), y), parameters, held_out=not parameters.refits)


def _all_of(groups: Sequence[Source]) -> Source:
    return lambda: chain.from_iterable(group() for group in groups)
