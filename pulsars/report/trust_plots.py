"""The pictures that say how far a model can be trusted: calibration, scores, recall at a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.learning import Counts, count_scores
from pulsars.report.svg import INK, NON_PULSAR, PULSAR, Room, draw_svg, legend_above
from pulsars.report.words import percent, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

_CHARACTER = 0.09  # inches: a digit of the font in use, and a little more
_STYLES = {
    "candidates": (INK, "-"),
    "non-pulsars": (NON_PULSAR, "--"),
    "pulsars": (PULSAR, "-"),
}
"""Colour and line of each kind of candidate."""


def score_histogram(y: ArrayLike | None, score: ArrayLike, threshold: float) -> str:
    """Draw how many candidates of each class got which score, counts on a logarithmic axis.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or None
        Labels, 1 pulsar, 0 not; without them all candidates are drawn as one kind.
    score : array-like of shape (n_samples,)
        Probability of pulsar, in [0, 1].
    threshold : float
        A candidate at or above it is called a pulsar.
    """
    return draw_counts(count_scores(y, score), threshold)


def draw_counts(counts: Counts, threshold: float) -> str:
    """Draw counts of scores in bins of equal width from 0 to 1, as `score_histogram` does.

    Parameters
    ----------
    counts : dict of str to list of int
        As of `pulsars.learning.count_scores`.
    threshold : float
        A candidate at or above it is called a pulsar.
    """
    kinds = {name: np.array(some) for name, some in counts.items()}

    def draw(axes: Axes) -> None:
        for name, some in kinds.items():
            _stairs(axes, name, some)
        left = threshold < 1 / 2  # then there is room only on the right
        axes.axvline(threshold, color=INK, linewidth=1.2)
        axes.annotate(
            f"threshold {threshold:.3g}",
            (threshold, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(5 if left else -5, 0),
            textcoords="offset points",
            ha="left" if left else "right",
            va="top",
        )
        _lay_out_counts(axes)
        axes.set(xlim=(0, 1))
        legend_above(axes, "lower right")

    label = "Scores of " + " and ".join(f"{some.sum()} {name}" for name, some in kinds.items())
    n_rows = sum(int(some.sum()) for some in kinds.values())
    return draw_svg("score-histogram", label, 3.6, draw, room=_room_for_counts(n_rows))


def _stairs(axes: Axes, name: str, counts: np.ndarray) -> None:
    """Draw the counts of one kind, filled and outlined."""
    color, style = _STYLES[name]
    edges = np.linspace(0.0, 1.0, len(counts) + 1)
    # A bin of one candidate has to show: the axis starts at a half, empty bins with it.
    heights = np.maximum(counts, 0.5)
    label = f"{name} ({counts.sum():,})"
    axes.stairs(heights, edges, baseline=0.5, fill=True, color=color, alpha=0.22)
    axes.stairs(
        heights, edges, baseline=0.5, color=color, linestyle=style, linewidth=1.4, label=label
    )


def _lay_out_counts(axes: Axes) -> None:
    """Lay out counts over the probability, on a logarithmic axis that shows a single candidate."""
    axes.set(yscale="log", ylim=(0.5, None), xlabel="probability of pulsar", ylabel="candidates")
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(lambda count, _: f"{count:,.0f}" if count >= 1 else "")


def _room_for_counts(largest: int) -> Room:
    """Give the room for an axis of counts with a name, up to a power of ten of so many."""
    return Room(left=0.45 + _CHARACTER * len(f"{largest:,}"))


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
        curve.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), ylabel="share that are pulsars")
        counts.bar(
            x,
            n_rows - 0.5,
            bottom=0.5,
            width=0.03,
            facecolor="none",
            edgecolor=NON_PULSAR,
            hatch="////",
        )
        _lay_out_counts(counts)

    label = (
        f"Reliability curve of {n_rows.sum()} candidates in {len(bins)} bins; largest distance "
        f"from the diagonal {np.abs(x - share).max():.3f}"
    )
    room = _room_for_counts(n_rows.max())._replace(between=0.2)
    return draw_svg(
        "reliability", label, 4.3, draw, room=room, nrows=2, sharex=True, height_ratios=(3, 1)
    )


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
        axes.set(
            xscale="log",
            xlim=(1, max(n_rows, 2)),
            ylim=(0, 1.02),
            xlabel="candidates inspected, the likeliest first",
            ylabel="share of the pulsars found",
        )
        axes.minorticks_off()
        axes.xaxis.set_major_formatter(lambda count, _: f"{count:,.0f}")
        legend_above(axes)

    label = (
        f"Share of the pulsars found over candidates inspected; the {whole(called)} that the "
        f"threshold calls hold {percent(found)}"
    )
    # The last count stands under the right end of its axis, half of it beyond.
    room = Room(right=0.1 + _CHARACTER * len(whole(n_rows)) / 2)
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
