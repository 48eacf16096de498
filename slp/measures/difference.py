"""By how much one model measures more than another on the same rows, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slp.measures.interval import deviations

if TYPE_CHECKING:
    from slp.measures.influence import Influence

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
    """

    value: float
    error: float

    @property
    def low(self) -> float:
        """The lower end of its 95 % interval."""
        return self.least(_Z)

    @property
    def high(self) -> float:
        """The upper end of its 95 % interval."""
        return self.most(_Z)

    def least(self, z: float) -> float:
        """Give what it is at the least, so many standard errors down."""
        return self.value - z * self.error

    def most(self, z: float) -> float:
        """Give what it is at the most, so many standard errors up."""
        return self.value + z * self.error

    def widened(self, error: float) -> Difference:
        """Add an independent error to its own, in squares."""
        return Difference(self.value, math.hypot(self.error, error))


def difference(champion: Influence, challenger: Influence) -> Difference:
    """Give the difference of one measure of two models.

    Parameters
    ----------
    champion, challenger : Influence
        Of the same measure on the same rows, in one order.

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
    apart = challenger.slopes - champion.slopes
    return Difference(challenger.value - champion.value, math.sqrt(apart @ apart))
