"""A file that can give any range of its rows: all of it in memory, or read piece by piece."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from pulsars.reading.access.late import joined as joined_cells
from pulsars.reading.cells import Column, Table
from pulsars.reading.formats.ragged import join_ragged
from pulsars.reading.formats.row_texts import JoinedTexts

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
    def part_starts(self) -> Sequence[int]:
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

    def again(self) -> dict[str, Any] | None:
        """Plain values that spare who opens the file once more a look at all of it.

        None where all of it is in memory.
        """
        ...


class TableRows:
    """Rows of a table in memory."""

    part_starts: tuple[int, ...] = (0,)

    def __init__(self, table: Table) -> None:
        self._table = table
        self.n_rows, self.width = len(table.lines), table.width

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

    def again(self) -> None:
        """Nothing spares reading the text once more."""


def cut_rows(ranges: Ranges, most: int) -> tuple[int, ...]:
    """Cut a file into partitions, where rows can be read from where that leaves none too small.

    Gives the rows at which they begin, and the number of rows.
    """
    edges, starts = [0], ranges.part_starts
    while ranges.n_rows - edges[-1] > most:
        last = starts[bisect_right(starts, edges[-1] + most) - 1]
        edges.append(last if last >= edges[-1] + max(most // 2, 1) else edges[-1] + most)
    return (*edges, ranges.n_rows)


def take_sample(ranges: Ranges) -> Table:
    """Give all rows of a small file, or of a large one stretches that are spread over it."""
    if ranges.n_rows <= SAMPLE_ROWS:
        return take_all(ranges)
    each = SAMPLE_ROWS // N_SLICES
    starts = [at * (ranges.n_rows - each) // (N_SLICES - 1) for at in range(N_SLICES)]
    return joined(list(ranges.tables(*((start, start + each) for start in starts))))


def take_all(ranges: Ranges) -> Table:
    """Give all rows as one table."""
    return joined(list(ranges.tables((0, ranges.n_rows))))


def in_blocks(tables: Iterable[Table]) -> Iterator[Table]:
    """Put small tables that follow one another together: each that is judged has its price."""
    held, n_rows = list[Table](), 0
    for table in tables:
        held.append(table)
        n_rows += len(table.lines)
        if 2 * n_rows > BLOCK_ROWS:
            yield joined(held)
            held, n_rows = [], 0
    if held:
        yield joined(held)


def joined(tables: list[Table]) -> Table:
    """Put tables of one file together."""
    if len(tables) == 1:
        return tables[0]
    return replace(
        tables[0],
        columns=_joined_columns([table.columns for table in tables]),
        beside=_joined_columns([table.beside for table in tables]),
        lines=np.concatenate([table.lines for table in tables]),
        texts=JoinedTexts([table.texts for table in tables]),
        ragged=join_ragged((len(table.lines), table.ragged) for table in tables),
    )


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
        _join_column(found)
        for column in parts[0]
        if len(found := [part[column.position] for part in by_place if column.position in part])
        == len(parts)
    )


def _join_column(parts: Sequence[Column]) -> Column:
    """Put a column together, whose parts have one type."""
    numbers = np.concatenate([part.numbers for part in parts])
    status = np.concatenate([part.status for part in parts])
    source = joined_cells([part.source for part in parts])
    return replace(parts[0], source=source, numbers=numbers, status=status)
