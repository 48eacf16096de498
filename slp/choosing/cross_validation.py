"""A cross-validated grid over how to train: all folds of many settings in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import Floats, check_features, check_labels
from slp.choosing.grid import Grid
from slp.choosing.results import Swept
from slp.choosing.setting import Setting
from slp.inputs import Inputs
from slp.kinds import MEASURES, Balance, InputKind, Measure, untaken
from slp.measures.many_models import score_many
from slp.prior import prior_shift
from slp.splitting.folds import as_held, stratified_folds
from slp.training.newton import fit_newton
from slp.training.together import fit_many


def sweep(
    X: ArrayLike,
    y: ArrayLike,
    *,
    grid: Grid,
    n_folds: int,
    rng: np.random.Generator,
) -> tuple[Swept, ...]:
    """Cross-validate every setting of a grid.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        As they are in the file. Inputs are fitted on the training rows of each fold.
    y : array-like of shape (n_samples,), 0 or 1
    grid : Grid
        What to try.
    n_folds : int
        Stratified folds, at least 2.
    rng : numpy.random.Generator
        Draws the folds, and one sequence of orders that every descent goes through, so that no
        setting wins by its shuffles.

    Returns
    -------
    tuple of Swept
        In the order of `Grid.passes`.

    Raises
    ------
    ValueError
        When features or labels are out of bounds, a class is too small for the folds, a learning
        rate makes weights grow past all bounds, or Newton's method does not reach the minimum.

    Notes
    -----
    A descent runs in float32, which is half the time.
    """
    features, labels = check_features(X), check_labels(y)
    fold = stratified_folds(features, labels, n_folds=n_folds, rng=rng)
    held, seed = fold == np.arange(n_folds)[:, None], int(rng.integers(2**63))
    found: list[Swept] = []
    for kind, passes in groupby(grid.passes(), key=lambda settings: settings[0].inputs):
        rows = _HeldOut(fit_inputs(features, kind=kind, held=held), features, labels, held)
        for settings in passes:
            found.extend(rows.try_together(settings, seed))
    return tuple(found)


def fit_inputs(X: ArrayLike, *, kind: InputKind, held: ArrayLike) -> tuple[Inputs, ...]:
    """Fit inputs of a kind to the rows that each fold does not hold out.

    `X` and `held` are those of `try_pass`, `kind` is one of `slp.kinds.INPUT_KINDS`; what is none
    of these is a ValueError.
    """
    features = check_features(X)
    return tuple(Inputs.fit(kind, features[~each]) for each in as_held(held, len(features)))


def try_pass(
    X: ArrayLike,
    y: ArrayLike,
    *,
    settings: Sequence[Setting],
    held: ArrayLike,
    inputs: tuple[Inputs, ...],
    seed: int,
) -> tuple[Swept, ...]:
    """Make one of the passes of `sweep`, on folds that are drawn already.

    Parameters
    ----------
    X, y : array-like
        As for `sweep`.
    settings : sequence of Setting
        That `Grid.passes` gives together.
    held : array-like of shape (n_folds, n_samples), bool, or 0 and 1
        Which rows only measure in each fold.
    inputs : tuple of Inputs
        As of `fit_inputs`.
    seed : int
        Of the orders of a descent; in [0, 2^63).

    Raises
    ------
    ValueError
        As `sweep`; and when there is no setting, `held` does not say of each row whether it is held
        out, or there are not as many inputs as folds.
    """
    if len(settings) == 0:  # an array has no truth value
        raise ValueError("there are no settings to try; Grid().passes() gives some")
    features = check_features(X)
    labels, folds = check_labels(y, n_samples=len(features)), as_held(held, len(features))
    if len(inputs) != len(folds):
        raise ValueError(f"there are {len(inputs)} inputs for {len(folds)} folds")
    return tuple(_HeldOut(inputs, features, labels, folds).try_together(settings, seed))


@dataclass(frozen=True, eq=False)
class _HeldOut:
    """Rows, and in each row of `held`, of shape (n_folds, n_samples), those that only measure.

    `inputs` are fitted to the others, one for each fold.
    """

    inputs: tuple[Inputs, ...]
    features: Floats
    labels: NDArray[np.int64]
    held: NDArray[np.bool_]

    def try_together(self, settings: Sequence[Setting], seed: int) -> list[Swept]:
        """Train and measure settings that `Grid.passes` gives together."""
        try:
            coefficients = self._train(settings, seed)
        except ValueError as error:
            raise ValueError(_named(settings[0], error)) from error
        scores = self._measure(coefficients, settings[0].oversample)
        return [
            Swept(setting=each, **{name: tuple(scores[name][:, at].tolist()) for name in MEASURES})
            for at, each in enumerate(settings)
        ]

    def _train(self, settings: Sequence[Setting], seed: int) -> NDArray[np.float64]:
        """Give weights and, last, bias, shape (n_outputs + 1, n_folds, n_settings)."""
        weights = self._weights(settings[0].oversample)
        match settings[0].solver:
            case "newton":
                found = [
                    _minima(
                        inputs.transform(self.features[~held]),
                        self.labels[~held],
                        penalties=[each.l2 for each in settings],
                        sample_weight=weight[~held],
                    )
                    for inputs, held, weight in zip(self.inputs, self.held, weights.T, strict=True)
                ]
                return np.stack(found, axis=1)
            case "sgd":
                seen = (each.transform(self.features) for each in self.inputs)
                return fit_many(
                    np.stack([each.astype(np.float32) for each in seen]),
                    self.labels,
                    settings=[each.descent() for each in settings],
                    weights=weights,
                    rng=np.random.default_rng(seed),
                )
            case other:
                raise untaken(other)

    def _weights(self, oversample: Balance) -> NDArray[np.float64]:
        """Give how often each row counts in training for each fold, shape (n_samples, n_folds)."""
        weights: NDArray[np.float64] = (~self.held.T).astype(np.float64)
        match oversample:
            case "none":
                return weights
            case "cycle":
                counts = np.stack([weights[self.labels == label].sum(axis=0) for label in (0, 1)])
                weights *= (counts.max(axis=0) / counts)[self.labels]
                return weights
            case other:
                raise untaken(other)

    def _measure(
        self, coefficients: NDArray[np.float64], oversample: Balance
    ) -> dict[Measure, NDArray[np.float64]]:
        """Measure each model on its own fold: each measure of shape (n_folds, n_settings)."""
        scores = []
        for number, held in enumerate(self.held):
            weights = coefficients[:, number]
            logits = self.inputs[number].transform(self.features[held]) @ weights[:-1] + weights[-1]
            if oversample == "cycle":
                logits += prior_shift(trained=0.5, true=float(self.labels[~held].mean()))
            scores.append(score_many(self.labels[held], logits))
        return {name: np.stack([each[name] for each in scores]) for name in MEASURES}


def _named(first: Setting, error: ValueError) -> str:
    """Say which settings a pass stopped at, by what they share, and what to leave out."""
    batches = f", batch_size {first.batch_size}" if first.batch_size else ""
    return (
        f"with inputs {first.inputs}, oversample {first.oversample}, solver {first.solver}"
        f"{batches}: {error}; leave out that {'learning_rate' if batches else 'l2'}, or inputs "
        f"{first.inputs}"
    )


def _minima(
    rows: Floats,
    labels: NDArray[np.int64],
    *,
    penalties: Sequence[float],
    sample_weight: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Give weights and, last, bias for each penalty, shape (n_outputs + 1, n_penalties)."""
    found, weights = {}, None
    # The largest first: the minimum for one penalty is most of the way to that for the next, and
    # where a plane parts the classes only the weakest penalties start from weights grown large.
    for l2 in sorted(set(penalties), reverse=True):
        try:
            # A penalty too weak to hold the weights is one setting among many here: it shows in
            # the log loss of the fold held out, and nobody has to take it.
            fit = fit_newton(
                rows, labels, l2=l2, sample_weight=sample_weight, start=weights, warns=False
            )
        except ValueError as error:
            raise ValueError(f"l2 {l2:g}: {error}") from error
        found[l2] = weights = np.append(fit.coef, fit.intercept)
    return np.stack([found[l2] for l2 in penalties], axis=1)
