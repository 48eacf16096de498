"""What is said of a companion: how well it ranks at home, and what its ranking is away from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulsars.report.words import METRICS, decimal, percent, span

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST = 0.5  # of the candidates

_COUNTS = {4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}


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
    n = len(companion["features"])
    measured = ", ".join(
        f"{METRICS[name][0]} {decimal(found['value'])} ({span(found)})"
        for name, found in companion["test"].items()
    )
    return (
        f"Where drift says stop, a companion of {_COUNTS.get(n, n)} weights ranks instead, without "
        f"probabilities. On this test part it has {measured}."
    )
