"""The book's own experiment, draw for draw, so that its printed numbers can be compared.

Chapter 2 of the book trains a single-layer perceptron on the unscaled features, first on the
candidates as they are, then with the pulsars repeated until they are as many as the rest. It
repeats them before it splits: every pulsar of its test part stands in its training part too.
This module replays that on purpose.

Its one generator is NumPy's legacy one, seeded once; every result hangs on the order of draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_features, check_labels, frozen
from slp.inputs import Inputs
from slp.measures.confusion import confusion, rates
from slp.perceptron import Perceptron
from slp.settings import Settings
from slp.training.descent import Descent

Run = Literal["plain", "extended", "balanced"]
RUNS: tuple[Run, ...] = get_args(Run)

SEED = 1234
TRAINING_SHARE = 0.8
SETTINGS = Settings(learning_rate=0.001, batch_size=10, n_epochs=10, init_std=0.003)


@dataclass(frozen=True)
class BookEpoch:
    """What the book prints after an epoch.

    Attributes
    ----------
    epoch : int
        1-based, as printed.
    loss : float
        Mean cross-entropy of the epoch's batches, each just before its step.
    accuracy, precision, recall, f1 : float
        Of the test part, calling a pulsar what has a positive logit.
    """

    epoch: int
    loss: float
    accuracy: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, eq=False)
class BookRun:
    """One run of the book's experiment.

    Attributes
    ----------
    epochs : tuple of BookEpoch
        One an epoch, in order.
    model : Perceptron
        The weights after the last epoch, on unscaled features.
    train_indices, test_indices : ndarray of int64, read-only
        Row numbers of the table, in the order of the draw. The balanced run repeats pulsars
        within and across the two.
    """

    epochs: tuple[BookEpoch, ...]
    model: Perceptron
    train_indices: NDArray[np.int64]
    test_indices: NDArray[np.int64]


def replay(X: ArrayLike, y: ArrayLike, *, run: Run) -> BookRun:
    """Train as the book does.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Unscaled features in the order of the file; rounded to float32 first, as the book does.
    y : array-like of shape (n_samples,)
        Labels, 0 or 1.
    run : {"plain", "extended", "balanced"}
        The first notebook's run, rows in file order; the second notebook's first run, with
        non-pulsars before pulsars; or its second run in the same process, balanced, whose
        generator goes on from where the first left it.

    Returns
    -------
    BookRun

    Raises
    ------
    ValueError
        When `run` is unknown, a class is absent, there are too few rows for a batch, or features
        or labels are not what they can be, or float32 does not hold them.
    """
    if run not in RUNS:
        raise ValueError(f"run {run!r} is none of {', '.join(RUNS)}")
    features = _rounded(X)
    labels = check_labels(y, n_samples=len(features))
    legacy = np.random.RandomState(SEED)
    if run == "balanced":
        _draw(legacy, len(labels), features.shape[1])  # by the run before it in the same process
    table = _table(labels, run)
    weights, orders = _draw(legacy, len(table), features.shape[1])
    n_training = _n_training(len(table))
    train, test = table[orders[0, :n_training]], table[orders[0, n_training:]]
    descent = Descent(features[table], labels[table], weights=weights, settings=SETTINGS)
    epochs = []
    for number, order in enumerate(orders, start=1):
        loss = descent.run_epoch(order[:n_training])
        epochs.append(_measure_epoch(number, loss, features[test], labels[test], descent.weights))
    model = Perceptron(descent.weights[:-1], descent.weights[-1], Inputs.raw(features.shape[1]))
    return BookRun(tuple(epochs), model, frozen(train), frozen(test))


def _rounded(X: ArrayLike) -> NDArray[np.float64]:
    features = check_features(X)
    with np.errstate(over="ignore"):  # what overflows is refused, by its value
        rounded = features.astype(np.float32).astype(np.float64)
    if not np.isfinite(rounded).all():
        row, column = np.argwhere(~np.isfinite(rounded))[0]
        raise ValueError(
            f"feature {features[row, column]} in row {row}, column {column} is beyond "
            f"±{np.finfo(np.float32).max:g}, the largest of the book's single precision; give it "
            "in another unit"
        )
    return rounded


def _table(labels: NDArray[np.int64], run: Run) -> NDArray[np.int64]:
    """Give the rows of the table in the order in which the run lays them out."""
    if run == "plain":
        return np.arange(len(labels))
    others, pulsars = np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)
    if len(others) == 0 or len(pulsars) == 0:
        raise ValueError(f"the {len(labels)} rows are all of one class; two are needed")
    if run == "balanced":
        pulsars = np.resize(pulsars, len(others))
    return np.concatenate([others, pulsars])


def _n_training(n_rows: int) -> int:
    """Give the size of the training part: whole batches only."""
    steps = int(n_rows * TRAINING_SHARE) // SETTINGS.batch_size
    if steps == 0:
        raise ValueError(f"{n_rows} rows do not fill a batch of {SETTINGS.batch_size}")
    return steps * SETTINGS.batch_size


def _draw(
    legacy: np.random.RandomState, n_rows: int, n_features: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw what one run draws: the first weights, then an order of all rows for each epoch.

    Only the front of the order, the training part, changes from epoch to epoch.
    """
    weights = legacy.normal(0.0, SETTINGS.init_std, n_features)
    order = np.arange(n_rows)
    legacy.shuffle(order)
    orders = np.empty((SETTINGS.n_epochs, n_rows), dtype=np.int64)
    for epoch in range(SETTINGS.n_epochs):
        legacy.shuffle(order[: _n_training(n_rows)])
        orders[epoch] = order
    return np.append(weights, 0.0), orders


def _measure_epoch(
    number: int,
    loss: float,
    X: NDArray[np.float64],
    y: NDArray[np.int64],
    weights: NDArray[np.float64],
) -> BookEpoch:
    logits = X @ weights[:-1] + weights[-1]
    score = rates(confusion(y, logits > 0))
    return BookEpoch(
        number, loss, score["accuracy"], score["precision"], score["recall"], score["f1"]
    )
