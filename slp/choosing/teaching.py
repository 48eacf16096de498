"""Choose which candidates a person should look at next: those that would teach a model most.

A candidate teaches much where the model is in doubt, and where it is unlike what is known already;
a batch of the most doubtful alone is often one candidate many times over. So doubt is multiplied
by the distance to whatever is known or chosen, and the highest product is taken again and again.

References
----------
Lewis and Gale (1994), "A Sequential Algorithm for Training Text Classifiers", SIGIR: doubt.
Sener and Savarese (2018), "Active Learning for Convolutional Neural Networks: A Core-Set
Approach", ICLR, algorithm 1: the farthest first. Settles (2009), "Active Learning Literature
Survey", section 3.6: a product of both kinds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_features, check_probabilities
from slp.scalars import check_whole

_FARTHEST = np.finfo(np.float64).max
"""No square is beyond: what is infinite, times no doubt, would be no number and be taken first."""


def most_informative(
    probability: ArrayLike, X: ArrayLike, n: int, *, known: ArrayLike | None = None
) -> NDArray[np.int64]:
    """Choose rows one after the other, each by its doubt times its distance to what is known.

    Doubt is p · (1 − p); distance is Euclidean, to the nearest known or already chosen row. While
    there is none, distance is left out. Of equal products the first row is taken.

    Parameters
    ----------
    probability : array-like of shape (n_samples,)
        Of a pulsar, in [0, 1].
    X : array-like of shape (n_samples, n_features)
        Finite, and standardised: a step of one means as much in every column.
    n : int
        How many to choose, not negative; of fewer rows all are chosen.
    known : array-like of shape (n_known, n_features), optional
        Rows that somebody has labelled, on the same scale.

    Returns
    -------
    ndarray of shape (min(n, n_samples),), int64
        Different indices into the rows, the most informative first.

    Raises
    ------
    ValueError
        When a number is out of bounds, or shapes do not agree.

    Examples
    --------
    The second is in doubt as much as the first and is nearly the same; the third is chosen:

    >>> most_informative([0.5, 0.5, 0.3, 0.99], [[0, 0], [0.1, 0], [3, 0], [3, 1]], 2).tolist()
    [0, 2]
    """
    if check_whole("n", n) < 0:
        raise ValueError(f"{n} rows cannot be chosen; n must be at least 0")
    columns = check_features(X).T.astype(np.float64, order="C")  # their sums go fastest
    p = check_probabilities(probability, n_samples=columns.shape[1])
    doubt = p * (1 - p)
    nearest = _to_nearest(columns, known)
    chosen = np.empty(min(n, len(p)), dtype=np.int64)
    for place in range(len(chosen)):
        gain = doubt.copy() if nearest is None else doubt * np.sqrt(nearest)
        gain[chosen[:place]] = -1.0
        chosen[place] = np.argmax(gain)
        to_chosen = _squared(columns, columns[:, chosen[place]])
        nearest = to_chosen if nearest is None else np.minimum(nearest, to_chosen)
    return chosen


def _to_nearest(
    columns: NDArray[np.float64], known: ArrayLike | None
) -> NDArray[np.float64] | None:
    """Give each row's squared distance to the nearest known one; None where nothing is known."""
    if known is None or np.shape(known)[:1] == (0,):
        return None
    places = check_features(known, n_features=len(columns))
    nearest = np.full(columns.shape[1], np.inf)
    for place in places:
        np.minimum(nearest, _squared(columns, place), out=nearest)
    return nearest


def _squared(columns: NDArray[np.float64], place: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        squared = np.square(columns - place[:, np.newaxis]).sum(axis=0)
    capped: NDArray[np.float64] = np.minimum(squared, _FARTHEST)
    return capped
