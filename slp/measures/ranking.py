"""The order in which candidates are looked at (순위)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


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
    order = _order(score)
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks


def short_list(score: ArrayLike, *, budget: int) -> NDArray[np.int64]:
    """Give the rows that a budget of inspections is best spent on, the first to look at first.

    Parameters
    ----------
    score : array-like of shape (n_samples,)
        As for `rank`.
    budget : int
        How many rows, at least 0; past n_samples all are given.

    Returns
    -------
    ndarray of shape (min(budget, n_samples),), int64
        Row indices.

    Raises
    ------
    ValueError
        As for `rank`, and when the budget is negative.
    """
    if budget < 0:
        raise ValueError(f"budget {budget} is negative")
    return _order(score)[:budget]


def _order(score: ArrayLike) -> NDArray[np.int64]:
    scores = np.asarray(score, dtype=np.float64)
    if scores.ndim != 1:
        raise ValueError(f"scores have shape {scores.shape}; one dimension is needed")
    wrong = np.flatnonzero(~np.isfinite(scores))
    if len(wrong):
        raise ValueError(f"score {scores[wrong[0]]} in row {wrong[0]} is not finite")
    return np.argsort(-scores, kind="stable").astype(np.int64)
