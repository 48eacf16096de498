"""McNemar's test: which of two models calls more rows rightly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Call = Literal["better", "worse", "undecided"]
"""What a comparison says of the challenger; a verdict, which crowns it or not, is the gate's."""


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
