"""Parquet: typed columns, so only their meaning is left to find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import SEEK_END
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pulsars.reading.cells import Column, Dialect, Table
from pulsars.reading.formats.dialect import simulated_as
from pulsars.reading.formats.parquet_cells import (
    HELD_BYTES,
    buffer_for,
    damage_told,
    is_nested,
    leaves_of,
    plain_cells,
    require_modest,
    require_unencrypted,
    texts_of,
)
from pulsars.reading.formats.row_texts import RowTexts
from schemas import Limits, TableError, UnreadableFileError, for_name

SIMULATED_KEY = b"pulsar.simulated"
"""Key in the file's schema metadata; any value but ``false`` or ``0`` marks simulated data,
and ``10 of 11 folds`` a part of them."""

HELD_ROWS = 1 << 20
"""Rows of a file that is held whole, as it is stored, while it is read."""

_BATCH_ROWS = 1 << 17


class ParquetRows:
    """Rows of a Parquet file, read group by group; what is neither number nor text is left out.

    Parameters
    ----------
    file : file object
        Open for as long as rows are wanted.
    name : str
        How messages call the file.
    limits : Limits
    packed : str, optional
        What the file was packed with.

    Raises
    ------
    UnreadableFileError
        The file is damaged; so does reading its rows.
    SizeError
        It has more than is allowed, by what it says of itself.
    ColumnsError
        It has too many columns.
    TableError
        It has no row.
    """

    def __init__(
        self, file: BinaryIO, *, name: str, limits: Limits, packed: str | None = None
    ) -> None:
        whole = limits if packed else limits.in_parts(file.seek(0, SEEK_END))
        self._name, self._limits = name, limits
        self._held: dict[int, list[Any]] = {}
        with damage_told(name):
            self._metadata = pq.read_metadata(file)
            require_unencrypted(file, self._metadata, name)
            groups = [self._metadata.row_group(i) for i in range(self._metadata.num_row_groups)]
            require_modest(self._metadata, groups, name, whole, of_a_part=limits)
            self._stored = pq.ParquetFile(
                file,
                metadata=self._metadata,
                read_dictionary=texts_of(self._metadata),
                page_checksum_verification=True,
                pre_buffer=False,
                buffer_size=buffer_for(groups),
            )
            self._fields = tuple(self._stored.schema_arrow)
            self._leaves = leaves_of(self._fields, self._metadata)
        self.n_rows = int(self._metadata.num_rows)
        if self.n_rows == 0:
            raise TableError(f"{name} is a Parquet file without rows.")
        self._require_all(sum(group.num_rows for group in groups), self.n_rows)
        self._runs = _runs(groups)
        self._edges = (0, *accumulate(sum(groups[i].num_rows for i in run) for run in self._runs))
        self.part_starts = self._edges[:-1]
        mark = (self._stored.schema_arrow.metadata or {}).get(SIMULATED_KEY, b"false")
        self._dialect = Dialect(
            format="parquet",
            header=True,
            simulated=mark.lower() not in (b"false", b"0")
            and simulated_as(mark.decode("utf-8", "replace")),
            packed=packed,
        )

    def tables(self, *spans: tuple[int, int]) -> Iterator[Table]:
        """Give the rows of stretches, each from its start to before its stop, batch by batch."""
        for at, (first, end) in enumerate(pairwise(self._edges)):
            wanted = [(start, stop) for start, stop in spans if start < end and stop > first]
            if wanted:
                yield from self._of_run(at, first, wanted)

    def with_gaps(self) -> frozenset[int]:
        """Tell the places of columns of whole numbers of which some cells are missing."""
        return frozenset(
            place
            for place, field in enumerate(self._fields, start=1)
            if pa.types.is_integer(field.type) and self._has_gaps(self._leaves[place - 1])
        )

    def again(self) -> dict[str, Any] | None:
        """Give no values: what the file says of itself is enough, where it is not packed."""
        return None if self._dialect.packed else {}

    def _of_run(self, at: int, first: int, spans: Sequence[tuple[int, int]]) -> Iterator[Table]:
        """Give what is wanted of row groups that are read together."""
        for batch in self._batches(at):
            for start, stop in spans:
                low, high = max(start - first, 0), min(stop - first, batch.num_rows)
                if low < high:
                    yield self._table(_cut(batch, low, high), first + low)
            first += batch.num_rows
            if first >= spans[-1][1]:
                return

    def _batches(self, at: int) -> Iterator[Any]:
        """Read row groups; those of a small file are kept, for the sample needs them too."""
        with damage_told(self._name):
            batches = self._stored.reader.iter_batches(
                _BATCH_ROWS,
                row_groups=self._runs[at],
                column_indices=[
                    leaf
                    for leaf, field in zip(self._leaves, self._fields, strict=True)
                    if not is_nested(field.type)
                ],
                use_threads=True,
            )
            whole = self._all_of(batches, self._edges[at + 1] - self._edges[at])
            if self.n_rows > HELD_ROWS:
                yield from whole
                return
            if at not in self._held:
                self._held[at] = list(whole)
            yield from self._held[at]

    def _all_of(self, batches: Iterator[Any], n_rows: int) -> Iterator[Any]:
        """Give the batches of row groups; Arrow leaves out in silence what it finds nothing of."""
        found = 0
        for batch in batches:
            found += batch.num_rows
            yield batch
        self._require_all(found, n_rows)

    def _require_all(self, found: int, n_rows: int) -> None:
        if found != n_rows:
            raise UnreadableFileError(
                f"{self._name} is a damaged Parquet file ({found:,} rows where it says that there "
                f"are {n_rows:,}); write it again."
            )

    def _table(self, batch: Any, first: int) -> Table:
        """Make a table of some rows, the first of which is row `first` of the file, from 0."""
        with damage_told(self._name):
            rows = self._with_places(pa.Table.from_batches([batch]))
            rows.validate(full=True)  # where nothing has checksums, at least texts are texts
            columns = [
                None if is_nested(field.type) else plain_cells(data, self._name, self._limits)
                for field, data in zip(self._fields, rows.columns, strict=True)
            ]
        return Table(
            name=self._name,
            columns=tuple(
                Column.of(label.strip() or None, position, data)
                for position, (label, data) in enumerate(
                    zip(rows.column_names, columns, strict=True), start=1
                )
                if data is not None
            ),
            unread=tuple(
                f"column {position} '{for_name(field.name)}' is of type {for_name(str(field.type))}"
                for position, (field, data) in enumerate(
                    zip(self._fields, columns, strict=True), start=1
                )
                if data is None
            ),
            lines=np.arange(first + 1, first + 1 + rows.num_rows, dtype=np.int64),
            texts=RowTexts(rows),
            ragged={},
            dialect=self._dialect,
        )

    def _with_places(self, rows: Any) -> Any:
        """Keep the place of a column with columns inside, which may not even be readable."""
        for place, field in enumerate(self._fields):
            if is_nested(field.type):
                rows = rows.add_column(place, field.name, pa.nulls(rows.num_rows))
        return rows

    def _has_gaps(self, leaf: int) -> bool:
        """Tell whether a column misses a cell, from what the file says where it does."""
        groups = range(self._metadata.num_row_groups)
        said = [self._metadata.row_group(group).column(leaf).statistics for group in groups]
        if all(one is not None and one.has_null_count for one in said):
            return any(one.null_count for one in said)
        with damage_told(self._name):
            batches = self._stored.reader.iter_batches(
                _BATCH_ROWS, row_groups=groups, column_indices=[leaf], use_threads=False
            )
            return any(column.null_count for batch in batches for column in batch.columns)


def _runs(groups: Sequence[Any]) -> list[range]:
    """Put neighbouring row groups together, up to a batch: each that is read has its price."""
    runs, held = list[range](), 0.0
    for at, group in enumerate(groups):
        share = max(group.num_rows / _BATCH_ROWS, group.total_byte_size / HELD_BYTES)
        if not runs or held + share > 1:
            runs.append(range(at, at))
            held = 0
        runs[-1], held = range(runs[-1].start, at + 1), held + share
    return runs


def _cut(batch: Any, start: int, stop: int) -> Any:
    """Give some rows of a batch: a small part is copied, or it would hold all of it in memory."""
    if 2 * (stop - start) > batch.num_rows:
        return batch.slice(start, stop - start)
    return batch.take(pa.array(np.arange(start, stop)))


def n_rows_of(path: Path) -> int:
    """Give the rows of a Parquet file, by what it says of itself; raises what Arrow does."""
    return int(pq.read_metadata(path).num_rows)
