"""What of a range of rows could not be read, cell by cell and row by row; and rows of a summary.

These stand below a table, or below each of several files: averages are no candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pulsars.reading.cells import Column, Status, Table
from pulsars.reading.faults import ROW
from pulsars.reading.labels.label import Label, why_not
from pulsars.reading.several import NOWHERE
from schemas import LABEL, Fault

_WHY = "is a summary of others: its first cell names a statistic"

_STATISTICS: dict[str, Callable[[NDArray[np.float64]], float]] = {
    **dict.fromkeys(("mean", "average", "avg"), np.mean),
    **dict.fromkeys(("std", "stdev"), np.std),
    **dict.fromkeys(("min", "minimum"), np.min),
    **dict.fromkeys(("max", "maximum"), np.max),
    **dict.fromkeys(("total", "sum"), np.sum),
    **dict.fromkeys(("median", "50%"), np.median),
    "25%": partial(np.quantile, q=0.25),
    "75%": partial(np.quantile, q=0.75),
    "count": len,
}
_NEAR = 0.1
"""Standard deviations that a statistic may be off: of a large file a sample is asked."""


def summary_rows(column: Column) -> NDArray[np.int64]:
    """Tell rows whose cell names a statistic, as spreadsheets and pandas' `describe` write them."""
    rows = np.flatnonzero(column.status == Status.TEXT)
    if not column.is_text or not len(rows):
        return rows
    cells = column.take(rows) if len(rows) < len(column.status) else column.data
    words = pc.utf8_rtrim(pc.utf8_lower(cells), characters=":")
    found: NDArray[np.bool_] = pc.is_in(words, value_set=pa.array([*_STATISTICS])).to_numpy()
    return rows[found]


def ends_in_summaries(table: Table, features: Sequence[Column], label: Label | None) -> bool:
    """Tell whether files end in rows of a summary: else the words are names, or a kind of row.

    They stand below the candidates of a file, each word once, and nowhere else; those of several
    files are the same. A single word may be the name of a beam: its label and numbers tell that.
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
    if not at_ends or words.count(words[0]) < len(words) or len({*words[0]}) < len(words[0]):
        return False
    unlabelled = label and not label.known[rows].any() and 2 * label.known.sum() > n_rows
    if len(words[0]) > 1 or unlabelled:
        return True
    spans = [slice(max(ends[ends <= row], default=0), row) for row in rows]
    cells = [(one.numbers[each.stop], one.numbers[each]) for one in features for each in spans]
    return all(_is(words[0][0], value, above) for value, above in cells)


def _is(word: str, value: float, above: NDArray[np.float64]) -> bool:
    """Tell whether a number is this statistic of those above it; an empty cell says nothing."""
    above = above[np.isfinite(above)]
    off = abs(value - _STATISTICS[word](above)) if len(above) else np.inf
    return not off > max(_NEAR * float(np.std(above)), _half_a_digit(value))


def _half_a_digit(value: float) -> float:
    """Give by how much a number may have been rounded, of those with two decimals at most."""
    decimals = next((n for n in range(3) if round(value, n) == value), None)
    return 0.0 if decimals is None else 0.5 / 10**decimals


def _ends_of_files(table: Table) -> NDArray[np.int64]:
    """Give the rows before which a file ends."""
    n_rows = len(table.lines)
    said = (column.coded(limit=n_rows) for column in table.beside if column.position == NOWHERE)
    ends = [np.flatnonzero(np.diff(coded[1])) + 1 for coded in said if coded]
    return np.concatenate([*ends, [n_rows]])


def find_unreadable(
    table: Table, features: Mapping[str, Column], label: Label | None, summaries: NDArray[np.int64]
) -> tuple[Fault, ...]:
    """Find what could not be read; of a row that is none its cells are not told of.

    Parameters
    ----------
    table : Table
    features : dict of str to Column
        By canonical name.
    label : Label or None
    summaries : ndarray of int64
        Rows that are summaries of others.
    """
    whole = np.ones(len(table.lines), dtype=bool)
    of_rows = [Fault(ROW, why, rows) for why, rows in table.ragged.items()]
    for rows in table.ragged.values():
        whole[rows] = False
    of_rows.append(_fault(ROW, table.columns[0], summaries[whole[summaries]], _WHY))
    whole[summaries] = False
    found = [
        _fault(name, column, np.flatnonzero(whole & (column.status == status)), status.why)
        for name, column in features.items()
        if column.status.any()
        for status in (Status.MISSING, Status.TEXT, Status.INFINITE, Status.LONG)
    ]
    if label is not None and not label.known.all():
        unknown = np.flatnonzero(whole & ~label.known)
        found += [_fault(LABEL, label.column, rows, why) for why, rows in why_not(label, unknown)]
    return tuple(fault for fault in (*found, *of_rows) if len(fault.rows))


def _fault(name: str, column: Column, rows: NDArray[np.int64], why: str) -> Fault:
    """Keep the cells of one column that have one fault, and no others of it."""
    return Fault(name, why, rows, column.take(rows))
