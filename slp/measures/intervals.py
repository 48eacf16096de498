"""Every measure with its interval: where it would lie on other samples of the same candidates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from slp.checks import check_labels, check_probabilities
from slp.measures.confusion import Confusion
from slp.measures.count_intervals import count_intervals
from slp.measures.interval import Interval
from slp.measures.loss_intervals import LOSSES, PowerSums, loss_interval
from slp.measures.metrics import METRICS, Ranking
from slp.measures.ranking_intervals import ranking_intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def intervals(
    y_true: ArrayLike, y_score: ArrayLike, *, threshold: float, level: float = 0.95
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

    Returns
    -------
    dict of str to Interval
        The names of `METRICS`, in their order; ``low <= value <= high``. A share of nothing (the
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
    if not 0 < level < 1:
        raise ValueError(f"level {level} is outside (0, 1)")
    ranking = Ranking.of(y_true, y_score, threshold=threshold)
    values = ranking.measure(np.ones((1, len(ranking.order))))
    counts = Confusion(*(int(values[name][0]) for name in ("tn", "fp", "fn", "tp")))
    found, alarms = _by_score(y_true, y_score)
    known = {
        **count_intervals(counts, level=level),
        **ranking_intervals(found, alarms, level=level),
        **{
            name: loss_interval(name, PowerSums.of(losses), level=level)
            for name, losses in zip(LOSSES, ranking.losses.T, strict=True)
        },
    }
    return {name: _around(float(values[name][0]), known[name]) for name in METRICS}


def _by_score(y_true: ArrayLike, y_score: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Count pulsars and non-pulsars at each distinct score, the highest first."""
    labels = check_labels(y_true)
    score = check_probabilities(y_score, n_samples=len(labels))
    distinct, rank = np.unique(-score, return_inverse=True)
    found = np.bincount(rank, weights=labels, minlength=len(distinct))
    return found, np.bincount(rank, minlength=len(distinct)) - found


def _around(value: float, found: Interval) -> Interval:
    """Take the value as `measure` gives it, to the bit; by rounding it may miss an end by 1e-16."""
    if math.isnan(value):
        return Interval(value, math.nan, math.nan)
    return Interval(value, min(found.low, value), max(found.high, value))
