"""The order in which candidates are looked at (순위)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import as_floats
from slp.measures.by_score import check_scores

_FEW = 16  # as a share of the rows: of more, all are sorted by the stable way


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
