"""What a training came to, in pictures: its calls, its weights, and how it learnt by epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.report.plots import thin
from pulsars.report.svg import INK, NON_PULSAR, PULSAR, WIDTH, Room, draw_svg, legend_above
from pulsars.report.words import signed, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

MAX_BARS = 16
"""More weights than these are a wall: then only the strongest are drawn."""


def confusion(tn: int, fp: int, fn: int, tp: int) -> str:
    """Draw the confusion matrix: truth in rows, call in columns, non-pulsar first.

    Shades are shares of a row, so the rare class is as visible as the common one.
    """
    cells = (
        (0, 0, tn, tn + fp, "left out rightly", NON_PULSAR),
        (0, 1, fp, tn + fp, "false alarms", PULSAR),
        (1, 0, fn, fn + tp, "missed pulsars", NON_PULSAR),
        (1, 1, tp, fn + tp, "pulsars found", PULSAR),
    )

    def draw(axes: Axes) -> None:
        for row, column, count, of, words, color in cells:
            share = count / of if of else 0.0
            axes.fill_between(
                [column - 0.48, column + 0.48],
                row - 0.48,
                row + 0.48,
                facecolor=color,
                alpha=0.06 + 0.4 * share,
            )
            axes.text(column, row - 0.08, f"{count:,}", ha="center", va="center", fontsize=17)
            axes.text(column, row + 0.22, f"{words}, {share:.1%}", ha="center", va="center")
        axes.set(xlim=(-0.5, 1.5), ylim=(1.5, -0.5))
        axes.set_xticks([0, 1], ["called non-pulsar", "called pulsar"])
        axes.set_yticks([0, 1], ["non-pulsar", "pulsar"], rotation=90, va="center")
        axes.tick_params(length=0, top=False, bottom=False, labeltop=True, labelbottom=False)
        axes.spines[:].set_visible(False)
        axes.grid(visible=False)

    label = (
        f"Confusion matrix: {tp} pulsars found, {fn} missed, {fp} false alarms, "
        f"{tn} non-pulsars left out rightly"
    )
    return draw_svg("confusion", label, 2.7, draw, room=Room(0.3, 0.05, 0.28, 0.05))


def weights(names: Sequence[str], coef: ArrayLike) -> str:
    """Draw the weights as bars: to the right for pulsar, to the left (hatched) against it.

    Of more than `MAX_BARS` weights the strongest are drawn, by strength; else all, in order.

    Parameters
    ----------
    names : sequence of str
        What the layer sees, ``profile_mean`` or ``dm_mean × dm_stdev``.
    coef : array-like of shape (n_outputs,)
        Weight of each, in logits.
    """
    coef = np.asarray(coef)
    many = len(coef) > MAX_BARS
    shown = np.argsort(-np.abs(coef), kind="stable")[:MAX_BARS] if many else np.arange(len(coef))
    names = [names[row] for row in shown]
    values = [float(coef[row]) for row in shown]
    letter = 0.058 if many else 0.075  # inches, of the font sizes below
    room = Room(left=0.15 + letter * max(len(spoken(name)) for name in names), top=0.05)
    figures = 0.15 + 0.08 * max(len(signed(weight)) for weight in values)  # inches, beside a bar
    beside = min(figures / (WIDTH - room.left - room.right), 0.45)  # as a share of the axes

    def draw(axes: Axes) -> None:
        for row, weight in enumerate(values):
            _bar(axes, row, weight)
        ticks = [spoken(name) for name in names]
        axes.set_yticks(range(len(ticks)), ticks, fontsize=8 if many else None)
        axes.invert_yaxis()
        axes.axvline(0, color=INK, linewidth=0.9)
        axes.margins(x=beside / (1 - 2 * beside))
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        axes.set(xlabel="weight in logits")

    listed = ", ".join(
        f"{spoken(name)} {signed(weight)}" for name, weight in zip(names, values, strict=True)
    )
    what = f"The strongest {len(values)} of {len(coef)} weights" if many else "Weights"
    return draw_svg("weights", f"{what}: {listed}", 0.8 + 0.29 * len(values), draw, room=room)


def _bar(axes: Axes, row: int, weight: float) -> None:
    """Draw one weight, with its figures beside it."""
    right = weight >= 0
    axes.barh(
        row,
        weight,
        height=0.66,
        facecolor=PULSAR if right else "none",
        edgecolor=PULSAR if right else NON_PULSAR,
        hatch=None if right else "////",
    )
    axes.annotate(
        signed(weight),
        (weight, row),
        xytext=(4 if right else -4, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center",
        fontsize=9,
    )


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

    def draw(panels: Sequence[Any]) -> None:
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
        loss.set(ylabel="cross-entropy")
        quality.set(xlabel="epoch")
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


def _line(axes: Axes, rows: Sequence[Mapping[str, float | None]], name: str, **style: Any) -> None:
    """Draw a line; one value alone is drawn as a dot, no value at all not even in the legend."""
    x = np.array([row["epoch"] for row in rows], dtype=float)
    values = np.array([row[name] for row in rows], dtype=float)  # None becomes NaN, a gap
    if np.isfinite(values).any():
        axes.plot(x, values, marker="o" if x.size == 1 else None, **style)
