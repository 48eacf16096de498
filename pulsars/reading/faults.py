"""Faults: for which rows which column is wrong, and why; texts are made only of those listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from schemas import Fault, for_name, for_place

_TYPES = {"row": "int64", "column": "str", "value": "str", "why": "str"}

ROW = "row"
"""What stands for the column when a whole row is at fault."""

NOT_MEASURED = "fold", "cannot be measured"
"""Column and reason of a row that stands for a fold without statistics; its value says why."""


def list_faults(faults: Sequence[Fault], rows: NDArray[np.bool_] | None = None) -> pd.DataFrame:
    """Write faults out, cell by cell, in the order of the rows.

    Parameters
    ----------
    faults : sequence of Fault
    rows : ndarray of shape (n_rows,), dtype bool, optional
        Rows to be listed; by default all.

    Returns
    -------
    DataFrame
        ``row`` (from 0), ``column``, ``value`` (text, may be empty) and ``why``, one line a fault;
        empty when there is none.
    """
    parts = [pd.DataFrame({name: [] for name in _TYPES}).astype(_TYPES)]
    for fault in faults:
        n_faults = len(fault.rows)
        at = np.arange(n_faults) if rows is None else np.flatnonzero(rows[fault.rows])
        texts = {"column": fault.column, "value": fault.texts(at), "why": fault.why}
        parts.append(pd.DataFrame({"row": fault.rows[at], **texts}).astype(_TYPES))
    return pd.concat(parts, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)


def mark_rows(faults: Sequence[Fault], n_rows: int) -> NDArray[np.bool_]:
    """Tell which of `n_rows` rows have a fault."""
    marked = np.zeros(n_rows, dtype=bool)
    for fault in faults:
        marked[fault.rows] = True
    return marked


def count_reasons(faults: Sequence[Fault]) -> dict[str, int]:
    """Count rows by reason, most frequent first."""
    rows: dict[str, list[NDArray[np.int64]]] = {}
    for fault in faults:
        if len(fault.rows):
            rows.setdefault(f"{fault.column} {fault.why}", []).append(fault.rows)
    counts: Mapping[str, int] = {
        reason: len(found[0] if len(found) == 1 else np.unique(np.concatenate(found)))
        for reason, found in sorted(rows.items())
    }
    return dict(sorted(counts.items(), key=lambda reason: -reason[1]))


def rejected_share(n_rows: int, n_rejected: int, reasons: Mapping[str, int]) -> float:
    """Give the share of rejected rows, for which a table may be refused.

    A fold that cannot be measured is no row of a bad table: it counts on neither side.

    Parameters
    ----------
    n_rows, n_rejected : int
        Of all rows.
    reasons : mapping of str to int
        As of `count_reasons`.
    """
    n_folds = reasons.get(" ".join(NOT_MEASURED), 0)
    return (n_rejected - n_folds) / max(n_rows - n_folds, 1)


def join_reasons(faults: pd.DataFrame) -> dict[int, str]:
    """Say for each row at fault everything that is wrong with it, in one line of text."""
    reasons: dict[int, list[str]] = {}
    for row, column, value, why in faults.itertuples(index=False):
        reasons.setdefault(row, []).append(_said(column, value, why))
    return {row: "; ".join(found) for row, found in reasons.items()}


def _said(column: str, value: str, why: str) -> str:
    if (column, why) == NOT_MEASURED:
        return f"{column} {why}: {for_place(value)}"
    said = f" '{for_name(value)}'" if value else ""
    return f"{column}{said} {why}"
