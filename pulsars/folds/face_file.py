"""Faces of a list of candidates in one file, each under the rank of its candidate."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from pulsars.folds.face import MOST_BINS, MOST_COLUMNS, MOST_ROWS, Face
from pulsars.folds.fold import FoldKind
from pulsars.store import as_written, write_columns
from schemas import FileRef

if TYPE_CHECKING:
    import pyarrow as pa

MOST_IN_A_FILE = 10_000
"""Of a file: 60 MB."""

_MOST_BYTES = MOST_IN_A_FILE * 2 * (2 * MOST_BINS + 2 * MOST_ROWS * MOST_COLUMNS)
_TEXTS = ("section", "name", "telescope", "ra", "dec")
_NUMBERS = ("period", "dm", "dm_low", "dm_high")
_CURVES = ("profile", "dm_curve")
_PICTURES = ("sub_bands", "sub_integrations")
_MOST_CHARACTERS = 10_000


def write_faces(path: Path, faces: Mapping[int, Face]) -> FileRef:
    """Write faces as Parquet, about 5 kB each; the same faces give the same bytes.

    Parameters
    ----------
    path : Path
        Ends in ``.parquet``.
    faces : mapping of int to Face
        By the rank of the candidate, which no other has; at most `MOST_IN_A_FILE`.
    """
    import pyarrow as pa

    if len(faces) > MOST_IN_A_FILE:
        raise ValueError(f"{len(faces):,} faces; a file holds at most {MOST_IN_A_FILE:,}")
    rows = [{"rank": rank, **_row_of(faces[rank])} for rank in sorted(faces)]
    return write_columns(path, _schema(), [pa.Table.from_pylist(rows, _schema())])


def read_faces(path: Path) -> dict[int, Face]:
    """Read what `write_faces` wrote.

    Returns
    -------
    dict of int to Face
        By rank, in rising order.

    Raises
    ------
    DamagedRecordError
        If it is gone, larger than such a file can be, or holds anything else.
    """
    with as_written(path):
        return {row["rank"]: _face_of_row(row) for row in _rows(path)}


def _schema() -> pa.Schema:
    import pyarrow as pa

    fields = [("rank", pa.int64()), ("kind", pa.string())]
    fields += [(name, pa.string()) for name in _TEXTS]
    fields += [(name, pa.float64()) for name in _NUMBERS]
    fields += [(name, pa.binary()) for name in (*_CURVES, *_PICTURES)]
    fields += [(f"n_{name}", pa.int64()) for name in _PICTURES]
    return pa.schema(fields)


def _row_of(face: Face) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(face, name) for name in ("kind", *_TEXTS, *_NUMBERS)}
    row |= {name: getattr(face, name).tobytes() for name in _CURVES}
    for name in _PICTURES:
        picture = getattr(face, name)
        row[name] = None if picture is None else picture.tobytes()
        row[f"n_{name}"] = None if picture is None else len(picture)
    return row


def _rows(path: Path) -> list[dict[str, Any]]:
    """Read the rows of a file that is no larger than it may be, also unpacked."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        n_bytes = sum(
            file.metadata.row_group(number).total_byte_size
            for number in range(file.metadata.num_row_groups)
        )
        if file.metadata.num_rows > MOST_IN_A_FILE or n_bytes > _MOST_BYTES:
            raise ValueError(
                f"it has {file.metadata.num_rows:,} faces of {n_bytes:,} bytes, and at most "
                f"{MOST_IN_A_FILE:,} of {_MOST_BYTES:,} are read"
            )
        if not file.schema_arrow.equals(_schema()):
            raise ValueError("its columns are not those of faces")
        rows: list[dict[str, Any]] = file.read().to_pylist()
    return rows


def _face_of_row(row: Mapping[str, Any]) -> Face:
    fields = {name: row[name] for name in ("kind", *_TEXTS, *_NUMBERS)}
    if row["kind"] not in get_args(FoldKind) or row["rank"] is None:
        raise ValueError(f"rank {row['rank']}, kind {row['kind']!r}: no face has them")
    for name in _TEXTS:
        if row[name] is None or len(row[name]) > _MOST_CHARACTERS:
            raise ValueError(f"rank {row['rank']}: no {name} of at most {_MOST_CHARACTERS:,}")
    fields |= {name: _grey(row, name, 1, MOST_BINS) for name in _CURVES}
    for name in _PICTURES:
        if row[name] is not None:
            n_rows = row[f"n_{name}"]
            if not isinstance(n_rows, int) or not 1 <= n_rows <= MOST_ROWS:
                raise ValueError(f"rank {row['rank']}: {n_rows} {name}; 1 to {MOST_ROWS} are shown")
            fields[name] = _grey(row, name, n_rows, MOST_COLUMNS).reshape(n_rows, -1)
    return Face(**fields)


def _grey(row: Mapping[str, Any], name: str, n_rows: int, most: int) -> NDArray[np.uint8]:
    found = row[name] or b""
    n_columns, left = divmod(len(found), n_rows)
    if left or not 1 <= n_columns <= most:
        raise ValueError(f"rank {row['rank']}: {name} of {len(found)} bytes in {n_rows} rows")
    return np.frombuffer(found, dtype=np.uint8)
