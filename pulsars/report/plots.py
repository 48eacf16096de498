"""The curves of a report, as SVG text that is at home on light and on dark paper.

Words stay words (no glyph outlines), lines and letters take the page's own colour, and the
same numbers give the same bytes. Pulsars are orange-red and solid, non-pulsars blue and dashed
or hatched, so that no reading depends on colour alone. Both hues keep a contrast of at least
3:1 on white and on near-black.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.report.svg import INK, PULSAR, Room, draw_svg
from slp import as_floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

MAX_POINTS = 500
"""Of a line; more are not seen, and make a page heavy."""


def precision_recall(
    y: ArrayLike, score: ArrayLike, threshold: float, *, by: ArrayLike | None = None
) -> str:
    """Draw precision over recall for every threshold, and mark the one in use.

    The steps are those whose area is the average precision: each recall level carries the
    precision at the highest threshold that reaches it.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, 1 pulsar, 0 not.
    score : array-like of shape (n_samples,)
        Probability of pulsar, in [0, 1].
    threshold : float
        A candidate at or above it is called a pulsar.
    by : array-like of shape (n_samples,), optional
        What orders the rows, as a rule the logits; by default the probabilities.
    """
    y, score = as_floats("labels", y), as_floats("scores", score)
    recall, precision = precision_recall_steps(y, score if by is None else by)
    chance = float(y.mean())
    called = score >= threshold
    hits = int(y[called].sum())
    here_recall = hits / max(int(y.sum()), 1)
    here_precision = hits / max(int(called.sum()), 1)

    def draw(axes: Axes) -> None:
        axes.step(recall, precision, where="pre", color=PULSAR)
        axes.axhline(chance, color=INK, linestyle=":", linewidth=1, alpha=0.7)
        axes.plot([here_recall], [here_precision], "o", color=INK, markersize=7)
        left, low = here_recall < 1 / 3, here_precision < 1 / 4  # then there is room only there
        axes.annotate(
            f"threshold {threshold:.3g}",
            (here_recall, here_precision),
            xytext=(10 if left else -8, 8 if low else -12),
            textcoords="offset points",
            ha="left" if left else "right",
            va="bottom" if low else "top",
        )
        axes.text(0.01, chance + 0.015, "by chance", va="bottom", fontsize=9)
        lay_out_precision_recall(axes)

    label = (
        f"Precision over recall; at threshold {threshold:.3g} "
        f"recall is {here_recall:.3f} and precision {here_precision:.3f}"
    )
    return draw_svg("precision-recall", label, 3.6, draw, room=Room(top=0.1))


def lay_out_precision_recall(axes: Axes) -> None:
    """Lay out the axes."""
    axes.set(
        xlim=(0, 1.02),
        ylim=(0, 1.02),
        xlabel="recall: share of the pulsars found",
        ylabel="precision: share of the calls right",
    )


def precision_recall_steps(y: ArrayLike, score: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Give recall and precision at the thresholds where recall rises, from recall 0.

    Parameters
    ----------
    y, score : array-like of shape (n_samples,)
        Labels, and what orders the rows.

    Returns
    -------
    recall, precision : ndarray of shape (n_steps,)
        In [0, 1], at most `MAX_POINTS`; without a pulsar one step, at 0 and 0.
    """
    y, score = as_floats("labels", y), as_floats("scores", score)
    order, last_of_tie = order_with_ties(score)
    found = np.cumsum(y[order])[last_of_tie]
    called = (np.flatnonzero(last_of_tie) + 1).astype(float)
    rises = np.flatnonzero(np.diff(found, prepend=0))
    if not rises.size:
        return np.zeros(1), np.zeros(1)
    keep = rises[thin(rises.size, MAX_POINTS - 1)]
    precision = found[keep] / called[keep]
    return np.append(0.0, found[keep] / found[-1]), np.append(precision[0], precision)


def order_with_ties(
    score: NDArray[np.floating[Any]],
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Put rows in order, the highest score first, those of one score as they come.

    Parameters
    ----------
    score : ndarray of shape (n_samples,)

    Returns
    -------
    order : ndarray of shape (n_samples,)
        Row numbers.
    last_of_tie : ndarray of shape (n_samples,), bool
        Whether the row at this place of the order is the last with its score.
    """
    order = np.argsort(-score, kind="stable")
    return order, np.append(np.diff(score[order]) != 0, True)


def thin(n: int, limit: int = MAX_POINTS) -> np.ndarray:
    """Choose at most `limit` of n positions, evenly, the first and the last among them.

    Parameters
    ----------
    n, limit : int
        At least 1, and at least 2.

    Returns
    -------
    ndarray of shape (min(n, limit),)
        Positions in [0, n), rising.
    """
    return np.unique(np.linspace(0, n - 1, min(n, limit)).round().astype(int))
