"""Mini-batch gradient descent (미니배치 경사하강법) on the cross-entropy.

The inner loop is written for small batches, where a step costs as much as it has NumPy calls,
whatever their arithmetic. Three substitutions bring a step down to three calls:

- With `half` the halved logit and ``sign = 1 - 2 y``, the slope of the loss over the logit is
  ``p - y = (tanh(half) + sign) / 2``: stable at any size, and no division.
- Rows are stored times ``root = sqrt(learning_rate / (4 batch_size))`` and weights divided by
  ``2 root``. Then ``row @ weights`` is `half`, and the step is plainly
  ``weights - (tanh(half) + sign) @ rows``: learning rate, batch size and halves have cancelled.
- ``sign @ rows`` does not depend on the weights and is taken for the whole epoch at once. With
  it and the weights as two more rows below the batch, a step is one product:
  ``(tanh(half), 1, 1) @ (-rows, -sign @ rows, weights)``.

Halved logits are kept for the whole epoch, so its loss is one vectorised call at the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from slp.checks import check_features, check_labels
from slp.losses import Floats, cross_entropy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

OnEpoch = Callable[[int, float, float | None], None]
"""Called with the 0-based epoch, its loss and the validation loss."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to train.

    Attributes
    ----------
    learning_rate : float
        Step (학습률) along the mean slope of a batch; positive.
    batch_size : int
        Rows a step, at least 1.
    n_epochs : int
        Passes over the rows, at least 1.
    l2 : float
        Weight of the penalty ``l2 / 2 * sum(coef ** 2)``; the intercept is free. At least 0, and
        less than 1 / learning_rate. The reported losses leave the penalty out.
    patience : int or None
        Stop after so many epochs without a lower validation loss; None never stops early.
    init_std : float
        Spread of the normal draws the weights start from; 0 starts at zero and draws nothing.
    """

    learning_rate: float
    batch_size: int
    n_epochs: int
    l2: float = 0.0
    patience: int | None = None
    init_std: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what training cannot be done with."""
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate {self.learning_rate} is not positive and finite")
        for name, value in (
            ("batch_size", self.batch_size),
            ("n_epochs", self.n_epochs),
            ("patience", 1 if self.patience is None else self.patience),
        ):
            if value < 1:
                raise ValueError(f"{name} {value} is below 1")
        if not 0 <= self.l2 < 1 / self.learning_rate:
            raise ValueError(
                f"l2 {self.l2} is outside [0, 1 / learning_rate = {1 / self.learning_rate})"
            )
        if not 0 <= self.init_std < math.inf:
            raise ValueError(f"init_std {self.init_std} is negative or not finite")


@dataclass(frozen=True, eq=False)
class Fit:
    """What a training gave.

    Attributes
    ----------
    coef : ndarray of shape (n_features,), float64
        Weights of the best epoch, on the features as they were given.
    intercept : float
        Bias of the best epoch.
    path : ndarray of shape (n_epochs_run, n_features + 1), float64
        Weights after each epoch, the bias last.
    loss_history : ndarray of shape (n_epochs_run,), float64
        Mean loss of an epoch's rows, each taken just before the step it is part of.
    validation_loss : ndarray of shape (n_epochs_run,), float64, or None
        Mean loss of the validation rows after each epoch.
    best_epoch : int
        0-based; the first with the lowest validation loss, or the last when there is none.
    """

    coef: NDArray[np.float64]
    intercept: float
    path: NDArray[np.float64]
    loss_history: NDArray[np.float64]
    validation_loss: NDArray[np.float64] | None
    best_epoch: int


class Descent:
    """Weights on their way down, with the buffers that a step needs.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), float32 or float64
        Rows to learn from; copied.
    y : ndarray of shape (n_samples,)
        Labels, 0 or 1.
    weights : ndarray of shape (n_features + 1,)
        Where to start, the bias last.
    settings : Settings
        Only `learning_rate`, `batch_size` and `l2` matter here.
    """

    def __init__(
        self, X: Floats, y: NDArray[np.int64], *, weights: NDArray[np.float64], settings: Settings
    ) -> None:
        self._batch_size = settings.batch_size
        self._root = math.sqrt(settings.learning_rate / (4 * settings.batch_size))
        self._rows = np.ones((X.shape[0], X.shape[1] + 1), X.dtype)
        self._rows[:, :-1] = X
        self._rows *= self._root
        self._signs = (1 - 2 * y).astype(X.dtype)
        self._scaled = (weights / (2 * self._root)).astype(X.dtype)
        self._decay = np.ones_like(self._scaled)
        self._decay[:-1] -= settings.learning_rate * settings.l2

    @property
    def weights(self) -> NDArray[np.float64]:
        """Weights as they are now, shape (n_features + 1,), the bias last."""
        return self._scaled.astype(np.float64) * (2 * self._root)

    def run_epoch(self, order: NDArray[np.int64]) -> float:
        """Take one step a batch through the rows named by `order`; a last short batch counts.

        Returns
        -------
        float
            Mean loss of these rows, each taken just before its own step.
        """
        rows, signs = self._rows.take(order, axis=0), self._signs.take(order)
        halves = np.empty_like(signs)
        whole = len(order) - len(order) % self._batch_size
        with np.errstate(over="ignore", invalid="ignore"):  # callers ask whether weights are finite
            self._take_steps(rows[:whole], signs[:whole], halves[:whole], self._batch_size)
            if whole < len(order):
                self._take_steps(rows[whole:], signs[whole:], halves[whole:], len(order) - whole)
            # A pulsar's loss at a logit is a non-pulsar's at the opposite logit.
            return float(cross_entropy(0, 2 * signs * halves).mean(dtype=np.float64))

    def _take_steps(self, rows: Floats, signs: Floats, halves: Floats, size: int) -> None:
        """Take a step for every `size` rows; leave the halved logits before it in `halves`."""
        batches = rows.reshape(-1, size, rows.shape[1])
        steps = np.empty((len(batches) + 1, size + 2, rows.shape[1]), rows.dtype)
        moves, weights = steps[:-1, :-1], steps[:, -1]
        # `_root` was made for a whole batch: in a short one each row weighs more.
        np.multiply(batches, -self._batch_size / size, moves[:, :-1])
        np.matmul(signs.reshape(-1, 1, size), moves[:, :-1], moves[:, -1:])
        weights[0] = self._scaled
        slope = np.ones(size + 2, rows.dtype)
        tanh, penalised = slope[:-2], self._decay[0] < 1
        for x, half, step, now, after in zip(
            batches, halves.reshape(-1, size), steps[:-1], weights[:-1], weights[1:], strict=True
        ):
            x.dot(now, half)
            np.tanh(half, tanh)
            if penalised:
                np.multiply(now, self._decay, now)
            slope.dot(step, after)  # `now` is the last row of `step`
        self._scaled = weights[-1].copy()


