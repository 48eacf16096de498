"""Leak control (누출 점검): what repeating pulsars before the split would have claimed.

Oversample first and split then, and copies of one pulsar stand on both sides: the model is tested
on what it has learnt, in a mix with far too many pulsars. This module does that on purpose, to
training rows only, and measures the very same weights on rows that were set aside before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_features, check_labels, check_length, check_rng
from slp.inputs import Inputs
from slp.kinds import InputKind, Oversampling
from slp.measures.metrics import measure
from slp.perceptron import Perceptron, sigmoid
from slp.splitting.parts import Split
from slp.splitting.resampling import Resampled, resample

Train: TypeAlias = Callable[
    [NDArray[np.float64], NDArray[np.int64], np.random.Generator], tuple[ArrayLike, float]
]

HELD_BACK = 0.2
"""Share of the oversampled rows that the wrong order tests on."""

MOST_ROWS = 16_384
"""Training rows that the wrong order is given at most: a leak shows on these as on a million."""

LEAST_OF_A_CLASS = 1_024
"""Of these, rows of the rarer class at least, if it has so many: fewer would teach too little."""


@dataclass(frozen=True)
class LeakControl:
    """One model, measured twice, at probability 0.5.

    Attributes
    ----------
    claimed : dict of str to float
        Measures of `slp.measures.metrics.METRICS` on the part that was split off after
        oversampling.
    honest : dict of str to float
        The same on the test part, which nothing was repeated in or learnt from.
    copied : float
        Share of the pulsars of the first part that stand in its training part too.
    n_rows : int
        Training rows that the wrong order was given: all, or `MOST_ROWS` drawn from them.
    """

    claimed: dict[str, float]
    honest: dict[str, float]
    copied: float
    n_rows: int


def control_leak(  # noqa: PLR0913 - what is optional is keyword-only
    X: ArrayLike,
    y: ArrayLike,
    split: Split,
    *,
    train: Train,
    rng: np.random.Generator,
    strategy: Oversampling = "cycle",
    inputs: InputKind = "standard",
) -> LeakControl:
    """Measure how far the wrong order flatters a model of these data.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Features as they are in the file, finite.
    y : array-like of shape (n_samples,)
        Labels, 0 or 1.
    split : Split
        Of these rows. The wrong order gets the training part, as if it were all there is, or
        `MOST_ROWS` of a larger one.
    train : callable
        How to train: takes what the layer sees, shape (n_rows, n_outputs), the labels and `rng`;
        gives the weights, shape (n_outputs,), and the bias.
    rng : numpy.random.Generator
        Draws the rows to be given, if these are not all, the oversampling, then the wrong split,
        then what `train` draws.
    strategy : {"cycle", "random", "jitter", "undersample"}
        As for `slp.splitting.resampling.resample`.
    inputs : str
        One of `slp.kinds.INPUT_KINDS`.

    Returns
    -------
    LeakControl

    Raises
    ------
    ValueError
        When the strategy is "none", the split is of another table, the training part has no row of
        a class or too few rows to hold some back, or as for `resample`, `Inputs` and `train`.
    """
    if strategy == "none":
        raise ValueError("strategy 'none' changes nothing, so there is no leak to measure")
    check_rng(rng)
    features = check_features(X, order="K")
    labels = check_labels(y, n_samples=len(features))
    parts = (split.train.indices, split.validation, split.test)
    check_length("rows in the split", np.concatenate(parts), len(features))
    own = _given(split.train.indices, labels, rng)
    own_X, own_y = features[own], labels[own]
    rows = _oversampled(own_X, own_y, strategy, rng)
    table_X, table_y = rows.of(own_X), own_y[rows.sample_indices]
    order = rng.permutation(len(table_y))
    test, learnt = np.split(order, [int(HELD_BACK * len(order))])
    if not len(test):
        raise ValueError(f"of {len(order)} balanced training rows none can be held back")
    seen = Inputs.fit(inputs, table_X[learnt])
    coef, intercept = train(seen.transform(table_X[learnt]), table_y[learnt], rng)
    model = Perceptron(np.asarray(coef), intercept, seen)
    return LeakControl(
        claimed=_measure(model, table_X[test], table_y[test]),
        honest=_measure(model, features[split.test], labels[split.test]),
        copied=_share_copied(rows.sample_indices, own_y, train=learnt, test=test),
        n_rows=len(own),
    )


def _given(
    rows: NDArray[np.int64], labels: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw the rows to be given, rising; each class keeps its share, or the least of a class."""
    if len(rows) <= MOST_ROWS:
        return rows
    rarer, commoner = sorted((rows[labels[rows] == label] for label in (0, 1)), key=len)
    share = round(MOST_ROWS * len(rarer) / len(rows))
    n_rarer = max(share, min(len(rarer), LEAST_OF_A_CLASS))
    drawn = (rng.choice(rarer, n_rarer, replace=False),
             rng.choice(commoner, MOST_ROWS - n_rarer, replace=False))  # fmt: skip
    return np.sort(np.concatenate(drawn))


def _oversampled(
    X: NDArray[np.floating], y: NDArray[np.int64], strategy: Oversampling, rng: np.random.Generator
) -> Resampled:
    """Resample a whole table: the step that must not come before a split."""
    none = np.empty(0, dtype=np.int64)
    whole = Split.from_indices(np.arange(len(y)), none, none).train
    return resample(whole, y, strategy=strategy, rng=rng, X=X)


def _share_copied(
    rows: NDArray[np.int64],
    y: NDArray[np.int64],
    *,
    train: NDArray[np.int64],
    test: NDArray[np.int64],
) -> float:
    pulsars = rows[test][y[rows[test]] == 1]
    return float(np.isin(pulsars, rows[train]).mean()) if len(pulsars) else 0.0


def _measure(model: Perceptron, X: NDArray[np.floating], y: NDArray[np.int64]) -> dict[str, float]:
    logits = model.decision_function(X)
    return measure(y, sigmoid(logits), threshold=model.threshold, by=logits)
