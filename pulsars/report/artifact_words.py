"""What stands beside each artifact in a list of the Prefect UI: its numbers in one line.

They come first, for the list shows some thirty-five characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulsars.report.words import decimal, percent, whole, with_span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulsars.store import Estimate


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
