"""By how much one model measures more than another on the same rows, and how sure that is.

And McNemar's test: which of the two calls more rows rightly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slp.measures.influence import Influence
from slp.measures.interval import deviations, student_quantile

_Z = deviations(0.95)


@dataclass(frozen=True)
class Difference:
    """A paired difference: the challenger's measure less the champion's.

    Attributes
    ----------
    value : float
        In units of the measure; NaN where it is undefined.
    error : float
        Its standard error over samples of the same candidates, at least 0.
    reach : float, optional
        How far its 95 % interval reaches to either side; as a rule 1.96 errors.
    """

    value: float
    error: float
    reach: float | None = None

    @property
    def low(self) -> float:
        """The lower end of its 95 % interval."""
        return self.least(_Z) if self.reach is None else self.value - self.reach

    @property
    def high(self) -> float:
        """The upper end of its 95 % interval."""
        return self.most(_Z) if self.reach is None else self.value + self.reach

    def least(self, z: float) -> float:
        """Give what it is at the least, so many standard errors down."""
        return self.value - z * self.error

    def most(self, z: float) -> float:
        """Give what it is at the most, so many standard errors up."""
        return self.value + z * self.error

    def widened(self, error: float) -> Difference:
        """Add an independent error to its own, in squares."""
        return Difference(self.value, math.hypot(self.error, error))


def difference(champion: Influence, challenger: Influence, *, unseen: float = 0.0) -> Difference:
    """Give the difference of one measure of two models.

    Parameters
    ----------
    champion, challenger : Influence
        Of the same measure on the same rows, in one order.
    unseen : float, optional
        Standard error of what the rows may hide: it widens the interval, and not the error.

    Returns
    -------
    Difference
        Its variance is the sum over the rows of the squared differences of the two slopes: what
        both models share drops out of it row by row.

    Raises
    ------
    ValueError
        When the two are of different numbers of rows.
    """
    n_rows = len(champion.slopes), len(challenger.slopes)
    if n_rows[0] != n_rows[1]:
        raise ValueError(f"slopes of {n_rows[0]} rows and of {n_rows[1]} are of different rows")
    value = challenger.value - champion.value
    return of_slopes(value, challenger.slopes - champion.slopes, unseen=unseen)


def of_slopes(value: float, apart: NDArray[np.float64], *, unseen: float = 0.0) -> Difference:
    """Give a difference whose slopes differ by so much, row by row.

    A sum of squares that a few rows make nearly all of is not known well. If m = (Σ s²)² / Σ s⁴
    rows make it, the interval is Student's with m degrees of freedom.

    Parameters
    ----------
    value : float
        The difference.
    apart : ndarray of shape (n_samples,), float64
        Of the slopes.
    unseen : float, optional
        As for `difference`.
    """
    squares = apart * apart
    variance = float(squares.sum())
    degrees = max(1.0, variance**2 / float(squares @ squares)) if variance else 1.0
    error = math.sqrt(variance)
    return Difference(value, error, student_quantile(0.95, degrees) * math.hypot(error, unseen))
