"""Sixteen measures of a classifier.

A ratio 0/0 is 0 throughout. What is ranked needs both classes: with one, `roc_auc` and
`average_precision` are NaN.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_labels, check_probabilities
from slp.measures.by_score import ByScore, average_precision, check_scores, roc_auc
from slp.measures.confusion import Numbers, calls_of, confusion, rates

METRICS: tuple[str, ...] = (
    "tn",
    "fp",
    "fn",
    "tp",
    "accuracy",
    "precision",
    "recall",
    "specificity",
    "f1",
    "mcc",
    "g_mean",
    "balanced_accuracy",
    "roc_auc",
    "average_precision",
    "brier",
    "log_loss",
)
"""Names of the measures, in the order in which they are always given."""


def measure(
    y_true: ArrayLike, y_score: ArrayLike, *, threshold: float, by: ArrayLike | None = None
) -> dict[str, float]:
    """Measure probabilities, and the calls that a threshold makes of them, against the truth.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 for a pulsar, 0 for a non-pulsar; at least one row.
    y_score : array-like of shape (n_samples,)
        Probability of a pulsar, in [0, 1].
    threshold : float
        A row is called a pulsar when its score is at least this.
    by : array-like of shape (n_samples,), optional
        What orders the rows, for `roc_auc` and `average_precision`: finite, as a rule the logits,
        which keep apart what probabilities round to 1. By default the probabilities.

    Returns
    -------
    dict of str to float
        The names of `METRICS`, in their order. `g_mean` is the geometric and `balanced_accuracy`
        the arithmetic mean of recall and specificity; `average_precision` is the sum of
        precision times the step in recall over the distinct scores; `log_loss` is in nats and
        takes the probability of the true class as no less than 2.2e-16, as scikit-learn does.

    Raises
    ------
    ValueError
        When a label is neither 0 nor 1, a score is outside [0, 1], the lengths differ, the
        threshold is no number, or what orders the rows is not finite.
    """
    labels = check_labels(y_true)
    score = check_probabilities(y_score, n_samples=len(labels))
    order = score if by is None else check_scores(by, n_samples=len(labels))
    rows = ByScore.of(labels, order)
    known = rows.found.any() and rows.alarms.any()
    # Sorted, so that no last bit of a sum depends on the order of the rows.
    brier, log_loss = (np.sort(loss) for loss in row_losses(labels, score).T)
    return {
        **rates(confusion(labels, calls_of(score, threshold))),
        "roc_auc": roc_auc(rows.found, rows.alarms) if known else math.nan,
        "average_precision": average_precision(rows.found, rows.alarms) if known else math.nan,
        "brier": float(brier.mean()),
        "log_loss": float(log_loss.mean()),
    }


def by_loss(
    truth: NDArray[np.int64], score: Numbers
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Put rows, shape (n_samples,), by class, and each by rising losses: these need no sorting."""
    others, pulsars = np.sort(score[truth == 0]), np.sort(score[truth == 1])[::-1]
    return np.repeat([0, 1], [len(others), len(pulsars)]), np.concatenate([others, pulsars])


def row_losses(truth: NDArray[np.int64], score: Numbers) -> Numbers:
    """Give the squared error and the log loss of each row, shape (n_samples, 2)."""
    tiny = np.finfo(np.float64).eps
    right = np.maximum(np.where(truth == 1, score, 1 - score), tiny)
    return np.stack([(score - truth) ** 2, -np.log(right)], axis=1)
