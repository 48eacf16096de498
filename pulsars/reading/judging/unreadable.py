"""What of a range of rows could not be read, cell by cell and row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.cells import Status
from pulsars.reading.faults import ROW
from pulsars.reading.judging.summary_rows import WHY
from pulsars.reading.labels.label import why_not
from schemas import LABEL, Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pulsars.reading.cells import Column, Table
    from pulsars.reading.labels.label import Label


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
    of_rows.append(_fault(ROW, table.columns[0], summaries[whole[summaries]], WHY))
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
