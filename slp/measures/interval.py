"""A number with the interval that it lies in, and Wilson's for a share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from slp.scalars import check_number


@dataclass(frozen=True)
class Interval:
    """A measure and where it would lie on other samples of the same candidates.

    Attributes
    ----------
    value : float
        The measure on the rows as they are.
    low, high : float
        Ends of the interval.
    """

    value: float
    low: float
    high: float


def deviations(level: float) -> float:
    """Give the standard deviations either side of 0 between which a share of normal numbers lies.

    Raises
    ------
    ValueError
        When the share is outside (0, 1), or so near 1 that the number is beyond all bounds.
    """
    level = check_number("level", level)
    if not 0 < level < 1:
        raise ValueError(f"level {level} is outside (0, 1)")
    below = (1 + level) / 2
    if below == 1:
        raise ValueError(f"level {level!r} is too near 1 to be told from it")
    return NormalDist().inv_cdf(below)


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
    z, rows, found = deviations(level), check_number("n", n), check_number("successes", successes)
    if rows < 1 or not 0 <= found <= rows:
        raise ValueError(f"{successes} of {n} is no share")
    share = found / rows
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows)
    half *= math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    # At the ends rounding would leave 1e-17 where the formula gives exactly 0 or 1.
    low = 0.0 if found == 0 else middle - half
    high = 1.0 if found == rows else middle + half
    return Interval(share, low, high)
