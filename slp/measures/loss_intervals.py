"""Intervals of losses that are means over rows: the Brier score and the log loss."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slp.measures.interval import Interval, deviations

PSEUDO_ROWS = 2.0
"""Rows of any probability that are added before the interval is taken."""


@dataclass(frozen=True)
class PowerSums:
    """Sums of the powers of a loss over rows; those of the parts of a table add up.

    Attributes
    ----------
    n_rows : float
        How many rows.
    first, second, third : float
        Sums of the loss, its square and its cube.
    """

    n_rows: float
    first: float
    second: float
    third: float

    @classmethod
    def of(cls, losses: NDArray[np.float64]) -> PowerSums:
        """Sum over rows, shape (n_rows,)."""
        # No last bit of a sum depends on the order of the rows; runs that rise are but merged.
        ordered = np.sort(losses, kind="stable")
        sums = (float((ordered**power).sum()) for power in (1, 2, 3))
        return cls(float(len(losses)), *sums)

    def __add__(self, other: PowerSums) -> PowerSums:
        """Join two parts of a table."""
        return PowerSums(
            self.n_rows + other.n_rows,
            self.first + other.first,
            self.second + other.second,
            self.third + other.third,
        )


@dataclass(frozen=True)
class _Loss:
    """What a row would lose whose probability may be anything, and the most that a row can."""

    any_probability: PowerSums
    most: float


LOSSES: Mapping[str, _Loss] = {
    # Means of p², p⁴, p⁶ and of (-ln p), its square and cube, over p between 0 and 1.
    "brier": _Loss(PowerSums(1, 1 / 3, 1 / 5, 1 / 7), most=1.0),
    "log_loss": _Loss(PowerSums(1, 1, 2, 6), most=-math.log(np.finfo(np.float64).eps)),
}
"""The losses in the order of `slp.measures.metrics.METRICS`."""


def loss_interval(name: str, sums: PowerSums, *, level: float = 0.95) -> Interval:
    """Give a mean loss with its interval.

    Few rows lose much, most next to nothing: the mean is as skewed as its rows, and an interval
    that reaches as far down as up misses above. Hall's transformation bends it by the third moment.
    Where a sample happens to hold no bad row, two rows whose probability may be anything stand in.

    Parameters
    ----------
    name : {"brier", "log_loss"}
        Which loss.
    sums : PowerSums
        Of at least one row.
    level : float
        Share of such intervals that hold the true value, in (0, 1).

    References
    ----------
    Hall (1992), "On the removal of skewness by transformation", J. R. Statist. Soc. B 54, 221.
    """
    chance = LOSSES[name].any_probability
    n = sums.n_rows + PSEUDO_ROWS
    first, second, third = (
        (of_rows + PSEUDO_ROWS * of_chance) / n
        for of_rows, of_chance in (
            (sums.first, chance.first),
            (sums.second, chance.second),
            (sums.third, chance.third),
        )
    )
    variance = second - first**2
    skewness = (third - 3 * first * second + 2 * first**3) / variance**1.5
    z, se = deviations(level), math.sqrt(variance / n)
    low, high = (first - se * _unbent(end, skewness / math.sqrt(n)) for end in (z, -z))
    value = sums.first / sums.n_rows
    return Interval(value, max(0.0, min(low, value)), max(value, min(LOSSES[name].most, high)))


def _unbent(x: float, a: float) -> float:
    """Solve t + a t²/3 + a² t³/27 + a/6 = x, which is a cube in t, for t."""
    if abs(a) < 1e-9:  # noqa: PLR2004 - nothing bends, and 3 / a would round badly
        return x
    return float((np.cbrt(1 + a * (x - a / 6)) - 1) * 3 / a)
