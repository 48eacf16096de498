"""Rows counted by score, which is all that a measure of a ranking needs of a table.

Counts of the parts of a table add up, score by score; so they do in fixed bins of the score, whose
rows then count as ties. And the order in which candidates are looked at (순위).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import as_floats, check_length
from slp.measures.confusion import Numbers

_FEW = 16  # as a share of the rows: of more, all are sorted by the stable way


@dataclass(frozen=True, eq=False)
class ByScore:
    """How many rows of each class have each distinct score, the highest first.

    Attributes
    ----------
    found, alarms : ndarray of shape (n_scores,), float64
        Pulsars and non-pulsars at a score.
    rank : ndarray of shape (n_samples,), int64
        The number of each row's score, from 0.
    """

    found: Numbers
    alarms: Numbers
    rank: NDArray[np.intp]

    @classmethod
    def of(cls, labels: NDArray[np.int64], score: Numbers) -> ByScore:
        """Count rows; both of shape (n_samples,)."""
        distinct, rank = np.unique(-score, return_inverse=True)
        n_rows = np.bincount(rank, minlength=len(distinct)).astype(np.float64)
        found = np.bincount(rank, weights=labels, minlength=len(distinct)).astype(np.float64)
        return cls(found, n_rows - found, rank)


def check_scores(score: ArrayLike, *, n_samples: int | None = None) -> Numbers:
    """Give what orders rows, logits or probabilities, as float64.

    Parameters
    ----------
    score : array-like of shape (n_samples,)
        Finite. Logits keep apart what probabilities round to 1.
    n_samples : int, optional
        How many there must be.

    Raises
    ------
    ValueError
        When the shape is another, one is not finite or their number is not `n_samples`.
    """
    scores = np.asarray(as_floats("scores", score), dtype=np.float64)
    if scores.ndim != 1:
        raise ValueError(f"scores have shape {scores.shape}; one dimension is needed")
    check_length("scores", scores, n_samples)
    wrong = np.flatnonzero(~np.isfinite(scores))
    if len(wrong):
        raise ValueError(f"score {scores[wrong[0]]} in row {wrong[0]} is not finite")
    return scores


def counts_by_score(labels: NDArray[np.int64], score: Numbers) -> tuple[Numbers, Numbers]:
    """Give `found` and `alarms` of `ByScore.of`, without the rank of each row.

    It takes a quarter of the time where rows come as `slp.measures.metrics.by_loss` puts them.
    """
    ordered = -np.sort(score, kind="stable")[::-1]
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
    n_rows = np.diff(ends, prepend=-1).astype(np.float64)
    places = np.searchsorted(ordered[ends], -score[labels == 1])
    found = np.bincount(places, minlength=len(ends)).astype(np.float64)
    return found, n_rows - found


def roc_auc(found: Numbers, alarms: Numbers) -> float:
    """Give the share of pairs of a pulsar and a non-pulsar in which it is higher; a tie is half."""
    n_others = alarms.sum()
    # Halves of whole numbers, so that the sum is exact.
    won = found @ (n_others - np.cumsum(alarms) + alarms / 2)
    return float(won / (found.sum() * n_others))


def average_precision(found: Numbers, alarms: Numbers) -> float:
    """Give the mean, over pulsars, of the precision among all rows that score as high."""
    tp, fp, here = np.cumsum(found), np.cumsum(alarms), found > 0
    return float((found[here] * (tp[here] / (tp + fp)[here])).sum() / tp[-1])


def rank(score: ArrayLike) -> NDArray[np.int64]:
    """Give each row its rank.

    Parameters
    ----------
    score : array-like of shape (n_samples,)
        Finite. Logits keep apart what probabilities round to 1.

    Returns
    -------
    ndarray of shape (n_samples,), int64
        1 for the highest score to n_samples for the lowest, each once; of equal scores the earlier
        row comes first.

    Raises
    ------
    ValueError
        When the scores have another shape or one is not finite.
    """
    order = order_of(-check_scores(score))
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks


def order_of(values: ArrayLike) -> NDArray[np.int64]:
    """Give the rows by rising value, shape (n_rows,); of equal values the earlier row first.

    What a stable sort gives, NaN last, faster where few values are equal: only those are put in
    order anew. Raises ValueError unless values are in one dimension and none is masked.
    """
    values = as_floats("values", values)
    if values.ndim != 1:
        raise ValueError(f"values have shape {values.shape}; one dimension is needed")
    order = np.argsort(values)
    ordered = values[order]
    same = ordered[1:] == ordered[:-1]
    n_same = int(np.count_nonzero(same))
    if n_same > len(values) // _FEW or (ordered[-1:] != ordered[-1:]).any():  # NaN is no equal
        return np.argsort(values, kind="stable")
    if n_same:
        first = np.concatenate([[True], ~same])
        tied = np.flatnonzero(~first | np.concatenate([same, [False]]))
        order[tied] = order[tied][np.lexsort((order[tied], np.cumsum(first)[tied]))]
    return order
