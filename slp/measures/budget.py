"""What a number of inspections finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from slp.checks import check_labels, check_length

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


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
