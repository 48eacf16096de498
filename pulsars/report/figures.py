"""What the report of a training shows of its model: the figures, and the weights as facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pulsars.learning import Predicted
from pulsars.report import charts, plots, trust_plots
from pulsars.report.histogram import score_histogram
from pulsars.report.roc import roc_curve
from schemas import FEATURE_NAMES
from slp import Perceptron


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
        As `pulsars.report.plots.learning_curve` takes them.
    best_epoch : int
        1-based.
    measured : mapping
        What `metrics.json` holds: ``parts``, ``calibration``, ``budget``.
    """
    scored = (y, predicted.probability, model.threshold)
    counts = measured["parts"]["test"]
    confusion = [int(counts[name]["value"]) for name in ("tn", "fp", "fn", "tp")]
    figures = {
        "learning_curve": plots.learning_curve(epochs, best_epoch=best_epoch),
        "precision_recall": plots.precision_recall(*scored, by=predicted.logit),
        "roc": roc_curve(*scored, by=predicted.logit),
        "confusion": charts.confusion(*confusion),
        "score_histogram": score_histogram(*scored),
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
