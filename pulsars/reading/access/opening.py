"""A candidate file, or several, opened by content: what can give any range of its rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from io import SEEK_END, BytesIO
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import pyarrow as pa

from pulsars.folds import kind_of
from pulsars.reading.access.csv_ranges import CsvRows, cut
from pulsars.reading.access.plain import read_plain
from pulsars.reading.access.plan import SAMPLE_BYTES, NotPlainError
from pulsars.reading.access.ranges import Ranges, TableRows
from pulsars.reading.access.set_rows import LaterRows, SetRows
from pulsars.reading.formats.arff import is_arff, read_arff
from pulsars.reading.formats.cut_off import note_cut_off
from pulsars.reading.formats.delimited import read_csv
from pulsars.reading.formats.encodings import decode
from pulsars.reading.formats.parquet import ParquetRows, n_rows_of
from pulsars.reading.sources.files import PARQUET_MAGIC, load, opened
from pulsars.reading.sources.packed import is_packed, unpack
from pulsars.store import PARTITION_ROWS
from schemas import Limits, UnreadableFileError, for_log, for_place

if TYPE_CHECKING:
    from pathlib import Path

    from pulsars.reading.cells import Table

T = TypeVar("T")

Opening: TypeAlias = Callable[..., AbstractContextManager["Ranges"]]

_LARGE = 1 << 16
"""Bytes from which on it pays to try the quick reader."""


def with_ranges(
    path: Path | Mapping[str, Path],
    work: Callable[[Ranges], T],
    *,
    name: str,
    limits: Limits,
) -> T:
    """Open a candidate file and do some work with all of it; what `open_ranges` raises.

    Where the work comes upon text that only the careful reader can judge, it is done once more.
    """
    try:
        with open_ranges(path, name=name, limits=limits) as ranges:
            return work(ranges)
    except NotPlainError:
        with open_ranges(path, name=name, limits=limits, careful=True) as ranges:
            return work(ranges)


def open_ranges(
    path: Path | Mapping[str, Path], *, name: str, limits: Limits, careful: bool = False
) -> AbstractContextManager[Ranges]:
    """Open a candidate file by its content, or several as one table, by what a row calls them.

    Parameters
    ----------
    path : Path, or mapping of str to Path
    name : str
        How messages call it.
    limits : Limits
    careful : bool
        Whether text is read line by line though its ends look as if it could be read faster.

    Raises
    ------
    SourceNotFoundError, UnreadableFileError, ColumnsError, TableError, SizeError
        No such file, or not a table; no rows; more than `limits` allow.
    MemoryError
        It needs more than there is.
    """
    opening = partial(_opened, limits=limits, careful=careful)
    return _all_opened(path, opening, name=name, limits=limits)


def open_parts(
    path: Path | Mapping[str, Path],
    kept: Mapping[str, Any] | None = None,
    *,
    name: str,
    limits: Limits,
) -> AbstractContextManager[Ranges]:
    """Open what can be read by partitions, so that none costs a look at the others.

    Parameters
    ----------
    path, name, limits
        As of `open_ranges`; raises what that does.
    kept : mapping, optional
        What `again` of the ranges gave when they were opened before.

    Raises
    ------
    pulsars.reading.access.plan.NotPlainError
        Some text has to be read as a whole.
    """
    opening = partial(_opened, limits=limits, in_parts=True)
    return _all_opened(path, opening, kept, name=name, limits=limits)


@contextmanager
def _memory_told(name: str) -> Iterator[None]:
    try:
        yield
    except MemoryError:  # Arrow's and NumPy's are of this kind too
        raise MemoryError(  # no fault of the file's: an inbox that takes it aside loses it
            f"{for_log(name)} needs more memory than there is; free some, split the file, or read "
            "it on a larger machine."
        ) from None


@contextmanager
def _all_opened(
    path: Path | Mapping[str, Path],
    opening: Opening,
    again: Mapping[str, Any] | None = None,
    *,
    name: str,
    limits: Limits,
) -> Iterator[Ranges]:
    with _memory_told(name):
        if not isinstance(path, Mapping):
            with opening(path, name, kept=again) as ranges:
                yield ranges
            return
        openings = {file: partial(opening, one, for_place(file)) for file, one in path.items()}
        if again is not None:
            yield SetRows.reopened(again, openings, name=name)
            return
        members: list[Ranges] = []
        firsts: list[Table] = []
        for open_one in openings.values():
            with open_one() as rows:
                kept = rows.again()
                once_more = partial(open_one, kept=kept)
                later = LaterRows(once_more, rows.n_rows, rows.part_starts, kept)
                members.append(rows if kept is None else later)
                firsts.append(next(iter(rows.tables((0, 1)))))
            # Packed files may each be small enough, and too many to be held together.
            held = [one for one in members if isinstance(one, TableRows)]
            if held:
                n_rows = sum(one.n_rows for one in held)
                limits.require_cells(n_rows, held[0].width, name=name)
        found = SetRows.alike(members, firsts, list(path), name=name)
        n_bytes = sum(one.stat().st_size for one in path.values())
        width = len(firsts[0].columns)
        limits.in_parts(n_bytes).require_cells(found.n_rows, width, name=name)
        yield found


@contextmanager
def _opened(
    path: Path,
    name: str,
    limits: Limits,
    *,
    careful: bool = False,
    in_parts: bool = False,
    kept: Mapping[str, Any] | None = None,
) -> Iterator[Ranges]:
    with opened(path, name=name, limits=limits) as file:
        magic = file.read(len(PARQUET_MAGIC))
        if magic == PARQUET_MAGIC:
            yield ParquetRows(file, name=name, limits=limits)
            return
        if kept:
            yield CsvRows.reopened(kept, path, name=name)
            return
        size = file.seek(0, SEEK_END)
        if size >= _LARGE and not careful and not is_packed(magic):
            rows = cut(path, name=name, limits=limits.in_parts(size))
            if rows is not None:
                yield rows
                return
        if in_parts and (size >= _LARGE or is_packed(magic)):
            raise NotPlainError
        limits.require_bytes(size, name=name)
        content, packed = unpack(load(file, name=name), name=name, limits=limits)
    if kind_of(content, name=name):
        raise UnreadableFileError(
            f"{name} is a zip archive of a fold; unpack it first: folds are read as they are, or "
            "packed by gzip."
            if packed == "zip"
            else f"{name} is a fold, and no table; `pulsar features` makes a table of folds."
        )
    if packed and content.startswith(PARQUET_MAGIC):
        yield ParquetRows(BytesIO(content), name=name, limits=limits, packed=packed)
        return
    table = _read_text(content, name, limits, careful=careful)
    notes = (*table.notes, *note_cut_off(content, table.dialect))
    del content
    yield TableRows(replace(table, dialect=replace(table.dialect, packed=packed), notes=notes))


def _read_text(content: bytes, name: str, limits: Limits, *, careful: bool) -> Table:
    """Take text apart: quickly where that is proved to be the same, else line by line."""
    quick = len(content) >= _LARGE and not careful
    table = read_plain(content, name=name, limits=limits) if quick else None
    if table is not None:
        return table
    text = decode(content, name=name, limits=limits)
    return (read_arff if is_arff(text) else read_csv)(text, name=name, limits=limits)


def has_partitions(path: Path | Mapping[str, Path]) -> bool:
    """Tell whether files look as if they had several partitions that can each be read on their own.

    Those that cannot be read have none: whoever reads them says why.
    """
    try:
        paths = path.values() if isinstance(path, Mapping) else [path]
        return sum(map(_rows_told, paths)) > PARTITION_ROWS
    except (OSError, ValueError, pa.ArrowException):
        return False


def _rows_told(path: Path) -> float:
    """Rows of a Parquet file; about as many of text as its start tells."""
    with path.open("rb") as file:
        head, size = file.read(SAMPLE_BYTES), file.seek(0, SEEK_END)
    if head.startswith(PARQUET_MAGIC):
        return n_rows_of(path)
    if is_packed(head):
        return -math.inf  # one that has to be unpacked as a whole leaves all in one piece
    return max(head.count(b"\n"), head.count(b"\r")) * size / max(len(head), 1)
