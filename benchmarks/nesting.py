"""Nested cross-validation (중첩 교차 검증): the evidence for what a run trains with by default.

A procedure that looks at the rows to choose its inputs, penalty and threshold has used them up.
So each outer fold is scored by a model for which all of that was chosen on the other folds alone,
inputs and penalty by an inner cross-validation there: Varma and Simon (2006), BMC Bioinformatics 7,
91. The threshold comes, as a run's does, from what the model says of the rows that it learnt from.

Prints what was chosen and how it does on HTRU2, 5 outer folds drawn twice. Ends with exit code 1
when the mean F1 is below 0.884 or the mean average precision below 0.930.
"""

from __future__ import annotations

import sys
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.sweep import load
from slp.choosing.thresholds import choose_threshold
from slp.inputs import Inputs
from slp.kinds import InputKind, ThresholdSpec
from slp.measures.metrics import measure
from slp.perceptron import cross_entropy, sigmoid
from slp.splitting.folds import stratified_folds
from slp.training.newton import fit_newton

BOUNDS = {"f1": 0.884, "average_precision": 0.930}
KINDS: tuple[InputKind, ...] = (
    "standard", "quadratic", "yeo-johnson", "yeo-johnson-quadratic",
)  # fmt: skip
PENALTIES = (1e-5, 1e-4, 1e-3)
CANDIDATES = tuple(product(KINDS, PENALTIES))
N_OUTER, N_INNER, N_REPEATS = 5, 3, 2


def logits_of(
    candidates: tuple[tuple[InputKind, float], ...],
    X: NDArray[Any],
    y: NDArray[Any],
    held: NDArray[np.bool_],
    *,
    of: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Fit each candidate to the rows not held out; its logits of those held out, or `of` others."""
    logits = []
    seen: InputKind | None = None
    for kind, l2 in candidates:
        if kind != seen:
            seen, inputs, weights = kind, Inputs.fit(kind, X[~held]), None
            train = inputs.transform(X[~held])
            test = inputs.transform(X[held if of is None else of])
        # The minimum for the last penalty is most of the way to that for the next.
        found = fit_newton(train, y[~held], l2=l2, start=weights)
        weights = np.append(found.coef, found.intercept)
        logits.append(test @ found.coef + found.intercept)
    return np.array(logits)


def choose(X: NDArray[Any], y: NDArray[Any], rng: np.random.Generator) -> tuple[InputKind, float]:
    """Choose the candidate with the lowest out-of-fold loss."""
    fold = stratified_folds(X, y, n_folds=N_INNER, rng=rng)
    logits = np.empty((len(CANDIDATES), len(y)))
    for number in range(N_INNER):
        logits[:, fold == number] = logits_of(CANDIDATES, X, y, fold == number)
    return CANDIDATES[int(np.argmin(cross_entropy(y, logits).mean(axis=1)))]


def main() -> int:
    """Score the procedure on HTRU2."""
    name, X, y = load()
    rng, scored = np.random.default_rng(0), []
    print(f"{name}, a fold a line")
    for _ in range(N_REPEATS):
        fold = stratified_folds(X, y, n_folds=N_OUTER, rng=rng)
        for number in range(N_OUTER):
            held = fold == number
            chosen = choose(X[~held], y[~held], rng)
            p = sigmoid(logits_of((chosen,), X, y, held, of=np.ones_like(held))[0])
            threshold = choose_threshold(y[~held], p[~held], ThresholdSpec("expected-f1"))
            scored.append(measure(y[held], p[held], threshold=threshold))
            print(f"  {chosen[0]:22} l2 {chosen[1]:g}   F1 {scored[-1]['f1']:.3f}")
    means = {metric: float(np.mean([each[metric] for each in scored])) for metric in BOUNDS}
    for metric, least in BOUNDS.items():
        print(f"  {metric:22} {means[metric]:.4f}      at least {least}")
    return 0 if all(means[metric] >= least for metric, least in BOUNDS.items()) else 1


if __name__ == "__main__":
    with threadpool_limits(1):  # products this small gain nothing from threads
        sys.exit(main())
