"""Whether one model is better than another on the same candidates, or nobody knows yet.

Both models see the same rows, so their luck is shared: the differences are far surer than either
score. What a row does to each measure of both models is known in closed form, and the calls are
compared pulsar by pulsar.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_labels, check_probabilities
from slp.measures.by_score import check_scores
from slp.measures.confusion import Confusion, calls_of, rates, slopes_of
from slp.measures.difference import Difference, difference, of_slopes
from slp.measures.influence import influence_on_average_precision, influence_on_roc_auc
from slp.measures.interval import deviations
from slp.measures.mcnemar import Call, McNemar, mcnemar
from slp.measures.metrics import METRICS, row_losses

_Z = deviations(0.95)

UNSEEN = {"roc_auc": 0.02, "average_precision": 0.1}
"""Standard error that one pulsar more may add to a difference, of a sample of one pulsar."""

_UNSEEN_CALLS = np.kron(np.eye(2), [[0.25, 0.5], [0.5, 0.25]])
"""In thought, half a row of each class that one model alone gets right, and the other alone."""

LOWER_IS_BETTER = frozenset({"fp", "fn", "brier", "log_loss"})
"""Of `slp.measures.metrics.METRICS`, those that a better model has less of."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """A challenger beside a champion on the same rows.

    Attributes
    ----------
    differences : dict of str to Difference
        Each measure of `slp.measures.metrics.METRICS`: challenger less champion.
    calls : McNemar
        Of the calls at the two thresholds.
    champion_only, challenger_only : ndarray of int64
        The ledger: rising numbers of the rows whose pulsar this model alone finds.
    """

    differences: dict[str, Difference]
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
            "better" or "worse" when the whole 95 % interval of the difference lies on that side
            of 0, else, or when the measure is undefined, "undecided".

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


def compare(
    y: ArrayLike,
    champion: ArrayLike,
    challenger: ArrayLike,
    *,
    thresholds: tuple[float, float],
    by: tuple[ArrayLike, ArrayLike] | None = None,
) -> Comparison:
    """Compare two models' probabilities, and the calls their thresholds make of them.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, 0 or 1, of rows that neither model has learnt from.
    champion, challenger : array-like of shape (n_samples,)
        Probabilities that each model gives these rows, in [0, 1].
    thresholds : tuple of float
        The champion's and the challenger's, held as they are.
    by : tuple of array-like of shape (n_samples,), optional
        What orders the rows by each, for `roc_auc` and `average_precision`: finite, as a rule the
        logits, which keep apart what probabilities round to 1. By default the probabilities.

    Returns
    -------
    Comparison
        With rows of one class the differences of `roc_auc` and `average_precision` are NaN; of a
        model and itself the others are 0, without an error.

    Raises
    ------
    ValueError
        When labels or probabilities are out of bounds, there are not two thresholds or two orders,
        or one is no number.

    References
    ----------
    Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 21, of the influence
    that each row has; for the calls Fagerland, Lydersen and Laake (2013), "The McNemar test for
    binary matched-pairs data", BMC Medical Research Methodology 13:91.
    """
    if np.shape(thresholds) != (2,):
        raise ValueError(f"thresholds {thresholds!r} are not two: the champion's, the challenger's")
    labels = check_labels(y)
    pair = [check_probabilities(s, n_samples=len(labels)) for s in (champion, challenger)]
    if by is not None and len(by) != 2:  # noqa: PLR2004 - the champion's and the challenger's
        raise ValueError(f"{len(by)} orders are not two: the champion's, the challenger's")
    orders = pair if by is None else [check_scores(s, n_samples=len(labels)) for s in by]
    called = [calls_of(s, t) for s, t in zip(pair, thresholds, strict=True)]
    found = _of_calls(labels, called) | _of_ranks(labels, orders) | _of_losses(labels, pair)
    if all(np.array_equal(*both) for both in (pair, orders, called)):
        found = _of_itself(found)
    right = [call == (labels == 1) for call in called]
    return Comparison(
        {name: found[name] for name in METRICS},
        mcnemar(int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())),
        champion_only=np.flatnonzero((labels == 1) & called[0] & ~called[1]),
        challenger_only=np.flatnonzero((labels == 1) & called[1] & ~called[0]),
    )


def _of_itself(found: dict[str, Difference]) -> dict[str, Difference]:
    """Give the differences of a model from itself: none, where they are defined."""
    same = Difference(0.0, 0.0, 0.0)
    return {name: one if math.isnan(one.value) else same for name, one in found.items()}


def _of_calls(labels: NDArray[np.int64], called: list[NDArray[np.bool_]]) -> dict[str, Difference]:
    """Give the differences of what follows from the calls, by how many rows lie in which cells."""
    first, second = (2 * labels + call for call in called)
    both = np.bincount(4 * first + second, minlength=16).reshape(4, 4).astype(np.float64)
    before, after = map(rates, _margins(both))
    errors = _errors(both)
    reach = _errors(both + _UNSEEN_CALLS)
    return {
        name: Difference(after[name] - before[name], errors[name], _Z * reach[name])
        for name in before
    }


def _margins(both: NDArray[np.float64]) -> list[Confusion]:
    return [Confusion(*both.sum(axis=axis).tolist()) for axis in (1, 0)]


def _errors(both: NDArray[np.float64]) -> dict[str, float]:
    """Give the standard errors of the differences, by how many rows lie in which cells of both."""
    first, second = (slopes_of(counts) for counts in _margins(both))
    return {
        name: math.sqrt((both * (second[name] - first[name][:, None]) ** 2).sum()) for name in first
    }


def _of_ranks(labels: NDArray[np.int64], pair: list[NDArray[np.float64]]) -> dict[str, Difference]:
    if labels.all() or not labels.any():
        return dict.fromkeys(("roc_auc", "average_precision"), Difference(np.nan, np.nan))
    return {
        name: difference(
            *(influence(labels, score) for score in pair), unseen=UNSEEN[name] / int(labels.sum())
        )
        for name, influence in (
            ("roc_auc", influence_on_roc_auc),
            ("average_precision", influence_on_average_precision),
        )
    }


def _of_losses(labels: NDArray[np.int64], pair: list[NDArray[np.float64]]) -> dict[str, Difference]:
    first, second = (row_losses(labels, score) for score in pair)
    apart = second - first
    means = apart.mean(axis=0)
    return {
        name: of_slopes(float(mean), (column - mean) / len(labels))
        for name, mean, column in zip(("brier", "log_loss"), means, apart.T, strict=True)
    }
