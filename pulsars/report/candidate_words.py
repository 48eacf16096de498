"""What is said of candidates beside a score: that a companion ranked them, or that they are known.

Of a companion: how well it ranks at home, and what its ranking is away from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulsars.report.words import percent, spoken, with_span
from pulsars.store import Estimate
from schemas import StoredKnown

_MOST = 0.5  # of the candidates
_BY = {
    "position": "by position and period, and by DM where both have one",
    "dm": "by period and DM alone, for want of positions, so some are chance",
}
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


def known_sentence(known: StoredKnown, *, n_listed: int) -> str:
    """Say how many candidates of a short list are known pulsars.

    Parameters
    ----------
    known : mapping
        As of `schemas.stored_scores.StoredKnown`.
    n_listed : int
        Candidates of the short list.
    """
    if known["by"] is None:
        return f"No candidate is held against {known['name']}: {known['notes'][-1]}."
    n, verb = (
        known["n_listed"],
        "is a known pulsar" if known["n_listed"] == 1 else "are known pulsars",
    )
    of = "one" if n == 1 else "one of them"
    return (
        f"{n:,} of the {n_listed:,} {verb} or a harmonic of {of}, {_BY[known['by']]}, as "
        f"{known['name']} has them; of all candidates {known['n_marked']:,}."
    )


def mark_words(name: str, harmonic: str) -> str:
    """Say which known pulsar a candidate is, or of which it has a harmonic's period.

    Examples
    --------
    >>> mark_words("J0437-4715", "1"), mark_words("J0437-4715", "1/2")
    ('known: J0437-4715', 'known: J0437-4715, 1/2 of its period')
    """
    if harmonic == "1":
        return f"known: {name}"
    times = f"{harmonic} of its period" if "/" in harmonic else f"{harmonic} times its period"
    return f"known: {name}, {times}"
