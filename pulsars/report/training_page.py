"""The page that a person opens after a run, and the card that goes with the model.

Both are pure functions of `Facts`: no clock, no file but the templates, the same facts give the
same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulsars.report import words
from pulsars.report.candidate_words import companion_measured
from pulsars.report.rendering import Told, render_html, render_markdown
from pulsars.report.shown_parameters import shown_parameters
from schemas import FEATURES
from slp import alarms_per_pulsar

NIGHT = 10_000
"""Candidates of a night, for the projection to a survey."""

N_STRONGEST = 12
"""Weights that are shown at once; the others open on demand."""

_CLEAR = 0.5  # of the candidates three in four agree on which way a larger value speaks
_KNOWN = {feature.name: feature for feature in FEATURES}
_CURVED = {
    "yeo-johnson": "the features made as normal as a power makes them (Yeo-Johnson)",
    "quadratic": "the features, their squares and their products",
    "yeo-johnson-quadratic": "the features made as normal as a power makes them (Yeo-Johnson), "
    "their squares and their products",
}


@dataclass(frozen=True, kw_only=True)
class Facts(Told):
    """Everything a report says, as plain JSON-able values.

    Attributes
    ----------
    metrics : mapping
        Part → metric → ``value``, ``low``, ``high`` (95 % interval; None where undefined).
        Parts are ``train``, ``validation`` (may be absent) and ``test``.
    learnt_from : sequence of str
        The parts that the weights were fitted to: ``train``, and with a refit ``validation`` too.
    epochs : sequence
        One an epoch, as `pulsars.report.charts.learning_curve` takes them.
    best_epoch : int
        1-based.
    model : mapping
        ``inputs`` (their kind), ``features`` (a name for each), ``coef``, ``intercept``,
        ``scale`` (``mean``, ``std``), ``threshold``.
    meaning : mapping
        ``calibration``, ``projection``, ``budget``, ``mistakes`` and ``influence`` as
        `pulsars.learning.meaning.find_meaning` gives them, ``leak`` as
        `pulsars.learning.leak.find_leak` does.
    quality : mapping
        `pulsars.reading.judging.quality.QualityReport.to_dict`.
    proofs : sequence
        What the run proved about itself: ``name``, ``holds``, ``text``.
    notes : sequence of str
        What a reader has to know before the numbers.
    companion : mapping or None
        ``features`` of the layer that ranks where drift says stop, and what it measured on the
        ``test`` part; None where there is none.
    request : str
        sha256 of what was asked for; the run's name ends with its first digits.
    packages : mapping of str to str
        Versions of Python and of the packages that decide.
    thresholds : sequence of mapping
        As of `pulsars.report.figures.threshold_rows`.
    features : sequence of mapping
        The features of the training rows by class, as of `pulsars.report.faces.draw_features`.
    faces : sequence of str
        Of the worst mistakes, as of `pulsars.report.faces.draw_mistakes`; trusted as it is.
    figures : mapping
        Inline SVG made by `pulsars.report.plots` and its like, by name; trusted as it is.
    """

    run_id: str
    preset: str | None
    seed: int
    metrics: Mapping[str, Mapping[str, Mapping[str, float | None]]]
    epochs: Sequence[Mapping[str, float | None]]
    best_epoch: int
    meaning: Mapping[str, Any]
    model: Mapping[str, Any]
    threshold_spec: str
    learnt_from: Sequence[str]
    quality: Mapping[str, Any]
    proofs: Sequence[Mapping[str, Any]]
    notes: Sequence[str]
    companion: Mapping[str, Any] | None
    request: str
    packages: Mapping[str, str]
    thresholds: Sequence[Mapping[str, Any]]
    features: Sequence[Mapping[str, str]]
    faces: Sequence[str]
    figures: Mapping[str, str]


def render_page(facts: Facts) -> str:
    """Write the report: one self-contained HTML document without a script."""
    return render_html("report.html.j2", **_values(facts))


def model_card(facts: Facts) -> str:
    """Write the model card in Markdown: what it is, how good, where it must not be trusted."""
    return render_markdown("card.md.j2", **_values(facts))


def headline(facts: Facts) -> str:
    """Say in one plain sentence what the model does on the test part."""
    failing = [proof["name"] for proof in facts.proofs if not proof["holds"]]
    if not failing:
        return _found(facts)
    does = "does" if len(failing) == 1 else "do"
    return f"Not to be compared: {', '.join(failing)} {does} not hold. {_found(facts)}"


def _found(facts: Facts) -> str:
    test = facts.metrics["test"]
    tp, fn, fp = (round(test[name]["value"] or 0) for name in ("tp", "fn", "fp"))
    kind = "simulated pulsars" if facts.simulated else "pulsars"
    if not tp + fn:
        return "The test part holds no pulsar: nothing can be said about how many are found."
    found = f"Of {tp + fn:,} {kind} in the test part this model finds {tp:,}"
    found += f" ({words.share(test['recall'])})"
    if not tp + fp:
        return f"{found}; it calls no candidate a pulsar."
    if tp + fp < 100:  # noqa: PLR2004 - fewer calls are told as they are
        return f"{found}, and {tp:,} of the {tp + fp:,} it calls pulsars are ones."
    right = words.percent(tp / (tp + fp), 0).removesuffix("\u00a0%")
    return f"{found}, and {right} of 100 candidates it calls pulsars are ones."


def projected_precision(facts: Facts, prevalence: float) -> float | None:
    """Give the precision that the test part's recall and specificity mean at a prevalence.

    Parameters
    ----------
    prevalence : float
        Share of pulsars among the candidates to come, in (0, 1).

    Returns
    -------
    float or None
        By Bayes' rule; None without a false alarm in the test part, which would promise 1.
    """
    test = facts.metrics["test"]
    recall, specificity = test["recall"]["value"], test["specificity"]["value"]
    if not test["fp"]["value"] or recall is None or specificity is None:
        return None
    return 1 / (1 + alarms_per_pulsar(recall, 1 - specificity, prevalence=prevalence))


def _weight_rows(model: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give each weight with its input's meaning, Korean name and scale, the strongest first."""
    scale = model["scale"]
    rows = zip(model["features"], model["coef"], scale["mean"], scale["std"], strict=True)
    return [
        {
            "name": name,
            "korean": _KNOWN[name].korean if name in _KNOWN else "",
            "meaning": _meaning(name),
            "coef": coef,
            "mean": mean,
            "std": std,
        }
        for name, coef, mean, std in sorted(rows, key=lambda row: -abs(row[1]))
    ]


