"""The page that a person opens after a sweep: a pure function of `SweepFacts`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pulsars.report.heat import heat_map, key_of, panels
from pulsars.report.rendering import Told, render_html
from pulsars.report.words import DIGITS, METRICS, score_words, setting_words
from slp import MEASURES, Measure

MEASURE_WORDS: dict[Measure, str] = {
    "f1": "F1",
    "average_precision": "average precision",
    "log_loss": "log loss",
}


@dataclass(frozen=True, kw_only=True)
class SweepFacts(Told):
    """Everything a sweep's report says, as plain JSON-able values.

    Attributes
    ----------
    by : str
        The measure that the best setting is best at.
    settings : sequence of mapping
        As of `pulsars.learning.settings.setting_row`, the best first.
    nested : mapping or None
        As of `pulsars.learning.settings.describe_outer`.
    best : mapping
        The parameters file.
    figures : mapping
        Title and inline SVG of each panel; trusted as it is.
    """

    run_id: str
    seed: int
    by: Measure
    n_folds: int
    settings: Sequence[Mapping[str, Any]]
    nested: Mapping[str, Any] | None
    best: Mapping[str, Any]
    figures: Mapping[str, str]


def render_sweep(facts: SweepFacts) -> str:
    """Write the report: one self-contained HTML document without a script."""
    return render_html(
        "sweep.html.j2",
        facts=facts,
        headline=headline(facts),
        n_alike=n_as_good(facts),
        edges=edges(facts),
        # The one that ranks comes first: a telephone shows only that one.
        measures={facts.by: MEASURE_WORDS[facts.by], **MEASURE_WORDS},
        meanings={name: METRICS[name] for name in MEASURE_WORDS},
        setting_words=setting_words,
        score_words=score_words,
        digits=DIGITS,
    )


def best_in_words(facts: SweepFacts) -> str:
    """Name the best setting, with what it is best at."""
    best = facts.settings[0]
    return f"{setting_words(best)}: {facts.by.replace('_', ' ')} {score_words(best, facts.by)}"


def headline(facts: SweepFacts) -> str:
    """Say in one plain sentence which setting is best and how good it seems."""
    first = facts.settings[0]
    return (
        f"Of {len(facts.settings):,} settings the best is {setting_words(first)}: "
        f"{MEASURE_WORDS[facts.by]} {score_words(first, facts.by)} over {facts.n_folds} folds."
    )


def n_as_good(facts: SweepFacts) -> int:
    """Count the settings, besides the best, that the folds do not tell from the best.

    All settings share the folds, so what counts is the difference on each fold: its mean, against
    the standard error of that mean.
    """
    first, *others = (np.array(row["folds"][facts.by]) for row in facts.settings)
    return sum(_not_told_apart(other - first) for other in others)


def _not_told_apart(differences: np.ndarray) -> bool:
    error = differences.std(ddof=1) / math.sqrt(len(differences))
    return bool(abs(differences.mean()) <= error)


def edges(facts: SweepFacts) -> list[str]:
    """Say on which axes of the grid the best lies at an edge, so that a better one may lie beyond.

    An axis with one value has no edge, and beyond 0 there is no penalty.
    """
    first, said = facts.settings[0], []
    for name, title in (("l2", "l2"), ("learning_rate", "the learning rate")):
        tried = sorted({row[name] for row in facts.settings if row[name] is not None})
        if first[name] is None or len(tried) == 1:
            continue
        if first[name] == tried[0] > 0:
            said.append(f"The best lies at the edge of the grid of {title}; try smaller ones.")
        elif first[name] == tried[-1]:
            said.append(f"The best lies at the edge of the grid of {title}; try larger ones.")
    return said


_SHOWN = 20


def draw_heat_maps(settings: Sequence[Mapping[str, Any]], *, by: Measure) -> dict[str, str]:
    """Draw every panel as SVG, by its title; the one with the best setting first."""
    ranks = {key_of(row): rank for rank, row in enumerate(settings)}
    return {
        title: heat_map(f"heat-{number}", title, rows, ranks=ranks, by=by)
        for number, (title, rows) in enumerate(panels(settings).items())
    }


def settings_table(settings: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Give the best settings and their scores as text cells."""
    return [
        {
            "setting": setting_words(row),
            **{name: score_words(row, name) for name in MEASURES},
        }
        for row in settings[:_SHOWN]
    ]


def nested_table(nested: Mapping[str, Any]) -> list[dict[str, str]]:
    """Give what each outer fold chose and measured, and the mean, as text cells."""
    rows = [
        {
            "outer fold": str(number),
            "chosen": setting_words(fold["chosen"]),
            **{name: f"{fold['measured'][name]:.{DIGITS[name]}f}" for name in MEASURES},
        }
        for number, fold in enumerate(nested["folds"], start=1)
    ]
    mean = {name: score_words(nested, name) for name in MEASURES}
    return [*rows, {"outer fold": "all", "chosen": "", **mean}]
