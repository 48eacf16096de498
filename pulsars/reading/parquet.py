"""Parquet: typed columns, so only their meaning is left to find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pulsars.reading.cells import Column, Dialect, Table
from schemas import (
    MAX_NAME,
    MAX_WIDTH,
    ColumnsError,
    Limits,
    PulsarError,
    TableError,
    UnreadableFileError,
)

PARQUET_MAGIC = b"PAR1"

SIMULATED_KEY = b"pulsar.simulated"
"""Key in the file's schema metadata; any value but ``false`` or ``0`` marks simulated data."""

_TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_BYTES = (
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_fixed_size_binary,
    pa.types.is_binary_view,
)


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


def read_parquet(file: BinaryIO, *, name: str, limits: Limits = Limits()) -> Table:  # noqa: B008 - frozen
    """Take a Parquet file apart; columns that are neither numbers nor text are left out.

    Raises
    ------
    UnreadableFileError
        The file is damaged.
    SizeError
        It unpacks to more than is allowed, by what it says of itself.
    ColumnsError
        It has too many columns.
    TableError
        It has no row.
    """
    try:
        table = _read(file, name, limits)
        table.validate(full=True)  # where nothing has checksums, at least texts are texts
        names = [label.strip() for label in table.column_names]
        columns = [_plain(data, name, limits) for data in table.columns]
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, PulsarError):
            raise
        raise UnreadableFileError(
            f"{name} is a damaged Parquet file ({_first_line(error)}); write it again."
        ) from None
    if table.num_rows == 0:
        raise TableError(f"{name} is a Parquet file without rows.")
    mark = (table.schema.metadata or {}).get(SIMULATED_KEY)
    simulated = mark is not None and mark.lower() not in (b"false", b"0")
    return Table(
        name=name,
        columns=tuple(
            Column.of(label or None, position, data)
            for position, (label, data) in enumerate(zip(names, columns, strict=True), start=1)
            if data is not None
        ),
        lines=np.arange(1, table.num_rows + 1, dtype=np.int64),
        texts=RowTexts(table),
        ragged={},
        dialect=Dialect(format="parquet", header=True, simulated=simulated),
    )


def _read(file: BinaryIO, name: str, limits: Limits) -> Any:
    """Read all columns, once it is known how much that is; checksums are verified where there are.

    Texts stay as they are stored: each once, however many rows hold it.
    """
    metadata = pq.read_metadata(file)
    if metadata.num_columns > MAX_WIDTH:
        raise ColumnsError(
            f"{name} has {metadata.num_columns:,} columns, more than the {MAX_WIDTH:,} that a "
            "candidate table can have; write those that matter."
        )
    if any(len(label) > MAX_NAME for label in metadata.schema.names):
        raise ColumnsError(
            f"{name}: the name of a column has more than {MAX_NAME:,} characters; shorten it."
        )
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    limits.require_bytes(
        sum(group.total_byte_size for group in groups), name=name, what="unpacks to"
    )
    limits.require_cells(metadata.num_rows, metadata.num_columns, name=name)
    leaves = [group.column(i) for group in groups for i in range(metadata.num_columns)]
    limits.require_cells(sum(leaf.num_values for leaf in leaves), 1, name=name)
    texts = [
        leaf.path
        for leaf in (metadata.schema.column(i) for i in range(metadata.num_columns))
        if leaf.physical_type == "BYTE_ARRAY"
    ]
    stored = pq.ParquetFile(file, read_dictionary=texts, page_checksum_verification=True)
    nested = [pa.types.is_nested(field.type) for field in stored.schema_arrow]
    table = stored.read([f.name for f in stored.schema_arrow if not pa.types.is_nested(f.type)])
    for place, is_nested in enumerate(nested):
        if is_nested:  # no cells, and in several row groups not even readable; its place stays
            name_of = stored.schema_arrow.field(place).name
            table = table.add_column(place, name_of, pa.nulls(table.num_rows))
    return table


def _plain(data: Any, name: str, limits: Limits) -> Any | None:
    """Text for text and truth values, numbers for numbers, None for anything else."""
    kind = data.type
    if pa.types.is_dictionary(kind):
        data, kind = _spread(data, name, limits), kind.value_type
    # Arrow rounds a decimal twice on its way to float64; by way of text it is rounded once.
    if pa.types.is_boolean(kind) or pa.types.is_decimal(kind) or any(is_(kind) for is_ in _TEXTS):
        return data.cast(pa.string()).fill_null("")
    if any(is_(kind) for is_ in _BYTES):
        try:
            return data.cast(pa.string()).fill_null("")
        except pa.ArrowInvalid:  # bytes that are no text
            return None
    if pa.types.is_null(kind):
        return pa.chunked_array([pa.array([""] * len(data))])
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    return data if is_number else None


def _spread(data: Any, name: str, limits: Limits) -> Any:
    """Give every row its text, after counting how much that is."""
    kind = data.type.value_type
    if any(is_(kind) for is_ in (*_TEXTS, *_BYTES)):
        n_bytes = 0
        for chunk in data.chunks:
            lengths = pc.binary_length(chunk.dictionary.cast(pa.large_binary()))
            n_bytes += pc.sum(lengths.take(chunk.indices)).as_py() or 0
        limits.require_bytes(n_bytes, name=name, what="unpacks to texts of")
    return data.cast(kind)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
