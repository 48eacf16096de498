"""A layer that is made to rank candidates of another survey, where the curved one may turn over.

It is a `Perceptron` like any other, with three differences. Some features are taken by their
logarithm, for which ten times the scale is one shift of all candidates alike, and a shift moves no
candidate past another; the rest is taken as it is, so a shift of these moves none either.
Some end with the training range: those that reach many times as far in another survey, where a
straight line would outweigh all others. And some have no weight at all: those that surveys define
in ways of their own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.checks import check_features
from slp.columns import blocks
from slp.inputs import Inputs
from slp.perceptron import NOTHING_REACHES, Perceptron
from slp.power import transform
from slp.scaling import Scale
from slp.training.newton import fit_newton

FLOOR = 0.1
"""Size below which a logarithm tells little more: small, so that it is one almost everywhere."""

_FARTHEST = float(np.finfo(np.float64).max)
_BLOCK = 4096  # rows that are transformed at once: they stay in the cache


def fit_companion(
    X: ArrayLike,
    y: ArrayLike,
    *,
    logarithm: NDArray[np.bool_],
    left_out: NDArray[np.bool_],
    ended: NDArray[np.bool_],
) -> Perceptron:
    """Fit the layer by Newton's method, with a penalty that weighs as much as one row.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Training rows as they are in the file, finite.
    y : array-like of shape (n_samples,)
        1 for a pulsar, 0 for a non-pulsar; both must be there.
    logarithm, left_out : ndarray of shape (n_features,), bool
        Which features, never negative, are taken by ``log(1 + x / FLOOR)``, and which have the
        weight 0.
    ended : ndarray of shape (n_features,), bool
        Which count as the end of the training range beyond it.

    Returns
    -------
    Perceptron
        Its logits rank. They are no log-odds of another survey, so its threshold is one that
        nothing reaches. The inputs are those of an exponent 0, the logarithm, or 1, which changes
        nothing; those that do not end have all numbers for their range.

    Raises
    ------
    ValueError
        When a class is absent, a spread overflows or the minimum is not reached.
    """
    features = check_features(X).astype(np.float64, copy=False)
    exponents = np.where(logarithm, 0.0, 1.0)
    unit = np.where(logarithm, FLOOR, 1.0)
    curved = np.empty_like(features)
    for block in blocks(len(features), _BLOCK):
        curved[block] = transform(features[block], exponents, unit)
    scale = Scale.fit(curved)
    del curved  # as large as what there is to learn from
    low = np.where(ended, features.min(axis=0), -_FARTHEST)
    high = np.where(ended, features.max(axis=0), _FARTHEST)
    inputs = Inputs("yeo-johnson", scale, exponents, low=low, high=high, unit=unit)
    kept = np.flatnonzero(~np.asarray(left_out, dtype=bool))
    seen = inputs.transform(features)[:, kept]
    found = fit_newton(seen, y, l2=1 / len(features), warns=False)  # an order is an order
    coef = np.zeros(inputs.n_outputs)
    coef[kept] = found.coef
    return Perceptron(coef, found.intercept, inputs, NOTHING_REACHES)
