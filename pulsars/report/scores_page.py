"""The page that a person opens after a scoring: a pure function of `ScoreFacts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulsars.report import words
from pulsars.report.rendering import render_html

_ADVICE = {
    "ok": "",
    "watch": "Rank and look, but do not take probabilities or the threshold at their word.",
    "stop": "It was asked to score them all the same. The scores are not to be trusted.",
    "too few": "Look at the candidates that are marked as outside.",
}


@dataclass(frozen=True, kw_only=True)
class ScoreFacts:
    """Everything a page about scores says, as plain JSON-able values.

    Attributes
    ----------
    source : mapping
        ``origin`` (as the user gave it), ``name``, ``sha256``, ``fingerprint``.
    model : mapping
        ``run``, ``sha256``, ``threshold``, ``simulated``.
    rows : mapping
        ``read``, ``accepted``, ``quarantined``.
    reasons : mapping
        Quarantined rows by reason.
    notes : sequence of str
        What a person should know about the file as a whole.
    converted : sequence of str
        Kurtosis columns of which 3 was taken off.
    n_learnt : int
        Candidates that had a say in the model.
    drift : mapping
        As of `pulsars.report.drift_words.describe_drift`.
    best : sequence of mapping
        The first of the short list: ``rank``, ``line``, ``carried`` (column → text),
        ``same_source`` (a number or None), ``probability``, ``decision``,
        ``outside`` (names), ``label`` or None, ``strongest`` (two pairs of feature and logits).
    metrics : mapping or None
        Metric → ``value``, ``low``, ``high``, where the file has labels.
    histogram : str
        Inline SVG; trusted as it is.
    """

    simulated: bool
    source: Mapping[str, str]
    model: Mapping[str, Any]
    parameters: Mapping[str, Any]
    code_version: str
    rows: Mapping[str, int]
    reasons: Mapping[str, int]
    notes: Sequence[str]
    converted: Sequence[str]
    n_called: int
    n_learnt: int
    drift: Mapping[str, Any]
    best: Sequence[Mapping[str, Any]]
    metrics: Mapping[str, Mapping[str, float | None]] | None
    histogram: str


def render_scores(facts: ScoreFacts) -> str:
    """Write the page: one self-contained HTML document without a script."""
    return render_html(
        "scores.html.j2",
        facts=facts,
        advice=_ADVICE[facts.drift["verdict"]],
        reason_words=reason_words,
        metric_words=words.METRICS,
        count_words=words.COUNTS,
    )


def reason_words(candidate: Mapping[str, Any]) -> str:
    """Say which two features spoke loudest about a candidate, and for which side."""
    sides: dict[str, list[str]] = {"for": [], "against": []}
    for name, part in candidate["strongest"]:
        said = f"{words.spoken(name)}\u00a0{words.signed(part)}"
        sides["for" if part >= 0 else "against"].append(said)
    return "; ".join(f"{side} {', '.join(said)}" for side, said in sides.items() if said)
