"""Rows of a summary below a table, or between two that were joined: averages are no candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pulsars.reading.cells import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pulsars.reading.cells import Column

WHY = "is a summary of others: its first cell names a statistic"

_WORDS: tuple[str, ...] = (
    "mean",
    "average",
    "avg",
    "median",
    "std",
    "stdev",
    "min",
    "minimum",
    "max",
    "maximum",
)
_WORDS += ("count", "total", "sum", "25%", "50%", "75%")


def summary_rows(column: Column) -> NDArray[np.int64]:
    """Tell rows whose cell names a statistic, as spreadsheets and pandas' `describe` write them."""
    rows = np.flatnonzero(column.status == Status.TEXT)
    if not column.is_text or not len(rows):
        return rows
    cells = column.take(rows) if len(rows) < len(column.status) else column.data
    words = pc.utf8_rtrim(pc.utf8_lower(cells), characters=":")
    found: NDArray[np.bool_] = pc.is_in(words, value_set=pa.array(_WORDS)).to_numpy()
    return rows[found]


def has_candidates(column: Column) -> bool:
    """Tell whether most rows are none of a summary: else the words mean something else."""
    return 2 * len(summary_rows(column)) < len(column.status)
