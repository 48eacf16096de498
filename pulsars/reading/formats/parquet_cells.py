"""Cells of a Parquet file as the reader takes them, and how much of them is too much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import SEEK_END
from itertools import accumulate
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from schemas import MAX_NAME, MAX_WIDTH, ColumnsError, Limits, PulsarError, UnreadableFileError

_LENGTH_AND_MAGIC, _SIGNATURE = 8, 28
_TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_BYTES = (
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_fixed_size_binary,
    pa.types.is_binary_view,
)

HELD_BYTES = 1 << 27
"""Of a row group, up to which its columns are held as they are stored while it is read.

A damaged header of a page, which Arrow believes, then asks for no more than there is: in a buffer
that is filled bit by bit it makes room for gigabytes.
"""

_BUFFER = 1 << 20  # bytes of each column that are held of a larger row group


def require_unencrypted(file: BinaryIO, metadata: Any, name: str) -> None:
    """Refuse a file with encrypted columns: Arrow ends the process that asks for one.

    What such a file says of itself is signed, by 28 bytes behind it (Parquet's modular
    encryption, "Plaintext footer mode").
    """
    file.seek(-_LENGTH_AND_MAGIC, SEEK_END)
    n_bytes = int.from_bytes(file.read(4), "little")
    if n_bytes - metadata.serialized_size == _SIGNATURE:
        raise UnreadableFileError(f"{name} has encrypted columns; write them unencrypted.")


def require_modest(
    metadata: Any, groups: Sequence[Any], name: str, limits: Limits, *, of_a_part: Limits
) -> None:
    """Refuse what is too large by what the file says of itself, all of it or one row group.

    Raises
    ------
    ColumnsError, SizeError
    """
    if metadata.num_columns > MAX_WIDTH:
        raise ColumnsError(
            f"{name} has {metadata.num_columns:,} columns, more than the {MAX_WIDTH:,} that a "
            "candidate table can have; write those that matter."
        )
    if any(len(label) > MAX_NAME for label in metadata.schema.names):
        raise ColumnsError(
            f"{name}: the name of a column has more than {MAX_NAME:,} characters; shorten it."
        )
    sizes = [group.total_byte_size for group in groups]
    limits.require_bytes(sum(sizes), name=name, what="unpacks to")
    largest = max(sizes, default=0)
    of_a_part.require_bytes(largest, name=name, what="has a row group that unpacks to")
    limits.require_cells(metadata.num_rows, metadata.num_columns, name=name)
    places = range(metadata.num_columns)
    n_values = sum(group.column(i).num_values for group in groups for i in places)
    limits.require_cells(n_values, 1, name=name)


def buffer_for(groups: Sequence[Any]) -> int:
    """Say how many bytes of a column are read at a time; 0 for all of them."""
    largest = max((group.total_byte_size for group in groups), default=0)
    return 0 if largest <= HELD_BYTES else _BUFFER


def texts_of(metadata: Any) -> list[str]:
    """Columns that stay as they are stored: each text once, however many rows hold it."""
    leaves = (metadata.schema.column(i) for i in range(metadata.num_columns))
    return [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]


def plain_cells(data: Any, name: str, limits: Limits) -> Any | None:
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


def is_nested(kind: Any) -> bool:
    """Tell a column with columns inside, by how it is stored."""
    return bool(pa.types.is_nested(getattr(kind, "storage_type", kind)))


def leaves_of(fields: Sequence[Any], metadata: Any) -> list[int]:
    """Give the place of each field's last column among all that are stored, from 0.

    Columns are asked for by these: two may share a name, and Arrow takes the name of one with
    columns inside for theirs too.
    """
    ends = [*accumulate(_n_leaves(field.type) for field in fields)]
    if (ends or [0])[-1] != metadata.num_columns:
        raise ValueError("its columns are not those of its schema")
    return [end - 1 for end in ends]


def _n_leaves(kind: Any) -> int:
    """Count the columns of a file in which one of this type is stored, however deep."""
    n_found, ahead = 0, [kind]
    while ahead:
        kind = ahead.pop()
        kind = getattr(kind, "storage_type", kind)
        if pa.types.is_map(kind):
            ahead += [kind.key_type, kind.item_type]
        elif pa.types.is_nested(kind):
            ahead += [kind.field(i).type for i in range(kind.num_fields)]
        else:
            n_found += 1
    return n_found


@contextmanager
def damage_told(name: str) -> Iterator[None]:
    """Say in a sentence that a file is damaged."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, PulsarError):
            raise
        raise UnreadableFileError(
            f"{name} is a damaged Parquet file ({_first_line(error)}); write it again."
        ) from None


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
