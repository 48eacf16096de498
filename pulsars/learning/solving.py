"""Find the weights: by Newton's method to the minimum, or by gradient descent epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from pulsars.learning.streams import rng_for
from schemas import ParameterError, TrainingParameters
from slp import NewtonFit, Settings, cross_entropy, fit, fit_newton, untaken

OnEpoch = Callable[[int, float, float | None], None]
Rows = tuple[np.ndarray, np.ndarray]

_SEPARABLE = (
    "A plane parts the two classes of the training part, or nearly, and the penalty l2 {l2:g} does "
    "not hold the weights: where they ended says nothing, and probabilities are all near 0 or 1. "
    "Train again with a larger l2, or on more candidates."
)


@dataclass(frozen=True, eq=False)
class Solved:
    """The way to the weights.

    Attributes
    ----------
    path : ndarray of shape (n_epochs, n_inputs + 1), float64
        Weights after each epoch of descent, or each step of Newton's method; the bias last.
    losses : list of float
        Mean cross-entropy of the rows, in nats, without the penalty: of descent over the epoch,
        of Newton's method after the step.
    best_epoch : int
        0-based; which of them to keep.
    note : str or None
        What a reader has to know.
    """

    path: np.ndarray
    losses: list[float]
    best_epoch: int
    note: str | None = None


def solve(
    rows: Rows,
    held_out: Rows,
    parameters: TrainingParameters,
    *,
    shift: float,
    on_epoch: OnEpoch,
) -> Solved:
    """Find the weights with the solver that the parameters name.

    Parameters
    ----------
    rows, held_out : tuple of X and y
        What the layer sees of the rows to learn from, and of the validation part, which only
        descent looks at: it chooses the epoch.
    parameters : TrainingParameters
        Solver and its settings.
    shift : float
        Added to the logits of the validation part: the prior correction.
    on_epoch : callable
        Called after each epoch of descent.

    Raises
    ------
    ParameterError
        When the weights grow past all bounds.
    """
    l2 = penalty(parameters, n_rows=len(rows[1]))
    with in_words():
        match parameters.solver:
            case "newton":
                return _newton(rows, l2=l2)
            case "sgd":
                found = fit(
                    *rows,
                    settings=descent_settings(parameters, l2=l2),
                    rng=rng_for(parameters.seed, "fit"),
                    validation=held_out,
                    validation_shift=shift,
                    on_epoch=on_epoch,
                )
                return Solved(found.path, found.loss_history.tolist(), found.best_epoch)
            case other:
                raise untaken(other)


@contextmanager
def in_words() -> Iterator[None]:
    """Say of weights that grow past all bounds that the parameters lead to none."""
    try:
        yield
    except ValueError as error:
        raise ParameterError(f"these parameters do not lead to weights: {error}") from None


def penalty(parameters: TrainingParameters, *, n_rows: int) -> float:
    """Give the penalty asked for, or that which weighs as much as one of the rows."""
    return 1 / n_rows if parameters.l2 is None else parameters.l2


def descent_settings(parameters: TrainingParameters, *, l2: float) -> Settings:
    """Give the settings of gradient descent."""
    return Settings(
        learning_rate=parameters.learning_rate,
        batch_size=parameters.batch_size,
        n_epochs=parameters.n_epochs,
        l2=l2,
        patience=parameters.patience,
    )


def separable_note(found: NewtonFit, l2: float) -> str | None:
    """Say what a reader has to know where a plane parts the classes."""
    return _SEPARABLE.format(l2=l2) if found.separable else None


def _newton(rows: Rows, *, l2: float) -> Solved:
    found = fit_newton(*rows, l2=l2, warns=False)  # said once, in the report
    X, y = rows
    losses = [float(cross_entropy(y, X @ w[:-1] + w[-1]).mean()) for w in found.path]
    return Solved(found.path, losses, found.n_steps - 1, separable_note(found, l2))
