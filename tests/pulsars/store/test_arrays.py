"""Accepted rows come with what says which candidates they are, and which are one source."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pulsars.store import csv_text
from pulsars.store.arrays import Rows, load_named_rows, load_rows, row_hashes, rows_in_chunks
from pulsars.store.files import write_table
from pulsars.store.tables import write_partitions
from schemas import FEATURE_NAMES, Accepted, FingerprintError, TableRef


@pytest.fixture
def table() -> pd.DataFrame:
    rows = pd.DataFrame(np.arange(32.0).reshape(4, 8), columns=list(FEATURE_NAMES))
    return rows.assign(label=np.int8([0, 1, 0, 1]), line=[2, 4, 5, 9], name=["a", "b", "c", "b"])


def kept(path: Path, table: pd.DataFrame) -> Accepted:
    ref = write_table(path / "accepted.parquet", table)
    return Accepted(
        table=TableRef(partitions=[ref], n_rows=[4]),
        quarantine=ref, quarantine_csv=ref, quality=ref, rows_read=4, rows_accepted=4,
        rows_quarantined=0, n_pulsars=2, fingerprint="0" * 64, simulated=False, carried=("name",),
    )  # fmt: skip


def test_rows_know_their_source(tmp_path: Path, table: pd.DataFrame) -> None:
    accepted = kept(tmp_path, table.assign(same_source=[-1, 0, -1, 0]))
    rows = load_rows(accepted)
    assert rows.source.tolist() == [-1, 0, -1, 0]
    assert rows[np.array([1, 2])].source.tolist() == [0, -1]
    assert not rows.source.flags.writeable
    assert load_named_rows(accepted)[1].loc[9].to_dict() == {"name": "b", "same_source": 0}


def test_without_sources_every_row_is_one_of_its_own(tmp_path: Path, table: pd.DataFrame) -> None:
    assert load_rows(kept(tmp_path, table)).source.tolist() == [-1] * 4
    assert Rows(np.zeros((2, 8)), np.zeros(2), np.arange(2)).source.tolist() == [-1, -1]
    assert list(load_named_rows(kept(tmp_path, table))[1]) == ["name"]


@pytest.mark.parametrize("n_partitions", [1, 2])
def test_the_only_partition_is_kept_from_the_second_time_on(
    tmp_path: Path, table: pd.DataFrame, n_partitions: int
) -> None:
    ref = write_partitions(tmp_path / "a.parquet", [table] * n_partitions)
    chunks = rows_in_chunks(ref)
    first = list(chunks())
    assert not any(part is again for part, again in zip(first, chunks(), strict=True))
    second = list(chunks())
    for file in ref.partitions:
        Path(file.path).unlink()
    if n_partitions == 2:
        with pytest.raises(FileNotFoundError):
            list(chunks())
        return
    for passes in (second, list(chunks())):
        assert [part.X.tolist() for part in passes] == [part.X.tolist() for part in first]
        assert [part.y.tolist() for part in passes] == [[0, 1, 0, 1]]


def test_an_only_partition_that_changed_is_not_read(tmp_path: Path, table: pd.DataFrame) -> None:
    ref = write_partitions(tmp_path / "a.parquet", [table])
    write_partitions(tmp_path / "a.parquet", [table[:3]])
    with pytest.raises(FingerprintError):
        list(rows_in_chunks(ref)())


def test_a_spreadsheet_takes_no_text_and_no_heading_for_a_formula() -> None:
    written = csv_text(pd.DataFrame({"=a": ["=1+1", "-45:10:34"], "n": [-1.5, 2.0]}))
    assert written == "'=a,n\n'=1+1,-1.5\n-45:10:34,2.0\n"


def test_a_row_is_named_by_the_bytes_of_its_numbers_alone() -> None:
    X = np.array([[1.5, -0.0, 3e300], [0.1, 2.0, -7.0]])
    names = [
        int.from_bytes(hashlib.blake2b(struct.pack("<3d", *row), digest_size=8).digest(), "little")
        for row in ([1.5, 0.0, 3e300], [0.1, 2.0, -7.0])
    ]
    for rows in (X, np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2], X[:0]):
        assert row_hashes(rows).tolist() == names[: len(rows)]