def fit(  # noqa: PLR0913 - what is optional is keyword-only
    X: ArrayLike,
    y: ArrayLike,
    *,
    settings: Settings,
    rng: np.random.Generator,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    validation_shift: float = 0.0,
    on_epoch: OnEpoch | None = None,
) -> Fit:
    """Train a perceptron's weights.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Scaled features, finite. Training runs in float32 when they are that, else in float64.
    y : array-like of shape (n_samples,)
        1 for a pulsar, 0 for a non-pulsar.
    settings : Settings
        How to train.
    rng : numpy.random.Generator
        Draws the first weights (when `init_std` is not 0), then one permutation an epoch.
    validation : tuple of X and y, optional
        Rows, scaled likewise, whose loss chooses the epoch and stops early.
    validation_shift : float
        Added to the logits of the validation rows: `slp.model.prior_shift` when the training
        rows were resampled and these were not.
    on_epoch : callable, optional
        Called after each epoch with the 0-based epoch, its loss and its validation loss or None.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        When features are not finite, labels are not 0 or 1, shapes disagree, `patience` is set
        and `validation` is not, or the weights grow past all bounds.

    Notes
    -----
    The last batch of an epoch may be short: it is used, and its step is the mean slope of the
    rows it has.
    """
    features, labels = _checked(X, y)
    if settings.patience is not None and validation is None:
        raise ValueError(f"patience {settings.patience} needs validation rows; there are none")
    n_features = features.shape[1]
    watched = None if validation is None else _checked(*validation, n_features=n_features)
    start = _start(n_features, settings, rng)
    descent = Descent(features, labels, weights=start, settings=settings)
    path, losses, watched_losses = [], [], []
    for epoch in range(settings.n_epochs):
        losses.append(descent.run_epoch(rng.permutation(len(labels))))
        path.append(descent.weights)
        if watched is not None:
            watched_losses.append(_mean_loss(*watched, path[-1], validation_shift))
        _check_finite([*path[-1], losses[-1], *watched_losses[-1:]], epoch, settings)
        if on_epoch is not None:
            on_epoch(epoch, losses[-1], watched_losses[-1] if watched is not None else None)
        if _is_stale(watched_losses, settings.patience):
            break
    best = int(np.argmin(watched_losses)) if watched is not None else len(path) - 1
    return Fit(
        coef=path[best][:-1],
        intercept=float(path[best][-1]),
        path=np.array(path),
        loss_history=np.array(losses),
        validation_loss=np.array(watched_losses) if watched is not None else None,
        best_epoch=best,
    )


def _start(n_features: int, settings: Settings, rng: np.random.Generator) -> NDArray[np.float64]:
    weights = np.zeros(n_features + 1)
    if settings.init_std > 0:
        weights[:-1] = rng.normal(0, settings.init_std, n_features)
    return weights


def _mean_loss(
    X: Floats, y: NDArray[np.int64], weights: NDArray[np.float64], shift: float
) -> float:
    slopes, bias = weights[:-1].astype(X.dtype), X.dtype.type(weights[-1] + shift)
    with np.errstate(over="ignore", invalid="ignore"):  # `fit` asks whether it is finite
        logits = X @ slopes + bias
        return float(cross_entropy(y, logits).mean(dtype=np.float64))


def _checked(
    X: ArrayLike, y: ArrayLike, *, n_features: int | None = None
) -> tuple[Floats, NDArray[np.int64]]:
    features = check_features(X, n_features=n_features)
    return features, check_labels(y, n_samples=len(features))


def _check_finite(numbers: list[float], epoch: int, settings: Settings) -> None:
    if not np.isfinite(numbers).all():
        raise ValueError(
            f"learning_rate {settings.learning_rate} is too large for these features: "
            f"after epoch {epoch + 1} weights or losses are no longer finite"
        )


def _is_stale(losses: list[float], patience: int | None) -> bool:
    return patience is not None and len(losses) - 1 - int(np.argmin(losses)) >= patience
