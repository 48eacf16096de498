"""Columns of values that nobody measured: filled in for what is missing, all alike, or copied.

They teach how somebody filled, and no pulsar.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pulsars.reading.cells import Column

_LOOKED_AT = 20_000
"""Rows, spread over all, in which a value would show that stands in every twentieth; and rows at
the beginning that show of nearly all columns that their values are many."""

_OFTEN = 0.05
_PEAK = 10
_FILLS = 2
"""A fill is so many times as common as any other value but that of the other class: where numbers
are rounded, many are common."""

_MOST_ASIDE = 0.9
"""Share of the rows from which on to set them aside is no way out: hardly a row would be left."""


_MIN_ROWS = 20
"""In so few rows, or fewer, numbers can be alike by chance."""

_FEW = {1: _MIN_ROWS + 1, 2: 200}
"""Rows from which on so many values are few: rounded to whole numbers, a small table's are two."""

_NEARLY_ALL = 0.95


def note_fills(features: Mapping[str, Column]) -> tuple[str, ...]:
    """Say which columns hold one value far more often than measured numbers repeat."""
    return tuple(
        f"{column} holds {value:g} in {share:.0%} of the rows looked at: what was missing may "
        "have been filled with it, by class even, and then it tells the label; rows with gaps can "
        "be left as they are, to be set aside"
        for column in features.values()
        for value, share in [_most_common(column)]
        if share > _OFTEN
    )


def say_marks(columns: Sequence[Column], wrong: NDArray[np.bool_], *, most: float) -> str:
    """Say which number stands in rows that are wrong as a mark, and what to do with it.

    Parameters
    ----------
    columns : sequence of Column
        Those that the rows are wrong in.
    wrong : ndarray of shape (n_rows,), dtype bool
    most : float
        Rows that may be wrong.

    Returns
    -------
    str
        Empty where not one number, which stands in few other rows, makes all but `most` wrong, or
        where so many rows would be set aside without it that it is no way out.
    """
    cells = np.stack([column.numbers for column in columns])
    there = cells[:, wrong]
    values, counts = np.unique(there[np.isfinite(there)], return_counts=True)
    if not len(values):
        return ""
    value = values[np.argmax(counts)]
    held = cells == value
    marked = held.any(axis=0)
    n_marked = int(marked.sum())
    if (wrong & ~marked).sum() > most or 2 * (wrong & marked).sum() <= max(n_marked, 2):
        return ""
    where = [str(c) for c, rows in zip(columns, held, strict=True) if 2 * rows.sum() > n_marked]
    aside = wrong | marked | ~np.isfinite(cells).all(axis=0)
    share = math.floor(100 * int(aside.sum()) / len(aside) + 1) / 100
    if share > _MOST_ASIDE:
        return ""
    return (
        f"{value:g} stands in {n_marked:,} of {len(marked):,} rows looked at "
        f"({', '.join(where)}): is it a mark for what is missing? Leave those cells empty, and "
        f"give --max-quarantine {share:g} or more; if it is none, choose the columns with --columns"
    )


def _most_common(column: Column) -> tuple[float, float]:
    """Give the value that stands out, and its share of the rows; a share of 0 where none does."""
    numbers = column.numbers[:: 1 + len(column.numbers) // _LOOKED_AT] + 0.0  # -0 is shown as 0
    values, counts = np.unique(numbers[np.isfinite(numbers)], return_counts=True)
    if len(values) <= _FILLS:
        return 0.0, 0.0
    at, usual = int(np.argmax(counts)), np.partition(counts, -_FILLS - 1)[-_FILLS - 1]
    stands_out = counts[at] > _PEAK * usual
    return float(values[at]), float(counts[at] / len(numbers)) if stands_out else 0.0


def note_sameness(features: Mapping[str, Column]) -> tuple[str, ...]:
    """Say which columns hold one value or two in all rows, and which repeat another."""
    found = {column: _few_values(column) for column in features.values()}
    several = [column for column, values in found.items() if not values]
    return (*_note_few(found), *_note_copies(several))


def _note_few(found: Mapping[Column, list[str]]) -> list[str]:
    """Say which columns hold one value or two."""
    few = [f"{column} holds {' and '.join(each)} alone" for column, each in found.items() if each]
    why = "no statistic of measured curves does; was it filled in for what is missing?"
    return [f"{', '.join(few)}: {why}"] if few else []


def _few_values(column: Column) -> list[str]:
    """Give the values of a column that has one or two in more than a few rows."""
    numbers = column.numbers[np.isfinite(column.numbers)]
    values = np.unique(numbers[:_LOOKED_AT])
    few = len(numbers) >= _FEW.get(len(values), np.inf) and np.isin(numbers, values).all()
    return [f"{value + 0.0:g}" for value in values] if few else []  # 0 of -0


def _note_copies(columns: list[Column]) -> list[str]:
    """Say which columns hold the same as another in nearly all rows."""
    copies = {two: one for one, two in reversed([*combinations(columns, 2)]) if _are_same(one, two)}
    said = ", ".join(f"{two} holds the same as {one}" for two, one in reversed(copies.items()))
    why = "no two statistics agree; was one written in another's place? Choose with --columns"
    return [f"{said}, in nearly all rows: {why}"] if copies else []


def _are_same(one: Column, two: Column) -> bool:
    """Tell whether nearly all of more than a few rows that have both numbers have one number."""
    first, second = one.numbers, two.numbers
    both = int((np.isfinite(first) & np.isfinite(second)).sum())
    return both > _MIN_ROWS and int((first == second).sum()) > _NEARLY_ALL * both
