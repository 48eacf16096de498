"""How far features have moved since training, and how far they would have moved by chance.

Two measures, because each is blind to something: `psi` counts in ten bins and does not see how far
out the outermost are, `distance` sees that and hardly sees a change within a narrow core.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from slp.watching.reference import BINS, GROUPS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from slp.watching.reference import Reference


def psi(reference: Reference, X: ArrayLike) -> NDArray[np.float64]:
    """Give each feature's population stability index, PSI.

    With p and q the shares of training rows and of candidates in a bin, the sum of
    ``(q - p) * log(q / p)`` over ten bins that hold a tenth of the training rows each, as near as
    equal values allow.

    Parameters
    ----------
    reference : Reference
        Of the training rows.
    X : array-like of shape (n_samples, n_features)
        The candidates' features as they are in the file, finite; at least one row.

    Returns
    -------
    ndarray of shape (n_features,), float64
        At least 0, and 0 for the training rows themselves.

    Raises
    ------
    ValueError
        When there is no row, the number of columns is another or a number is not finite.

    Notes
    -----
    On both sides half a row is added to each bin, so that an empty one costs about what one row
    would and not infinitely much.

    References
    ----------
    Siddiqi (2006), "Credit Risk Scorecards", Wiley (the index, and 0.1 and 0.25 as its limits);
    Yurdakul (2018), "Statistical Properties of Population Stability Index", Western Michigan
    University (`psi_noise`). It is Jeffreys' divergence of the binned shares.
    """
    candidates = reference.count(X)
    void = np.pad(np.diff(reference.edges, axis=1) == 0, ((0, 0), (1, 1)))
    p, q = (_shares(counts, void) for counts in (reference.counts, candidates))
    index: NDArray[np.float64] = ((q - p) * np.log(q / p)).sum(axis=1)
    return index


def psi_noise(reference: Reference, n_rows: int) -> float:
    """Give the mean of `psi` when `n_rows` candidates come from where the training rows came from.

    Each bin but one adds 1 / n + 1 / m: the sum is chi-square distributed times this variance.
    """
    return (BINS - 1) * (1 / n_rows + 1 / reference.n_rows)


def distance(reference: Reference, X: ArrayLike) -> NDArray[np.float64]:
    """Give how far each feature's distribution has moved: the Wasserstein-1 distance.

    That is the mean distance that a row must be moved to make one distribution of the other, when
    rows are matched in their order; for a shift, its size.

    Parameters
    ----------
    reference, X
        As for `psi`.

    Returns
    -------
    ndarray of shape (n_features,), float64
        In standard deviations of the training rows, at least 0, and 0 for these themselves.

    Notes
    -----
    Both sides are taken as the means of 200 groups of equal mass. That is exact where each side has
    a number of rows that divides 200, and where one distribution lies beside the other. Where they
    cross inside a group it is too low, on HTRU2 by less than 0.01.

    References
    ----------
    Vallender (1974), "Calculation of the Wasserstein distance between probability distributions on
    the line", Theory of Probability and Its Applications 18, 784.
    """
    moved = np.abs(reference.group(X) - reference.groups)
    return np.asarray(moved.mean(axis=1), dtype=np.float64)


def distance_noise(reference: Reference, n_rows: int) -> NDArray[np.float64]:
    """Give the mean of `distance` when `n_rows` candidates come from where the training rows did.

    The difference of two empirical distribution functions F is nearly normal with the variance
    F (1 - F) (1 / n + 1 / m); its mean size, ``sqrt(2 / pi)`` standard deviations, is summed along
    the axis. Shape (n_features,), in standard deviations of the training rows.
    """
    level = np.arange(1, GROUPS) / GROUPS
    width = np.diff(reference.groups, axis=1) @ np.sqrt(level * (1 - level))
    variance = 1 / n_rows + 1 / reference.n_rows
    return np.asarray(np.sqrt(2 / np.pi * variance) * width, dtype=np.float64)


def _shares(counts: NDArray[np.int64], void: NDArray[np.bool_]) -> NDArray[np.float64]:
    smooth = np.where(void, 0.0, counts + 0.5)
    shares: NDArray[np.float64] = smooth / smooth.sum(axis=1, keepdims=True)
    # Any share that is not 0 will do where both sides have the same.
    return np.where(void, 1.0, shares)
