"""From rows and parameters to a model with its threshold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pulsars.learning.solving import OnEpoch, Solved, solve
from pulsars.store import EPOCH_COLUMNS
from schemas import TrainingParameters
from slp import (
    Inputs,
    Perceptron,
    Resampled,
    choose_threshold,
    measure,
    parse_threshold,
    prior_shift,
)


@dataclass(frozen=True)
class Fitted:
    """A model with its threshold, and what each epoch measured on the validation part."""

    model: Perceptron
    epochs: list[dict[str, Any]]
    best_epoch: int
    note: str | None = None


def fit_perceptron(
    X: np.ndarray,
    y: np.ndarray,
    parts: dict[str, np.ndarray],
    resampled: Resampled,
    parameters: TrainingParameters,
    *,
    on_epoch: OnEpoch,
) -> Fitted:
    """Fit inputs, solve, correct for the prevalence trained on, choose the threshold.

    Parameters
    ----------
    X, y : ndarray of shape (n_accepted, 8) and (n_accepted,)
        All accepted rows; only those of the training and the validation part are used.
    parts : dict of str to ndarray
        Row numbers of each part.
    resampled : Resampled
        Which rows of the training part to learn from.
    parameters : TrainingParameters
        How.
    on_epoch : callable
        Called after each epoch.

    Raises
    ------
    ParameterError
        When these parameters do not lead to finite weights.
    """
    train, held_out = parts["train"], parts["validation"]
    inputs = Inputs.fit(parameters.inputs, X[train])
    prior = {"trained": resampled.prevalence, "true": float(y[train].mean())}
    learnt = X[resampled.sample_indices]
    if resampled.noise is not None:
        learnt = learnt + resampled.noise
    seen = inputs.transform(X[held_out])
    found = solve(
        (inputs.transform(learnt), y[resampled.sample_indices]),
        (seen, y[held_out]),
        parameters,
        shift=prior_shift(**prior),
        on_epoch=on_epoch,
    )
    # What the layer sees is the same in every epoch, so it is worked out once for all of them.
    layer = Inputs.raw(inputs.n_outputs)
    by_epoch = [Perceptron(w[:-1], float(w[-1]), layer).with_prior(**prior) for w in found.path]
    best = replace(by_epoch[found.best_epoch], inputs=inputs)
    spec = parse_threshold(parameters.threshold)
    threshold = choose_threshold(y[held_out], best.predict_proba(X[held_out]), spec)
    epochs = epoch_rows(found, by_epoch, seen, y[held_out])
    return Fitted(best.with_threshold(threshold), epochs, found.best_epoch + 1, found.note)


def epoch_rows(
    found: Solved, by_epoch: list[Perceptron], X: np.ndarray, y: np.ndarray
) -> list[dict[str, Any]]:
    """Measure the layer of every epoch on what it sees of the held-out rows, at probability 0.5."""
    rows = []
    for epoch, model in enumerate(by_epoch):
        measured = measure(y, model.predict_proba(X), threshold=0.5)
        rows.append(
            {
                "epoch": epoch + 1,
                "loss": found.losses[epoch],
                "validation_loss": measured["log_loss"],
                **{name: measured[name] for name in EPOCH_COLUMNS[3:]},
            }
        )
    return rows
