"""Calibration (보정): of the candidates given a probability of 0.8, are eight in ten pulsars."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from slp.checks import check_labels, check_probabilities
from slp.measures.bootstrap import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Bins = Literal["count", "width"]


@dataclass(frozen=True)
class Bin:
    """Rows of nearly the same probability, and how many of them are pulsars.

    Attributes
    ----------
    n_rows, n_pulsars : int
        Rows in the bin, at least 1, and the pulsars among them.
    probability : float
        Mean probability of the rows.
    observed : Interval
        Share of pulsars, with its Wilson interval.
    """

    n_rows: int
    n_pulsars: int
    probability: float
    observed: Interval


@dataclass(frozen=True)
class BrierParts:
    """The Brier score as a sum: ``reliability - resolution + uncertainty + within_bins``.

    Attributes
    ----------
    reliability : float
        Mean squared distance between a bin's probability and its share of pulsars; 0 is best.
    resolution : float
        Mean squared distance between a bin's share of pulsars and that of all rows; the more the
        bins differ, the better.
    uncertainty : float
        ``prevalence * (1 - prevalence)``: the score of saying the prevalence of every row.
    within_bins : float
        What the binning hides: variance of the probabilities within the bins, less twice their
        covariance with the labels. 0 when all rows of a bin have one probability.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within_bins: float

    @property
    def brier(self) -> float:
        """Mean squared distance between probability and label."""
        return self.reliability - self.resolution + self.uncertainty + self.within_bins


def reliability(
    y: ArrayLike,
    probability: ArrayLike,
    *,
    n_bins: int = 10,
    bins: Bins = "count",
    level: float = 0.95,
) -> tuple[Bin, ...]:
    """Compare probabilities with the shares of pulsars that came true (reliability curve).

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        1 for a pulsar, 0 for a non-pulsar; at least one row.
    probability : array-like of shape (n_samples,)
        Probability of a pulsar, in [0, 1].
    n_bins : int
        Bins at the most, at least 1.
    bins : {"count", "width"}
        Bins of as nearly equally many rows as rows of the same probability, which stay together,
        allow; or bins of equal width in [0, 1], each without its upper end but the last.
    level : float
        Of the Wilson intervals, in (0, 1).

    Returns
    -------
    tuple of Bin
        By rising probability; bins without a row are left out.

    Raises
    ------
    ValueError
        When labels, probabilities, `n_bins`, `bins` or `level` are out of bounds.
    """
    labels, score, group = _binned(y, probability, n_bins, bins)
    n_rows = np.bincount(group)
    n_pulsars = np.bincount(group, weights=labels)
    means = np.bincount(group, weights=score) / n_rows
    return tuple(
        Bin(int(n), int(k), float(mean), wilson(int(k), int(n), level=level))
        for n, k, mean in zip(n_rows, n_pulsars, means, strict=True)
    )


def expected_calibration_error(curve: tuple[Bin, ...]) -> float:
    """Mean distance between probability and share of pulsars over the bins, weighted by rows.

    Parameters
    ----------
    curve : tuple of Bin
        As `reliability` gives it; at least one bin.

    Returns
    -------
    float
        In [0, 1]; 0 is best. It depends on the binning: compare only equal binnings.

    References
    ----------
    Naeini, Cooper and Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using Bayesian
    Binning", AAAI 29, section "Calibration measures".
    """
    n_rows = sum(one.n_rows for one in curve)
    return sum(one.n_rows * abs(one.probability - one.observed.value) for one in curve) / n_rows


def brier_parts(
    y: ArrayLike, probability: ArrayLike, *, n_bins: int = 10, bins: Bins = "count"
) -> BrierParts:
    """Split the Brier score into what calibration, sharpness and the sky contribute.

    Parameters
    ----------
    y, probability, n_bins, bins
        As for `reliability`.

    Returns
    -------
    BrierParts

    Raises
    ------
    ValueError
        As for `reliability`.

    References
    ----------
    Murphy (1973), "A New Vector Partition of the Probability Score", J. Appl. Meteorol. 12, 595;
    the part within the bins: Stephenson, Coelho and Jolliffe (2008), "Two Extra Components in the
    Brier Score Decomposition", Weather and Forecasting 23, 752.
    """
    labels, score, group = _binned(y, probability, n_bins, bins)
    n_rows = np.bincount(group)
    share = (np.bincount(group, weights=labels) / n_rows)[group]
    mean = (np.bincount(group, weights=score) / n_rows)[group]
    prevalence = labels.mean()
    off_mean = score - mean
    return BrierParts(
        reliability=float(np.mean((mean - share) ** 2)),
        resolution=float(np.mean((share - prevalence) ** 2)),
        uncertainty=float(prevalence * (1 - prevalence)),
        within_bins=float(np.mean(off_mean**2 - 2 * off_mean * (labels - share))),
    )


def wilson(successes: int, n: int, *, level: float = 0.95) -> Interval:
    """Give a share with its score interval, which neither leaves [0, 1] nor shrinks to a point.

    Parameters
    ----------
    successes, n : int
        How many of how many; `n` at least 1.
    level : float
        Share of such intervals that hold the true share, in (0, 1).

    Raises
    ------
    ValueError
        When a count or the level is out of bounds.

    References
    ----------
    Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22.
    """
    if not 0 < level < 1:
        raise ValueError(f"level {level} is outside (0, 1)")
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no share")
    share, z = successes / n, NormalDist().inv_cdf((1 + level) / 2)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At the ends rounding would leave 1e-17 where the formula gives exactly 0 or 1.
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == n else middle + half
    return Interval(share, low, high)


def _binned(
    y: ArrayLike, probability: ArrayLike, n_bins: int, bins: Bins
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.intp]]:
    """Give labels, probabilities, and the number of each row's bin, without gaps."""
    labels = check_labels(y)
    score = check_probabilities(probability, n_samples=len(labels))
    if n_bins < 1:
        raise ValueError(f"n_bins {n_bins} is below 1")
    if bins not in get_args(Bins):
        raise ValueError(f"bins {bins!r} are none of {', '.join(get_args(Bins))}")
    if bins == "width":
        edges = np.linspace(0, 1, n_bins + 1)[1:-1]
    else:
        # A bin begins at the score of its first row, so that equal scores are never parted.
        begins = np.arange(1, n_bins) * len(score) // n_bins
        edges = np.sort(score)[begins]
    group = np.searchsorted(edges, score, side="right")
    return labels, score, np.unique(group, return_inverse=True)[1]
