"""The page that a person opens after a scoring: a pure function of `ScoreFacts`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulsars.report import words
from pulsars.report.candidate_words import companion_sentence, mark_words
from pulsars.report.overlays import drift_overlays
from pulsars.report.rendering import Told, render_html
from schemas import RankedBy

MOST_FACES = 200
"""Candidates of the short list whose faces are drawn: a page of them stays below 5 MB."""

_LISTED = 50
"""Candidates that the table of the page names; `short_list.csv` has all."""

_ADVICE = {
    "ok": "",
    "watch": "Rank and look, but do not take probabilities or the threshold at their word.",
    "stop": "It was asked to rank them all the same.",
    "too few": "Look at the candidates that are marked as outside.",
}


@dataclass(frozen=True, kw_only=True)
class ScoreFacts(Told):
    """Everything a page about scores says, as plain JSON-able values.

    Attributes
    ----------
    model : mapping
        ``run``, ``sha256``, ``threshold``, ``simulated``.
    reasons : mapping
        Quarantined rows by reason.
    ranked_by : {"model", "companion"}
        A companion gives no probability and no decision: ``n_called`` is None then, and so are
        these two of each of the best.
    notes : sequence of str
        What a person should know about the file as a whole.
    converted : sequence of str
        Kurtosis columns of which 3 was taken off.
    n_learnt : int
        Candidates that had a say in the model.
    drift : mapping
        As of `pulsars.report.drift_words.describe_drift`.
    best : sequence of mapping
        The first of the short list, up to `MOST_FACES`: ``rank``, ``line``, ``carried`` (column →
        text), ``same_source`` (a number or None), ``known`` and ``harmonic`` (texts, or None),
        ``probability``, ``decision``, ``outside`` (names), ``label`` or None, ``values`` and
        ``contributions`` (feature → number, logits).
    metrics : mapping or None
        Metric → ``value``, ``low``, ``high``, where the file has labels; of a companion's ranking
        those alone that rest on the order.
    histogram : str
        Inline SVG of the probabilities; trusted as it is. Empty where there are none.
    known : str
        How many of the short list are known pulsars; empty without a catalogue.
    """

    model: Mapping[str, Any]
    reasons: Mapping[str, int]
    ranked_by: RankedBy
    n_called: int | None
    notes: Sequence[str]
    converted: Sequence[str]
    n_learnt: int
    drift: Mapping[str, Any]
    best: Sequence[Mapping[str, Any]]
    metrics: Mapping[str, Mapping[str, float | None]] | None
    histogram: str
    known: str = ""


def render_scores(facts: ScoreFacts) -> str:
    """Write the page: one self-contained HTML document without a script."""
    advice = _ADVICE[facts.drift["verdict"]]
    if facts.drift["verdict"] == "too few" and not facts.drift["outside"]:
        advice = ""  # there is none to look at
    return render_html(
        "scores.html.j2",
        facts=facts,
        listed=facts.best[:_LISTED],
        anchors=anchors(facts.best),
        advice=advice,
        overlays=drift_overlays(facts.drift),
        companion=facts.ranked_by == "companion",
        ranking=companion_sentence(facts.drift["outside"]),
        reason_words=reason_words,
        mark_words=mark_words,
        metric_words=_measured(words.METRICS, facts),
        count_words=_measured(words.COUNTS, facts),
    )


def anchors(best: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the place of each candidate's face: by its line, which several files may share."""
    lines = Counter(one["line"] for one in best)
    return [
        f"line-{one['line']}" + (f"-rank-{one['rank']}" if lines[one["line"]] > 1 else "")
        for one in best
    ]


def _measured(
    named: Mapping[str, tuple[str, str]], facts: ScoreFacts
) -> dict[str, tuple[str, str]]:
    """Give the words of the metrics that there are."""
    return {name: said for name, said in named.items() if name in (facts.metrics or {})}


def reason_words(candidate: Mapping[str, Any]) -> str:
    """Say which two features spoke loudest about a candidate, and for which side."""
    sides: dict[str, list[str]] = {"for": [], "against": []}
    parts = sorted(candidate["contributions"].items(), key=lambda part: -abs(part[1]))
    for name, part in parts[:2]:
        said = f"{words.spoken(name)}\u00a0{words.signed(part)}"
        sides["for" if part >= 0 else "against"].append(said)
    return "; ".join(f"{side} {', '.join(said)}" for side, said in sides.items() if said)
