"""Tables of folds as files that are called by their content, each batch and all together."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

from pulsars.folds.prepfold import SIMULATED
from pulsars.folds.tables import REFUSED, TELESCOPE
from pulsars.store import read_table, write_bytes
from schemas import FileRef, FoldError, Source, for_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

_MARK = b"pulsar.simulated"
"""Key in the metadata of a Parquet file of simulated candidates."""


def has_simulated(table: pd.DataFrame) -> bool:
    """Whether a fold among these is simulated."""
    return bool((table[TELESCOPE] == SIMULATED).any())


def packed_table(table: pd.DataFrame) -> bytes:
    """Pack a table as Parquet; one with simulated folds says so, as a simulated table does."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stored = pa.Table.from_pandas(table, preserve_index=False)
    if has_simulated(table):
        stored = stored.replace_schema_metadata({**stored.schema.metadata, _MARK: b"folds"})
    sink = io.BytesIO()
    pq.write_table(stored, sink, write_page_checksum=True)
    return sink.getvalue()


def keep_table(folder: Path, table: pd.DataFrame) -> FileRef:
    """Keep a table under the sha256 of its content."""
    content = packed_table(table)
    return write_bytes(folder / hashlib.sha256(content).hexdigest(), content)


def put_folds_together(folder: Path, source: Source, parts: Sequence[FileRef]) -> Source:
    """Give a source of folds as one whose file is their table.

    Parameters
    ----------
    folder : Path
        Keeps the table.
    source : Source
        What the user named, of which origin, name and content stay.
    parts : sequence of FileRef
        The folds, measured, in order.

    Raises
    ------
    FoldError
        If none of them could be measured; with the reason of the first.
    """
    import pandas as pd

    table = pd.concat([read_table(part) for part in parts], ignore_index=True)
    if (table[REFUSED] != "").all():
        several = f"none of {len(table):,} folds can be measured; the first: "
        said = f"{for_place(source.origin)}: {several}" if len(table) > 1 else ""
        raise FoldError(f"{said}{table[REFUSED].iloc[0]}")
    file = keep_table(folder, table)
    resolved = FileRef(path=str(Path(file.path).resolve()), sha256=file.sha256)
    return Source(
        origin=source.origin, name=source.name, file=resolved, folds=source.file.sha256
    ).own()
