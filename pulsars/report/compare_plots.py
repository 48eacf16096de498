"""Runs over each other: precision and recall, ROC, calibration, each on its own test part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pulsars.report.compared_run import ComparedRun
from pulsars.report.plots import lay_out_precision_recall, precision_recall_steps
from pulsars.report.roc import lay_out_roc, least_alarms, roc_steps
from pulsars.report.svg import INK, Room, draw_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLORS = ("#d55e00", "#2b8acb", "#009e73", "#aa4499", "#8c6d1f", "#7570b3")


_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (2, 4)))
"""Every run has a colour and a dash that no other of 26 has, and its letter at the legend."""


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
