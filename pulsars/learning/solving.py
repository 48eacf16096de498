"""Find the weights: by Newton's method to the minimum, or by gradient descent epoch by epoch.

Whatever is drawn at random in a step of a run comes from a stream of its own, by the run's seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from schemas import ParameterError, TrainingParameters
from slp import NewtonFit, Settings, cross_entropy, fit, fit_newton, untaken

OnEpoch = Callable[[int, float, float | None], None]
Rows = tuple[np.ndarray, np.ndarray]

_SEPARABLE = (
    "A plane parts the two classes of the training part, or nearly, and the penalty l2 {l2:g} does "
    "not hold the weights: where they ended says nothing, and probabilities are all near 0 or 1. "
    "Train again with a larger l2, or on more candidates."
)


# A place in this list is a stream: those of steps that draw nothing any more stay where they were.
_STREAMS = ("split", "oversample", "fit", "evaluate", "sweep", "procedure")


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


def rng_for(seed: int, step: str) -> np.random.Generator:
    """Give a step its own stream of random numbers.

    Parameters
    ----------
    seed : int
        The run's seed.
    step : {"oversample", "fit", "evaluate", "sweep", "procedure"}
        Each has an independent stream, so a step draws the same whether or not the steps
        before it were run in this process.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(_STREAMS.index(step),))
    return np.random.default_rng(sequence)


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
                minimum = fit_newton(*rows, l2=l2, warns=False)  # said once, in the report
                return at_the_minimum(minimum, *rows, l2=l2)
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


def at_the_minimum(found: NewtonFit, X: np.ndarray, y: np.ndarray, *, l2: float) -> Solved:
    """Give the way of Newton's method, with the loss of each step over rows as the layer sees them.

    Where a plane parts the classes a reader has to know it.
    """
    losses = [float(cross_entropy(y, X @ w[:-1] + w[-1]).mean()) for w in found.path]
    note = _SEPARABLE.format(l2=l2) if found.separable else None
    return Solved(found.path, losses, found.n_steps - 1, note)
