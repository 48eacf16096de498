"""Tables in partitions: each small enough for a worker's memory, and verified on its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pulsars.store.files import read_table, written
from pulsars.store.piecewise import Piecewise
from schemas import FileRef, TableRef

if TYPE_CHECKING:
    import pandas as pd

PARTITION_ROWS = 1 << 20
"""Rows of a partition at most: eight features and a label of so many are 72 MiB."""


_BATCH_ROWS = 1 << 17


def partition_path(path: Path, number: int) -> Path:
    """Name a partition of a table in several, from 0: readers of Parquet take the folder whole."""
    return path / f"part-{number:05d}.parquet"


def write_partitions(path: Path, tables: Iterable[pd.DataFrame]) -> TableRef:
    """Write a table as one file `path`, or where it is several as a folder of that name.

    Parameters
    ----------
    path : Path
        Ends in ``.parquet``.
    tables : iterable of DataFrame
        At least one; written one after another, so that a generator needs memory for one.
    """
    given = iter(tables)
    first, second = next(given), next(given, None)
    if second is None:
        return TableRef(partitions=[_write_partition(path, first)], n_rows=[len(first)])
    files, n_rows = [], []
    for number, table in enumerate(chain([first, second], given)):
        files.append(_write_partition(partition_path(path, number), table))
        n_rows.append(len(table))
    return TableRef(partitions=files, n_rows=n_rows)


def _write_partition(path: Path, table: pd.DataFrame) -> FileRef:
    with writing_partition(path) as partition:
        partition.add(table)
    return partition.written()


def read_partitions(table: TableRef) -> pd.DataFrame:
    """Read all of a table, each partition after checking its hash."""
    import pandas as pd

    read = [read_table(file) for file in table.partitions]
    return read[0] if len(read) == 1 else pd.concat(read, ignore_index=True)


def take_rows(table: TableRef, marked: NDArray[np.bool_]) -> pd.DataFrame:
    """Read the rows that are marked, (n_rows,), with memory for them and one partition."""
    import pandas as pd

    taken, start = [], 0
    for file in table.partitions:
        rows = read_table(file)
        taken.append(rows[marked[start : start + len(rows)]])
        start += len(rows)
    return pd.concat(taken, ignore_index=True)


class PartitionWriter:
    """Writes a partition block by block; see `writing_partition`.

    Attributes
    ----------
    n_rows : int
        So far.
    file : FileRef or None
        None until all of it is written.
    """

    def __init__(self, sink: Piecewise) -> None:
        self._sink = sink
        self._writer: Any = None
        self.n_rows = 0
        self.file: FileRef | None = None

    def add(self, table: pd.DataFrame) -> None:
        """Write some rows; the first, which may be none, say what the columns are."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._writer is None:
            # Read again within minutes: what packs it costs more than it saves.
            self._writer = pq.ParquetWriter(
                self._sink,
                pa.Schema.from_pandas(table, preserve_index=False),
                compression="none",
                use_dictionary=False,
                write_statistics=False,
                write_page_checksum=True,
            )
        elif not len(table):
            return
        schema = self._writer.schema
        cells = [_cells(table[field.name], field.type) for field in schema]
        self._writer.write_table(pa.Table.from_arrays(cells, schema=schema))
        self.n_rows += len(table)

    def written(self) -> FileRef:
        """Give the file that was written."""
        if self.file is None:
            raise ValueError("the partition is not written yet")
        return self.file

    def close(self) -> None:
        """Write the end."""
        if self._writer is not None:
            self._writer.close()


def _cells(column: pd.Series[Any], kind: Any) -> Any:
    """Take cells as Arrow does; it looks for gaps among numbers eight times as long as NumPy."""
    import pyarrow as pa

    if column.dtype == np.float64 and not np.isnan(column.to_numpy()).any():
        return pa.array(column.to_numpy())
    return pa.array(column, kind, from_pandas=True)


@contextmanager
def writing_partition(path: Path) -> Iterator[PartitionWriter]:
    """Write a partition block by block, in the memory of one block; it appears whole or not at all.

    Parameters
    ----------
    path : Path
        Ends in ``.parquet``.
    """
    with written(path) as file:
        writer = PartitionWriter(file)
        yield writer
        writer.close()
    writer.file = file.handle


def read_batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """Read a partition batch by batch, in the memory of one; `pyarrow.RecordBatch` each."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(
        path, page_checksum_verification=True, pre_buffer=False, buffer_size=1 << 20
    ) as stored:
        yield from stored.iter_batches(_BATCH_ROWS, columns=columns, use_threads=False)
