"""What was measured, for the Prefect UI: tables, and the line that stands beside each artifact.

Every cell of a table is text or a whole number. In a line the numbers come first, for a list of
artifacts shows some thirty-five characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulsars.learning import Metrics, name_candidate
from pulsars.report.candidate_words import mark_words
from pulsars.report.words import (
    decimal,
    few,
    percent,
    share,
    share_of_pulsars,
    signed,
    spoken,
    whole,
    with_span,
)
from schemas import HARMONIC, KNOWN, SAME_SOURCE, for_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from pulsars.store import Estimate


def metrics_table(metrics: Metrics) -> list[dict[str, Any]]:
    """Lay metrics out for a table: a row a metric, a column a part."""
    return [
        {"metric": name, **{part: _cell(values[name]) for part, values in metrics.items()}}
        for name in metrics["test"]
    ]


def _cell(interval: dict[str, float | None]) -> str:
    value, low, high = (interval[key] for key in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return "undefined"
    if value == round(value) and abs(value) > 1:
        return f"{value:,.0f} ({low:,.0f}–{high:,.0f})"
    return f"{value:.4f} ({low:.4f}–{high:.4f})"


def confusion_table(test: dict[str, dict[str, float | None]]) -> list[dict[str, Any]]:
    """Lay the confusion matrix out: rows are the truth, columns the model's word."""
    count = {name: int(test[name]["value"] or 0) for name in ("tn", "fp", "fn", "tp")}
    return [
        {"truth": "non-pulsar", "called non-pulsar": count["tn"], "called pulsar": count["fp"]},
        {"truth": "pulsar", "called non-pulsar": count["fn"], "called pulsar": count["tp"]},
    ]


def projection_table(projection: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Lay the projection out: a row a share of pulsars, the test part's own first."""
    if projection is None:
        return [{"share of pulsars": "undefined: the test part has one class only"}]
    return [
        {
            "share of pulsars": share_of_pulsars(survey["prevalence"]),
            "precision": share(survey["precision"]),
            "false alarms per pulsar": _several(survey["false_alarms"]),
            "candidates called": share(survey["called"]),
        }
        for survey in projection["surveys"]
    ]


def leak_table(leak: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Lay the leak control out: what the wrong order claims, and what the same weights can do."""
    if leak["not_measured"]:
        return [{"order": "oversample, then split", "not measured": leak["not_measured"]}]
    return [
        {
            "oversample, then split": words,
            **{name: f"{value:.3f}" for name, value in leak[key].items()},
        }
        for key, words in (("claimed", "would claim"), ("honest", "true on the test part"))
    ]


def mistakes_table(mistakes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Lay the worst mistakes out: a row a candidate, each feature's part of the logit."""
    rows = [
        {
            "mistake": words,
            "line": row["line"],
            **_called(row),
            "probability": f"{row['probability']:.4f}",
            "logit": signed(row["logit"]),
            **{spoken(name): signed(part) for name, part in row["contributions"].items()},
            "bias": signed(mistakes["intercept"]),
        }
        for key, words in (("missed", "missed pulsar"), ("false_alarms", "false alarm"))
        for row in mistakes[key]
    ]
    return rows or [{"mistake": "none: every candidate of the test part was called rightly"}]


def _called(row: Mapping[str, Any]) -> dict[str, str]:
    """Give a cell with what names a candidate; none where its file does not."""
    cells = {"candidate": for_name(next(iter(row.get("carried", {}).values()), ""))}
    if row.get(SAME_SOURCE) is not None:
        cells["same source"] = f"no. {row[SAME_SOURCE]}"
    return {name: text for name, text in cells.items() if text}


def _several(interval: Mapping[str, float | None]) -> str:
    return f"{few(interval['value'])} ({few(interval['low'])} to {few(interval['high'])})"


_SHOWN = 20


def short_list_table(best: pd.DataFrame, *, carried: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Lay the first of the short list out for a table in the Prefect UI."""
    return [
        {
            "rank": int(row["rank"]),
            "line": int(row["line"]),
            **_called(name_candidate(row, carried)),
            # None where no catalogue says that it is a known pulsar.
            **({KNOWN: mark_words(row[KNOWN], row[HARMONIC])} if row.get(KNOWN) else {}),
            **_said_of(row),
            "outside": row["outside"],
        }
        for row in best.head(_SHOWN).to_dict("records")
    ]


def _said_of(row: Mapping[Any, Any]) -> dict[str, str]:
    if row["ranked_by"] == "companion":
        return {"ranked by": "companion"}
    return {"probability": f"{row['probability']:.4f}", "decision": row["decision"]}


def describe_test(test: Mapping[str, Estimate]) -> str:
    """Say F1 and average precision with their intervals, as far as they were measured."""
    named = (("f1", "F1"), ("average_precision", "AP"))
    return ", ".join(f"{words} {with_span(test[name])}" for name, words in named if name in test)


def describe_measured(found: Mapping[str, Any]) -> dict[str, str]:
    """Say the numbers of every artifact that shows what a training measured, by its key.

    Parameters
    ----------
    found : mapping
        What `metrics.json` holds.
    """
    test, mistakes = found["parts"]["test"], found["mistakes"]
    tp, fn, fp = (test[name]["value"] or 0 for name in ("tp", "fn", "fp"))
    counts = f"{whole(tp)} of {whole(tp + fn)} pulsars found, {whole(fp)} false alarms"
    return {
        "metrics": f"{describe_test(test)}: test part, 95 % intervals",
        "confusion-matrix": f"{counts}: test part",
        "projection": f"{_projected(found['projection'])}, if pulsars are as rare",
        "leak-control": f"{_leak(found['leak'])}, of oversampling before the split",
        "worst-mistakes": f"{whole(mistakes['n_missed'])} missed pulsars, "
        f"{whole(mistakes['n_false_alarms'])} false alarms; the worst, logits by feature",
        "precision-recall": f"AP {with_span(test['average_precision'])}: test part",
        "calibration": f"{decimal(found['calibration']['ece'])} between probability and share of "
        f"pulsars, on average",
        "budget": _budget(found["budget"]),
    }


def _projected(projection: Mapping[str, Any] | None) -> str:
    """Say the precision at the rarest share that is projected to."""
    if projection is None:
        return "no projection"
    rarest = min(projection["surveys"], key=lambda survey: survey["prevalence"])
    one_in = whole(1 / rarest["prevalence"])
    return f"Precision {percent(rarest['precision']['value'])} at one in {one_in}"


def _leak(leak: Mapping[str, Any]) -> str:
    if leak["not_measured"]:
        return "not measured"
    claimed, honest = leak["claimed"]["f1"], leak["honest"]["f1"]
    return f"F1 {decimal(claimed)} claimed, {decimal(honest)} true"


def _budget(budget: Mapping[str, Any] | None) -> str:
    if budget is None:
        return "no pulsar to be found"
    called = budget["called"]
    return f"{percent(called['recall'])} of the pulsars among the first {whole(called['n'])}"
