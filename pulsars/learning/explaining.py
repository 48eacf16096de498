"""Which feature spoke: the worst mistakes taken apart, and how much each feature moves the logit.

A logit is a sum, so each feature's contribution is exact and not an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from schemas.features import FEATURE_NAMES

if TYPE_CHECKING:
    from slp.perceptron import Perceptron

N_MISTAKES = 5
"""How many missed pulsars, and how many false alarms, are explained."""


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of a part as its model sees them.

    Attributes
    ----------
    X : ndarray of shape (n_rows, 8)
    y : ndarray of shape (n_rows,)
        1 for pulsar.
    lines : ndarray of shape (n_rows,)
        Where each row stands in the user's file, 1-based.
    """

    X: np.ndarray
    y: np.ndarray
    lines: np.ndarray


def mistakes(model: Perceptron, part: Part) -> dict[str, Any]:
    """Explain the mistakes that lie farthest on the wrong side of the threshold.

    Returns
    -------
    dict
        ``intercept``; ``n_missed`` and ``n_false_alarms``, how many there are; ``missed`` and
        ``false_alarms``, the worst of them, each with ``line``, ``label``, ``probability``,
        ``logit``, and for each feature its value and its contribution. A row's contributions and
        the intercept sum to its logit.
    """
    logit, called = model.decision_function(part.X), model.predict(part.X)
    missed = np.flatnonzero((part.y == 1) & (called == 0))
    alarms = np.flatnonzero((part.y == 0) & (called == 1))
    worst_missed = missed[np.argsort(logit[missed], kind="stable")][:N_MISTAKES]
    worst_alarms = alarms[np.argsort(-logit[alarms], kind="stable")][:N_MISTAKES]
    return {
        "intercept": model.intercept,
        "n_missed": len(missed),
        "n_false_alarms": len(alarms),
        "missed": _explained(model, part, worst_missed),
        "false_alarms": _explained(model, part, worst_alarms),
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
    sides = np.sign(X - np.median(X, axis=0)) * np.sign(parts - np.median(parts, axis=0))
    return {
        name: {"moves": float(moved), "direction": float(side)}
        for name, moved, side in zip(FEATURE_NAMES, moves, sides.mean(axis=0), strict=True)
    }


def _explained(model: Perceptron, part: Part, rows: np.ndarray) -> list[dict[str, Any]]:
    X = part.X[rows]
    return [
        {
            "line": int(part.lines[row]),
            "label": int(part.y[row]),
            "probability": float(probability),
            "logit": float(logit),
            "values": dict(zip(FEATURE_NAMES, values.tolist(), strict=True)),
            "contributions": dict(zip(FEATURE_NAMES, parts.tolist(), strict=True)),
        }
        for row, probability, logit, values, parts in zip(
            rows,
            model.predict_proba(X),
            model.decision_function(X),
            X,
            model.feature_contributions(X),
            strict=True,
        )
    ]
