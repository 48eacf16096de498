"""The Brier score split into what calibration, sharpness and the sky contribute."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from slp.measures.calibration import binned


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


def brier_parts(y: ArrayLike, probability: ArrayLike, *, n_bins: int = 10) -> BrierParts:
    """Split the Brier score into what calibration, sharpness and the sky contribute.

    Parameters
    ----------
    y, probability, n_bins
        As for `slp.measures.calibration.reliability`.

    Returns
    -------
    BrierParts

    Raises
    ------
    ValueError
        As for `slp.measures.calibration.reliability`.

    References
    ----------
    Murphy (1973), "A New Vector Partition of the Probability Score", J. Appl. Meteorol. 12, 595;
    the part within the bins: Stephenson, Coelho and Jolliffe (2008), "Two Extra Components in the
    Brier Score Decomposition", Weather and Forecasting 23, 752.
    """
    labels, score, group = binned(y, probability, n_bins)
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
