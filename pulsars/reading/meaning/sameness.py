"""Columns that tell no candidate from another: of one value or two, or a copy of another one."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulsars.reading.cells import Column

_LOOKED_AT = 20_000
"""Rows, spread over all, in which a value would show that stands in every twentieth; and rows at
the beginning that show of nearly all columns that their values are many."""


_MIN_ROWS = 20
"""In so few rows, or fewer, numbers can be alike by chance."""


_FEW = {1: _MIN_ROWS + 1, 2: 200}
"""Rows from which on so many values are few: rounded to whole numbers, a small table's are two."""


_NEARLY_ALL = 0.95


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
