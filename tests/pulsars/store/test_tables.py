"""A table in partitions is the table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pulsars.store.tables import read_partitions, write_partitions
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
