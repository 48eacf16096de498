"""Calibration (보정): of the candidates given a probability of 0.8, are eight in ten pulsars.

And the Brier score split into what calibration, sharpness and the sky contribute.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_labels, check_probabilities
from slp.measures.interval import Interval, wilson
from slp.scalars import check_whole


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


def reliability(
    y: ArrayLike,
    probability: ArrayLike,
    *,
    n_bins: int = 10,
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
        Bins of equal width in [0, 1], at least 1; each without its upper end but the last.
    level : float
        Of the Wilson intervals, in (0, 1).

    Returns
    -------
    tuple of Bin
        By rising probability; bins without a row are left out.

    Raises
    ------
    ValueError
        When labels, probabilities, `n_bins` or `level` are out of bounds.
    """
    labels, score, group = binned(y, probability, n_bins)
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

    Raises
    ------
    ValueError
        When there is no bin.

    References
    ----------
    Naeini, Cooper and Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using Bayesian
    Binning", AAAI 29, section "Calibration measures".
    """
    if not curve:
        raise ValueError("the curve has no bin; at least 1 is needed")
    n_rows = sum(one.n_rows for one in curve)
    return sum(one.n_rows * abs(one.probability - one.observed.value) for one in curve) / n_rows


def binned(
    y: ArrayLike, probability: ArrayLike, n_bins: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.intp]]:
    """Give labels, probabilities, and the number of each row's bin, without gaps."""
    labels = check_labels(y)
    score = check_probabilities(probability, n_samples=len(labels))
    n_bins = check_whole("n_bins", n_bins)
    if n_bins < 1:
        raise ValueError(f"n_bins {n_bins} is below 1")
    edges = np.arange(1, n_bins) / n_bins  # each the float that its decimal is, as 0.3
    group = np.searchsorted(edges, score, side="right")
    return labels, score, np.unique(group, return_inverse=True)[1]
