"""Tables as columns of Arrow: written by groups of rows and read by columns, without a frame."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pulsars.store.files import written
from schemas import FileRef

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

GROUP_ROWS = 1 << 17
"""Rows of a row group: what is read, worked on and written at once."""


def write_columns(path: Path, schema: pa.Schema, groups: Iterable[pa.Table]) -> FileRef:
    """Write a table as Parquet in one step, a row group after another.

    Parameters
    ----------
    path : Path
        As of `pulsars.store.files.write_bytes`.
    schema : Schema
        What a reader is to see. Its texts may come in `groups` as dictionaries.
    groups : iterable of Table
        At least one; a generator needs memory for one.

    Notes
    -----
    Numbers are stored as they are: what compression and a dictionary of floats take in time is
    four to seven times what they save in bytes. Pages have no checksums, for the handle has that
    of the whole.
    """
    import pyarrow.parquet as pq

    texts = [name for name in schema.names if _is_text(schema.field(name).type)]
    # What is stored is a dictionary; what is said of it is text, which readers then give.
    said = base64.b64encode(schema.serialize().to_pybytes())
    writer = None
    with written(path) as file:
        for group in groups:
            if writer is None:
                writer = pq.ParquetWriter(
                    file,
                    group.schema.remove_metadata(),
                    compression="none",
                    use_dictionary=texts,
                    store_schema=False,
                )
            writer.write_table(group, row_group_size=max(1, len(group)))
        if writer is None:
            raise ValueError(f"{path} would be a table without a group of rows")
        writer.add_key_value_metadata({**(schema.metadata or {}), b"ARROW:schema": said})
        writer.close()
    return file.handle


def read_columns(file: FileRef, names: Sequence[str] | None = None) -> pa.Table:
    """Read columns of a Parquet file, and check its hash meanwhile, not those of its pages.

    Raises
    ------
    FingerprintError
        If the file is gone or its content is another.
    """
    with columns_of(file, names) as table:
        return table


@contextmanager
def columns_of(file: FileRef, names: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Give what `read_columns` does to work on while the hash is checked still.

    What came of it may be trusted once the block has been left.
    """
    import pyarrow.parquet as pq

    with ThreadPoolExecutor(1) as beside:
        checked = beside.submit(file.verified)
        try:
            yield pq.read_table(file.path, columns=None if names is None else list(names))
        except Exception:
            checked.result()  # of a changed file that is said, not what comes of it
            raise
        checked.result()


def read_groups(file: FileRef) -> Iterator[pd.DataFrame]:
    """Read a Parquet file row group by row group, after checking its hash."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(file.verified()) as parquet:
        for number in range(parquet.num_row_groups):
            yield parquet.read_row_group(number).to_pandas()


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
