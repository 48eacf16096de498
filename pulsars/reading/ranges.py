"""A file that can give any range of its rows: all of it in memory, or read piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from io import SEEK_END, BytesIO
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
import pyarrow as pa

from pulsars.reading.arff import is_arff, read_arff
from pulsars.reading.cells import Column, Table
from pulsars.reading.csv_ranges import cut
from pulsars.reading.delimited import read_csv
from pulsars.reading.encodings import decode
from pulsars.reading.late import joined as joined_cells
from pulsars.reading.packed import is_packed, unpack
from pulsars.reading.parquet import ParquetRows, n_rows_of
from pulsars.reading.plain import read_plain
from pulsars.reading.plan import NotPlainError
from pulsars.reading.row_texts import JoinedTexts
from pulsars.reading.set_rows import SetRows
from pulsars.reading.sources import PARQUET_MAGIC, load, opened
from pulsars.store import PARTITION_ROWS
from schemas import SizeError, for_place

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from schemas import Limits

T = TypeVar("T")

_LARGE = 1 << 16
"""Bytes from which on it pays to try the quick reader."""

SAMPLE_ROWS = 200_000
"""Rows of which the columns of a larger file are told."""

N_SLICES = 16
"""Stretches, spread evenly over the file, that make up the sample."""

BLOCK_ROWS = 1 << 17
"""Rows that are judged at once, which no outcome depends on: 9 MiB of features and label."""


class Ranges(Protocol):
    """A file whose rows can be had range by range, as often as needed."""

    @property
    def n_rows(self) -> int:
        """Rows of the file."""
        ...

    @property
    def part_starts(self) -> tuple[int, ...]:
        """Rows, rising, at which reading may start without reading what stands before."""
        ...

    def tables(self, *spans: tuple[int, int]) -> Iterator[Table]:
        """Give the rows of stretches, each from its start to before its stop, rising and apart.

        They come in order, in tables of some size.
        """
        ...

    def with_gaps(self) -> frozenset[int]:
        """Tell the places of columns of whole numbers of which some cells are missing."""
        ...


class TableRows:
    """Rows of a table in memory."""

    part_starts: tuple[int, ...] = (0,)

    def __init__(self, table: Table) -> None:
        self._table = table
        self.n_rows = len(table.lines)

    def tables(self, *spans: tuple[int, int]) -> Iterator[Table]:
        """Give the rows of stretches, in blocks."""
        if self.n_rows <= BLOCK_ROWS and spans == ((0, self.n_rows),):
            yield self._table
            return
        for start, stop in spans:
            for first in range(start, stop, BLOCK_ROWS):
                yield _cut(self._table, first, min(first + BLOCK_ROWS, stop))

    def with_gaps(self) -> frozenset[int]:
        """Tell the places of columns of whole numbers of which some cells are missing."""
        return frozenset(
            column.position
            for column in self._table.columns
            if pa.types.is_integer(column.source.type) and column.source.null_count
        )


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
                members = [
                    stack.enter_context(_opened(one, for_place(file), limits, careful=careful))
                    for file, one in path.items()
                ]
                yield SetRows(members, list(path), name=name)
            else:
                yield stack.enter_context(_opened(path, name, limits, careful=careful))
    except MemoryError:  # Arrow's and NumPy's are of this kind too
        raise SizeError(
            f"{name} needs more memory than there is; split it, or read it on a larger machine."
        ) from None


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


def take_sample(ranges: Ranges) -> Table:
    """Give all rows of a small file, or of a large one stretches that are spread over it."""
    return joined(list(ranges.tables(*_stretches(ranges.n_rows))))


def take_all(ranges: Ranges) -> Table:
    """Give all rows as one table."""
    return joined(list(ranges.tables((0, ranges.n_rows))))


def joined(tables: list[Table]) -> Table:
    """Put tables of one file together."""
    if len(tables) == 1:
        return tables[0]
    first, n_before = tables[0], 0
    ragged: dict[str, list[NDArray[np.int64]]] = {}
    for table in tables:
        for why, rows in table.ragged.items():
            ragged.setdefault(why, []).append(rows + n_before)
        n_before += len(table.lines)
    return replace(
        first,
        columns=_joined_columns([table.columns for table in tables]),
        beside=_joined_columns([table.beside for table in tables]),
        lines=np.concatenate([table.lines for table in tables]),
        texts=JoinedTexts([table.texts for table in tables]),
        ragged={why: np.concatenate(rows) for why, rows in ragged.items()},
    )


def _stretches(n_rows: int) -> list[tuple[int, int]]:
    if n_rows <= SAMPLE_ROWS:
        return [(0, n_rows)]
    each = SAMPLE_ROWS // N_SLICES
    starts = [at * (n_rows - each) // (N_SLICES - 1) for at in range(N_SLICES)]
    return [(start, start + each) for start in starts]


def _cut(table: Table, start: int, stop: int) -> Table:
    """Give a range of the rows of a table."""
    ragged = {why: rows[(rows >= start) & (rows < stop)] for why, rows in table.ragged.items()}
    return replace(
        table,
        columns=tuple(column.cut(start, stop) for column in table.columns),
        beside=tuple(column.cut(start, stop) for column in table.beside),
        lines=table.lines[start:stop],
        texts=table.texts[start:stop],
        ragged={why: rows - start for why, rows in ragged.items() if len(rows)},
    )


def _joined_columns(parts: list[tuple[Column, ...]]) -> tuple[Column, ...]:
    """Put columns together by their places; one that a part could not read is left out."""
    by_place = [{column.position: column for column in part} for part in parts]
    return tuple(
        replace(
            column,
            source=joined_cells([part.source for part in found]),
            numbers=np.concatenate([part.numbers for part in found]),
            status=np.concatenate([part.status for part in found]),
        )
        for column in parts[0]
        if len(found := [part[column.position] for part in by_place if column.position in part])
        == len(parts)
    )
