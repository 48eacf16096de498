"""Every measure with its interval: where it would lie on other samples of the same candidates."""

from __future__ import annotations

import math
from typing import NamedTuple

from numpy.typing import ArrayLike

from slp.checks import check_labels, check_probabilities
from slp.measures.by_score import check_scores, counts_by_score
from slp.measures.confusion import Confusion, Numbers, calls_of, confusion
from slp.measures.count_intervals import count_intervals
from slp.measures.influence import slopes_of_average_precision, slopes_of_roc_auc
from slp.measures.interval import Interval, deviations
from slp.measures.loss_intervals import LOSSES, PowerSums, loss_interval
from slp.measures.metrics import by_loss, row_losses
from slp.perceptron import sigmoid

PSEUDO_PULSARS = 0.25
"""Pulsars at a random rank that are added before the interval is taken."""


def intervals(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    threshold: float,
    level: float = 0.95,
    by: ArrayLike | None = None,
) -> dict[str, Interval]:
    """Give every measure with its interval.

    Whole rows are thought to be drawn, so that the number of pulsars varies as it would in another
    sample. The threshold stays as it is: how it was chosen is not in the interval.

    Parameters
    ----------
    y_true, y_score, threshold
        As for `slp.measures.metrics.measure`.
    level : float
        Share of such intervals that hold the true value, in (0, 1).
    by
        What orders the rows, as for `measure`.

    Returns
    -------
    dict of str to Interval
        The names of `slp.measures.metrics.METRICS`, in their order; each value is what `measure`
        gives, and ``low <= value <= high``. A share of nothing (the
        precision where nothing is called) has the value 0 and the interval from 0 to 1; `mcc` of
        one class 0, from -1 to 1. `roc_auc` and `average_precision` of one class are NaN, value
        and ends.

    Raises
    ------
    ValueError
        When `level` is out of bounds, or as for `measure`.

    Notes
    -----
    Each group of measures is made from sums that add up over the parts of a table, so that a table
    can be measured in parts: the four counts (`count_intervals`), the pulsars and non-pulsars at
    each score (`ranking_intervals`) and the power sums of the losses (`loss_interval`). Nothing is
    drawn: the same rows, in any order, give the same numbers.
    """
    truth = check_labels(y_true)
    labels, score = by_loss(truth, check_probabilities(y_score, n_samples=len(truth)))
    order = score if by is None else by_loss(truth, check_scores(by, n_samples=len(truth)))[1]
    counts, ranked = confusion(labels, calls_of(score, threshold)), counts_by_score(labels, order)
    losses = [PowerSums.of(loss) for loss in row_losses(labels, score).T]
    return intervals_of_sums(counts, ranked, losses, level=level)


def intervals_of_sums(
    counts: Confusion, ranked: tuple[Numbers, Numbers], losses: list[PowerSums], *, level: float
) -> dict[str, Interval]:
    """Give the same of what adds up over rows: counts, pulsars and others by score, and losses."""
    return {
        **count_intervals(counts, level=level),
        **ranking_intervals(*ranked, level=level),
        **{
            name: loss_interval(name, sums, level=level)
            for name, sums in zip(LOSSES, losses, strict=True)
        },
    }


class _Chance(NamedTuple):
    """First and second moment of what a pulsar at a random rank adds to a measure."""

    mean: float
    square: float


def ranking_intervals(
    found: Numbers, alarms: Numbers, *, level: float = 0.95
) -> dict[str, Interval]:
    """Give ROC AUC and average precision with their intervals.

    The interval is taken on the logit, with the variance of the rows' influences (DeLong's, for
    ROC AUC). A ranking without a fault has no variance at all, and with few pulsars often none is
    seen, so a quarter of a pulsar at a random rank is added first: with many pulsars it changes
    nothing, with one it says that one is not much. The upper end reaches at least to the measure.

    Parameters
    ----------
    found, alarms : ndarray of shape (n_scores,), float64
        As of `slp.measures.by_score.ByScore`.
    level : float
        Share of such intervals that hold the true value, in (0, 1).

    Returns
    -------
    dict of str to Interval
        `roc_auc` and `average_precision`; NaN throughout where a class is absent.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837, for the variance; Hanczar and
    others (2010), Bioinformatics 26, 822, for how far off such measures are with few positives.
    """
    n_pulsars, n_others = float(found.sum()), float(alarms.sum())
    if not n_pulsars or not n_others:
        unknown = Interval(math.nan, math.nan, math.nan)
        return {"roc_auc": unknown, "average_precision": unknown}
    ratio, z = n_others / n_pulsars, deviations(level)
    moments = {
        "roc_auc": (slopes_of_roc_auc(found, alarms), _Chance(1 / 2, 1 / 3)),
        "average_precision": (
            slopes_of_average_precision(found, alarms),
            # Precision at a random place: one pulsar beside that share of the non-pulsars.
            _Chance(math.log1p(ratio) / ratio, 1 / (1 + ratio)),
        ),
    }
    return {
        name: _on_the_logit(
            value, _variance(found, pulsar) + _variance(alarms, other), n_pulsars, chance, z
        )
        for name, ((value, pulsar, other), chance) in moments.items()
    }


def _variance(n: Numbers, slopes: Numbers) -> float:
    return float(n @ slopes**2)


def _on_the_logit(
    value: float, variance: float, n_pulsars: float, chance: _Chance, z: float
) -> Interval:
    n = n_pulsars + PSEUDO_PULSARS
    middle = (n_pulsars * value + PSEUDO_PULSARS * chance.mean) / n
    spread = chance.square - 2 * middle * chance.mean + middle**2
    se = math.sqrt(n_pulsars**2 * variance + PSEUDO_PULSARS * spread) / n
    logit, half = math.log(middle / (1 - middle)), z * se / (middle * (1 - middle))
    low, high = (float(sigmoid(end)) for end in (logit - half, logit + half))
    return Interval(value, min(low, value), max(high, value))
