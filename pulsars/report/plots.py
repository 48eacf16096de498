"""The curves of a report, as SVG text that is at home on light and on dark paper.

Words stay words (no glyph outlines), lines and letters take the page's own colour, and the
same numbers give the same bytes. Pulsars are orange-red and solid, non-pulsars blue and dashed
or hatched, so that no reading depends on colour alone. Both hues keep a contrast of at least
3:1 on white and on near-black.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.report.svg import INK, NON_PULSAR, PULSAR, Room, draw_svg, legend_above
from slp import as_floats

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

MAX_POINTS = 500
"""Of a line; more are not seen, and make a page heavy."""


def learning_curve(
    epochs: Sequence[Mapping[str, float | None]], *, best_epoch: int | None = None
) -> str:
    """Draw loss, and below it precision, recall and F1, over the epochs.

    Parameters
    ----------
    epochs : sequence of mappings
        One an epoch: ``epoch`` (1-based), ``loss`` (nats a candidate), ``validation_loss`` or
        None, ``precision``, ``recall``, ``f1`` in [0, 1].
    best_epoch : int, optional
        The epoch whose weights were kept, marked by a vertical line.
    """
    rows = [epochs[i] for i in thin(len(epochs))]

    def draw(panels: Sequence[Axes]) -> None:
        loss, quality = panels
        for axes, name, words, color, style in (
            (loss, "loss", "training", INK, "-"),
            (loss, "validation_loss", "validation", PULSAR, "--"),
            (quality, "f1", "F1", INK, "-"),
            (quality, "precision", "precision", NON_PULSAR, "--"),
            (quality, "recall", "recall", PULSAR, ":"),
        ):
            _line(axes, rows, name, label=words, color=color, linestyle=style)
        for axes in panels:
            legend_above(axes)
            if best_epoch is not None:
                axes.axvline(best_epoch, color=INK, linewidth=0.9, alpha=0.6, zorder=0)
        loss.ticklabel_format(axis="y", useOffset=False)  # which would lie on the legend
        loss.set_ylabel("cross-entropy")
        quality.set_xlabel("epoch")
        quality.xaxis.get_major_locator().set_params(integer=True)

    kept = "" if best_epoch is None else f"; the weights of epoch {best_epoch} were kept"
    label = f"Learning curve over {len(epochs)} epochs{kept}"
    return draw_svg(
        "learning-curve",
        label,
        3.6,
        draw,
        room=Room(left=1.15, between=0.42),
        nrows=2,
        sharex=True,
        height_ratios=(3, 2),
    )


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
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02))
        axes.set_xlabel("recall: share of the pulsars found")
        axes.set_ylabel("precision: share of the calls right")

    label = (
        f"Precision over recall; at threshold {threshold:.3g} "
        f"recall is {here_recall:.3f} and precision {here_precision:.3f}"
    )
    return draw_svg("precision-recall", label, 3.6, draw, room=Room(top=0.1))


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
    order = np.argsort(-score, kind="stable")
    last_of_tie = np.append(np.diff(score[order]) != 0, True)
    found = np.cumsum(y[order])[last_of_tie]
    called = (np.flatnonzero(last_of_tie) + 1).astype(float)
    rises = np.flatnonzero(np.diff(found, prepend=0))
    if not rises.size:
        return np.zeros(1), np.zeros(1)
    keep = rises[thin(rises.size, MAX_POINTS - 1)]
    precision = found[keep] / called[keep]
    return np.append(0.0, found[keep] / found[-1]), np.append(precision[0], precision)


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


def _line(axes: Axes, rows: Sequence[Mapping[str, float | None]], name: str, **style: Any) -> None:
    """Draw a line; one value alone is drawn as a dot, no value at all not even in the legend."""
    x = np.array([row["epoch"] for row in rows], dtype=float)
    values = np.array([row[name] for row in rows], dtype=float)  # None becomes NaN, a gap
    if np.isfinite(values).any():
        axes.plot(x, values, marker="o" if x.size == 1 else None, **style)
