"""Intervals of what follows from the four counts of a confusion matrix alone."""

from __future__ import annotations

import math
from dataclasses import astuple

from slp.measures.confusion import Confusion, rates, slopes_of
from slp.measures.interval import Interval, deviations, wilson

PSEUDO_COUNT = 0.25
"""Rows that are added to each of the four counts before the interval of `mcc` is taken."""


def count_intervals(counts: Confusion, *, level: float = 0.95) -> dict[str, Interval]:
    """Give the counts and what follows from them with their intervals.

    Parameters
    ----------
    counts : Confusion
        Of at least one row. Counts of the parts of a table add up to those of the whole.
    level : float
        Share of such intervals that hold the true value, in (0, 1).

    Returns
    -------
    dict of str to Interval
        The names that `slp.measures.confusion.rates` gives, in its order. Shares have Wilson's
        interval; a count that of its share of all rows, times the rows: how many there would be
        among as many other candidates. `f1` is 2J / (1 + J) of the share J = tp / (tp + fp + fn).
        `balanced_accuracy` and `g_mean` join the Wilson intervals of recall and specificity by
        MOVER, and `mcc` is taken by the delta method on Fisher's z. Where the denominator of a
        share is 0 nothing is known of it: from 0 to 1; of `mcc` where a class is absent: -1 to 1.

    Raises
    ------
    ValueError
        When there is no row, or the level is out of bounds.

    References
    ----------
    Wilson (1927), JASA 22, 209; Zou and Donner (2008), "Construction of confidence limits about
    effect measures: a general approach", Statistics in Medicine 27, 1693 (MOVER).
    """
    tn, fp, fn, tp = astuple(counts)
    n_rows = tn + fp + fn + tp
    value = rates(counts)

    def share(successes: int, n: int) -> Interval:
        return wilson(successes, n, level=level) if n else Interval(0.0, 0.0, 1.0)

    recall, specificity = share(tp, tp + fn), share(tn, tn + fp)
    jaccard = share(tp, tp + fp + fn)
    ends = {
        **{name: _times(share(int(value[name]), n_rows), n_rows) for name in _COUNTS},
        "accuracy": share(tp + tn, n_rows),
        "precision": share(tp, tp + fp),
        "recall": recall,
        "specificity": specificity,
        "f1": Interval(value["f1"], *(2 * j / (1 + j) for j in (jaccard.low, jaccard.high))),
        "mcc": _mcc(counts, level),
        "g_mean": _geometric(recall, specificity),
        "balanced_accuracy": _arithmetic(recall, specificity),
    }
    # By rounding an end may miss the value by 1e-16.
    return {
        name: Interval(it, min(ends[name].low, it), max(ends[name].high, it))
        for name, it in value.items()
    }


_COUNTS = ("tn", "fp", "fn", "tp")


def _times(share: Interval, n: int) -> Interval:
    return Interval(share.value * n, share.low * n, share.high * n)


def _arithmetic(one: Interval, other: Interval) -> Interval:
    """Join two independent intervals about the mean: each end by the distances on its side."""
    mean = (one.value + other.value) / 2
    down = math.hypot(one.value - one.low, other.value - other.low) / 2
    up = math.hypot(one.high - one.value, other.high - other.value) / 2
    return Interval(mean, max(0.0, mean - down), min(1.0, mean + up))


def _geometric(one: Interval, other: Interval) -> Interval:
    """Join two independent intervals about the product, and take the root."""
    product = one.value * other.value
    down = math.hypot(other.value * (one.value - one.low), one.value * (other.value - other.low))
    up = math.hypot(other.value * (one.high - one.value), one.value * (other.high - other.value))
    # Where both are 0 the slopes are too, and the best corner is all that is known.
    high = min(1.0, product + up) if product + up > 0 else one.high * other.high
    low = max(0.0, product - down)
    return Interval(math.sqrt(product), math.sqrt(low), math.sqrt(high))


def _mcc(counts: Confusion, level: float) -> Interval:
    """Take the interval on Fisher's z, where the limits -1 and 1 are infinitely far."""
    if counts.tp + counts.fn == 0 or counts.tn + counts.fp == 0:
        return Interval(0.0, -1.0, 1.0)
    padded = Confusion(*(count + PSEUDO_COUNT for count in astuple(counts)))
    value, slopes = rates(padded)["mcc"], slopes_of(padded)["mcc"]
    half = deviations(level) * math.sqrt(astuple(padded) @ slopes**2) / (1 - value**2)
    z = math.atanh(value)
    return Interval(value, math.tanh(z - half), math.tanh(z + half))
