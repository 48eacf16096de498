"""A number with the interval that it lies in, Wilson's for a share, and how far intervals reach.

By the normal law where the error is known, and by Student's t where the error itself is not sure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from slp.scalars import check_number

_ANGLES = np.linspace(0, 1, 4001)


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


def student_quantile(share: float, degrees: float) -> float:
    """Give the number of standard errors on either side that hold a share of Student's t.

    With t = √n tan φ the density of n degrees is that of cosⁿ⁻¹ φ, which has no far end to reach.

    Parameters
    ----------
    share : float
        In the middle, in (0, 1): 0.95 for 95 %.
    degrees : float
        Of freedom, at least 1, whole or not.

    Returns
    -------
    float
        Right to three digits where the share is at most 0.99, to five from 2 degrees on.

    Raises
    ------
    ValueError
        When the share or the degrees are out of bounds.
    """
    if not 0 < share < 1:
        raise ValueError(f"share {share} is outside (0, 1)")
    if not degrees >= 1:
        raise ValueError(f"degrees of freedom {degrees} are below 1")
    n = min(degrees, 1e9)
    angle = min(math.pi / 2, 10 / math.sqrt(n)) * _ANGLES
    density = np.exp((n - 1) * np.log(np.maximum(np.cos(angle), 1e-300)))
    held = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    return math.sqrt(n) * math.tan(np.interp(share, held / held[-1], angle))
