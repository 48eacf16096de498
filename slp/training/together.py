"""Many perceptrons in one pass: every setting under every weighting of the rows.

A fold is a weighting with zeros, oversampling one with numbers above 1, so a whole
cross-validated grid walks through the shuffled batches together.

The steps are those of `slp.perceptron.learn`, as a test shows, and the code is not that of
`slp.training.descent` on purpose. There a step costs as much as it has NumPy calls, and has three;
one model by the code here takes three times as long. Here a step costs as much as it has numbers,
n_models times as many: the sigmoid is ``1 / (1 + exp(-logit))``, three calls that together cost
less than one tanh. Kept are the negated weights, so that a product gives the -logit that the
exponential wants.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import Floats, as_array, as_floats, check_features, check_labels, check_rng
from slp.settings import Settings


def fit_many(
    X: ArrayLike,
    y: ArrayLike,
    *,
    settings: Sequence[Settings],
    rng: np.random.Generator,
    weights: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Train a perceptron for every setting under every weighting of the rows.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features) or (n_weightings, n_samples, n_features)
        Scaled features, finite; three dimensions where each weighting has inputs of its own, as
        folds do when inputs are fitted inside them. Training runs in float32 when they are that,
        else in float64.
    y : array-like of shape (n_samples,)
        1 for a pulsar, 0 for a non-pulsar.
    settings : sequence of Settings
        Learning rates and penalties, one pair a setting. Batch size and epochs must be the same
        in all; all start at zero and run to the end, so `init_std` and `patience` must be off.
    rng : numpy.random.Generator
        Draws one permutation an epoch, shared by all models.
    weights : array-like of shape (n_samples, n_weightings), optional
        How much each row counts, finite and at least 0, in each column not 0 throughout. None is
        one weighting in which every row counts 1.

    Returns
    -------
    ndarray of shape (n_features + 1, n_weightings, n_settings), float64
        Weights after the last epoch, the bias last.

    Raises
    ------
    ValueError
        When features are not finite, labels are not 0 or 1, shapes disagree, weights are out of
        bounds, settings are none or differ in what they must share, or coefficients grow past all
        bounds.

    Notes
    -----
    A step moves a model by learning_rate times the sum of weight · slope over the batch, divided
    by the number of its rows, whatever they weigh; the penalty counts as much as a row weighs on
    average. So an epoch moves a model as far as an epoch over its own rows would, each as often
    as it weighs, and it goes to the minimum of weighted mean loss plus penalty.
    """
    batch_size, n_epochs = _shared(settings)
    check_rng(rng)
    labels = check_labels(y)
    weighed = _checked_weights(weights, len(labels))
    rows = _checked_rows(X, len(labels), weighed.shape[1])
    descents = _Descents(rows, labels, weighed, settings)
    for epoch in range(n_epochs):
        descents.run_epoch(rng.permutation(len(labels)), batch_size)
        _check_finite(descents.negated, epoch, settings)
    return -descents.negated.astype(np.float64).swapaxes(0, 1)


