"""Each feature's distribution, training rows and candidates one over the other.

Eight small pictures on one sheet, drawn from what `drift.json` holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pulsars.report.svg import INK, PULSAR, Room, draw_svg
from pulsars.report.words import percent, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_COLUMNS = 2
_HIGHEST = 2.5
"""So many times the highest of the training rows are drawn; what is higher leaves the picture."""
_APART = 0.16
"""Of an axis, below which two values would be written over each other."""
_ROOM = Room(left=0.05, right=0.05, top=0.25, bottom=0.25)
_BETWEEN = {"hspace": 0.6, "wspace": 0.08}
_FEW = 300
"""Candidates below which two or three in a bin would make teeth: then bins are taken in fives."""
_TICKS = (0.04, 0.5, 0.96)
"""Shares of the training rows below the values that are named on an axis: 1, 12.5, 24 of 25."""


def drift_overlays(drift: Mapping[str, Any]) -> str:
    """Draw every feature of the training rows, filled, and of the candidates, as a line.

    The axis is straight within the middle half of the training rows and logarithmic beyond, so that
    core and tails are both seen.

    Parameters
    ----------
    drift : mapping
        As of `pulsars.report.drift_words.describe_drift`.
    """
    features = drift["features"]
    n_rows = -(-len(features) // _COLUMNS)

    def draw(sheet: NDArray[Any]) -> None:
        for axes, (name, one) in zip(sheet.flat, features.items(), strict=False):
            _draw(axes, name, one, together=5 if drift["n_rows"] < _FEW else 1)

    said = ", ".join(f"{spoken(name)} {one['verdict']}" for name, one in features.items())
    label = f"Distribution of each feature, training rows and candidates: {said}"
    return draw_svg(
        "drift-overlays",
        label,
        0.3 + 1.2 * n_rows,
        draw,
        room=_ROOM,
        nrows=n_rows,
        ncols=_COLUMNS,
        gridspec_kw=_BETWEEN,
    )


def _draw(axes: Axes, name: str, one: Mapping[str, Any], *, together: int) -> None:
    loud = one["verdict"] == "stop"
    edges, training, candidates = thinned(one, together)
    at, place = _stretched(np.asarray(one["edges"]), edges)
    # Of a peak in few values no more is drawn than can be seen.
    widths = np.maximum(np.diff(at), 0.01 * (at[-1] - at[0]))
    axes.stairs(training / widths, at, fill=True, color=INK, alpha=0.25)
    axes.stairs(candidates / widths, at, color=PULSAR if loud else INK, linewidth=1.3)
    heights = [(side / widths).max() for side in (training, candidates)]
    axes.set(xlim=at[[0, -1]], ylim=(0, min(1.08 * max(heights), _HIGHEST * heights[0])))
    _name_values(axes, np.quantile(np.asarray(one["edges"]), _TICKS), place)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False)
    level = f": {one['verdict']}" if one["verdict"] in {"watch", "stop"} else ""
    axes.set_title(
        f"{spoken(name)}{level}", fontsize=9, loc="left", pad=3,
        fontweight="bold" if loud else "normal",
    )  # fmt: skip
    axes.set_title(_what_lies_beyond(one), fontsize=7, loc="right", pad=3)


def thinned(one: Mapping[str, Any], together: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take bins together: edges, and the shares of training rows and candidates between them."""
    edges = np.asarray(one["edges"], dtype=np.float64)[::together]
    training, candidates = (
        np.add.reduceat(np.asarray(one[side], dtype=np.float64), range(0, len(one[side]), together))
        for side in ("training", "candidates")
    )
    return edges, training, candidates


def _stretched(all_edges: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, Any]:
    """Give places for edges on the axis, and what gives places for other values."""
    low, middle, high = np.quantile(all_edges, (0.25, 0.5, 0.75))
    unit = (high - low) or (all_edges[-1] - all_edges[0]) or 1.0

    def place(values: np.ndarray) -> np.ndarray:
        return np.asarray(np.arcsinh((values - middle) / unit), dtype=np.float64)

    at = place(edges)
    if (np.diff(at) <= 0).any():  # equal values have no width: all bins are moved apart a little
        at = at + np.linspace(0, 0.1 * ((at[-1] - at[0]) or 1.0), len(at))
    return at, place


def _name_values(axes: Axes, values: np.ndarray, place: Any) -> None:
    """Name the lowest, the middle and the highest, as far as they stand apart."""
    low, high = axes.get_xlim()
    at = (place(values) - low) / (high - low)
    shown = [values[1]]
    if at[1] - at[0] > _APART:
        shown.insert(0, values[0])
    if at[2] - at[1] > _APART:
        shown.append(values[2])
    axes.set_xticks(place(np.array(shown)), [f"{value:.3g}" for value in shown], fontsize=7)


def _what_lies_beyond(one: Mapping[str, Any]) -> str:
    """Say it beside the name, for in the picture the line of the candidates would cross it."""
    sides = [side for side in ("below", "above") if one[side] >= 0.01]  # noqa: PLR2004 - not "0 %"
    return ", ".join(f"{percent(one[side], 0)} {side}" for side in sides)
