"""The ROC curve: how many pulsars are found at the price of how many false alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.report.plots import order_with_ties, thin
from pulsars.report.svg import INK, PULSAR, Room, draw_svg
from slp import as_floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray


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
    order, last_of_tie = order_with_ties(score)
    found, alarms = (np.cumsum(y[order] == side)[last_of_tie] for side in (1, 0))
    turns = np.diff(found, prepend=0) > 0  # between two of them the line is straight
    keep = np.flatnonzero(turns | np.append(turns[1:], True))
    keep = keep[thin(len(keep))]
    return (
        np.append(0.0, alarms[keep] / max(int((y == 0).sum()), 1)),
        np.append(0.0, found[keep] / max(int((y == 1).sum()), 1)),
    )
