"""Every measure with its interval: where it would lie on other samples of the same candidates."""

from __future__ import annotations

from numpy.typing import ArrayLike

from slp.checks import check_labels, check_probabilities
from slp.measures.by_score import check_scores, counts_by_score
from slp.measures.confusion import Confusion, Numbers, calls_of, confusion
from slp.measures.count_intervals import count_intervals
from slp.measures.interval import Interval
from slp.measures.loss_intervals import LOSSES, PowerSums, loss_interval
from slp.measures.metrics import by_loss, row_losses
from slp.measures.ranking_intervals import ranking_intervals


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
