"""Read a candidate file of any dialect into canonical columns, by evidence and not by file name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pulsars.reading.arff import is_arff, read_arff
from pulsars.reading.cells import Status
from pulsars.reading.columns import Choice, choose_columns
from pulsars.reading.delimited import read_csv
from pulsars.reading.encodings import decode
from pulsars.reading.faults import ROW
from pulsars.reading.identity import carried_table
from pulsars.reading.packed import unpack
from pulsars.reading.parquet import PARQUET_MAGIC, read_parquet
from pulsars.reading.pearson import settle_kurtosis
from pulsars.reading.plain import read_plain
from pulsars.reading.readings import ColumnSource, Reading
from pulsars.reading.sources import load, opened
from pulsars.reading.together import put_together
from schemas import LABEL, Fault, Limits, SizeError, for_place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pulsars.reading.cells import Column, Dialect, Table

_LARGE = 1 << 16
"""Bytes from which it pays to try the quick reader."""


def read_candidates(  # noqa: PLR0913 - each is an option of its own
    path: Path | Mapping[str, Path],
    *,
    name: str | None = None,
    columns: str | None = None,
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    kurtosis: str = "auto",
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Reading:
    """Read labelled or unlabelled candidates from a CSV, ARFF or Parquet file.

    Parameters
    ----------
    path : Path, or mapping of str to Path
        A file; or several of one format with the same columns, by what a row calls its file, in
        the order in which they are read as one table.
    name : str, optional
        How messages call the file; by default its path.
    columns : str, optional
        Eight or nine source names or positions (from 1) in canonical order, separated by commas,
        or pairs ``canonical=source``. By default the columns are found.
    drop : sequence of str
        Source names or positions of columns to leave out.
    keep : sequence of str
        Source names or positions of columns to carry along beside those that look like identity;
        ``all`` or ``none``. They are neither feature nor label.
    kurtosis : {"auto", "excess", "pearson"}
        Which the file has; of Pearson's 3 is taken off. ``auto`` notes what looks like Pearson's.
    limits : Limits
        What is refused as too large, from what the file says of itself, before it is read.

    Raises
    ------
    SourceNotFoundError, UnreadableFileError
        No such file, or not a candidate table.
    ColumnsError, LabelError, LeakageError
        What the columns are cannot be told, or one repeats the label.
    KurtosisError
        Some rows have excess kurtosis and others Pearson's, or other than was said.
    TableError
        No rows.
    SizeError
        More than `limits` allow, or than there is memory for.
    ParameterError
        `columns` is not written as it should be.
    """
    name = for_place(name or (", ".join(path) if isinstance(path, Mapping) else str(path)))
    try:
        reading = _read(_table_of(path, name, limits), columns, drop, keep)
        return settle_kurtosis(reading, kurtosis)
    except MemoryError:  # Arrow's and NumPy's are of this kind too
        raise SizeError(
            f"{name} needs more memory than there is; split it, or read it on a larger machine."
        ) from None


def _read(table: Table, columns: str | None, drop: Sequence[str], keep: Sequence[str]) -> Reading:
    """Find the columns of a table, and what of it could not be read."""
    choice = choose_columns(table, columns=columns, drop=drop, keep=keep)
    label = choice.label
    frame = pd.DataFrame({key: column.numbers for key, column in choice.features.items()})
    sources = dict(choice.features)
    if label is not None:
        frame[LABEL] = label.classes
        sources[LABEL] = label.column
    return Reading(
        frame=frame,
        lines=table.lines,
        texts=table.texts,
        faults=_find_faults(table, choice),
        columns={key: ColumnSource.of(column, choice.how[key]) for key, column in sources.items()},
        dialect=replace(table.dialect, label_encoding=label.encoding if label else None),
        labelled=label is not None,
        evidence=choice.evidence,
        warnings=_simulated(table.dialect) + table.notes + choice.warnings,
        name=table.name,
        label_hint=choice.label_hint,
        carried=carried_table(choice.carried, len(table.lines)),
        carried_from={one.name: ColumnSource.of(one.column, one.how) for one in choice.carried},
        roles={one.name: one.role for one in choice.carried},
    )


def _table_of(path: Path | Mapping[str, Path], name: str, limits: Limits) -> Table:
    """Read one file, or several as one table."""
    if not isinstance(path, Mapping):
        return _read_table(path, name, limits)
    tables = [_read_table(one, for_place(file), limits) for file, one in path.items()]
    limits.require_cells(sum(len(one.lines) for one in tables), tables[0].width, name=name)
    return put_together(tables, list(path), name=name)


def _read_table(path: Path, name: str, limits: Limits) -> Table:
    """Take the file apart by its content."""
    with opened(path, name=name, limits=limits) as file:
        if file.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC:
            return read_parquet(file, name=name, limits=limits)
        content, packed = unpack(load(file, name=name), name=name, limits=limits)
    if packed and content.startswith(PARQUET_MAGIC):
        table = read_parquet(BytesIO(content), name=name, limits=limits)
    else:
        table = _read_text(content, name, limits)
    return replace(table, dialect=replace(table.dialect, packed=packed))


def _read_text(content: bytes, name: str, limits: Limits) -> Table:
    """Take text apart: quickly where that is proved to be the same, else line by line."""
    quick = read_plain(content, name=name, limits=limits) if len(content) >= _LARGE else None
    if quick is not None:
        return quick
    text = decode(content, name=name, limits=limits)
    del content
    read = read_arff if is_arff(text) else read_csv
    return read(text, name=name, limits=limits)


def _simulated(dialect: Dialect) -> tuple[str, ...]:
    """Say that the candidates are simulated."""
    return ("the file says that its candidates are simulated",) if dialect.simulated else ()


def _find_faults(table: Table, choice: Choice) -> tuple[Fault, ...]:
    """Find what could not be read, cell by cell and row by row."""
    whole = np.ones(len(table.lines), dtype=bool)
    for rows in table.ragged.values():
        whole[rows] = False
    found = [
        _fault(name, column, np.flatnonzero(whole & (column.status == status)), status.why)
        for name, column in choice.features.items()
        for status in (Status.MISSING, Status.TEXT, Status.INFINITE, Status.LONG)
    ]
    if choice.label is not None:
        column, empty = choice.label.column, choice.label.column.status == Status.MISSING
        unknown = whole & ~choice.label.known
        found.append(_fault(LABEL, column, np.flatnonzero(unknown & empty), Status.MISSING.why))
        found.append(_fault(LABEL, column, np.flatnonzero(unknown & ~empty), "is no known label"))
    found += [Fault(ROW, why, rows) for why, rows in table.ragged.items()]
    return tuple(fault for fault in found if len(fault.rows))


def _fault(name: str, column: Column, rows: NDArray[np.int64], why: str) -> Fault:
    """Keep the cells of one column that have one fault, and no others of it."""
    return Fault(name, why, rows, column.take(rows))
