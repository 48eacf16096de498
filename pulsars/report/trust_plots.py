"""The pictures that say how far a model can be trusted: calibration, and recall at a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.report.svg import (
    CHARACTER,
    INK,
    NON_PULSAR,
    PULSAR,
    Room,
    draw_svg,
    legend_above,
    room_for_counts,
)
from pulsars.report.words import percent, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes


def reliability_curve(bins: Sequence[Mapping[str, Any]]) -> str:
    """Draw the share of pulsars over the probability, and below it how many candidates had it.

    Parameters
    ----------
    bins : sequence of mappings
        As `pulsars.learning.meaning.calibration` gives them, at least one: ``n_rows``,
        ``probability``, and ``observed`` with ``value``, ``low``, ``high``.
    """
    x = np.array([one["probability"] for one in bins])
    n_rows = np.array([one["n_rows"] for one in bins])
    share, low, high = (
        np.array([one["observed"][end] for one in bins]) for end in ("value", "low", "high")
    )

    def draw(panels: Sequence[Axes]) -> None:
        curve, counts = panels
        word = "as many as promised"
        curve.plot([0, 1], [0, 1], color=INK, linestyle=":", linewidth=1, alpha=0.7, label=word)
        curve.vlines(x, low, high, color=PULSAR, linewidth=1.2)
        curve.plot(x, share, color=PULSAR, marker="o", markersize=5, linewidth=1.2, label="seen")
        legend_above(curve)
        curve.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        curve.set_ylabel("share that are pulsars")
        _draw_counts(counts, x, n_rows)

    label = (
        f"Reliability curve of {n_rows.sum()} candidates in {len(bins)} bins; largest distance "
        f"from the diagonal {np.abs(x - share).max():.3f}"
    )
    room = room_for_counts(n_rows.max())._replace(between=0.2)
    return draw_svg(
        "reliability", label, 4.3, draw, room=room, nrows=2, sharex=True, height_ratios=(3, 1)
    )


def _draw_counts(axes: Axes, x: np.ndarray, n_rows: np.ndarray) -> None:
    """Draw bars on a logarithmic axis that starts at a half, so that one candidate shows."""
    axes.bar(
        x,
        n_rows - 0.5,
        bottom=0.5,
        width=0.03,
        facecolor="none",
        edgecolor=NON_PULSAR,
        hatch="////",
    )
    axes.set_yscale("log")
    axes.minorticks_off()
    axes.set(ylim=(0.5, None), xlabel="probability of pulsar", ylabel="candidates")
    axes.yaxis.set_major_formatter(lambda count, _: f"{count:,.0f}" if count >= 1 else "")


def budget_curve(budget: Mapping[str, Any]) -> str:
    """Draw which share of the pulsars the N highest-ranked candidates hold, and its intervals.

    Parameters
    ----------
    budget : mapping
        As `pulsars.learning.meaning.budget` gives it.
    """
    n = np.array([point["n"] for point in budget["points"]])
    recall, low, high = (
        np.array([point[end] for point in budget["points"]]) for end in ("recall", "low", "high")
    )
    called, found = budget["called"]["n"], budget["called"]["recall"]
    n_rows, n_pulsars = budget["n_rows"], budget["n_pulsars"]

    def draw(axes: Axes) -> None:
        best = np.minimum(n / n_pulsars, 1)
        axes.plot(n, best, color=INK, linestyle=":", linewidth=1, label="pulsars first")
        axes.fill_between(n, low, high, color=PULSAR, alpha=0.2, linewidth=0)
        axes.plot(n, recall, color=PULSAR, label="this model")
        axes.plot(n, n / n_rows, color=NON_PULSAR, linestyle="--", linewidth=1, label="any order")
        if called:
            _mark(axes, called, found, to_the_left=called**2 > n_rows)
        axes.set_xscale("log")
        axes.set(xlim=(1, max(n_rows, 2)), ylim=(0, 1.02))
        axes.minorticks_off()
        axes.xaxis.set_major_formatter(lambda count, _: f"{count:,.0f}")
        axes.set_xlabel("candidates inspected, the likeliest first")
        axes.set_ylabel("share of the pulsars found")
        legend_above(axes)

    label = (
        f"Share of the pulsars found over candidates inspected; the {whole(called)} that the "
        f"threshold calls hold {percent(found)}"
    )
    # The last count stands under the right end of its axis, half of it beyond.
    room = Room(right=0.1 + CHARACTER * len(whole(n_rows)) / 2)
    return draw_svg("budget", label, 3.6, draw, room=room)


def _mark(axes: Axes, n: int, recall: float, *, to_the_left: bool) -> None:
    """Mark what the threshold calls, with its words on the side that has room."""
    axes.plot([n], [recall], "o", color=INK, markersize=7)
    axes.annotate(
        f"called at the threshold: {whole(n)}",
        (n, recall),
        xytext=(-10 if to_the_left else 10, 0),
        textcoords="offset points",
        ha="right" if to_the_left else "left",
        va="center",
    )
