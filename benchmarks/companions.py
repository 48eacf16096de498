"""Which layer ranks another survey: the ways that were tried, side by side.

Usage: python -m benchmarks.companions

HTRU2 in two times five folds: average precision at home. Each model of a fold then ranks the fold
held out as `benchmarks.audit.surveys` changes it (the lowest mean ROC AUC of all changes but the
first is shown) and the sample of HTRU 1; and one of that sample ranks HTRU2. Nothing is chosen
within a fold, so the folds need not be nested. Data are those of PULSAR_DATA_DIR; half a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.audit.surveys import CHANGES, order
from benchmarks.runs import htru1, htru2
from pulsars.learning.companion import fit_companion
from slp.companion import fit_companion as fit_layer
from slp.inputs import Inputs
from slp.kinds import InputKind
from slp.perceptron import Perceptron
from slp.power import transform
from slp.products import with_products
from slp.splitting.folds import stratified_folds
from slp.training.newton import fit_newton

Score = Callable[[np.ndarray], np.ndarray]
Fit = Callable[[np.ndarray, np.ndarray], Score]
_GATE = 4.0  # per standard deviation beyond the range


def layer(kind: InputKind) -> Callable[[np.ndarray, np.ndarray], Perceptron]:
    """Fit a layer on inputs of a kind, as a training does."""

    def fit(X: np.ndarray, y: np.ndarray) -> Perceptron:
        inputs = Inputs.fit(kind, X)
        found = fit_newton(inputs.transform(X), y, l2=1 / len(y))
        return Perceptron(found.coef, found.intercept, inputs)

    return fit


curved = layer("yeo-johnson-quadratic")


def one_layer(kind: InputKind) -> Fit:
    """Rank by a layer alone."""
    return lambda X, y: layer(kind)(X, y).decision_function


def reaching(X: np.ndarray, y: np.ndarray) -> Score:
    """Rank by the curved layer without its range, as earlier versions did."""
    model = curved(X, y)
    return replace(model, inputs=replace(model.inputs, low=None, high=None)).decision_function


def by_logarithm(*left_out: int, ended: tuple[int, ...] = ()) -> Fit:
    """Rank by a layer that takes DM mean and stdev by their logarithm, some features left out.

    Those that are `ended` end with the training range.
    """
    numbers = np.arange(8)
    chosen = {"logarithm": np.isin(numbers, (4, 5)), "left_out": np.isin(numbers, left_out)}
    chosen["ended"] = np.isin(numbers, ended)
    return lambda X, y: fit_layer(X, y, **chosen).decision_function


def _on_the_tangent(model: Perceptron, X: np.ndarray) -> np.ndarray:
    """Give the powers of the features, scaled, going on in a straight line beyond the range."""
    inputs = model.inputs
    low, high, exponents = inputs.low, inputs.high, inputs.exponents
    assert low is not None  # noqa: S101 - they are of the curved kind
    assert high is not None  # noqa: S101
    assert exponents is not None  # noqa: S101
    ends = np.clip(X, low, high)
    steepness = (1 + np.abs(ends)) ** (np.where(ends >= 0, exponents, 2 - exponents) - 1)
    return inputs.scale.transform(transform(ends, exponents) + steepness * (X - ends))


def straight(X: np.ndarray, y: np.ndarray, *, products_end: bool) -> Score:
    """Rank by the curved layer with powers that go on straight, and products of these or not."""
    model = curved(X, y)
    products = model.inputs.products
    assert products is not None  # noqa: S101

    def score(rows: np.ndarray) -> np.ndarray:
        seen = products.transform(with_products(_on_the_tangent(model, rows)))
        if products_end:
            seen[:, 8:] = model.inputs.transform(rows)[:, 8:]
        return seen @ model.coef

    return score


def gated(X: np.ndarray, y: np.ndarray) -> Score:
    """Rank by the curved layer within the range, and the companion the more, the farther out."""
    model, companion = curved(X, y), fit_companion(X, y)
    assert companion is not None  # noqa: S101
    low, high, spread = X.min(axis=0), X.max(axis=0), X.std(axis=0)

    def score(rows: np.ndarray) -> np.ndarray:
        beyond = (np.abs(rows - np.clip(rows, low, high)) / spread).sum(axis=1)
        within = np.exp(-_GATE * beyond)
        inner, outer = model.decision_function(rows), companion.decision_function(rows)
        both: np.ndarray = within * inner + (1 - within) * outer
        return both

    return score


WAYS: dict[str, Fit] = {
    "curved, reaching on (as it was)": reaching,
    "curved, ending with the range (the model)": one_layer("yeo-johnson-quadratic"),
    "one model: powers go on straight": partial(straight, products_end=False),
    "one model: powers straight, products end": partial(straight, products_end=True),
    "one model: gate from curved to companion": gated,
    "eight, standardised": one_layer("standard"),
    "eight, Yeo-Johnson, ending": one_layer("yeo-johnson"),
    "eight, DM mean and stdev by logarithm": by_logarithm(),
    "the same without profile kurtosis": by_logarithm(3),
    "the same without both kurtoses (as it was)": by_logarithm(3, 7),
    "the same, DM skewness ending (the companion)": by_logarithm(3, 7, ended=(6,)),
    "the same, all but the logarithms ending": by_logarithm(3, 7, ended=(0, 1, 2, 6)),
}


def main() -> None:
    """Print the table."""
    (X, y), other = htru2(), htru1()
    splits = [
        stratified_folds(X, y, n_folds=5, rng=np.random.default_rng(seed)) == number
        for seed in range(2)
        for number in range(5)
    ]
    width = max(map(len, WAYS))
    print(
        f"{'':{width}}  HTRU2 AP  lowest AUC, at                        HTRU 1 AP  AUC     back AP"
    )
    for name, fit in WAYS.items():
        at_home, changed, abroad = [], [], []
        for held in splits:
            score = fit(X[~held], y[~held])
            at_home.append(order(y[held], score(X[held]))[1])
            spread = X[~held].std(axis=0)
            rows = [change(X[held], spread) for change in list(CHANGES.values())[1:]]
            changed.append([order(y[held], score(each))[0] for each in rows])
            abroad.append(order(other[1], score(other[0])))
        areas, (area, precision) = np.mean(changed, axis=0), np.mean(abroad, axis=0)
        back = order(y, fit(*other)(X))[1]
        worst = list(CHANGES)[1 + int(np.argmin(areas))]
        print(
            f"{name:{width}}  {np.mean(at_home):.4f}    {areas.min():.4f}  {worst:27}  "
            f"{precision:.4f}     {area:.4f}  {back:.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
