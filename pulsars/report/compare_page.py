"""The page that sets runs beside each other: a pure function of what they published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pulsars.report.history_page import when
from pulsars.report.plots import (
    lay_out_precision_recall,
    lay_out_roc,
    least_alarms,
    precision_recall_steps,
    roc_steps,
)
from pulsars.report.rendering import render_html
from pulsars.report.svg import INK, Room, draw_svg
from pulsars.report.words import METRICS, plain, spoken
from pulsars.store import Estimate, PublishedRun, sweep_below
from schemas import TrainingParameters

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHOWN = ("average_precision", "f1", "recall", "precision", "brier")
_PAIRED = ("average_precision", "f1", "precision", "recall", "brier", "log_loss")
_COLORS = ("#d55e00", "#2b8acb", "#009e73", "#aa4499", "#8c6d1f", "#7570b3")
_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (2, 4)))
"""Every run has a colour and a dash that no other of 26 has, and its letter at the legend."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ComparedRun:
    """A run with its letter, and what it said of its own test part.

    Attributes
    ----------
    letter : str
        What the page calls it: A is what the others are measured against.
    published : PublishedRun
    X : ndarray of shape (n_test, 8), float64
    y : ndarray of shape (n_test,), int64
        1 for pulsar.
    logit : ndarray of shape (n_test,), float64
        What it ranks them by.
    """

    letter: str
    published: PublishedRun
    X: NDArray[np.float64]
    y: NDArray[np.int64]
    logit: NDArray[np.float64]

    @property
    def sweep(self) -> str:
        """The sweep that chose its settings, where it has a page to lead to."""
        return sweep_below(self.published.path.parent.parent, self.published.settings)

    @property
    def bins(self) -> Sequence[Mapping[str, Any]]:
        """Bins of its reliability curve; none of an earlier version."""
        found: Sequence[Mapping[str, Any]] = self.published.measured.get("calibration", {}).get(
            "bins", ()
        )
        return found

    def measured_alike(self, other: ComparedRun) -> bool:
        """Whether both were measured on the very same candidates."""
        return np.array_equal(self.X, other.X) and np.array_equal(self.y, other.y)

    def estimate(self, metric: str) -> Estimate:
        """Give a metric of the test part with its interval."""
        found: Estimate = self.published.measured["parts"]["test"][metric]
        return found


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


def draw_overlays(runs: Sequence[ComparedRun]) -> dict[str, str]:
    """Draw the three pictures as SVG, by name: ``precision_recall``, ``roc``, ``calibration``."""
    letters = ", ".join(run.letter for run in runs)
    lowest = min(least_alarms(run.y) for run in runs)

    def roc(axes: Axes) -> None:
        for run, style in _styled(runs):
            alarms, found = roc_steps(run.y, run.logit)
            axes.step(alarms.clip(lowest), found, where="post", **style)
        lay_out_roc(axes, lowest)

    pictures: dict[str, tuple[str, Callable[[Axes], None]]] = {
        "precision_recall": ("Precision over recall", lambda axes: _ranked(axes, runs)),
        "roc": ("Recall over the false-alarm rate", roc),
        "calibration": ("Share of pulsars over probability", lambda axes: _calibrated(axes, runs)),
    }
    return {
        name: _draw(f"compare-{name}", f"{what} of the runs {letters}", draw, len(runs))
        for name, (what, draw) in pictures.items()
    }


def _draw(name: str, label: str, draw: Callable[[Axes], None], n_runs: int) -> str:
    rows = -(-n_runs // 6)

    def on(axes: Axes) -> None:
        draw(axes)
        handles, letters = axes.get_legend_handles_labels()
        axes.figure.legend(handles, letters, loc="lower center", ncols=6, handlelength=2.4)

    room = Room(top=0.1, bottom=0.62 + 0.22 * rows)
    return draw_svg(name, label, 3.2 + 0.22 * rows, on, room=room)


def _styled(runs: Sequence[ComparedRun]) -> list[tuple[ComparedRun, Mapping[str, Any]]]:
    return [
        (run, {
            "color": _COLORS[n % len(_COLORS)],
            "linestyle": _DASHES[n % len(_DASHES)],
            "label": run.letter,
            "linewidth": 1.5,
        })
        for n, run in enumerate(runs)
    ]  # fmt: skip


def _ranked(axes: Axes, runs: Sequence[ComparedRun]) -> None:
    for run, style in _styled(runs):
        recall, precision = precision_recall_steps(run.y, run.logit)
        axes.step(recall, precision, where="pre", **style)
    lay_out_precision_recall(axes)


def _calibrated(axes: Axes, runs: Sequence[ComparedRun]) -> None:
    axes.plot([0, 1], [0, 1], color=INK, linestyle=":", linewidth=1, alpha=0.7)
    for run, style in _styled(runs):
        seen = [one["observed"]["value"] for one in run.bins]
        said = [one["probability"] for one in run.bins]
        axes.plot(said, seen, marker="o", markersize=3, **style)
    axes.set(
        xlim=(-0.02, 1.02),
        ylim=(-0.02, 1.02),
        xlabel="probability of pulsar",
        ylabel="share that are pulsars",
    )
