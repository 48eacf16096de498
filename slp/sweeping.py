"""A cross-validated grid over how to train, all folds and all of one batch size in one pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from slp.checks import check_features, check_labels
from slp.descent import Settings
from slp.folds import stratified_folds
from slp.inputs import Inputs, Kind
from slp.losses import Floats, cross_entropy
from slp.many import fit_many
from slp.model import prior_shift

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Balance = Literal["none", "balanced"]
BALANCES: tuple[Balance, ...] = get_args(Balance)

Measure = Literal["f1", "average_precision", "log_loss"]
MEASURES: tuple[Measure, ...] = get_args(Measure)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What to try: every combination.

    Attributes
    ----------
    learning_rate, l2 : tuple of float
        As in `slp.descent.Settings`; each pair must be possible.
    batch_size : tuple of int
        Each costs a pass of its own.
    oversample : tuple of {"none", "balanced"}
        Leave the training rows of a fold as they are, or let the rarer class count more, so that
        both weigh the same; a pass each.
    inputs : tuple of str
        Of `slp.inputs.KINDS`; a pass each.
    n_epochs : int
        Passes over the rows, the same for all.
    """

    learning_rate: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 1.0)
    l2: tuple[float, ...] = (0.0, 1e-5, 1e-4, 1e-3)
    batch_size: tuple[int, ...] = (32,)
    oversample: tuple[Balance, ...] = ("none",)
    inputs: tuple[Kind, ...] = ("standard",)
    n_epochs: int = 10

    def __post_init__(self) -> None:
        """Refuse what cannot be tried."""
        for name in ("learning_rate", "l2", "batch_size", "oversample", "inputs"):
            if not getattr(self, name):
                raise ValueError(f"{name} is empty; at least 1 value is needed")
        unknown = [each for each in self.oversample if each not in BALANCES]
        if unknown:
            raise ValueError(f"oversample {unknown[0]!r} is none of {', '.join(BALANCES)}")
        for batch_size in self.batch_size:
            self.settings(batch_size)

    @property
    def n_passes(self) -> int:
        """Passes a sweep makes, one for each combination of inputs, oversampling, batch size."""
        return len(self.inputs) * len(self.oversample) * len(self.batch_size)

    def settings(self, batch_size: int) -> list[Settings]:
        """Give the settings that one pass trains, every learning rate with every penalty."""
        return [
            Settings(learning_rate=rate, l2=l2, batch_size=batch_size, n_epochs=self.n_epochs)
            for rate, l2 in product(self.learning_rate, self.l2)
        ]


@dataclass(frozen=True, kw_only=True)
class Swept:
    """One setting and how it did on each fold, trained on the others.

    Attributes
    ----------
    inputs, oversample, batch_size, learning_rate, l2
        The setting, as in `Grid`.
    f1, average_precision, log_loss : tuple of float
        Of each fold, as of `slp.metrics.measure` at threshold 0.5; prevalence corrected.
    """

    inputs: Kind
    oversample: Balance
    batch_size: int
    learning_rate: float
    l2: float
    f1: tuple[float, ...]
    average_precision: tuple[float, ...]
    log_loss: tuple[float, ...]

    def mean(self, measure: Measure) -> float:
        """Give the mean over folds."""
        return float(np.mean(getattr(self, measure)))

    def spread(self, measure: Measure) -> float:
        """Give the standard deviation over folds (divisor n_folds - 1)."""
        return float(np.std(getattr(self, measure), ddof=1))


