"""The sigmoid (시그모이드) and the cross-entropy (교차 엔트로피) it is trained with, from logits.

Every form here is finite, and silent, for logits of any size: only exponentials of numbers that
are not positive are taken. Floats keep their precision: float32 in, float32 out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]


def sigmoid(logits: ArrayLike) -> Floats:
    """Turn logits into probabilities, ``1 / (1 + exp(-logits))``.

    Parameters
    ----------
    logits : array-like of any shape
        Log-odds.

    Returns
    -------
    ndarray of the same shape and precision
        In [0, 1]; strictly rising until precision ends, so small probabilities keep their order.
    """
    x = _floats(logits)
    # exp(x) / (1 + exp(x)) below zero and 1 / (1 + exp(-x)) above are one expression:
    probability: Floats = np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))
    return probability


def sigmoid_derivative(probability: ArrayLike) -> Floats:
    """Slope of the sigmoid where its value is `probability`.

    Parameters
    ----------
    probability : array-like of any shape
        Values of `sigmoid`, in [0, 1].

    Returns
    -------
    ndarray of the same shape and precision
        In [0, 1/4].
    """
    p = _floats(probability)
    return p * (1 - p)


def cross_entropy(y: ArrayLike, logits: ArrayLike) -> Floats:
    """Cross-entropy of each label with the probability its logit stands for, in nats.

    Equal to ``-y log(p) - (1 - y) log(1 - p)`` with ``p = sigmoid(logits)``, with both logarithms
    written so that neither meets a zero.

    Parameters
    ----------
    y : array-like, broadcastable with `logits`
        Labels, or probabilities in [0, 1].
    logits : array-like of any shape
        Log-odds of label 1.

    Returns
    -------
    ndarray of the broadcast shape, with the precision of `logits`
        Not negative.
    """
    x = _floats(logits)
    target = np.asarray(y, dtype=x.dtype)
    return np.maximum(x, 0) - x * target + np.log1p(np.exp(-np.abs(x)))


def cross_entropy_derivative(y: ArrayLike, logits: ArrayLike) -> Floats:
    """Slope of `cross_entropy` over the logit: probability minus label.

    Parameters
    ----------
    y, logits : array-like
        As for `cross_entropy`.

    Returns
    -------
    ndarray of the broadcast shape, with the precision of `logits`
        In [-1, 1].
    """
    probability = sigmoid(logits)
    return probability - np.asarray(y, dtype=probability.dtype)


def _floats(values: ArrayLike) -> Floats:
    array = np.asarray(values)
    return array if np.issubdtype(array.dtype, np.floating) else array.astype(np.float64)
