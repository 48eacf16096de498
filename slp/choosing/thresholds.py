"""Choose the probability from which on a candidate is called a pulsar.

A threshold on a finite set of rows is a cut between two neighbouring distinct scores: every
number between them makes the same calls. The middle is taken, so that neither the last bit of a
score nor a slightly different new row decides.

The best F1 of a few hundred pulsars is a matter of a handful of them, and the cut that gives it
jumps about: over 40 splits of HTRU2 from 0.18 to 0.55. "expected-f1" lets every row count by its
probability instead of by its label, which needs probabilities that mean what they say, and then
stands still: 0.44.

References
----------
Lipton, Elkan and Naryanaswamy (2014), "Optimal Thresholding of Classifiers to Maximize F1
Measure", ECML PKDD, section 3: the best threshold is half of the best F1.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_labels, check_probabilities
from slp.kinds import ThresholdSpec, parse_threshold, untaken
from slp.perceptron import NOTHING_REACHES
from slp.training.rows import check_weights

_ROUNDING = 1e-12
"""By how much, as a share, sums of weights may differ and be equal: 0.1 ten times is not 1."""


def choose_threshold(
    y: ArrayLike,
    probability: ArrayLike,
    spec: ThresholdSpec | str,
    *,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Apply a rule to rows.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, 0 or 1; "expected-f1", "budget" and a given threshold do not look at them.
    probability : array-like of shape (n_samples,)
        Probability of a pulsar, in [0, 1].
    spec : ThresholdSpec or str
        The rule, or its text as `parse_threshold` reads it: "f1" takes the cut with the best F1, of
        equally good ones the highest;
        "expected-f1" likewise, with a row's probability in the place of its label: 2 · (sum over
        the called rows) / (their number + sum over all rows), 0 where nothing is called; "recall"
        the highest cut that reaches the recall; "budget" the lowest cut that calls no more rows
        than allowed, rows of equal score together or not at all.
    sample_weight : array-like of shape (n_samples,), optional
        How many rows each one stands for, finite and at least 0: one of 0 is as if it were not
        there. None counts each as 1.

    Returns
    -------
    float
        In [0, 1], or `slp.perceptron.NOTHING_REACHES` where even a probability of 1 must not be
        called.

    Raises
    ------
    ValueError
        When `spec` is no rule, labels, probabilities or weights are out of bounds, no row counts,
        or "f1" or "recall" meets no pulsar.
    """
    spec = spec if isinstance(spec, ThresholdSpec) else parse_threshold(spec)
    labels, score, weight = _checked(y, probability, sample_weight)
    if spec.rule == "fixed":
        return spec.amount
    if spec.rule in ("f1", "recall") and not labels.any():
        raise ValueError(f"threshold {spec.rule} needs a pulsar; the {len(labels)} rows have none")
    distinct, group = np.unique(-score, return_inverse=True)
    # Entry k of each: what the k highest distinct scores hold, from none to all of them.
    called = np.append(0, np.cumsum(np.bincount(group, weights=weight)))
    pulsars = score if spec.rule == "expected-f1" else labels
    found = np.append(0, np.cumsum(np.bincount(group, weights=weight * pulsars)))
    slack = 0.0 if (weight % 1 == 0).all() else _ROUNDING  # whole numbers add up exactly
    return _between(-distinct, _n_scores(called, found, spec.rule, spec.amount, slack=slack))


def _checked(
    y: ArrayLike, probability: ArrayLike, sample_weight: ArrayLike | None
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Give labels, probabilities and weights of the rows that count."""
    labels = check_labels(y)
    score = check_probabilities(probability, n_samples=len(labels))
    weight = check_weights(sample_weight, len(labels))
    with np.errstate(over="ignore"):
        total = weight.sum()
    if not 0 < total < np.inf:
        raise ValueError(f"the sample weights add up to {total}; a finite sum above 0 is needed")
    there = weight > 0
    return labels[there], score[there], weight[there]


def _n_scores(
    called: NDArray[np.float64],
    found: NDArray[np.float64],
    rule: Literal["expected-f1", "f1", "recall", "budget"],
    amount: float,
    *,
    slack: float,
) -> int:
    """How many of the highest distinct scores are to be called pulsars."""
    match rule:
        case "budget":
            return int(np.flatnonzero(called <= amount * (1 + slack))[-1])
        case "recall":
            return int(np.flatnonzero(found / found[-1] >= amount * (1 - slack))[0])
        case "expected-f1" | "f1":
            half_of_f1 = found[1:] / (called[1:] + found[-1])
            best = half_of_f1.max()
            return 1 + int(np.argmax(half_of_f1 >= best * (1 - slack))) if best > 0 else 0
        case other:
            raise untaken(other)


def _between(scores: NDArray[np.float64], n_scores: int) -> float:
    """Give the middle between the lowest score called and the highest one not called."""
    if n_scores == 0:
        return float((scores[0] + 1) / 2) if scores[0] < 1 else NOTHING_REACHES
    lowest = scores[n_scores - 1]
    below = scores[n_scores] if n_scores < len(scores) else 0.0
    middle = float((lowest + below) / 2)
    # Between neighbouring floats there is no middle, and it rounds to one of them.
    return middle if middle > below else float(lowest)
