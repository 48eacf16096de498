"""The heat map of a sweep: one picture for each kind of inputs and balance, or one in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pulsars.report.svg import INK, PULSAR, draw_svg
from pulsars.report.words import DIGITS
from slp import INPUT_KINDS, Measure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_COLUMNS_WITH_NUMBERS = 9
_BALANCES = {"none": "rows as they are", "cycle": "balanced (cycle)"}

Row = Mapping[str, Any]


def panels(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Group settings by what they train on and in what batches, those with the best first.

    Parameters
    ----------
    rows : sequence of mapping
        As of `pulsars.learning.settings.setting_row`, the best first.

    Returns
    -------
    dict of str to list
        Title of each panel and its settings. Newton's method knows no batches and is shown beside
        each batch size; alone it has no learning rates either, and one panel holds it all.
    """
    if all(row["solver"] == "newton" for row in rows):
        return {"newton, by inputs and balance": list(rows)}
    found: dict[str, list[Row]] = {}
    sizes = sorted({row["batch_size"] for row in rows if row["batch_size"]}) or [None]
    for row in rows:
        for size in sizes if row["batch_size"] is None else [row["batch_size"]]:
            title = f"{row['inputs']} inputs, {_BALANCES[row['oversample']]}"
            if len(sizes) > 1:
                title += f", batches of {size}"
            found.setdefault(title, []).append(row)
    return found


def heat_map(
    name: str, title: str, rows: Sequence[Row], *, ranks: Mapping[str, int], by: Measure
) -> str:
    """Draw one panel: penalties in rows, learning rates in columns, Newton's method on its own.

    Where it holds nothing but Newton's method the columns are inputs and balance.

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
    alone = all(row["solver"] == "newton" for row in rows)
    column_of = _inputs_and_balance if alone else _rate_or_newton
    columns = sorted({column_of(row) for row in rows})
    penalties = sorted({row["l2"] for row in rows})
    last = max(len(ranks) - 1, 1)

    def draw(axes: Axes) -> None:
        for row in rows:
            at = columns.index(column_of(row)), penalties.index(row["l2"])
            rank = ranks[key_of(row)]
            _cell(axes, at, shade=1 - rank / last, best=rank == 0)
            if len(columns) <= _MOST_COLUMNS_WITH_NUMBERS:
                text = f"{row['mean'][by]:.{DIGITS[by]}f}"
                axes.text(*at, text, ha="center", va="center", fontsize=8 if alone else 9)
        axes.set(
            xlim=(-0.55, len(columns) - 0.45),
            ylim=(-0.55, len(penalties) - 0.45),
            xlabel="inputs and balance" if alone else "learning rate of sgd, or newton",
            ylabel="l2",
        )
        names = [column[-1] for column in columns]
        axes.set_xticks(range(len(columns)), names, rotation=90 if alone else 0)
        axes.set_yticks(range(len(penalties)), [f"{l2:g}" for l2 in penalties])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.grid(visible=False)

    best = rows[0]
    label = f"{title}: {len(rows)} settings, best {by.replace('_', ' ')} {best['mean'][by]:.4f}"
    names_below = 2.2 if alone else 0.0
    return draw_svg(name, label, 1.0 + names_below + 0.42 * len(penalties), draw)


def _rate_or_newton(row: Row) -> tuple[float, str]:
    """Give what orders the columns, and the name of the row's own."""
    rate = row["learning_rate"]
    return (float("inf"), "newton") if rate is None else (rate, f"{rate:g}")


def _inputs_and_balance(row: Row) -> tuple[int, bool, str]:
    kind, balance = row["inputs"], row["oversample"]
    short = "" if balance == "none" else ", balanced"
    return INPUT_KINDS.index(kind), balance != "none", f"{kind}{short}"


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
