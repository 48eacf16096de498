"""Which feature spoke: the worst mistakes taken apart, and how much each feature moves the logit.

A logit is a sum, so each feature's contribution is exact and not an estimate. A candidate is called
by what its file says of it, beside the line that it stands in.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pulsars.learning.predicting import Predicted
from pulsars.store import Rows
from schemas import FEATURE_NAMES
from slp import Perceptron

N_MISTAKES = 5
"""How many missed pulsars, and how many false alarms, are explained."""


def mistakes(model: Perceptron, rows: Rows, predicted: Predicted) -> dict[str, Any]:
    """Explain the mistakes that lie farthest on the wrong side of the threshold.

    Parameters
    ----------
    model : Perceptron
    rows : Rows
        Labelled.
    predicted : Predicted
        What the model says of them.

    Returns
    -------
    dict
        ``intercept``; ``n_missed`` and ``n_false_alarms``, how many there are; ``missed`` and
        ``false_alarms``, the worst of them, each with ``row``, its number among these, ``line``,
        ``label``, ``probability``, ``logit``, and for each feature its value and its contribution.
        A row's contributions and the intercept sum to its logit.
    """
    logit, called = predicted.logit, predicted.called
    missed = np.flatnonzero((rows.y == 1) & ~called)
    alarms = np.flatnonzero((rows.y == 0) & called)
    worst_missed = missed[np.argsort(logit[missed], kind="stable")][:N_MISTAKES]
    worst_alarms = alarms[np.argsort(-logit[alarms], kind="stable")][:N_MISTAKES]
    return {
        "intercept": model.intercept,
        "n_missed": len(missed),
        "n_false_alarms": len(alarms),
        "missed": _explained(model, rows, predicted, worst_missed),
        "false_alarms": _explained(model, rows, predicted, worst_alarms),
    }


def influence(model: Perceptron, X: np.ndarray) -> dict[str, dict[str, float]]:
    """Say how much each feature moves the logit, and which way.

    Parameters
    ----------
    model : Perceptron
    X : ndarray of shape (n_rows, 8)
        At least one row.

    Returns
    -------
    dict
        Feature → ``moves``, the mean distance of its contribution from the usual one, in logits;
        ``direction``, from -1 to 1: the share of rows in which contribution and feature lie on
        the same side of their medians, less the share in which they do not.
    """
    parts = model.feature_contributions(X)
    moves = np.abs(parts - parts.mean(axis=0)).mean(axis=0)
    return {
        name: {"moves": float(moved), "direction": float((_side(x) * _side(part)).mean())}
        for name, moved, x, part in zip(FEATURE_NAMES, moves, X.T, parts.T, strict=True)
    }


def _side(column: np.ndarray) -> np.ndarray:
    """Tell on which side of the median each number lies."""
    own = np.ascontiguousarray(column)
    side: np.ndarray = np.sign(own - np.median(own))
    return side


def _explained(
    model: Perceptron, every: Rows, predictions: Predicted, which: np.ndarray
) -> list[dict[str, Any]]:
    rows, predicted = every[which], predictions[which]
    return [
        {
            "row": int(row),
            "line": int(line),
            "label": int(label),
            "probability": float(probability),
            "logit": float(logit),
            "values": dict(zip(FEATURE_NAMES, values.tolist(), strict=True)),
            "contributions": dict(zip(FEATURE_NAMES, parts.tolist(), strict=True)),
        }
        for row, line, label, probability, logit, values, parts in zip(
            which,
            rows.line,
            rows.y,
            predicted.probability,
            predicted.logit,
            rows.X,
            model.feature_contributions(rows.X),
            strict=True,
        )
    ]
