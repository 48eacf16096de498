"""What is said of a companion: how well it ranks at home, and what its ranking is away from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulsars.report.words import percent, spoken, with_span
from pulsars.store import Estimate

_MOST = 0.5  # of the candidates
_ORDER = {"roc_auc": "ROC AUC", "average_precision": "average precision"}


def companion_sentence(outside: float) -> str:
    """Say what the ranking of a companion is worth.

    Parameters
    ----------
    outside : float
        Share of the candidates outside the training range of some feature.
    """
    said = (
        "Ranked by the companion of the model, for the model does not know such candidates: an "
        "order to look in, without probabilities and without decisions."
    )
    if outside > _MOST:
        said += f" {percent(outside)} of them lie outside the training range of some feature."
    return said


def companion_measured(companion: Mapping[str, Any]) -> str:
    """Say what a companion weighs and how well it ranked the test part of its own run.

    Parameters
    ----------
    companion : mapping
        ``features``, and ``test``: metric → ``value``, ``low``, ``high``.
    """
    features = companion["features"]
    return (
        f"Where drift says stop, a companion of {len(features)} weights ranks instead, without "
        f"probabilities: {', '.join(map(spoken, features))}. On this test part it has "
        f"{order_measured(companion['test'])}."
    )


def order_measured(metrics: Mapping[str, Estimate]) -> str:
    """Say what an order measured: ROC AUC and average precision, with intervals."""
    return " and ".join(f"{said} {with_span(metrics[name])}" for name, said in _ORDER.items())
