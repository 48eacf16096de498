"""The curves of how a model ranks: precision over recall, and recall over the false-alarm rate."""

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
    order, last_of_tie = _best_first(score)
    found = np.cumsum(y[order])[last_of_tie]
    called = (np.flatnonzero(last_of_tie) + 1).astype(float)
    rises = np.flatnonzero(np.diff(found, prepend=0))
    if not rises.size:
        return np.zeros(1), np.zeros(1)
    keep = rises[thin(rises.size, MAX_POINTS - 1)]
    precision = found[keep] / called[keep]
    return np.append(0.0, found[keep] / found[-1]), np.append(precision[0], precision)


def roc_curve(
    y: ArrayLike, score: ArrayLike, threshold: float, *, by: ArrayLike | None = None
) -> str:
    """Draw recall over the false-alarm rate, on a logarithmic axis, and mark the threshold in use.

    A survey has thousands of non-pulsars for each pulsar: what matters lies at the lowest rates,
    which a straight axis hides.

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
    alarms, found = roc_steps(y, score if by is None else by)
    lowest = least_alarms(y)
    called = score >= threshold
    here = [float((called & (y == side)).sum() / max(int((y == side).sum()), 1)) for side in (0, 1)]

    def draw(axes: Axes) -> None:
        axes.step(np.maximum(alarms, lowest), found, where="post", color=PULSAR)
        axes.plot([max(here[0], lowest)], [here[1]], "o", color=INK, markersize=7)
        lay_out_roc(axes, lowest)

    label = (
        f"ROC curve: recall over the false-alarm rate; at threshold {threshold:.3g} recall is "
        f"{here[1]:.3f} and the false-alarm rate {here[0]:.4f}"
    )
    return draw_svg("roc", label, 3.6, draw, room=Room(top=0.1))


def lay_out_roc(axes: Axes, lowest: float) -> None:
    """Lay out the axes, and draw what chance gives."""
    rates = np.geomspace(lowest, 1, 50)
    axes.plot(rates, rates, color=INK, linestyle=":", linewidth=1, alpha=0.7)
    axes.set(
        xscale="log",
        xlim=(lowest, 1),
        ylim=(0, 1.02),
        xlabel="false-alarm rate: share of the non-pulsars called",
        ylabel="recall: share of the pulsars found",
    )
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(lambda rate, _: f"{rate:.3g}")


def least_alarms(y: NDArray[Any]) -> float:
    """Give where the axis begins: at half a false alarm, below one decade at the most."""
    return min(0.5 / max(int((y == 0).sum()), 1), 0.1)


def roc_steps(y: ArrayLike, score: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the false-alarm rate and recall at every threshold, the highest first, from (0, 0).

    Parameters
    ----------
    y, score : array-like of shape (n_samples,)
        Labels, and what orders the rows.

    Returns
    -------
    alarms, found : ndarray of shape (n_steps,)
        In [0, 1], rising; at most `MAX_POINTS` and one. A class that is not
        there has the rate 0 throughout.
    """
    y, score = as_floats("labels", y), as_floats("scores", score)
    order, last_of_tie = _best_first(score)
    found, alarms = (np.cumsum(y[order] == side)[last_of_tie] for side in (1, 0))
    turns = np.diff(found, prepend=0) > 0  # between two of them the line is straight
    keep = np.flatnonzero(turns | np.append(turns[1:], True))
    keep = keep[thin(len(keep))]
    return (
        np.append(0.0, alarms[keep] / max(int((y == 0).sum()), 1)),
        np.append(0.0, found[keep] / max(int((y == 1).sum()), 1)),
    )


def _best_first(score: NDArray[np.floating[Any]]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Give the rows, the highest score first, and where in that order the last of each tie is."""
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
