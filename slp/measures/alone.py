"""How well each feature alone ranks pulsars: what ranks them perfectly may be the label itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_features, check_labels

SUSPICIOUS = 0.995
"""No feature of a real survey's candidates alone has a ROC AUC above this; a leaked label has."""

FAULTLESS = 0.9999
"""What has to be exceeded by a feature of fewer rows of a class than `ENOUGH`."""

ENOUGH, FEW = 100, 30
"""One in six samples of 30 pulsars of a survey has a feature above `SUSPICIOUS` by luck, and one in
ten of fewer than `FEW` a faultless one."""


def suspicious_above(n_rows: int) -> float:
    """Give the ROC AUC above which a feature tells the label of so many rows of the rarer class.

    Examples
    --------
    >>> [suspicious_above(n) for n in (100, 30, 29)]
    [0.995, 0.9999, 1.0]
    """
    return SUSPICIOUS if n_rows >= ENOUGH else FAULTLESS if n_rows >= FEW else 1.0


def roc_auc_of_each(X: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    """Give ROC AUC of each feature as if it were the score, whichever way it ranks better.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Finite.
    y : array-like of shape (n_samples,)
        Labels, 0 or 1.

    Returns
    -------
    ndarray of shape (n_features,), float64
        In [0.5, 1]; a tie is half a win. NaN when a class is absent.

    Raises
    ------
    ValueError
        When features or labels are out of bounds, or not as many.
    """
    features = check_features(X)
    labels = check_labels(y, n_samples=len(features))
    is_pulsar = labels == 1
    n_others = int((~is_pulsar).sum())
    if n_others in (0, len(labels)):
        return np.full(features.shape[1], np.nan)
    beaten = []
    for column in features.T:
        # Sorted, the pulsars are looked up one near the other; whole numbers add up in any order.
        pulsars, others = np.sort(column[is_pulsar]), np.sort(column[~is_pulsar])
        beaten += [np.searchsorted(others, pulsars, side=side).mean() for side in ("left", "right")]
    area = np.reshape(beaten, (-1, 2)).mean(axis=1) / n_others
    better: NDArray[np.float64] = np.maximum(area, 1 - area)
    return better


def tells_the_label(X: ArrayLike, y: ArrayLike) -> dict[int, float]:
    """Give the columns that alone rank pulsars above `suspicious_above`, and their ROC AUC.

    Parameters and errors are those of `roc_auc_of_each`. With fewer than `FEW` rows of a class
    there is none.
    """
    labels = check_labels(y)
    above = suspicious_above(int(np.bincount(labels, minlength=2).min()))
    areas = roc_auc_of_each(X, labels)
    return {int(at): float(areas[at]) for at in np.flatnonzero(areas > above)}
