"""The page that sets runs beside each other: a pure function of what they published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulsars.report.compare_plots import draw_overlays
from pulsars.report.compared_run import ComparedRun
from pulsars.report.rendering import render_html
from pulsars.report.words import METRICS, plain, spoken, when
from pulsars.store import PublishedRun
from schemas import TrainingParameters

_SHOWN = ("average_precision", "f1", "recall", "precision", "brier")
_PAIRED = ("average_precision", "f1", "precision", "recall", "brier", "log_loss")


def render_comparison(
    runs: Sequence[ComparedRun],
    duels: Sequence[Mapping[str, Any]],
    *,
    enough: int,
    root: str = ".",
) -> str:
    """Write the page: one self-contained HTML document without a script.

    Parameters
    ----------
    runs : sequence of ComparedRun
        At least two; the others are measured against the first.
    duels : sequence of mapping
        Of each but the first against the first, as of `pulsars.gate.Duel.to_dict`.
    enough : int
        How many candidates of each class a duel needs.
    root : str, optional
        The way from the page to the artifact root, for the links to the pages below it.
    """
    first, *others = runs
    alike = [run.letter for run in others if run.measured_alike(first)]
    return render_html(
        "compare.html.j2",
        runs=runs,
        pairs=list(zip(others, duels, strict=True)),
        figures=draw_overlays(runs),
        settings=settings_rows([run.published for run in runs]),
        sentence=_measured_on([run.letter for run in others], alike),
        shown={name: METRICS[name] for name in _SHOWN},
        paired={name: METRICS[name] for name in _PAIRED},
        enough=enough,
        root=root,
        when=when,
    )


def settings_rows(runs: Sequence[PublishedRun]) -> list[tuple[str, str, list[str]]]:
    """Lay out the settings in which any of the runs differs from the default.

    Returns
    -------
    list of tuple
        Name, the default, and what each run has; empty where it is the default.
    """
    usual = TrainingParameters(data="-").model_dump(mode="json")
    names = dict.fromkeys(name for run in runs for name in run.settings)
    return [
        (
            spoken(name),
            plain(usual[name]),
            [plain(run.settings[name]) if name in run.settings else "" for run in runs],
        )
        for name in names
    ]


def _measured_on(others: Sequence[str], alike: Sequence[str]) -> str:
    """Say which runs share their test part with the first."""
    apart = [letter for letter in others if letter not in alike]
    said = []
    if alike:
        said.append(f"{_listed(alike)} measured on the very candidates that A was.")
    if apart:
        said.append(
            f"{_listed(apart)} measured on other candidates than A, so that the curves and the "
            f"numbers of the table do not compare; the pairs below do."
        )
    return " ".join(said)


def _listed(letters: Sequence[str]) -> str:
    *most, last = letters
    return f"{', '.join(most)} and {last} were" if most else f"{last} was"
