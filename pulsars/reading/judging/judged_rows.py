"""Judge rows: accept each, or set it aside with every reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pulsars.folds import REFUSED, SECTION
from pulsars.reading.counts.leading_counts import Block
from pulsars.reading.counts.repeats import are_among, hashes_of
from pulsars.reading.faults import (
    NOT_MEASURED,
    ROW,
    join_reasons,
    list_faults,
    mark_rows,
)
from pulsars.reading.formats.row_texts import some_of
from schemas import FEATURE_NAMES, LABEL, MISSING, Fault, find_breaches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pulsars.reading.counts.repeats import Hashes
    from pulsars.reading.meaning.readings import Reading

NOTHING_TORN = np.empty(0, dtype=np.uint64)


@dataclass(frozen=True, eq=False)
class JudgedRows:
    """Some rows, judged.

    Attributes
    ----------
    accepted : DataFrame
        The eight features (float64), ``label`` (int8) when labelled, ``line`` (int64), in file
        order; then what is carried.
    block : Block
        The same features and labels.
    names : ndarray of shape (n_accepted,), uint64
        See `pulsars.reading.counts.repeats.hashes_of`.
    rejected : ndarray of shape (n_rows,), bool
    faults : sequence of Fault
        Everything that led to rejection.
    """

    accepted: pd.DataFrame
    block: Block
    names: Hashes
    rejected: NDArray[np.bool_]
    faults: Sequence[Fault]


def judge(reading: Reading, *, torn: Hashes = NOTHING_TORN) -> JudgedRows:
    """Hold every row against the contract, and its label against those of its like.

    Parameters
    ----------
    reading : Reading
    torn : ndarray of uint64
        Names of features that stand with both labels somewhere in the file, rising: nobody can
        tell which label is right.
    """
    faults = _with_folds(reading, [*reading.faults, *_find_all_breaches(reading)])
    rejected = mark_rows(faults, len(reading.frame))
    kept = _kept(reading.frame, rejected)
    names = hashes_of(kept)
    if len(torn) and (lost := are_among(names, torn)).any():
        rows = np.flatnonzero(~rejected)[lost]
        values = np.where(reading.frame[LABEL].to_numpy()[rows] == 1, "1", "0")
        why = "differs from that of another row with the same features"
        faults.append(Fault(LABEL, why, rows, values))
        rejected[rows] = True
        kept, names = _kept(reading.frame, rejected), names[~lost]
    return JudgedRows(_accepted(reading, kept, rejected), kept, names, rejected, faults)


def carried_of(reading: Reading, rows: NDArray[np.int64]) -> pd.DataFrame:
    """Give what some rows carry along, numbered from 0."""
    if reading.carried.empty:
        return pd.DataFrame(index=pd.RangeIndex(len(rows)))
    return reading.carried.take(rows).reset_index(drop=True)


def set_aside(reading: Reading, judged: JudgedRows, n_listed: int | None) -> pd.DataFrame:
    """List the first rejected rows, one line each: where it stands, every reason, its text.

    Parameters
    ----------
    n_listed : int or None
        How many at most.
    """
    rows = np.flatnonzero(judged.rejected)[:n_listed]
    listed = np.zeros(len(reading.frame), dtype=bool)
    listed[rows] = True
    reasons = join_reasons(list_faults(judged.faults, listed)) if len(rows) else {}
    aside = pd.DataFrame(
        {
            "line": reading.lines[rows],
            "reasons": pd.Series([reasons[row] for row in rows.tolist()], dtype="str"),
            "text": pd.Series(some_of(reading.texts, rows.tolist()), dtype="str"),
        }
    )
    return pd.concat([aside, carried_of(reading, rows)], axis=1)


def _kept(frame: pd.DataFrame, rejected: NDArray[np.bool_]) -> Block:
    """Take features and labels of the rows that are not rejected; all of them are not copied."""
    columns = [frame[name].to_numpy() for name in frame]
    if rejected.any():
        columns = [column[~rejected] for column in columns]
    label = columns.pop().astype(np.int8) if LABEL in frame else None
    return Block(columns, label)


def _accepted(reading: Reading, kept: Block, rejected: NDArray[np.bool_]) -> pd.DataFrame:
    """Make the table of rows accepted."""
    columns: dict[str, NDArray[np.generic]] = dict(zip(FEATURE_NAMES, kept.features, strict=True))
    if kept.label is not None:
        columns[LABEL] = kept.label
    some = rejected.any()
    columns["line"] = reading.lines[~rejected] if some else reading.lines
    rows = pd.DataFrame(columns, copy=False)
    if reading.carried.empty:
        return rows
    carried = carried_of(reading, np.flatnonzero(~rejected)) if some else reading.carried
    return pd.concat([rows, carried], axis=1)


def _find_all_breaches(reading: Reading) -> list[Fault]:
    """Hold every row that is one against the contract."""
    frame = reading.frame
    none = mark_rows([fault for fault in reading.faults if fault.column == ROW], len(frame))
    some = frame[~none] if none.any() else frame
    breaches = find_breaches(some, labelled=reading.labelled, chi2=_with_chi2(reading))
    # A cell that could not be read is NaN here; the reading already says why.
    explained = mark_rows(reading.faults, len(frame))
    return [_unexplained(fault, explained) if fault.why == MISSING else fault for fault in breaches]


def _with_chi2(reading: Reading) -> pd.Series[bool] | None:
    """Tell rows whose DM curve is χ²: they are of a fold without a section, as a `.pfd` is."""
    measured = reading.measured_here
    if measured is None:
        return None
    return pd.Series(measured & ~reading.filled(SECTION), index=reading.frame.index)


def _unexplained(fault: Fault, explained: NDArray[np.bool_]) -> Fault:
    kept = ~explained[fault.rows]
    if kept.all():
        return fault
    cells = fault.cells if fault.cells is None else fault.cells.take(np.flatnonzero(kept))
    return replace(fault, rows=fault.rows[kept], cells=cells)


def _with_folds(reading: Reading, faults: list[Fault]) -> list[Fault]:
    """Say of a fold that was not measured why, and not which of its numbers are missing."""
    if reading.roles.get(REFUSED) != "fold":
        return faults
    because = reading.carried[REFUSED].astype("str").fillna("").to_numpy(dtype=object)
    unmeasured = reading.frame[[*FEATURE_NAMES]].isna().all(axis=1).to_numpy() & (because != "")
    rows = np.flatnonzero(unmeasured)
    others = [_unexplained(fault, unmeasured) for fault in faults]
    return [*others, Fault(*NOT_MEASURED, rows, because[rows])]
