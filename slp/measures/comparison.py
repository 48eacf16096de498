"""Whether one model is better than another on the same candidates, or nobody knows yet.

Both models see the same rows, so their luck is shared: the differences are far surer than either
score. Each resample is measured under both models, and the calls are compared pulsar by pulsar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from slp.checks import check_labels, check_probabilities
from slp.measures.bootstrap import middle_share, resamples
from slp.measures.interval import Interval
from slp.measures.mcnemar import Call, McNemar, mcnemar
from slp.measures.metrics import METRICS, Ranking

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LOWER_IS_BETTER = frozenset({"fp", "fn", "brier", "log_loss"})
"""Of `slp.measures.metrics.METRICS`, those that a better model has less of."""


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

    def call(self, metric: str) -> Call:
        """Call the challenger by one measure, which has to be named before looking.

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
    n_resamples : int
        As for `slp.measures.bootstrap.resamples`.
    level : float
        Share of the resamples inside the interval, in (0, 1).

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
    pair = [Ranking.of(labels, s, threshold=t) for s, t in zip(scores, thresholds, strict=True)]
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


def _differences(
    pair: list[Ranking], counts: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Measure both models on the same resamples; challenger less champion."""
    champion, challenger = (ranking.measure(counts[:, ranking.order]) for ranking in pair)
    return {name: challenger[name] - champion[name] for name in METRICS}