def sweep(
    X: ArrayLike,
    y: ArrayLike,
    *,
    grid: Grid,
    n_folds: int,
    rng: np.random.Generator,
    on_pass: Callable[[int], None] | None = None,
) -> tuple[Swept, ...]:
    """Cross-validate every setting of a grid.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Features as they are in the file. Inputs are fitted on the training rows of each fold.
    y : array-like of shape (n_samples,)
        Labels, 0 or 1.
    grid : Grid
        What to try.
    n_folds : int
        Stratified folds, at least 2.
    rng : numpy.random.Generator
        Draws the folds, and one sequence of orders that every pass goes through, so that no
        setting wins by its shuffles.
    on_pass : callable, optional
        Called after each of `grid.n_passes` passes with its 0-based number.

    Returns
    -------
    tuple of Swept
        In the order inputs, oversample, batch_size, learning_rate, l2; the last changes fastest.

    Raises
    ------
    ValueError
        When features or labels are out of bounds, a class is too small for the folds, or a
        learning rate makes weights grow past all bounds.

    Notes
    -----
    Training runs in float32, which is half the time.
    """
    features, labels = check_features(X), check_labels(y)
    fold = stratified_folds(features, labels, n_folds=n_folds, rng=rng)
    seed = int(rng.integers(2**63))
    found: list[Swept] = []
    for kind in grid.inputs:
        rows = _FoldedRows.of(kind, features, labels, fold)
        for oversample, batch_size in product(grid.oversample, grid.batch_size):
            settings = grid.settings(batch_size)
            found.extend(_train_and_measure(rows, settings, oversample, seed))
            if on_pass is not None:
                on_pass(len(found) // len(settings) - 1)
    return tuple(found)


def best(swept: tuple[Swept, ...], *, by: Measure = "log_loss") -> Swept:
    """Give the setting with the best mean: the lowest log loss, or the highest of the others.

    Raises
    ------
    ValueError
        When there is no setting or the measure is unknown.
    """
    if not swept:
        raise ValueError("there is no setting to choose from")
    if by not in MEASURES:
        raise ValueError(f"measure {by!r} is none of {', '.join(MEASURES)}")
    sign = -1 if by == "log_loss" else 1
    return max(swept, key=lambda setting: sign * setting.mean(by))


def score_many(y: ArrayLike, logits: ArrayLike) -> dict[Measure, NDArray[np.float64]]:
    """Measure many models on the same rows, as `slp.metrics.measure` does one at threshold 0.5.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, 0 or 1; both must be there.
    logits : array-like of shape (n_samples, n_models)
        Log-odds of a pulsar.

    Returns
    -------
    dict of str to ndarray of shape (n_models,), float64
        The names of `MEASURES`, in their order.
    """
    labels, scores = check_labels(y), check_features(logits)
    found, called = labels @ (scores >= 0), np.count_nonzero(scores >= 0, axis=0)
    # Negated and in columns of their own they rise along memory, as sorts and searches want.
    pulsars = np.sort(-scores[labels == 1].T, axis=1)
    others = np.sort(-scores[labels == 0].T, axis=1)
    return {
        "f1": 2 * found / (called + labels.sum()),
        "average_precision": np.array(
            [_average_precision(*each) for each in zip(pulsars, others, strict=True)]
        ),
        "log_loss": cross_entropy(labels[:, None], scores).mean(axis=0, dtype=np.float64),
    }


def _average_precision(pulsars: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Give the mean, over pulsars, of the precision among all rows that score as high."""
    found = np.searchsorted(pulsars, pulsars, side="right")
    alarms = np.searchsorted(others, pulsars, side="right")
    return float((found / (found + alarms)).mean())


@dataclass(frozen=True, eq=False)
class _FoldedRows:
    """All rows as the inputs fitted without each fold show them; labels; each row's fold.

    `inputs` has shape (n_folds, n_samples, n_outputs).
    """

    kind: Kind
    inputs: NDArray[np.float32]
    labels: NDArray[np.int64]
    fold: NDArray[np.int64]

    @classmethod
    def of(
        cls, kind: Kind, features: Floats, labels: NDArray[np.int64], fold: NDArray[np.int64]
    ) -> _FoldedRows:
        fitted = [Inputs.fit(kind, features[fold != number]) for number in range(fold.max() + 1)]
        inputs = np.stack([each.transform(features).astype(np.float32) for each in fitted])
        return cls(kind, inputs, labels, fold)

    def weights(self, oversample: Balance) -> NDArray[np.float64]:
        """Give how often each row counts in training for each fold, shape (n_samples, n_folds)."""
        trains = self.fold[:, None] != np.arange(len(self.inputs))
        weights: NDArray[np.float64] = trains.astype(np.float64)
        if oversample == "balanced":
            counts = np.stack([weights[self.labels == label].sum(axis=0) for label in (0, 1)])
            weights *= (counts.max(axis=0) / counts)[self.labels]
        return weights

    def measure(
        self, coefficients: NDArray[np.float64], oversample: Balance
    ) -> dict[Measure, NDArray[np.float64]]:
        """Measure each model on its own fold: each measure of shape (n_folds, n_settings)."""
        scores = []
        for number, rows in enumerate(self.inputs):
            held, weights = self.fold == number, coefficients[:, number]
            logits = rows[held] @ weights[:-1] + weights[-1]
            if oversample == "balanced":
                logits += prior_shift(trained=0.5, true=float(self.labels[~held].mean()))
            scores.append(score_many(self.labels[held], logits))
        return {name: np.stack([each[name] for each in scores]) for name in MEASURES}


def _train_and_measure(
    rows: _FoldedRows, settings: list[Settings], oversample: Balance, seed: int
) -> list[Swept]:
    fits = fit_many(
        rows.inputs,
        rows.labels,
        settings=settings,
        weights=rows.weights(oversample),
        rng=np.random.default_rng(seed),
    )
    scores = rows.measure(fits.coefficients, oversample)
    return [
        Swept(
            inputs=rows.kind,
            oversample=oversample,
            batch_size=each.batch_size,
            learning_rate=each.learning_rate,
            l2=each.l2,
            **{name: tuple(scores[name][:, number].tolist()) for name in MEASURES},
        )
        for number, each in enumerate(settings)
    ]
