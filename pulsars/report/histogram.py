"""How many candidates got which score, drawn as `pulsars.report.plots` draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pulsars.learning import Counts, count_scores
from pulsars.report.svg import (
    INK,
    NON_PULSAR,
    PULSAR,
    draw_svg,
    legend_above,
    room_for_counts,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

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
    kinds = [(name, np.array(some), *_STYLES[name]) for name, some in counts.items()]

    def draw(axes: Axes) -> None:
        for name, some, color, style in kinds:
            _stairs(axes, name, some, color, style)
        _mark(axes, threshold)
        axes.set_yscale("log")
        axes.minorticks_off()
        axes.set(xlim=(0, 1), ylim=(0.5, None))
        axes.set_xlabel("probability of pulsar")
        axes.set_ylabel("candidates")
        axes.yaxis.set_major_formatter(lambda count, _: f"{count:,.0f}" if count >= 1 else "")
        legend_above(axes, "lower right")

    label = "Scores of " + " and ".join(f"{some.sum()} {name}" for name, some, *_ in kinds)
    n_rows = sum(int(some.sum()) for _, some, *_ in kinds)
    return draw_svg("score-histogram", label, 3.6, draw, room=room_for_counts(n_rows))


def _stairs(axes: Axes, name: str, counts: np.ndarray, color: str, style: str) -> None:
    """Draw the counts of one kind, filled and outlined."""
    edges = np.linspace(0.0, 1.0, len(counts) + 1)
    # A bin of one candidate has to show: the axis starts at a half, empty bins with it.
    heights = np.maximum(counts, 0.5)
    label = f"{name} ({counts.sum():,})"
    axes.stairs(heights, edges, baseline=0.5, fill=True, color=color, alpha=0.22)
    axes.stairs(
        heights, edges, baseline=0.5, color=color, linestyle=style, linewidth=1.4, label=label
    )


def _mark(axes: Axes, threshold: float) -> None:
    """Draw the threshold as a line, with its words on the side that has room."""
    left = threshold < 1 / 2
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
