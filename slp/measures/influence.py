"""How much each row moves a ranking's measure: the slopes behind its standard error.

A measure of weighted rows is looked at where every weight is 1. Its slope over a row's weight, the
row's influence, says what one row more like it would change; slopes of one measure add up to 0, for
weights that are all doubled change nothing. The sum of their squares is the measure's variance over
samples of the same candidates, and the squares of differences of two models' slopes on the same
rows that of the difference of their measures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_labels
from slp.measures.by_score import ByScore, average_precision, check_scores, roc_auc

Slopes = Callable[
    [NDArray[np.float64], NDArray[np.float64]],
    tuple[float, NDArray[np.float64], NDArray[np.float64]],
]


@dataclass(frozen=True, eq=False)
class Influence:
    """A measure and each row's influence on it.

    Attributes
    ----------
    value : float
        The measure.
    slopes : ndarray of shape (n_samples,), float64
        In units of the measure, adding up to 0.
    """

    value: float
    slopes: NDArray[np.float64]


def influence_on_average_precision(y: ArrayLike, score: ArrayLike) -> Influence:
    """Give average precision and each row's influence on it.

    Average precision is the mean over the pulsars of the precision p at their scores, TP / (TP +
    FP) with ties reaching the score together. A pulsar's slope is (p − AP) / n_pulsars plus what
    it adds to the precision of every pulsar at or below it, FP / (TP + FP)² / n_pulsars; a
    non-pulsar takes TP / (TP + FP)² / n_pulsars from each of them.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, both 0 and 1 among them.
    score : array-like of shape (n_samples,)
        Finite; logits keep apart what probabilities round to 1.

    Raises
    ------
    ValueError
        When a class is absent, a label is neither 0 nor 1 or a score is not finite.
    """
    return _of_rows(y, score, slopes_of_average_precision)


def influence_on_roc_auc(y: ArrayLike, score: ArrayLike) -> Influence:
    """Give ROC AUC and each row's influence on it, as DeLong, DeLong and Clarke-Pearson do.

    A pulsar's slope is how far the share of non-pulsars that it beats (a tie is half a win) is
    above the AUC, over n_pulsars; a non-pulsar's likewise with the pulsars that beat it.

    Parameters
    ----------
    y, score
        As for `influence_on_average_precision`.

    Raises
    ------
    ValueError
        As for `influence_on_average_precision`.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), "Comparing the areas under two or more correlated
    receiver operating characteristic curves", Biometrics 44, 837.
    """
    return _of_rows(y, score, slopes_of_roc_auc)


def slopes_of_average_precision(
    found: NDArray[np.float64], alarms: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Give average precision and the influence of a pulsar and of a non-pulsar at each score.

    Parameters
    ----------
    found, alarms : ndarray of shape (n_scores,), float64
        As of `slp.measures.by_score.ByScore`, some of either. A variance over a table, ``found @
        pulsar**2 + alarms @ other**2``, needs no row of it.

    Returns
    -------
    tuple of float and two ndarray of shape (n_scores,), float64
        The measure, and the slopes of a pulsar and of a non-pulsar.
    """
    tp, fp = np.cumsum(found), np.cumsum(alarms)
    n_pulsars, reached = tp[-1], np.maximum(tp + fp, 1)  # a bin at the top may be empty
    precision = tp / reached
    value = average_precision(found, alarms)
    gain = _from_here_down(found * fp / reached**2) / n_pulsars
    loss = _from_here_down(found * tp / reached**2) / n_pulsars
    return value, (precision - value) / n_pulsars + gain, -loss


def slopes_of_roc_auc(
    found: NDArray[np.float64], alarms: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Give ROC AUC and the influence of a pulsar and of a non-pulsar at each score.

    Parameters
    ----------
    found, alarms
        As for `slopes_of_average_precision`.

    Returns
    -------
    tuple of float and two ndarray of shape (n_scores,), float64
        The measure, and the slopes of a pulsar and of a non-pulsar.
    """
    n_pulsars, n_others = found.sum(), alarms.sum()
    beaten = (n_others - np.cumsum(alarms) + alarms / 2) / n_others
    beating = (np.cumsum(found) - found / 2) / n_pulsars
    value = roc_auc(found, alarms)
    return value, (beaten - value) / n_pulsars, (beating - value) / n_others


def _of_rows(y: ArrayLike, score: ArrayLike, slopes: Slopes) -> Influence:
    """Count by score, take the slopes, and give each row that of its score and class."""
    labels = check_labels(y)
    scores = check_scores(score, n_samples=len(labels))
    if labels.all() or not labels.any():
        raise ValueError(f"a ranking needs both classes; the {len(labels)} rows have one")
    rows = ByScore.of(labels, scores)
    value, pulsar, other = slopes(rows.found, rows.alarms)
    return Influence(value, np.where(labels == 1, pulsar[rows.rank], other[rows.rank]))


def _from_here_down(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.cumsum(values[::-1])[::-1]
