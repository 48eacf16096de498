"""From rows and parameters to a model with its threshold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pulsars.learning.learnt import split_to_fit
from pulsars.learning.solving import OnEpoch, Solved, in_words, solve
from pulsars.store import EPOCH_COLUMNS
from schemas import TrainingParameters
from slp import (
    Confusion,
    Inputs,
    Perceptron,
    Resampled,
    choose_threshold,
    measure,
    parse_threshold,
    prior_shift,
    rates,
)

_BLOCK = 4096  # rows whose logits are made at once, to bound memory


@dataclass(frozen=True)
class Fitted:
    """A model with its threshold, and what each epoch measured.

    Attributes
    ----------
    model : Perceptron
    epochs : list of dict
        As of `epoch_rows`: on the validation part, or where that was learnt from on all rows that
        were, without a validation loss.
    best_epoch : int
        1-based; whose weights were kept.
    note : str or None
        What a reader has to know.
    """

    model: Perceptron
    epochs: list[dict[str, Any]]
    best_epoch: int
    note: str | None = None


def fit_perceptron(  # noqa: PLR0913 - what is optional is keyword-only
    X: np.ndarray,
    y: np.ndarray,
    parts: dict[str, np.ndarray],
    resampled: Resampled,
    parameters: TrainingParameters,
    *,
    on_epoch: OnEpoch,
    n_drawn: int | None = None,
) -> Fitted:
    """Fit inputs, solve, correct for the prevalence trained on, choose the threshold.

    Parameters
    ----------
    X, y : ndarray of shape (n_rows, 8) and (n_rows,)
        All accepted rows, and below them any that people reviewed; those of the test part are not
        looked at.
    parts : dict of str to ndarray
        Row numbers of each part.
    resampled : Resampled
        Which rows of the training part of `split_to_fit` to learn from.
    parameters : TrainingParameters
        How.
    on_epoch : callable
        Called after each epoch.
    n_drawn : int, optional
        So many rows come first that are as the sky is; those below were chosen by a model. All,
        where it is not given.

    Raises
    ------
    ParameterError
        When these parameters do not lead to finite weights, or a feature is of no size to scale.
    """
    split = split_to_fit(parts, parameters)
    own = split.train.indices
    drawn = own if n_drawn is None else own[own < n_drawn]
    # Whatever is chosen or shown is of rows in their true mix: held-out ones, where there are any.
    shown = split.validation if len(split.validation) else drawn
    with in_words():
        inputs = Inputs.fit(parameters.inputs, X[drawn])
    # A shift undoes what resampling did to the mix, and nothing else: see decision 0052.
    prior = {"trained": resampled.prevalence, "true": float(y[own].mean())}
    seen = inputs.transform(X[shown])
    same = resampled.noise is None and np.array_equal(resampled.sample_indices, shown)
    learnt = seen if same else inputs.transform(resampled.of(X))
    found = solve(
        (learnt, y[resampled.sample_indices]),
        (seen, y[shown]),
        parameters,
        shift=prior_shift(**prior),
        on_epoch=on_epoch,
    )
    rows = X[shown], seen, y[shown]
    return fitted(found, inputs, rows, parameters, held_out=shown is not drawn, prior=prior)


def fitted(
    found: Solved,
    inputs: Inputs,
    shown: tuple[np.ndarray, np.ndarray, np.ndarray],
    parameters: TrainingParameters,
    *,
    held_out: bool,
    prior: dict[str, float] | None = None,
) -> Fitted:
    """Make the model of the weights to keep, choose its threshold, and measure every epoch.

    Parameters
    ----------
    found : Solved
        The way to the weights.
    inputs : Inputs
        What the layer sees of a row.
    shown : tuple of X, what the layer sees of it, and y
        Rows in their true mix, to choose the threshold on and to measure on.
    parameters : TrainingParameters
        With the rule for the threshold.
    held_out : bool
        Whether no weight was fitted to these rows.
    prior : dict, optional
        The share of pulsars ``trained`` on and the ``true`` one, where these differ.
    """
    X, seen, y = shown
    # What the layer sees is the same in every epoch, so it is worked out once for all of them.
    layer = Inputs.raw(inputs.n_outputs)
    by_epoch = [Perceptron(w[:-1], float(w[-1]), layer) for w in found.path]
    if prior:
        by_epoch = [model.with_prior(**prior) for model in by_epoch]
    best = replace(by_epoch[found.best_epoch], inputs=inputs)
    spec = parse_threshold(parameters.threshold)
    threshold = choose_threshold(y, best.predict_proba(X), spec)
    epochs = epoch_rows(found, by_epoch, seen, y, held_out=held_out)
    return Fitted(best.with_threshold(threshold), epochs, found.best_epoch + 1, found.note)


def epoch_rows(
    found: Solved, by_epoch: list[Perceptron], X: np.ndarray, y: np.ndarray, *, held_out: bool
) -> list[dict[str, Any]]:
    """Measure the layer of every epoch on what it sees of rows, at probability 0.5.

    A loss of rows that were learnt from is no validation loss, and left out: then only the calls
    are counted, of all epochs at once.
    """
    if held_out:
        by_layer = [measure(y, model.predict_proba(X), threshold=0.5) for model in by_epoch]
    else:
        by_layer = [rates(counts) for counts in _confusions(by_epoch, X, y)]
    return [
        {
            "epoch": epoch + 1,
            "loss": found.losses[epoch],
            "validation_loss": measured["log_loss"] if held_out else None,
            **{name: measured[name] for name in EPOCH_COLUMNS[3:]},
        }
        for epoch, measured in enumerate(by_layer)
    ]


def _confusions(by_epoch: list[Perceptron], X: np.ndarray, y: np.ndarray) -> list[Confusion]:
    """Count the calls at probability 0.5, logit 0, of each layer that sees its inputs raw."""
    weights = np.stack([model.coef for model in by_epoch], axis=1)
    bias = np.array([model.intercept for model in by_epoch])
    called = np.zeros((2, len(by_epoch)), dtype=np.int64)
    for first in range(0, len(X), _BLOCK):
        block = slice(first, first + _BLOCK)
        found = X[block] @ weights + bias >= 0
        for label in (0, 1):
            called[label] += np.count_nonzero(found[y[block] == label], axis=0)
    n_rows = np.bincount(y, minlength=2)
    return [Confusion(*map(float, (n_rows[0] - fp, fp, n_rows[1] - tp, tp))) for fp, tp in called.T]
