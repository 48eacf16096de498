"""What a recall and a false-alarm rate, measured here, mean where pulsars are rarer.

Recall and false-alarm rate are shares within a class and carry over to another mix of the same
candidates; precision is not, and does not. Bayes' rule (베이즈 정리) makes one of the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from slp.checks import check_labels, check_length
from slp.measures.bootstrap import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Projection:
    """What to expect of a survey.

    Attributes
    ----------
    prevalence : float
        Share of pulsars among the survey's candidates, in (0, 1).
    precision : Interval
        Share of pulsars among the candidates that are called.
    false_alarms : Interval
        Non-pulsars called for each pulsar found; infinite where none is found.
    called : Interval
        Share of all candidates that is called, and so has to be inspected: times their number,
        the work of a night.
    """

    prevalence: float
    precision: Interval
    false_alarms: Interval
    called: Interval


def project(recall: Interval, false_alarm_rate: Interval, *, prevalence: float) -> Projection:
    """Carry a measurement over to another prevalence.

    Parameters
    ----------
    recall, false_alarm_rate : Interval
        Of the pulsars and of the non-pulsars, the share that is called; all ends in [0, 1].
    prevalence : float
        Share of pulsars among the candidates to come, in (0, 1).

    Returns
    -------
    Projection
        Each interval joins the two worst and the two best ends, so it is wider, never narrower,
        than the level of the two it was made from. Without a false alarm in the measurement the
        value of `precision` is 1, and only its low end means anything.

    Raises
    ------
    ValueError
        When a rate or the prevalence is out of bounds.
    """
    measured = (recall.value, false_alarm_rate.value)
    worst, best = (recall.low, false_alarm_rate.high), (recall.high, false_alarm_rate.low)
    alarms = [alarms_per_pulsar(*rates, prevalence=prevalence) for rates in (measured, best, worst)]
    precision = [1 / (1 + number) for number in alarms]
    called = [
        hits * prevalence + false * (1 - prevalence)
        for hits, false in zip(_ends(recall), _ends(false_alarm_rate), strict=True)
    ]
    return Projection(
        prevalence,
        precision=Interval(precision[0], low=precision[2], high=precision[1]),
        false_alarms=Interval(*alarms),
        called=Interval(*called),
    )


def alarms_per_pulsar(recall: float, false_alarm_rate: float, *, prevalence: float) -> float:
    """Give the non-pulsars that are called for each pulsar found.

    Parameters
    ----------
    recall, false_alarm_rate : float
        In [0, 1].
    prevalence : float
        In (0, 1).

    Returns
    -------
    float
        At least 0, infinite when no pulsar is found. Precision is ``1 / (1 + this)``.

    Raises
    ------
    ValueError
        When an argument is out of bounds.
    """
    for name, rate in (("recall", recall), ("false-alarm rate", false_alarm_rate)):
        if not 0 <= rate <= 1:
            raise ValueError(f"{name} {rate} is outside [0, 1]")
    if not 0 < prevalence < 1:
        raise ValueError(f"prevalence {prevalence} is outside (0, 1)")
    if recall == 0:
        return math.inf
    return false_alarm_rate * (1 - prevalence) / (recall * prevalence)


def recall_at_budget(y: ArrayLike, score: ArrayLike, budgets: ArrayLike) -> NDArray[np.float64]:
    """Give the share of the pulsars that is found when so many candidates are inspected.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, 0 or 1, at least one of them 1.
    score : array-like of shape (n_samples,)
        Finite; the candidates are inspected by falling score: probabilities or logits.
    budgets : array-like of shape (n_budgets,)
        Numbers of candidates, each at least 0; past `n_samples` all are found.

    Returns
    -------
    ndarray of shape (n_budgets,), float64
        In [0, 1]. Where a budget ends among rows of one score, the expected share when these are
        inspected in random order.

    Raises
    ------
    ValueError
        When there is no pulsar, a score is not finite or a budget is negative.
    """
    labels = check_labels(y)
    scores = np.asarray(score, dtype=np.float64)
    check_length("scores", scores, len(labels))
    wanted = np.asarray(budgets, dtype=np.float64)
    if not labels.any():
        raise ValueError(f"recall needs a pulsar; the {len(labels)} rows have none")
    if not np.isfinite(scores).all():
        row = np.flatnonzero(~np.isfinite(scores))[0]
        raise ValueError(f"score {scores[row]} in row {row} is not finite")
    if not (wanted >= 0).all():
        raise ValueError(f"budgets {wanted.tolist()} are not all 0 or more")
    _, group = np.unique(-scores, return_inverse=True)
    inspected = np.append(0, np.cumsum(np.bincount(group)))
    found = np.append(0, np.cumsum(np.bincount(group, weights=labels)))
    # Among ties each further row finds the same expected share: a straight line.
    share: NDArray[np.float64] = np.interp(wanted, inspected, found / found[-1])
    return share


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.value, interval.low, interval.high
