"""The single-layer perceptron (단층 퍼셉트론), its loss, and how it learns: read this first.

A perceptron weighs what it sees and adds a bias: the sum is a logit (로짓). The `sigmoid` makes a
probability of it, and where that reaches a threshold the candidate is called a pulsar. Learning
moves the weights against the slope of a loss, the `cross_entropy`, a few rows at a time: `learn`
says it in ten plain lines. What a run trains with, in `slp.training`, goes the same way faster,
and tests hold it to `learn`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import (
    Floats,
    as_floats,
    check_entries,
    check_features,
    check_labels,
    check_rng,
    check_vector,
)
from slp.columns import logits_of
from slp.inputs import Inputs
from slp.prior import prior_shift
from slp.scalars import check_number
from slp.scaling import Scale
from slp.settings import Settings, check_start

NOTHING_REACHES = math.nextafter(1.0, 2.0)
"""The highest threshold a model can have: no probability reaches it."""


def sigmoid(logits: ArrayLike) -> Floats:
    """Turn logits of any shape and size into probabilities (시그모이드): ``1 / (1 + exp(-x))``.

    Strictly rising until precision ends, so small probabilities keep their order. Only exponentials
    of numbers that are not positive are taken; float32 in, float32 out.
    """
    x = as_floats("logits", logits)
    # exp(x) / (1 + exp(x)) below zero and 1 / (1 + exp(-x)) above are one expression:
    probability: Floats = np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))
    return probability


def cross_entropy(y: ArrayLike, logits: ArrayLike) -> Floats:
    """Cross-entropy (교차 엔트로피) of labels with the probabilities of logits, in nats.

    Equal to ``-y log(p) - (1 - y) log(1 - p)`` with ``p = sigmoid(logits)``, with both logarithms
    written so that neither meets a zero. Its slope over the logit is ``p - y``.

    Parameters
    ----------
    y : array-like, broadcastable with `logits`
        Labels, or probabilities in [0, 1].
    logits : array-like of any shape
        Log-odds of label 1, finite. Of others the loss is not finite either, by which training
        knows that weights have grown past all bounds.

    Returns
    -------
    ndarray of the broadcast shape, with the precision of `logits`
        Not negative.
    """
    x = as_floats("logits", logits)
    target = as_floats("labels", y).astype(x.dtype, copy=False)
    return np.maximum(x, 0) - x * target + np.log1p(np.exp(-np.abs(x)))


def learn(  # noqa: PLR0913 - what is optional is keyword-only
    X: ArrayLike,
    y: ArrayLike,
    *,
    learning_rate: float,
    batch_size: int,
    n_epochs: int,
    rng: np.random.Generator,
    l2: float = 0.0,
    start: ArrayLike | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find weights by mini-batch gradient descent (미니배치 경사하강법), one plain step a batch.

    Parameters
    ----------
    X, y : array-like of shape (n_samples, n_features) and (n_samples,)
        Scaled features, finite; 1 for a pulsar, 0 for a non-pulsar.
    learning_rate, batch_size, n_epochs, l2
        As in `slp.settings.Settings`.
    rng : numpy.random.Generator
        Draws one order of the rows an epoch.
    start : array-like of shape (n_features + 1,), optional
        Where to begin, the bias last; None begins at 0.

    Returns
    -------
    path : ndarray of shape (n_epochs, n_features + 1), float64
        Weights after each epoch, the bias last.
    losses : ndarray of shape (n_epochs,), float64
        Mean loss of an epoch's rows, each taken just before the step it is part of.

    Raises
    ------
    ValueError
        When an input or a setting is out of bounds.
    """
    Settings(learning_rate=learning_rate, batch_size=batch_size, n_epochs=n_epochs, l2=l2)  # checks
    check_rng(rng)
    features = check_features(X)
    labels = check_labels(y, n_samples=len(features))
    weights = check_start(start, features.shape[1] + 1)
    coef, bias = weights[:-1], weights[-1]
    path, losses = [], []
    for _ in range(n_epochs):
        order, told = rng.permutation(len(labels)), np.empty(len(labels))
        for first in range(0, len(order), batch_size):
            rows = order[first : first + batch_size]
            logits = features[rows] @ coef + bias
            told[rows] = cross_entropy(labels[rows], logits)
            slope = sigmoid(logits) - labels[rows]
            coef -= learning_rate * (features[rows].T @ slope / len(rows) + l2 * coef)
            bias -= learning_rate * slope.mean()
        path.append([*coef, bias])
        losses.append(told.mean())
    return np.array(path), np.array(losses)


