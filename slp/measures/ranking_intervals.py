"""Intervals of what is ranked: ROC AUC and average precision."""

from __future__ import annotations

import math
from typing import NamedTuple

from slp.measures.confusion import Numbers
from slp.measures.influence import slopes_of_average_precision, slopes_of_roc_auc
from slp.measures.interval import Interval, deviations
from slp.perceptron import sigmoid

PSEUDO_PULSARS = 0.25
"""Pulsars at a random rank that are added before the interval is taken."""


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
