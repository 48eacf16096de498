"""What the report of a training shows of its model: figures, weights, and other thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsars.learning import Predicted
from pulsars.report import charts, plots, roc, trust_plots
from schemas import FEATURE_NAMES
from slp import Perceptron

TRIED = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99)
"""Probabilities from which on a candidate would be called."""


def draw_figures(
    model: Perceptron,
    y: np.ndarray,
    predicted: Predicted,
    *,
    epochs: Sequence[Mapping[str, Any]],
    best_epoch: int,
    measured: Mapping[str, Any],
) -> dict[str, str]:
    """Draw the report's figures as SVG, by name.

    Parameters
    ----------
    model : Perceptron
    y : ndarray of shape (n_test,)
        Labels of the test part.
    predicted : Predicted
        What the model says of it.
    epochs : sequence of mappings
        As `pulsars.report.charts.learning_curve` takes them.
    best_epoch : int
        1-based.
    measured : mapping
        What `metrics.json` holds: ``parts``, ``calibration``, ``budget``.
    """
    scored = (y, predicted.probability, model.threshold)
    counts = measured["parts"]["test"]
    confusion = [int(counts[name]["value"]) for name in ("tn", "fp", "fn", "tp")]
    figures = {
        "learning_curve": charts.learning_curve(epochs, best_epoch=best_epoch),
        "precision_recall": plots.precision_recall(*scored, by=predicted.logit),
        "roc": roc.roc_curve(*scored, by=predicted.logit),
        "confusion": charts.confusion(*confusion),
        "score_histogram": trust_plots.score_histogram(*scored),
        "weights": charts.weights(model.inputs.names(FEATURE_NAMES), model.coef),
        "reliability": trust_plots.reliability_curve(measured["calibration"]["bins"]),
    }
    if measured["budget"]:
        figures["budget"] = trust_plots.budget_curve(measured["budget"])
    return figures


def model_facts(model: Perceptron) -> dict[str, Any]:
    """Give what `pulsars.report.training_page.Facts` wants to know of a model."""
    scale = model.inputs.products or model.inputs.scale
    return {
        "inputs": model.inputs.kind,
        "features": list(model.inputs.names(FEATURE_NAMES)),
        "coef": model.coef.tolist(),
        "intercept": model.intercept,
        "scale": {"mean": scale.mean.tolist(), "std": scale.std.tolist()},
        "threshold": model.threshold,
    }


def threshold_rows(
    y: NDArray[np.int64], score: NDArray[np.float64], in_use: float
) -> list[dict[str, Any]]:
    """Measure calls at some thresholds, and at the one in use.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Labels, 1 pulsar, 0 not.
    score : ndarray of shape (n_samples,)
        Probability of pulsar, in [0, 1].
    in_use : float
        The threshold of the model.

    Returns
    -------
    list of dict
        By rising ``threshold``: ``recall`` (None without a pulsar), ``precision`` (None where
        nothing is called), ``flagged``, the share that is called, ``n_flagged``, and ``in_use``.
    """
    rows = []
    for threshold in sorted({*TRIED, in_use}):
        called = score >= threshold
        found, n_flagged = int(y[called].sum()), int(called.sum())
        rows.append(
            {
                "threshold": threshold,
                "recall": found / int(y.sum()) if y.any() else None,
                "precision": found / n_flagged if n_flagged else None,
                "flagged": n_flagged / max(len(y), 1),
                "n_flagged": n_flagged,
                "in_use": threshold == in_use,
            }
        )
    return rows