@dataclass(frozen=True, eq=False)
class Perceptron:
    """A trained single-layer perceptron.

    Attributes
    ----------
    coef : ndarray of shape (n_outputs,), float64, read-only
        One weight for each output of `inputs`; in logits a standard deviation, unless these are
        raw.
    intercept : float
        The bias (편향), in logits.
    inputs : Inputs
        What is made of the features first.
    threshold : float
        The probability from which on a candidate is called a pulsar, in [0, 1], or
        `NOTHING_REACHES` to call none.
    """

    coef: NDArray[np.float64]
    intercept: float
    inputs: Inputs
    threshold: float = 0.5

    def __post_init__(self) -> None:
        """Freeze the weights; refuse what no model can be."""
        coef = check_vector("coef", self.coef, length=self.inputs.n_outputs)
        object.__setattr__(self, "coef", coef)
        object.__setattr__(self, "intercept", check_number("intercept", self.intercept))
        object.__setattr__(self, "threshold", check_number("threshold", self.threshold))
        if not 0 <= self.threshold <= NOTHING_REACHES:
            raise ValueError(f"threshold {self.threshold} is outside [0, {NOTHING_REACHES}]")

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Give the logit (로짓) of each row: the log-odds that it is a pulsar.

        A row's logit is the same to the last bit whatever rows stand beside it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features as they are in the file, finite, in the order of the fit: no name is looked at.

        Returns
        -------
        ndarray of shape (n_samples,), float64

        Raises
        ------
        ValueError
            When the number of columns is another, or a number is not finite, also a logit of
            features that are too large.
        """
        features = check_features(X, n_features=self.inputs.n_features, order="K")
        return logits_of(self.inputs, self.coef, self.intercept, features)

    def explain(self, X: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give `decision_function` and `feature_contributions` in one go, to the last bit."""
        features = check_features(X, n_features=self.inputs.n_features, order="K")
        shares = np.empty(features.shape[::-1])
        logits = logits_of(self.inputs, self.coef, self.intercept, features, shares)
        return logits, shares.T

    def contributions(self, X: ArrayLike) -> NDArray[np.float64]:
        """Split each row's logit into its inputs' parts: their sum plus `intercept` is the logit.

        Shape (n_samples, n_outputs), in logits; positive speaks for a pulsar. `Inputs.names` names
        the columns.
        """
        return self.inputs.transform(X) * self.coef

    def feature_contributions(self, X: ArrayLike) -> NDArray[np.float64]:
        """Split each row's logit into its features' parts: their sum plus `intercept` is the logit.

        Shape (n_samples, n_features), in logits: ``inputs.share_out(contributions(X))``.
        """
        return np.ascontiguousarray(self.explain(X)[1])

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Give the probability that each row is a pulsar, shape (n_samples,), in [0, 1]."""
        return np.asarray(sigmoid(self.decision_function(X)), dtype=np.float64)

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Give 1 for each row whose probability reaches `threshold`, else 0; shape (n_samples,)."""
        return (self.predict_proba(X) >= self.threshold).astype(np.int64)

    def with_threshold(self, threshold: float) -> Perceptron:
        """Give the same model with another threshold."""
        return replace(self, threshold=threshold)

    def with_prior(self, *, trained: float, true: float) -> Perceptron:
        """Move the intercept by `prior_shift`, from the prevalence trained on to the true one."""
        return replace(self, intercept=self.intercept + prior_shift(trained=trained, true=true))

    def to_dict(self) -> dict[str, Any]:
        """Give plain numbers and lists, ready for JSON; `from_dict` restores every bit."""
        return {
            "coef": self.coef.tolist(),
            "intercept": self.intercept,
            "inputs": self.inputs.to_dict(),
            "threshold": self.threshold,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Perceptron:
        """Restore a model from what `to_dict` gave; in format 1, `mean` and `std` are the inputs.

        Raises
        ------
        ValueError
            When an entry is missing, or is not what its attribute can be.
        """
        check_entries("model", record, ())
        first_format = "inputs" not in record and "mean" in record
        seen = ("mean", "std") if first_format else ("inputs",)
        check_entries("model", record, ("coef", "intercept", *seen, "threshold"))
        scale = Scale(record["mean"], record["std"]) if first_format else None
        inputs = Inputs.of(scale) if scale else Inputs.from_dict(record["inputs"])
        return cls(record["coef"], record["intercept"], inputs, record["threshold"])
