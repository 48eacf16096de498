"""Nested cross-validation (중첩 교차 검증): the honest score of a whole procedure.

A procedure that looks at the rows to choose its inputs, penalty and threshold has used them up.
So each outer fold is scored by a model for which all of that was chosen on the other folds alone,
by an inner cross-validation there: Varma and Simon (2006), BMC Bioinformatics 7, 91.

Prints what was chosen and how it does on HTRU2, 5 outer folds drawn twice. Ends with exit code 1
when the mean F1 is below 0.884 or the mean average precision below 0.930.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sweep import load
from threadpoolctl import threadpool_limits

from slp.checks import check_features, check_labels
from slp.choosing.thresholds import choose_threshold
from slp.inputs import Inputs
from slp.kinds import InputKind, ThresholdSpec
from slp.measures.metrics import measure
from slp.perceptron import cross_entropy, sigmoid
from slp.splitting.folds import stratified_folds
from slp.training.newton import fit_newton

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from slp.checks import Floats


BOUNDS = {"f1": 0.884, "average_precision": 0.930}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A perceptron that may be chosen; it is trained to its minimum by `slp.training.newton`.

    Attributes
    ----------
    inputs : str
        What the layer sees, one of `slp.kinds.INPUT_KINDS`.
    l2 : float
        Weight of the penalty, at least 0.
    """

    inputs: InputKind
    l2: float


CANDIDATES: tuple[Candidate, ...] = tuple(
    Candidate(inputs=inputs, l2=l2)
    for inputs in ("standard", "quadratic", "yeo-johnson", "yeo-johnson-quadratic")
    for l2 in (1e-5, 1e-4, 1e-3)
)
"""What the default procedure chooses from."""


@dataclass(frozen=True)
class Choice:
    """What an inner cross-validation chose.

    Attributes
    ----------
    candidate : Candidate
        The one with the lowest log loss.
    threshold : float
        The one its out-of-fold probabilities ask for.
    log_losses : tuple of float
        Mean out-of-fold log loss of each candidate, in nats, in their order.
    """

    candidate: Candidate
    threshold: float
    log_losses: tuple[float, ...]


@dataclass(frozen=True)
class OuterFold:
    """One outer fold: what was chosen without it, and how that does on it.

    Attributes
    ----------
    repeat, fold : int
        From 0.
    choice : Choice
        Made on the other folds of this repeat.
    metrics : dict of str to float
        Of this fold at the threshold chosen, as of `slp.measures.metrics.measure`.
    """

    repeat: int
    fold: int
    choice: Choice
    metrics: dict[str, float]


def choose(
    X: ArrayLike,
    y: ArrayLike,
    *,
    candidates: Sequence[Candidate],
    n_folds: int,
    rng: np.random.Generator,
    threshold: ThresholdSpec | None = None,
) -> Choice:
    """Choose inputs, penalty and threshold by cross-validation.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Features as they are in the file.
    y : array-like of shape (n_samples,)
        Labels, 0 or 1.
    candidates : sequence of Candidate
        At least one; of equally good ones the first is taken.
    n_folds : int
        Stratified folds; inputs and weights are fitted on all but one, and score that one.
    rng : numpy.random.Generator
        Draws the folds.
    threshold : ThresholdSpec, optional
        The rule for the threshold, applied to the out-of-fold probabilities of the chosen
        candidate. None is the best F1.

    Returns
    -------
    Choice

    Raises
    ------
    ValueError
        When an input is out of bounds, there is no candidate, or a class is too small for the
        folds.
    """
    if not candidates:
        raise ValueError("candidates are none; at least 1 is needed")
    features, labels = check_features(X), check_labels(y)
    fold = stratified_folds(features, labels, n_folds=n_folds, rng=rng)
    logits = np.empty((len(candidates), len(labels)))
    for number in range(n_folds):
        held = fold == number
        logits[:, held] = _logits(features, labels, held, candidates)
    losses = cross_entropy(labels, logits).mean(axis=1)
    best = int(np.argmin(losses))
    spec = threshold if threshold is not None else ThresholdSpec("f1")
    return Choice(
        candidate=candidates[best],
        threshold=choose_threshold(labels, sigmoid(logits[best]), spec),
        log_losses=tuple(losses.tolist()),
    )


def nested(  # noqa: PLR0913 - what is optional is keyword-only
    X: ArrayLike,
    y: ArrayLike,
    *,
    rng: np.random.Generator,
    candidates: Sequence[Candidate] = CANDIDATES,
    n_outer: int = 5,
    n_inner: int = 3,
    n_repeats: int = 2,
    threshold: ThresholdSpec | None = None,
) -> tuple[OuterFold, ...]:
    """Score the procedure that `choose` and a fit on all its rows make.

    Parameters
    ----------
    X, y : array-like
        As for `choose`.
    rng : numpy.random.Generator
        Draws all folds.
    candidates, threshold
        As for `choose`.
    n_outer, n_inner : int
        Folds to score, and folds to choose by within the rest.
    n_repeats : int
        How often to draw outer folds anew, at least 1.

    Returns
    -------
    tuple of OuterFold
        n_repeats · n_outer of them, in order. Those of one repeat share most of their rows, so
        their spread is a little less than that of independent tests.

    Raises
    ------
    ValueError
        As for `choose`, or when `n_repeats` is below 1.
    """
    if n_repeats < 1:
        raise ValueError(f"n_repeats {n_repeats} is below 1")
    features, labels = check_features(X), check_labels(y)
    scored = []
    for repeat in range(n_repeats):
        fold = stratified_folds(features, labels, n_folds=n_outer, rng=rng)
        for number in range(n_outer):
            held = fold == number
            choice = choose(
                features[~held],
                labels[~held],
                candidates=candidates,
                n_folds=n_inner,
                rng=rng,
                threshold=threshold,
            )
            logits = _logits(features, labels, held, [choice.candidate])[0]
            metrics = measure(labels[held], sigmoid(logits), threshold=choice.threshold)
            scored.append(OuterFold(repeat, number, choice, metrics))
    return tuple(scored)


def _logits(
    features: Floats,
    labels: NDArray[np.int64],
    held: NDArray[np.bool_],
    candidates: Sequence[Candidate],
) -> NDArray[np.float64]:
    """Fit each candidate to the rows not held out; its logits of those held out.

    Shape (n_candidates, n_held).
    """
    logits = np.empty((len(candidates), np.count_nonzero(held)))
    for kind in dict.fromkeys(candidate.inputs for candidate in candidates):
        inputs = Inputs.fit(kind, features[~held])
        train, test = inputs.transform(features[~held]), inputs.transform(features[held])
        weights = None
        for number, candidate in enumerate(candidates):
            if candidate.inputs == kind:
                # The minimum for the last penalty is most of the way to that for the next.
                found = fit_newton(train, labels[~held], l2=candidate.l2, start=weights)
                weights = np.append(found.coef, found.intercept)
                logits[number] = test @ found.coef + found.intercept
    return logits


def main() -> int:
    """Score the default procedure on HTRU2."""
    name, X, y = load()
    with threadpool_limits(1):  # products this small gain nothing from threads
        scored = nested(X, y, rng=np.random.default_rng(0))
    print(f"{name}, a fold a line")
    for each in scored:
        chosen = each.choice.candidate
        print(f"  {chosen.inputs:22} l2 {chosen.l2:g}   F1 {each.metrics['f1']:.3f}")
    held = []
    for metric, least in BOUNDS.items():
        mean = float(np.mean([each.metrics[metric] for each in scored]))
        print(f"  {metric:22} {mean:.4f}      at least {least}")
        held.append(mean >= least)
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
