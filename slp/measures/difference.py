"""By how much one model measures more than another on the same rows, and how sure that is.

And McNemar's test: which of the two calls more rows rightly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from slp.measures.influence import Influence
from slp.measures.interval import deviations, student_quantile

Call = Literal["better", "worse", "undecided"]
"""What a comparison says of the challenger; a verdict, which crowns it or not, is the gate's."""

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


@dataclass(frozen=True)
class McNemar:
    """McNemar's test: whether one model has the more of the rows that only one calls rightly.

    Attributes
    ----------
    only_champion, only_challenger : int
        Rows that only this model calls rightly.
    exact, mid_p : float
        Two-sided p-values. `exact` never errs more often than it says; `mid_p`, which counts the
        outcome itself half, errs about as often as it says, and finds more.
    """

    only_champion: int
    only_challenger: int
    exact: float
    mid_p: float

    def call(self, *, level: float = 0.95) -> Call:
        """Call the challenger: decided when `mid_p` is below ``1 - level``."""
        if self.mid_p >= 1 - level:
            return "undecided"
        return "better" if self.only_challenger > self.only_champion else "worse"


def mcnemar(only_champion: int, only_challenger: int) -> McNemar:
    """Test whether the two models are right equally often, from where they disagree.

    Parameters
    ----------
    only_champion, only_challenger : int
        Rows that only this model calls rightly, at least 0.

    Returns
    -------
    McNemar
        Were the models equally good, the smaller count would be binomial with chance 1/2.

    Raises
    ------
    ValueError
        When a count is negative.
    """
    fewer, more = sorted((only_champion, only_challenger))
    if fewer < 0:
        raise ValueError(f"count {fewer} is below 0")
    n = fewer + more
    chances = [_coin(k, n) for k in range(fewer + 1)]
    exact = min(1.0, 2 * math.fsum(chances))
    mid_p = min(1.0, 2 * math.fsum(chances[:-1]) + chances[-1])
    return McNemar(only_champion, only_challenger, exact, mid_p)


def _coin(k: int, n: int) -> float:
    """Chance of k heads in n tosses, at any n without overflow."""
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(ways - n * math.log(2))
