"""Tables of folds as files that are called by their content, each batch and all together."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pulsars.folds.prepfold import SIMULATED
from pulsars.folds.tables import REFUSED, TELESCOPE
from pulsars.store import read_table, write_bytes
from schemas import FEATURE_NAMES, FileRef, FoldError, Source, for_place

if TYPE_CHECKING:
    import pandas as pd

_MARK = b"pulsar.simulated"
"""Key in the metadata of a Parquet file of simulated candidates."""


def simulated_among(table: pd.DataFrame) -> str:
    """Say which folds among these are simulated: ``folds`` for all, ``10 of 11 folds``, or nothing.

    Of a fold that could not be measured, nobody can tell.
    """
    n_simulated = int((table[TELESCOPE] == SIMULATED).sum())
    n_measured = int(table[FEATURE_NAMES[0]].notna().sum())
    if n_simulated in {0, n_measured}:
        return "folds" if n_simulated else ""
    return f"{n_simulated} of {n_measured} folds"


def packed_table(table: pd.DataFrame) -> bytes:
    """Pack a table as Parquet; one with simulated folds says so, as a simulated table does."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stored = pa.Table.from_pandas(table, preserve_index=False)
    if said := simulated_among(table):
        stored = stored.replace_schema_metadata({**stored.schema.metadata, _MARK: said})
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
