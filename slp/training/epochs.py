"""Train one perceptron: epochs of descent, watched by validation rows, the best one kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import Floats, check_features, check_labels, check_rng
from slp.perceptron import cross_entropy
from slp.scalars import check_number
from slp.settings import Settings
from slp.training.descent import Descent

OnEpoch = Callable[[int, float, float | None], None]
"""Called with the 0-based epoch, its loss and the validation loss."""

LossOf = Callable[["NDArray[np.float64]"], float]
"""Gives the mean loss of weights, the bias last, on rows that are held out."""


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
        Added to the logits of the validation rows: `slp.prior.prior_shift` when the training
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
        and `validation` is not, `validation` is no pair, `validation_shift` is no finite number,
        `settings` are none, or the weights grow past all bounds.

    Notes
    -----
    The last batch of an epoch may be short: it is used, and its step is the mean slope of the
    rows it has.
    """
    check_rng(rng)
    features, labels = _checked(X, y)
    n_features = features.shape[1]
    loss_of = validation_loss(validation, n_features, settings, shift=validation_shift)
    start = first_weights(n_features, settings, rng)
    descent = Descent(features, labels, weights=start, settings=settings)

    def run_epoch() -> float:
        return descent.run_epoch(rng.permutation(len(labels)))

    return descend(run_epoch, descent, settings=settings, loss_of=loss_of, on_epoch=on_epoch)


def descend(
    run_epoch: Callable[[], float],
    descent: Descent,
    *,
    settings: Settings,
    loss_of: LossOf | None,
    on_epoch: OnEpoch | None,
) -> Fit:
    """Run epochs until they are enough, and keep the best.

    Parameters
    ----------
    run_epoch : callable
        Takes `descent` through all rows once, and gives their mean loss.
    descent : Descent
        Whose weights these are.
    settings : Settings
        Only `n_epochs`, `patience` and, for what is said, `learning_rate` matter here.
    loss_of : callable or None
        Gives the validation loss of weights.
    on_epoch
        As for `fit`.
    """
    path, losses, watched_losses = [], [], []
    for epoch in range(settings.n_epochs):
        losses.append(run_epoch())
        path.append(descent.weights)
        if loss_of is not None:
            watched_losses.append(loss_of(path[-1]))
        _check_finite([*path[-1], losses[-1], *watched_losses[-1:]], epoch, settings)
        if on_epoch is not None:
            on_epoch(epoch, losses[-1], watched_losses[-1] if watched_losses else None)
        if _is_stale(watched_losses, settings.patience):
            break
    best = int(np.argmin(watched_losses)) if watched_losses else len(path) - 1
    return Fit(
        coef=path[best][:-1],
        intercept=float(path[best][-1]),
        path=np.array(path),
        loss_history=np.array(losses),
        validation_loss=np.array(watched_losses) if watched_losses else None,
        best_epoch=best,
    )


def first_weights(
    n_features: int, settings: Settings, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw the weights to start from, the bias 0 and last; without a spread draw nothing."""
    weights = np.zeros(n_features + 1)
    if settings.init_std > 0:
        weights[:-1] = rng.normal(0, settings.init_std, n_features)
    return weights


def validation_loss(
    validation: tuple[ArrayLike, ArrayLike] | None,
    n_features: int,
    settings: Settings,
    *,
    shift: float = 0.0,
) -> LossOf | None:
    """Give what says the validation loss of weights; None where no rows are held out.

    Raises
    ------
    ValueError
        When they are no pair or do not fit the rows to learn from, `patience` is set and there are
        none, `shift` is no finite number, or `settings` are none.
    """
    if not isinstance(settings, Settings):
        raise ValueError(  # noqa: TRY004 - slp raises ValueError
            f"settings are of type {type(settings).__name__}; "
            f"slp.Settings(learning_rate=0.1, batch_size=32, n_epochs=10) makes some"
        )
    shift = check_number("validation_shift", shift)
    if validation is None:
        if settings.patience is not None:
            raise ValueError(f"patience {settings.patience} needs validation rows; there are none")
        return None
    X, y = _checked(*check_pair(validation), n_features=n_features)

    def loss(weights: NDArray[np.float64]) -> float:
        slopes, bias = weights[:-1].astype(X.dtype), X.dtype.type(weights[-1] + shift)
        with np.errstate(over="ignore", invalid="ignore"):  # `descend` asks whether it is finite
            logits = X @ slopes + bias
            return float(cross_entropy(y, logits).mean(dtype=np.float64))

    return loss


def check_pair(validation: tuple[ArrayLike, ArrayLike]) -> tuple[ArrayLike, ArrayLike]:
    """Raise ValueError unless these are two: features and labels."""
    try:
        X, y = validation
    except (TypeError, ValueError):
        raise ValueError("validation is no pair of features and labels (X, y)") from None
    return X, y


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
