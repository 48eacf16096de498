"""Measures of many models on the same rows, in a few passes over these."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_features, check_labels
from slp.kinds import Measure
from slp.perceptron import cross_entropy


def score_many(y: ArrayLike, logits: ArrayLike) -> dict[Measure, NDArray[np.float64]]:
    """Measure many models as `slp.measures.metrics.measure` does one at threshold 0.5.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, 0 or 1; both must be there.
    logits : array-like of shape (n_samples, n_models)
        Log-odds of a pulsar.

    Returns
    -------
    dict of str to ndarray of shape (n_models,), float64
        The names of `slp.kinds.MEASURES`, in their order. `log_loss` is of the logits, without the
        36 nats that a row loses at most in `measure`: weights that ran away lose by how far.
    """
    labels, scores = check_labels(y), check_features(logits)
    found, called = labels @ (scores >= 0), np.count_nonzero(scores >= 0, axis=0)
    # Negated and in columns of their own they rise along memory, as sorts and searches want.
    pulsars = np.sort(-scores[labels == 1].T, axis=1)
    others = np.sort(-scores[labels == 0].T, axis=1)
    return {
        "f1": 2 * found / (called + labels.sum()),
        "average_precision": np.array(
            [_average_precision_of(*each) for each in zip(pulsars, others, strict=True)]
        ),
        "log_loss": cross_entropy(labels[:, None], scores).mean(axis=0, dtype=np.float64),
    }


def _average_precision_of(pulsars: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Give the mean, over pulsars, of the precision among all rows that score as high."""
    found = np.searchsorted(pulsars, pulsars, side="right")
    alarms = np.searchsorted(others, pulsars, side="right")
    return float((found / (found + alarms)).mean())
