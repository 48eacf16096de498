"""The heat map of a sweep: one picture for each kind of inputs and balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from slp.grid import Measure
from tasks.settings import DIGITS
from tasks.svg import INK, PULSAR, draw_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_COLUMNS_WITH_NUMBERS = 9

Row = Mapping[str, Any]


def panels(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Group settings by what they train on and in what batches, those with the best first.

    Parameters
    ----------
    rows : sequence of mapping
        As of `tasks.settings.setting_row`, the best first.

    Returns
    -------
    dict of str to list
        Title of each panel and its settings. Newton's method knows no batches and is shown beside
        each batch size.
    """
    found: dict[str, list[Row]] = {}
    sizes = sorted({row["batch_size"] for row in rows if row["batch_size"]}) or [None]
    for row in rows:
        for size in sizes if row["batch_size"] is None else [row["batch_size"]]:
            title = f"{row['inputs']} inputs, " + (
                "balanced (cycle)" if row["oversample"] == "cycle" else "rows as they are"
            )
            if len(sizes) > 1:
                title += f", batches of {size}"
            found.setdefault(title, []).append(row)
    return found


def heat_map(
    name: str, title: str, rows: Sequence[Row], *, ranks: Mapping[str, int], by: Measure
) -> str:
    """Draw one panel: penalties in rows, learning rates in columns, Newton's method on its own.

    Parameters
    ----------
    name : str
        Prefix of the picture's ids.
    title : str
        What the panel shows.
    rows : sequence of mapping
        Its settings.
    ranks : mapping
        Place of each setting of the whole sweep by `key_of`, 0 for the best: shades can then be
        compared between panels, and one hopeless setting does not make all others look alike.
    by : str
        The measure that is written into each cell.
    """
    columns = sorted({row["learning_rate"] for row in rows}, key=lambda rate: rate or float("inf"))
    penalties = sorted({row["l2"] for row in rows})
    last = max(len(ranks) - 1, 1)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for row in rows:
            at = columns.index(row["learning_rate"]), penalties.index(row["l2"])
            rank = ranks[key_of(row)]
            _cell(axes, at, shade=1 - rank / last, best=rank == 0)
            if len(columns) <= _MOST_COLUMNS_WITH_NUMBERS:
                text = f"{row['mean'][by]:.{DIGITS[by]}f}"
                axes.text(*at, text, ha="center", va="center", fontsize=9)
        axes.set(xlim=(-0.55, len(columns) - 0.45), ylim=(-0.55, len(penalties) - 0.45))
        names = ["newton" if rate is None else f"{rate:g}" for rate in columns]
        axes.set_xticks(range(len(columns)), names)
        axes.set_yticks(range(len(penalties)), [f"{l2:g}" for l2 in penalties])
        axes.set_xlabel("learning rate of sgd, or newton")
        axes.set_ylabel("l2")
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.grid(visible=False)

    best = rows[0]
    label = f"{title}: {len(rows)} settings, best {by.replace('_', ' ')} {best['mean'][by]:.4f}"
    return draw_svg(name, label, 1.0 + 0.42 * len(penalties), draw)


def key_of(row: Row) -> str:
    """Give a text that is the same for the same setting only."""
    names = ("inputs", "oversample", "solver", "batch_size", "learning_rate", "l2")
    return "|".join(str(row[name]) for name in names)


def _cell(axes: Axes, at: tuple[int, int], *, shade: float, best: bool) -> None:
    column, row = at
    axes.fill_between(
        [column - 0.47, column + 0.47],
        row - 0.46,
        row + 0.46,
        facecolor=PULSAR,
        alpha=0.04 + 0.46 * shade,
    )
    if best:
        left, right, low, high = column - 0.47, column + 0.47, row - 0.46, row + 0.46
        xs, ys = [left, right, right, left, left], [low, low, high, high, low]
        axes.plot(xs, ys, color=INK, linewidth=1.8)
