"""A table in partitions is the table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pulsars.store.publishing import put_in_place, require_made
from pulsars.store.tables import read_partitions, write_partitions, writing_partition
from schemas.errors import FingerprintError

TABLE = pd.DataFrame({"line": range(10), "name": [f"J{i}" for i in range(10)]})


def test_a_small_table_is_one_file_of_that_name(tmp_path: Path) -> None:
    table = write_partitions(tmp_path / "a.parquet", [TABLE])
    assert [file.path for file in table.partitions] == [str(tmp_path / "a.parquet")]
    assert table.n_rows == [10]


def test_a_folder_of_partitions_reads_as_the_whole_here_and_by_pandas(tmp_path: Path) -> None:
    table = write_partitions(tmp_path / "a.parquet", [TABLE[:4], TABLE[4:8], TABLE[8:]])
    assert table.n_rows == [4, 4, 2]
    assert read_partitions(table).equals(TABLE)
    assert pd.read_parquet(tmp_path / "a.parquet").equals(TABLE)


def test_a_partition_that_changed_is_not_read(tmp_path: Path) -> None:
    table = write_partitions(tmp_path / "a.parquet", [TABLE[:4], TABLE[4:]])
    Path(table.partitions[1].path).write_bytes(Path(table.partitions[0].path).read_bytes())
    assert not table.intact()
    with pytest.raises(FingerprintError):
        read_partitions(table)


def test_partitions_are_published_as_they_were_made_and_nothing_beside(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    table = write_partitions(folder / "a.parquet", [TABLE[:4], TABLE[4:]])
    (folder / "a.parquet" / "part-00002.parquet").write_bytes(b"of a try that was cut short")
    (folder / "half").write_bytes(b"likewise")
    files = require_made(folder, table)
    names = ["a.parquet/part-00000.parquet", "a.parquet/part-00001.parquet"]
    assert files == dict(zip(names, [part.sha256 for part in table.partitions], strict=True))
    put_in_place(folder, tmp_path / "runs" / "one", {}, files=files)
    published = tmp_path / "runs" / "one"
    assert sorted(path.name for path in published.iterdir()) == ["a.parquet", "manifest.json"]
    assert json.loads((published / "manifest.json").read_text())["files"] == files
    again = write_partitions(folder / "a.parquet", [TABLE[:4], TABLE[4:]])
    put_in_place(folder, tmp_path / "runs" / "two", {})
    other = json.loads((tmp_path / "runs" / "two" / "manifest.json").read_text())
    assert other["files"] == files, "hashed anew where nobody has just done so"
    with pytest.raises(FingerprintError, match="part-00000"):
        require_made(folder, again)


@pytest.mark.parametrize("gap", [None, 0, 3])
def test_a_partition_written_block_by_block_is_the_table_that_arrow_makes(
    gap: int | None, tmp_path: Path
) -> None:
    table = TABLE.assign(
        dm=np.linspace(0, 1, 10), beam=pd.array([1, None] * 5, dtype="Int64"), night=None
    )
    if gap is not None:
        table.loc[gap, "dm"] = np.nan
    with writing_partition(tmp_path / "a.parquet") as writer:
        for rows in (table[:4], table[4:4], table[4:]):
            writer.add(rows.reset_index(drop=True))
    stored = pq.read_table(writer.written().path)
    expected = pa.Table.from_pandas(table, preserve_index=False)
    assert stored.equals(expected)
    assert stored["dm"].null_count == (gap is not None)
    assert stored.schema.metadata == expected.schema.metadata
