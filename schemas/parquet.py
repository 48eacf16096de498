"""Parquet: typed columns, so only their meaning is left to find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.cells import Column, Dialect, Table
from schemas.errors import TableError, UnreadableFileError

SIMULATED_KEY = b"pulsar.simulated"
"""Key in the file's schema metadata; any value but ``false`` or ``0`` marks simulated data."""


class RowTexts(Sequence[str]):
    """Rows of a typed table, rendered only when someone looks at them."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __len__(self) -> int:
        """Give the number of rows."""
        return int(self._table.num_rows)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        """Render one row, or several, with commas between the cells."""
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        cells = (column[int(row)].as_py() for column in self._table.columns)
        return ",".join("" if cell is None else str(cell) for cell in cells)


def read_parquet(raw: bytes, *, name: str) -> Table:
    """Take a Parquet file apart; columns that are neither numbers nor text are left out.

    Raises
    ------
    UnreadableFileError
        The file is damaged.
    TableError
        It has no row.
    """
    try:
        table = pq.read_table(pa.BufferReader(raw))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableFileError(
            f"{name} is a damaged Parquet file ({str(error).splitlines()[0]}); write it again."
        ) from None
    if table.num_rows == 0:
        raise TableError(f"{name} is a Parquet file without rows.")
    mark = (table.schema.metadata or {}).get(SIMULATED_KEY)
    columns = [
        Column.of(label.strip() or None, position, plain)
        for position, (label, data) in enumerate(
            zip(table.column_names, table.columns, strict=True), start=1
        )
        if (plain := _plain(data)) is not None
    ]
    simulated = mark is not None and mark.lower() not in (b"false", b"0")
    return Table(
        name=name,
        columns=tuple(columns),
        lines=np.arange(1, table.num_rows + 1, dtype=np.int64),
        texts=RowTexts(table),
        ragged={},
        dialect=Dialect(format="parquet", header=True, simulated=simulated),
    )


def _plain(data: Any) -> Any | None:
    """Text for text and truth values, numbers for numbers, None for anything else."""
    kind = data.type
    if pa.types.is_dictionary(kind):
        data, kind = data.cast(kind.value_type), kind.value_type
    # Arrow rounds a decimal twice on its way to float64; by way of text it is rounded once.
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_boolean, pa.types.is_decimal)
    if any(is_text(kind) for is_text in texts):
        return data.cast(pa.string()).fill_null("")
    if pa.types.is_null(kind):
        return pa.chunked_array([pa.array([""] * len(data))])
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    return data if is_number else None
