"""How far features have moved since training, and how far they would have moved by chance.

Two measures, because each is blind to something: `psi` counts in ten bins and does not see how far
out the outermost are, `distance` sees that and hardly sees a change within a narrow core. Each is
given at every share of pulsars that `slp.watching.spread.Spread` holds, the training rows' first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from slp.watching.reference import Reference
from slp.watching.tally import COARSE, Tally

NOTICED = 4.0
"""Standard deviations above its mean up to which a number may be chance, for "watch"."""

SURE = 4.0
"""For "stop": chance passes it as rarely as a normal number passes so many standard deviations."""


def psi(reference: Reference, tally: Tally) -> NDArray[np.float64]:
    """Give each feature's population stability index, PSI.

    With p and q the shares of training rows and of candidates in a bin, the sum of
    ``(q - p) * log(q / p)`` over ten bins that hold a tenth of the training rows each, as near as
    equal values allow.

    Parameters
    ----------
    reference : Reference
        Of the training rows.
    tally : Tally
        Of the candidates, by ``reference.tally``.

    Returns
    -------
    ndarray of shape (n_shares, n_features), float64
        At least 0, and 0 for the training rows themselves at their own share of pulsars.

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
    spread = reference.spread
    step = tally.counts.shape[1] // COARSE
    void = np.pad(np.diff(reference.edges[:, step - 1 :: step], axis=1) == 0, ((0, 0), (1, 1)))
    found = tally.counts.reshape(len(void), COARSE, step).sum(axis=2)
    q = _shares(found, void)
    p = _shares(spread.coarse * spread.rows[:, None, None], void)
    index: NDArray[np.float64] = ((q - p) * np.log(q / p)).sum(axis=-1)
    return index


def psi_noise(reference: Reference, n_rows: int, allowance: float = 0.0) -> NDArray[np.float64]:
    """Give what `psi` is by chance when `n_rows` candidates are like the training rows.

    Each bin but one adds v = 1 / n + 1 / m, so the sum is nearly v times a chi-square of nine
    degrees of freedom: its mean is 9 v, its standard deviation ``sqrt(18)`` v.

    Parameters
    ----------
    reference : Reference
        Of the training rows.
    n_rows : int
        Candidates, at least 1.
    allowance : float, optional
        Standard deviations above the mean.

    Returns
    -------
    ndarray of shape (n_shares, 1), float64
    """
    degrees = COARSE - 1
    noise = _variance(reference, n_rows) * (degrees + allowance * np.sqrt(2 * degrees))
    return np.asarray(noise, dtype=np.float64)


def distance(reference: Reference, tally: Tally) -> NDArray[np.float64]:
    """Give how far each feature's distribution has moved: the Wasserstein-1 distance.

    That is the mean distance that a row must be moved to make one distribution of the other, when
    rows are matched in their order; for a shift, its size. It is the area between the two
    distribution functions.

    Parameters
    ----------
    reference, tally
        As for `psi`.

    Returns
    -------
    ndarray of shape (n_shares, n_features), float64
        In standard deviations of the training rows, at least 0, and 0 for these themselves at their
        own share of pulsars, but for rounding.

    Notes
    -----
    Taken bin by bin: exact where one distribution lies beside the other, and too low where they
    cross inside a bin. Of candidates like the rows learnt from, on HTRU2, by up to 0.044 where they
    are 30, 0.028 at 100, 0.014 at 500 and 0.006 at 2,000.

    References
    ----------
    Vallender (1974), "Calculation of the Wasserstein distance between probability distributions on
    the line", Theory of Probability and Its Applications 18, 784.
    """
    between = tally.areas / tally.n_rows - reference.spread.areas
    return np.asarray(np.abs(between).sum(axis=-1), dtype=np.float64)


def distance_noise(
    reference: Reference, n_rows: int, allowance: float = 0.0
) -> NDArray[np.float64]:
    """Give what `distance` is by chance when `n_rows` candidates are like the training rows.

    The difference of two empirical distribution functions F is nearly normal with the variance
    F (1 - F) (1 / n + 1 / m); mean and standard deviation of the area below its size follow.

    Parameters
    ----------
    reference, n_rows, allowance
        As for `psi_noise`.

    Returns
    -------
    ndarray of shape (n_shares, n_features), float64
        In standard deviations of the training rows.
    """
    spread = reference.spread
    each = spread.mean + allowance * spread.deviation
    return np.asarray(np.sqrt(_variance(reference, n_rows)) * each, dtype=np.float64)


def outside_noise(
    reference: Reference, n_rows: int, allowance: float = 0.0, sides: int = 2
) -> float:
    """Give the share of `n_rows` candidates outside the training range by chance.

    The last of n + 1 like rows is the highest of them with the chance 1 / (n + 1); so many
    candidates lie beyond one side of the range on average, and the variance of their share is
    (1 / n + 1 / m) / m, nearly. `sides` are two for a feature.
    """
    m = reference.n_rows
    return float(sides / (m + 1) + allowance * np.sqrt(sides * (1 / n_rows + 1 / m) / m))


def sure_noise(mean: NDArray[np.float64], more: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give what chance surely stays below, of a number with a long tail upwards.

    Squares and sizes of normal numbers, added up, are nearly gamma distributed, and the cube root
    of such a number is nearly normal (Wilson and Hilferty 1931, PNAS 17, 684).

    Parameters
    ----------
    mean, more : ndarray
        The mean of the number by chance, at least 0, and a standard deviation above it.
    """
    part = np.square((more - mean) / np.where(mean > 0, mean, 1.0)) / 9
    return np.asarray(mean * (1 - part + SURE * np.sqrt(part)) ** 3, dtype=np.float64)


def mean_shift(reference: Reference, tally: Tally) -> NDArray[np.float64]:
    """Give how much higher the candidates' means are, at every share: (n_shares, n_features).

    In standard deviations of the training rows.
    """
    between = reference.spread.areas - tally.areas / tally.n_rows
    return np.asarray(between[..., :-1].sum(axis=-1) - between[..., -1], dtype=np.float64)


def _variance(reference: Reference, n_rows: int) -> NDArray[np.float64]:
    """Give the variance of a share, over share times one less share, (n_shares, 1)."""
    return np.asarray(1 / n_rows + 1 / reference.spread.rows[:, None], dtype=np.float64)


def _shares(counts: NDArray[np.number[Any]], void: NDArray[np.bool_]) -> NDArray[np.float64]:
    smooth = np.where(void, 0.0, counts + 0.5)
    shares: NDArray[np.float64] = smooth / smooth.sum(axis=-1, keepdims=True)
    # Any share that is not 0 will do where both sides have the same.
    return np.where(void, 1.0, shares)
