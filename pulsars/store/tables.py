"""Tables in partitions: each small enough for a worker's memory, and verified on its own."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from pulsars.store.files import read_table, write_table
from schemas import TableRef

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

PARTITION_ROWS = 1 << 20
"""Rows of a partition at most: eight features and a label of so many are 72 MiB."""


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
        return TableRef(partitions=[write_table(path, first)], n_rows=[len(first)])
    files, n_rows = [], []
    for number, table in enumerate(chain([first, second], given)):
        files.append(write_table(partition_path(path, number), table))
        n_rows.append(len(table))
    return TableRef(partitions=files, n_rows=n_rows)


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