def _meaning(name: str) -> str:
    """Say what a larger value of an input says, be it a feature, a square or a product."""
    if name in _KNOWN:
        return _KNOWN[name].meaning
    if name.endswith("²"):
        return f"{words.spoken(name[:-1])} is far from its average, on either side"
    one, cross, other = name.partition(" × ")
    if not cross:
        return ""
    return f"{words.spoken(one)} and {words.spoken(other)} are both high, or both low"


def _influence_rows(influence: Mapping[str, Mapping[str, float]]) -> list[dict[str, Any]]:
    """Give each feature's pull on the logit with its meaning in words, the strongest first."""
    ordered = sorted(influence.items(), key=lambda item: -item[1]["moves"])
    return [
        {
            "name": name,
            "meaning": _meaning(name),
            "moves": one["moves"],
            "speaks": _side(one["direction"]),
        }
        for name, one in ordered
    ]


def _side(direction: float) -> str:
    if abs(direction) < _CLEAR:
        return "either way, depending on the rest"
    return "for a pulsar" if direction > 0 else "against a pulsar"


def _values(facts: Facts) -> dict[str, Any]:
    scale = facts.model["scale"]
    raw = all(mean == 0 for mean in scale["mean"]) and all(std == 1 for std in scale["std"])
    parts = [part for part in ("test", "validation", "train") if part in facts.metrics]
    return {
        "facts": facts,
        "parameters": shown_parameters(
            facts.parameters, rows=facts.rows, learnt_from=facts.learnt_from
        ),
        "companion": companion_measured(facts.companion) if facts.companion else "",
        "headline": headline(facts),
        "parts": parts,
        "measured": {part: _n_measured(facts.metrics[part]) for part in parts},
        "refit": "validation" in facts.learnt_from,
        "metric_words": words.METRICS,
        "count_words": words.COUNTS,
        "brier_words": words.BRIER,
        "night": NIGHT,
        "influences": _influence_rows(facts.meaning["influence"]),
        "curved": _CURVED.get(facts.model["inputs"], ""),
        "n_strongest": N_STRONGEST,
        "weights": _weight_rows(facts.model),
        "step": "unit" if raw else "standard deviation",
        "rare": {one_in: projected_precision(facts, 1 / one_in) for one_in in (100, 1_000, 10_000)},
    }


def _n_measured(metrics: Mapping[str, Any]) -> int:
    """Count the rows that a part's metrics are of: of a long table's, not all."""
    return sum(int(metrics[count]["value"]) for count in words.COUNTS)