class _Descents:
    """Negated weights of all models on their way down, shape (n_weightings, n_columns, n_settings).

    `rows` has shape (n_samples, 1 or n_weightings, n_columns), the last column ones.
    """

    def __init__(
        self,
        rows: Floats,
        labels: NDArray[np.int64],
        weights: NDArray[np.float64],
        settings: Sequence[Settings],
    ) -> None:
        self._rows = rows
        self._weighed: Floats = rows * weights[:, :, None].astype(rows.dtype)
        self._labels = labels.astype(rows.dtype)
        self._shuffled = tuple(map(np.empty_like, (rows, self._weighed, self._labels)))
        self._rates = np.array([each.learning_rate for each in settings], dtype=rows.dtype)
        penalties = np.array([each.learning_rate * each.l2 for each in settings])
        self._penalised = bool(penalties.any())
        self.negated: Floats = np.zeros(
            (weights.shape[1], rows.shape[2], len(settings)), dtype=rows.dtype
        )
        self._decay = np.ones_like(self.negated)
        self._decay[:, :-1] -= weights.mean(axis=0)[:, None, None] * penalties

    def run_epoch(self, order: NDArray[np.int64], batch_size: int) -> None:
        """Take one step a batch through all rows in `order`; a last short batch counts."""
        rows, weighed, labels = self._shuffled
        for part, into in (
            (self._rows, rows),
            (self._weighed, weighed),
            (self._labels, labels),
        ):
            part.take(order, axis=0, out=into, mode="clip")  # "raise" would copy once more
        whole = len(order) - len(order) % batch_size
        with np.errstate(over="ignore", invalid="ignore"):  # `fit_many` asks whether it is finite
            if whole:
                self._take_steps(rows[:whole], weighed[:whole], labels[:whole], batch_size)
            if whole < len(order):
                rest = len(order) - whole
                self._take_steps(rows[whole:], weighed[whole:], labels[whole:], rest)

    def _take_steps(self, rows: Floats, weighed: Floats, labels: Floats, size: int) -> None:
        """Take a step for every `size` rows."""
        rates, decay, negated = self._rates / rows.dtype.type(size), self._decay, self.negated
        slope = np.empty((len(negated), size, len(rates)), rows.dtype)
        move = np.empty_like(negated)
        for x, x_weighed, y in zip(
            rows.reshape(-1, size, *rows.shape[1:]).swapaxes(1, 2),
            weighed.reshape(-1, size, *weighed.shape[1:]).transpose(0, 2, 3, 1),
            labels.reshape(-1, size, 1),
            strict=True,
        ):
            np.matmul(x, negated, slope)
            np.exp(slope, slope)
            np.add(slope, 1, slope)
            np.reciprocal(slope, slope)
            np.subtract(slope, y, slope)
            np.matmul(x_weighed, slope, move)
            np.multiply(move, rates, move)
            if self._penalised:
                np.multiply(negated, decay, negated)
            np.add(negated, move, negated)


def _shared(settings: Sequence[Settings]) -> tuple[int, int]:
    """Give batch size and epochs, which all settings must share."""
    if not settings:
        raise ValueError("settings are none; at least 1 is needed")
    for name in ("batch_size", "n_epochs"):
        values = {getattr(each, name) for each in settings}
        if len(values) > 1:
            raise ValueError(f"{name} differs between settings: {sorted(values)}; one is needed")
    for each in settings:
        if each.init_std or each.patience is not None:
            raise ValueError(
                f"init_std {each.init_std} and patience {each.patience} are for one model; "
                "many start at 0 and never stop early"
            )
    return settings[0].batch_size, settings[0].n_epochs


def _checked_weights(weights: ArrayLike | None, n_samples: int) -> NDArray[np.float64]:
    if weights is None:
        return np.ones((n_samples, 1))
    given = np.asarray(as_floats("weights", weights), dtype=np.float64)
    if given.ndim != 2 or len(given) != n_samples:  # noqa: PLR2004 - rows and weightings
        raise ValueError(
            f"weights have shape {given.shape}; one row for each of {n_samples} samples and a "
            "column for each weighting are needed"
        )
    wrong = np.argwhere(~((given >= 0) & np.isfinite(given)))
    if len(wrong):
        row, column = wrong[0]
        raise ValueError(
            f"weight {given[row, column]} in row {row}, column {column} is negative or not finite"
        )
    empty = np.flatnonzero(given.sum(axis=0) == 0)
    if len(empty):
        raise ValueError(f"all weights in column {empty[0]} are 0; a row must count")
    return given


def _checked_rows(X: ArrayLike, n_samples: int, n_weightings: int) -> Floats:
    """Give the features with a column of ones, shape (n_samples, 1 or n_weightings, n_columns)."""
    given = as_array("features", X)
    stacks = [given] if given.ndim == 2 else list(given)  # noqa: PLR2004 - rows and columns
    features = [check_features(each) for each in stacks]
    if len(features) not in (1, n_weightings):
        raise ValueError(
            f"there are {len(features)} sets of features for {n_weightings} weightings"
        )
    if len(features[0]) != n_samples:
        raise ValueError(f"there are {len(features[0])} rows of features for {n_samples} labels")
    rows = np.ones((n_samples, len(features), features[0].shape[1] + 1), features[0].dtype)
    np.stack(features, axis=1, out=rows[..., :-1])
    return rows


def _check_finite(negated: Floats, epoch: int, settings: Sequence[Settings]) -> None:
    wrong = np.flatnonzero(~np.isfinite(negated).all(axis=(0, 1)))
    if len(wrong):
        raise ValueError(
            f"learning_rate {settings[wrong[0]].learning_rate} is too large for these features: "
            f"after epoch {epoch + 1} weights are no longer finite"
        )
