"""Rows of a summary below a table, or below each of several files: averages are no candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pulsars.reading.cells import Status
from pulsars.reading.several import NOWHERE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pulsars.reading.cells import Column, Table

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


def ends_in_summaries(table: Table) -> bool:
    """Tell whether files end in rows of a summary: else the words are names, or a kind of row.

    They stand below the candidates of a file, each word once, and nowhere else; those of several
    files are the same.
    """
    column = table.columns[0]
    rows, n_rows = summary_rows(column), len(column.status)
    if not len(rows) or 2 * len(rows) >= n_rows:
        return False
    ends = _ends_of_files(table)
    last = np.isin(rows + 1, ends)
    apart = (np.diff(rows) > 1) | last[:-1]
    runs = np.split(rows, np.flatnonzero(apart) + 1)
    words = [[cell.lower().rstrip(":") for cell in column.cells(run)] for run in runs]
    at_ends = all(run[-1] + 1 in ends for run in runs)
    return at_ends and words.count(words[0]) == len(words) and len({*words[0]}) == len(words[0])


def _ends_of_files(table: Table) -> NDArray[np.int64]:
    """Give the rows before which a file ends."""
    n_rows = len(table.lines)
    said = (column.coded(limit=n_rows) for column in table.beside if column.position == NOWHERE)
    ends = [np.flatnonzero(np.diff(coded[1])) + 1 for coded in said if coded]
    return np.concatenate([*ends, [n_rows]])
