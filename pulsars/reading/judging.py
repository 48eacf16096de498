"""Judge a reading: accept rows, quarantine rows with their reasons, or refuse the file."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pulsars.reading.faults import ROW, join_reasons, list_faults, mark_rows
from pulsars.reading.quality import QualityReport, describe
from pulsars.reading.same_source import with_sources
from schemas import (
    FEATURE_NAMES,
    LABEL,
    MISSING,
    Fault,
    ParameterError,
    QuarantineRateError,
    TableError,
    find_breaches,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pulsars.reading.readings import Reading

MIN_ROWS = 100
"""Below this a split leaves parts on which no share can be measured to better than 10 points."""

N_REASONS = 5

N_LISTED = 1000
"""Rejected rows that are listed of a table that has too many."""

MIN_CLASS_ROWS = 10
"""Below this one of three parts gets one row of the class, or none."""


@dataclass(frozen=True, eq=False)
class Checked:
    """A reading, judged.

    Attributes
    ----------
    accepted : DataFrame
        The eight features (float64), ``label`` (int8) when labelled, and ``line`` (int64), in
        file order; then what is carried, and ``same_source`` (int64) where a source stands in
        more than one row.
    quarantined : DataFrame
        ``line`` (int64), ``reasons`` and ``text`` (the row as it stands in the file); then what
        is carried.
    quality : QualityReport
    """

    accepted: pd.DataFrame
    quarantined: pd.DataFrame
    quality: QualityReport


def check_candidates(
    reading: Reading, *, max_quarantine: float = 0.05, to_train: bool = True
) -> Checked:
    """Judge every row and then the table.

    Parameters
    ----------
    reading : Reading
    max_quarantine : float
        Largest share of rows, from 0 to 1, that may be rejected.
    to_train : bool
        Whether labels, if there are any, have to be enough to learn from.

    Raises
    ------
    ParameterError
        `max_quarantine` is not between 0 and 1.
    QuarantineRateError
        More rows were rejected.
    TableError
        No row was accepted; or, labelled and to train on, fewer than 100 rows, one class, or fewer
        than ten rows of a class.
    """
    if not 0 <= max_quarantine <= 1:
        raise ParameterError(f"max_quarantine is {max_quarantine}; it must be between 0 and 1.")
    checked = examine_candidates(reading, max_quarantine=max_quarantine)
    refuse_unfit(checked.quality, max_quarantine=max_quarantine, to_train=to_train)
    return checked


def refuse_unfit(quality: QualityReport, *, max_quarantine: float, to_train: bool = True) -> None:
    """Raise when a table as a whole is unfit; see `check_candidates`."""
    _refuse_rate(quality, max_quarantine)
    if not quality.rows["accepted"]:
        raise TableError(f"{quality.name}: no row was accepted; repair the file.")
    if to_train and quality.n_pulsars is not None:
        _refuse_table(quality, quality.n_pulsars)


def examine_candidates(reading: Reading, *, max_quarantine: float = 1.0) -> Checked:
    """Judge every row and refuse nothing, so that a refused file can be described too.

    All rejected rows are counted. They are listed while they are no more than `max_quarantine`
    allows; of a table that is refused for them, the first thousand are.
    """
    frame = reading.frame
    faults = [*reading.faults, *_find_all_breaches(reading)]
    rejected = mark_rows(faults, len(frame))
    if reading.labelled:
        torn = _find_conflicts(frame[~rejected])
        faults.append(torn)
        rejected[torn.rows] = True
    accepted = frame[~rejected].reset_index(drop=True)
    if reading.labelled:
        accepted[LABEL] = accepted[LABEL].astype(np.int8)
    accepted["line"] = reading.lines[~rejected]
    accepted = pd.concat([accepted, carried_of(reading, np.flatnonzero(~rejected))], axis=1)
    accepted, notes = with_sources(accepted, reading.roles)
    sound = not rejected.all() and rejected.mean() <= max_quarantine
    n_listed = None if sound else N_LISTED
    quarantined = _quarantine(reading, faults, np.flatnonzero(rejected)[:n_listed])
    quality = describe(reading, accepted, quarantined, faults, notes=notes)
    return Checked(accepted, quarantined, quality)


def carried_of(reading: Reading, rows: NDArray[np.int64]) -> pd.DataFrame:
    """Give what some rows carry along, numbered from 0."""
    if reading.carried.empty:
        return pd.DataFrame(index=pd.RangeIndex(len(rows)))
    return reading.carried.take(rows).reset_index(drop=True)


def _find_all_breaches(reading: Reading) -> list[Fault]:
    """Hold every row that is one against the contract."""
    frame = reading.frame
    none = mark_rows([fault for fault in reading.faults if fault.column == ROW], len(frame))
    breaches = find_breaches(frame[~none] if none.any() else frame, labelled=reading.labelled)
    # A cell that could not be read is NaN here; the reading already says why.
    explained = mark_rows(reading.faults, len(frame))
    return [_unexplained(fault, explained) if fault.why == MISSING else fault for fault in breaches]


def _unexplained(fault: Fault, explained: NDArray[np.bool_]) -> Fault:
    return replace(fault, rows=fault.rows[~explained[fault.rows]])


def _find_conflicts(frame: pd.DataFrame) -> Fault:
    """Rows whose features occur with both labels: nobody can tell which label is right."""
    names = list(FEATURE_NAMES)
    repeated = frame[frame.duplicated(names, keep=False)]
    n_labels = repeated.groupby(names)[LABEL].transform("nunique")
    torn = repeated[n_labels > 1]
    return Fault(
        LABEL,
        "differs from that of another row with the same features",
        torn.index.to_numpy(dtype=np.int64),
        np.where(torn[LABEL] == 1, "1", "0"),
    )


def _quarantine(reading: Reading, faults: Sequence[Fault], rows: NDArray[np.int64]) -> pd.DataFrame:
    """One line a rejected row: where it stands, every reason, its text."""
    listed = np.zeros(len(reading.frame), dtype=bool)
    listed[rows] = True
    reasons = join_reasons(list_faults(faults, listed))
    aside = pd.DataFrame(
        {
            "line": reading.lines[rows],
            "reasons": pd.Series([reasons[row] for row in rows.tolist()], dtype="str"),
            "text": pd.Series([reading.texts[row] for row in rows.tolist()], dtype="str"),
        }
    )
    return pd.concat([aside, carried_of(reading, rows)], axis=1)


def _refuse_rate(quality: QualityReport, max_quarantine: float) -> None:
    """Raise when too many rows were rejected."""
    n_read, n_rejected = quality.rows["read"], quality.rows["quarantined"]
    share = n_rejected / max(n_read, 1)
    if share <= max_quarantine:
        return
    counts = [
        f"{_in_file(reason, quality)} in {n_rows:,} rows"
        for reason, n_rows in list(quality.reasons.items())[:N_REASONS]
    ]
    first = quality.samples[0]
    unit = "row" if quality.dialect["format"] == "parquet" else "line"
    rounded = math.ceil(share * 100) / 100
    way_out = f", or go on with the sound rows: --max-quarantine {rounded:g}" if rounded < 1 else ""
    raise QuarantineRateError(
        f"{quality.name}: {n_rejected:,} of {n_read:,} rows ({share:.1%}) were rejected, more than "
        f"the {max_quarantine:.1%} that max_quarantine allows: {'; '.join(counts)}. The first is "
        f"{unit} {first.line}: {first.reasons}. Repair the file{way_out}."
    )


def _in_file(reason: str, quality: QualityReport) -> str:
    """Reason with the place that its column has in the file."""
    column, why = reason.split(" ", 1)
    source = quality.columns.get(column)
    return f"{column} ({source}) {why}" if source else reason


def _refuse_table(quality: QualityReport, n_pulsars: int) -> None:
    """Raise when sound rows make no table to learn from."""
    name, n_rows, source = quality.name, quality.rows["accepted"], quality.columns[LABEL]
    if n_pulsars in (0, n_rows):
        only = "pulsars" if n_pulsars else "non-pulsars"
        raise TableError(
            f"{name}: all {n_rows:,} accepted rows are {only} ({source} is the label); nothing "
            "can be learnt from one class; give a file with both, or, if that column is no "
            f"label, leave it out with --drop {source.position}."
        )
    if n_rows < MIN_ROWS:
        raise TableError(
            f"{name}: accepted rows: {n_rows}, which are too few; at least {MIN_ROWS} are needed."
        )
    for label, count in (("pulsars", n_pulsars), ("non-pulsars", n_rows - n_pulsars)):
        if count < MIN_CLASS_ROWS:
            raise TableError(
                f"{name}: {count} {label} among the accepted rows are too few; at least "
                f"{MIN_CLASS_ROWS} are needed."
            )
