"""Sixteen measures of a classifier, for rows as they are or under many weightings at once.

A ratio 0/0 is 0 throughout. What is ranked needs both classes: with one, `roc_auc` and
`average_precision` are NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_labels, check_probabilities
from slp.measures.confusion import Numbers, rates_of, ratio

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


def measure(y_true: ArrayLike, y_score: ArrayLike, *, threshold: float) -> dict[str, float]:
    """Measure probabilities, and the calls that a threshold makes of them, against the truth.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 for a pulsar, 0 for a non-pulsar; at least one row.
    y_score : array-like of shape (n_samples,)
        Probability of a pulsar, in [0, 1].
    threshold : float
        A row is called a pulsar when its score is at least this.

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
        When a label is neither 0 nor 1, a score is outside [0, 1] or the lengths differ.
    """
    ranking = Ranking.of(y_true, y_score, threshold=threshold)
    numbers = ranking.measure(np.ones((1, len(ranking.order))))
    return {name: float(values[0]) for name, values in numbers.items()}


@dataclass(frozen=True, eq=False)
class Ranking:
    """Rows in an order in which every measure is a sum over a stretch of them.

    Pulsars come first, then non-pulsars, each with falling score, so that for any weights of the
    rows the counts at a score are differences of two running sums.

    Attributes
    ----------
    order : ndarray of shape (n_samples,), int64
        Row numbers in this order.
    n_pulsars : int
        How many of them are pulsars.
    called : tuple of int
        How many of the first pulsars, and of the first non-pulsars, reach the threshold.
    ends : ndarray of shape (n_scores,), int64
        For each distinct score of a pulsar: how many pulsars reach it.
    above, reaching : ndarray of shape (n_scores,), int64
        For each distinct score of a pulsar: how many non-pulsars exceed it, and reach it.
    losses : ndarray of shape (n_samples, 2), float64
        Squared error and log loss of each row, in `order`.
    """

    order: NDArray[np.int64]
    n_pulsars: int
    called: tuple[int, int]
    ends: NDArray[np.int64]
    above: NDArray[np.int64]
    reaching: NDArray[np.int64]
    losses: Numbers

    @classmethod
    def of(cls, y_true: ArrayLike, y_score: ArrayLike, *, threshold: float) -> Ranking:
        """Sort rows; parameters and errors are those of `measure`."""
        truth = check_labels(y_true)
        score = check_probabilities(y_score, n_samples=len(truth))
        order = np.lexsort((-score, -truth))
        n_pulsars = int(truth.sum())
        pulsar, other = np.split(-score[order], [n_pulsars])  # rising, as searchsorted needs
        distinct = np.unique(pulsar)
        return cls(
            order=order,
            n_pulsars=n_pulsars,
            called=(
                int(np.searchsorted(pulsar, -threshold, side="right")),
                int(np.searchsorted(other, -threshold, side="right")),
            ),
            ends=np.searchsorted(pulsar, distinct, side="right"),
            above=np.searchsorted(other, distinct, side="left"),
            reaching=np.searchsorted(other, distinct, side="right"),
            losses=row_losses(truth, score)[order],
        )

    def measure(self, weights: Numbers) -> dict[str, Numbers]:
        """Measure the rows under each of several weightings.

        Parameters
        ----------
        weights : ndarray of shape (n_weightings, n_samples), float64
            How often each row counts, in the order of `order`; whole numbers, not all 0.

        Returns
        -------
        dict of str to ndarray of shape (n_weightings,)
            The names of `METRICS`, in their order.
        """
        pulsars, others = weights[:, : self.n_pulsars], weights[:, self.n_pulsars :]
        tp, n_pulsars = _sums(pulsars, [self.called[0], pulsars.shape[1]]).T
        fp, n_others = _sums(others, [self.called[1], others.shape[1]]).T
        roc_auc, average_precision = _ranked(
            found=_sums(pulsars, self.ends),
            above=_sums(others, self.above),
            alarms=_sums(others, self.reaching),
            n_pulsars=n_pulsars,
            n_others=n_others,
        )
        brier, log_loss = (weights @ self.losses).T / (n_pulsars + n_others)
        return {
            **rates_of(n_others - fp, fp, n_pulsars - tp, tp),
            "roc_auc": roc_auc,
            "average_precision": average_precision,
            "brier": brier,
            "log_loss": log_loss,
        }


def _ranked(
    *, found: Numbers, above: Numbers, alarms: Numbers, n_pulsars: Numbers, n_others: Numbers
) -> tuple[Numbers, Numbers]:
    """Give ROC AUC and average precision from the counts at each distinct score of a pulsar.

    `found` pulsars and `alarms` non-pulsars reach the score, `above` non-pulsars exceed it.
    """
    here = np.diff(found, axis=1, prepend=0)
    # A pulsar beats the non-pulsars below it and half of those it ties with.
    beaten = (here * (n_others[:, None] - (above + alarms) / 2)).sum(axis=1)
    precision = (here * ratio(found, found + alarms)).sum(axis=1)
    both = (n_pulsars > 0) & (n_others > 0)
    return (
        np.where(both, ratio(beaten, n_pulsars * n_others), np.nan),
        np.where(both, ratio(precision, n_pulsars), np.nan),
    )


def row_losses(truth: NDArray[np.int64], score: Numbers) -> Numbers:
    """Give the squared error and the log loss of each row, shape (n_samples, 2)."""
    tiny = np.finfo(np.float64).eps
    right = np.maximum(np.where(truth == 1, score, 1 - score), tiny)
    return np.stack([(score - truth) ** 2, -np.log(right)], axis=1)


def _sums(weights: Numbers, stops: ArrayLike) -> Numbers:
    """Sum the first `stops` columns of each row, shape (n_rows, n_stops)."""
    # Between two stops one reduction is four times as fast as a running sum over every column.
    cuts = np.unique(np.concatenate([[0, weights.shape[1]], stops]))
    sums = np.zeros((weights.shape[0], len(cuts)))
    np.cumsum(np.add.reduceat(weights, cuts[:-1], axis=1), axis=1, out=sums[:, 1:])
    return sums[:, np.searchsorted(cuts, stops)]
