"""A candidate file, or several, opened by content: what can give any range of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from io import SEEK_END, BytesIO
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from pulsars.reading.arff import is_arff, read_arff
from pulsars.reading.csv_ranges import cut
from pulsars.reading.delimited import read_csv
from pulsars.reading.encodings import decode
from pulsars.reading.packed import is_packed, unpack
from pulsars.reading.parquet import ParquetRows, n_rows_of
from pulsars.reading.plain import read_plain
from pulsars.reading.plan import NotPlainError
from pulsars.reading.ranges import TableRows
from pulsars.reading.set_rows import SetRows
from pulsars.reading.sources import PARQUET_MAGIC, load, opened
from pulsars.store import PARTITION_ROWS
from schemas import SizeError, for_place

if TYPE_CHECKING:
    from pathlib import Path

    from pulsars.reading.cells import Table
    from pulsars.reading.ranges import Ranges
    from schemas import Limits

T = TypeVar("T")

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


@contextmanager
def open_ranges(
    path: Path | Mapping[str, Path], *, name: str, limits: Limits, careful: bool = False
) -> Iterator[Ranges]:
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
        No such file, or not a table; no rows; more than `limits` allow, or than memory.
    """
    try:
        with ExitStack() as stack:
            if isinstance(path, Mapping):
                members: list[Ranges] = []
                for file, one in path.items():
                    opening = _opened(one, for_place(file), limits, careful=careful)
                    members.append(stack.enter_context(opening))
                    _require_held(members, name=name, limits=limits)
                rows = SetRows(members, list(path), name=name)
                n_bytes = sum(one.stat().st_size for one in path.values())
                limits.in_parts(n_bytes).require_cells(rows.n_rows, rows.width, name=name)
                yield rows
            else:
                yield stack.enter_context(_opened(path, name, limits, careful=careful))
    except MemoryError:  # Arrow's and NumPy's are of this kind too
        raise SizeError(
            f"{name} needs more memory than there is; split it, or read it on a larger machine."
        ) from None


def _require_held(members: Sequence[Ranges], *, name: str, limits: Limits) -> None:
    """Refuse packed files that are each small enough, and too many to be held together."""
    held = [one for one in members if isinstance(one, TableRows)]
    if held:
        limits.require_cells(sum(one.n_rows for one in held), held[0].width, name=name)


@contextmanager
def _opened(path: Path, name: str, limits: Limits, *, careful: bool) -> Iterator[Ranges]:
    with opened(path, name=name, limits=limits) as file:
        magic = file.read(len(PARQUET_MAGIC))
        if magic == PARQUET_MAGIC:
            yield ParquetRows(file, name=name, limits=limits)
            return
        size = file.seek(0, SEEK_END)
        if size >= _LARGE and not careful and not is_packed(magic):
            rows = cut(path, name=name, limits=limits.in_parts(size))
            if rows is not None:
                yield rows
                return
        limits.require_bytes(size, name=name)
        content, packed = unpack(load(file, name=name), name=name, limits=limits)
    if packed and content.startswith(PARQUET_MAGIC):
        yield ParquetRows(BytesIO(content), name=name, limits=limits, packed=packed)
        return
    table = _read_text(content, name, limits, careful=careful)
    del content
    yield TableRows(replace(table, dialect=replace(table.dialect, packed=packed)))


def _read_text(content: bytes, name: str, limits: Limits, *, careful: bool) -> Table:
    """Take text apart: quickly where that is proved to be the same, else line by line."""
    quick = len(content) >= _LARGE and not careful
    table = read_plain(content, name=name, limits=limits) if quick else None
    if table is not None:
        return table
    text = decode(content, name=name, limits=limits)
    read = read_arff if is_arff(text) else read_csv
    return read(text, name=name, limits=limits)


def has_partitions(path: Path) -> bool:
    """Tell whether a file has several partitions that can each be read on their own.

    A file that cannot be read has none: whoever reads it says why.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(len(PARQUET_MAGIC))
        return magic == PARQUET_MAGIC and n_rows_of(path) > PARTITION_ROWS
    except (OSError, ValueError, pa.ArrowException):
        return False
