"""Whether one model is better than another on the same candidates, or nobody knows yet.

Both models see the same rows, so their luck is shared: the differences are far surer than either
score. Each resample is measured under both models, and the calls are compared pulsar by pulsar.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from slp.checks import check_labels, check_probabilities
from slp.measures.bootstrap import Interval, middle_share, resamples
from slp.measures.metrics import METRICS, Scored

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Verdict = Literal["better", "worse", "undecided"]

LOWER_IS_BETTER = frozenset({"fp", "fn", "brier", "log_loss"})
"""Of `slp.measures.metrics.METRICS`, those that a better model has less of."""


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

    def verdict(self, *, level: float = 0.95) -> Verdict:
        """Judge the challenger: decided when `mid_p` is below ``1 - level``."""
        if self.mid_p >= 1 - level:
            return "undecided"
        return "better" if self.only_challenger > self.only_champion else "worse"


@dataclass(frozen=True, eq=False)
class Comparison:
    """A challenger beside a champion on the same rows.

    Attributes
    ----------
    differences : dict of str to Interval
        Each measure of `slp.measures.metrics.METRICS`: challenger less champion, with its interval.
    calls : McNemar
        Of the calls at the two thresholds.
    champion_only, challenger_only : ndarray of int64
        The ledger: rising numbers of the rows whose pulsar this model alone finds.
    """

    differences: dict[str, Interval]
    calls: McNemar
    champion_only: NDArray[np.int64]
    challenger_only: NDArray[np.int64]

    def verdict(self, metric: str) -> Verdict:
        """Judge the challenger by one measure, which has to be named before looking.

        Parameters
        ----------
        metric : str
            One of `slp.measures.metrics.METRICS`.

        Returns
        -------
        {"better", "worse", "undecided"}
            "better" or "worse" when the whole interval of the difference lies on that side of 0,
            else, or when the measure is undefined, "undecided".

        Raises
        ------
        ValueError
            When there is no such measure.
        """
        if metric not in self.differences:
            raise ValueError(f"metric {metric!r} is none of {', '.join(METRICS)}")
        found = self.differences[metric]
        low, high = found.low, found.high
        if metric in LOWER_IS_BETTER:
            low, high = -high, -low
        if low > 0:
            return "better"
        return "worse" if high < 0 else "undecided"


def compare(  # noqa: PLR0913 - what is optional is keyword-only
    y: ArrayLike,
    champion: ArrayLike,
    challenger: ArrayLike,
    *,
    thresholds: tuple[float, float],
    rng: np.random.Generator,
    n_resamples: int = 1000,
    level: float = 0.95,
) -> Comparison:
    """Compare two models' probabilities, and the calls their thresholds make of them.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, 0 or 1, of rows that neither model has learnt from.
    champion, challenger : array-like of shape (n_samples,)
        Probabilities that each model gives these rows, in [0, 1].
    thresholds : tuple of float
        The champion's and the challenger's.
    rng : numpy.random.Generator
        Draws the rows of one resample after the other.
    n_resamples, level
        As for `slp.measures.bootstrap.intervals`.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        When labels, probabilities, `n_resamples` or `level` are out of bounds.

    References
    ----------
    Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13, of the differences
    of paired measures; for the calls Fagerland, Lydersen and Laake (2013), "The McNemar test for
    binary matched-pairs data", BMC Medical Research Methodology 13:91.
    """
    if n_resamples < 1:
        raise ValueError(f"n_resamples {n_resamples} is below 1")
    if not 0 < level < 1:
        raise ValueError(f"level {level} is outside (0, 1)")
    labels = check_labels(y)
    scores = [check_probabilities(s, n_samples=len(labels)) for s in (champion, challenger)]
    pair = [Scored.of(labels, s, threshold=t) for s, t in zip(scores, thresholds, strict=True)]
    value = _differences(pair, np.ones((1, len(labels))))
    chunks = [_differences(pair, c) for c in resamples(len(labels), n_resamples, rng=rng)]
    called = [s >= t for s, t in zip(scores, thresholds, strict=True)]
    right = [call == (labels == 1) for call in called]
    return Comparison(
        {
            name: Interval(
                float(value[name][0]),
                *middle_share(np.concatenate([chunk[name] for chunk in chunks]), level),
            )
            for name in METRICS
        },
        mcnemar(int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())),
        champion_only=np.flatnonzero((labels == 1) & called[0] & ~called[1]),
        challenger_only=np.flatnonzero((labels == 1) & called[1] & ~called[0]),
    )


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


def _differences(pair: list[Scored], counts: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Measure both models on the same resamples; challenger less champion."""
    champion, challenger = (scored.measure(counts[:, scored.order]) for scored in pair)
    return {name: challenger[name] - champion[name] for name in METRICS}
