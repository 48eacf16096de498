"""Lay out what was measured for tables in the Prefect UI: every cell is text or a whole number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulsars.learning import Metrics, name_candidate
from pulsars.report.candidate_words import mark_words
from pulsars.report.words import few, share, share_of_pulsars, signed, spoken
from schemas import HARMONIC, KNOWN, SAME_SOURCE, for_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd


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
