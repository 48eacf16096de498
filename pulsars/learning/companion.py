"""The companion of a model: which features travel from survey to survey, and how well it ranks.

Surveys scale the DM curve as they like, and with it its mean and its standard deviation: in HTRU2
the mean averages 12.6, in LOTAAS about 1.3, in HTRU 1 about 107. Kurtosis is given with 3 added or
without, and says little that skewness does not. Skewness of the DM curve grows with its trials and
with how short a pulse is: in HTRU2 it reaches ten times as far as in HTRU 1. So the companion takes
the first two by their logarithm, leaves both kurtoses out and ends the last with the training
range; decisions 0037 and 0071 have what else was tried.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pulsars.learning.measuring import measure_ranking
from schemas import FEATURE_NAMES, RankedBy
from slp import Perceptron
from slp import fit_companion as fit_layer

_BY_LOGARITHM = ("dm_mean", "dm_stdev")
_LEFT_OUT = ("profile_kurtosis", "dm_kurtosis")
_ENDED = ("dm_skewness",)

COMPANION_FEATURES = tuple(name for name in FEATURE_NAMES if name not in _LEFT_OUT)
"""What it weighs."""


def fit_companion(X: np.ndarray, y: np.ndarray) -> Perceptron | None:
    """Fit the companion to training rows.

    Parameters
    ----------
    X, y : ndarray of shape (n_rows, 8) and (n_rows,)
        The training and the validation part, before any resampling: it chooses nothing on the
        latter, and its order is all that is used.

    Returns
    -------
    Perceptron or None
        None where the rows are so far apart that no weights are found; the model does without.
    """
    try:
        return fit_layer(
            X, y, logarithm=_are(_BY_LOGARITHM), left_out=_are(_LEFT_OUT), ended=_are(_ENDED)
        )
    except ValueError:
        return None


def ranks(level: str) -> RankedBy:
    """Say which layer may rank candidates at a level of drift."""
    return "companion" if level == "stop" else "model"


def describe_companion(
    companion: Perceptron | None, X: np.ndarray, y: np.ndarray
) -> dict[str, Any] | None:
    """Measure the order that a companion gives the test part, of shape (n_rows, 8)."""
    if companion is None:
        return None
    measured = measure_ranking(y, companion.decision_function(X))
    return {"features": list(COMPANION_FEATURES), "test": measured}


def _are(names: tuple[str, ...]) -> np.ndarray:
    return np.isin(FEATURE_NAMES, names)
