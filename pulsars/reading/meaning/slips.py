"""What one cell in error may not change, and which columns hold too little to mean anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.cells import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulsars.reading.cells import Column

FEW_ROWS = 8
"""Below this a single row is too large a part of the evidence to be set aside as a slip."""


def slips(n_rows: int) -> int:
    """Rows that may contradict a reading of `n_rows` rows and be called a slip: one, or none."""
    return int(n_rows >= FEW_ROWS)


def n_filled(column: Column) -> int:
    """Cells that hold something."""
    return int((column.status != Status.MISSING).sum())


def is_empty(column: Column) -> bool:
    """Tell whether no cell is filled, or a single one by mistake."""
    return n_filled(column) <= slips(len(column.status))


def is_counter(column: Column) -> bool:
    """Tell a row number or another identifier: whole numbers, none twice."""
    values = column.numbers[np.isfinite(column.numbers)]
    whole = values[values == np.round(values)]
    n_others = n_filled(column) - len(np.unique(whole))
    return len(whole) > 1 and n_others <= slips(n_filled(column))


def is_flag(column: Column) -> bool:
    """Tell a constant, or a column of two values.

    A slip is no third: a value that stands in one row while two others make up the rest.
    """
    _, counts = np.unique(column.numbers[np.isfinite(column.numbers)], return_counts=True)
    return bool(np.sort(counts)[:-2].sum() <= slips(int(counts.sum())))


def well_filled(columns: Sequence[Column]) -> list[Column]:
    """Columns that are filled in more than half of the rows in which the fullest is.

    What somebody pasted beside a table, a summary or a list, is not.
    """
    fullest = max(map(n_filled, columns), default=0)
    return [column for column in columns if 2 * n_filled(column) > fullest]
