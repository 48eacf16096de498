"""A table that is written by groups of columns is what pandas would have written, and hashed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pulsars.store.columns import columns_of, read_columns, read_groups, write_columns
from pulsars.store.files import csv_text, write_csv, written
from pulsars.store.piecewise import _AT_ONCE, Piecewise
from schemas.errors import FingerprintError
from schemas.handles import FileRef

FRAME = pd.DataFrame(
    {
        "line": np.arange(10),
        "logit": np.linspace(-1, 1, 10),
        "decision": ["pulsar", "non-pulsar"] * 5,
        "=name": ["=1+1", "", "J0437", "a,b", '"', "x", "y", "z", "é", "w"],
    }
)
TABLE = pa.Table.from_pandas(FRAME, preserve_index=False)


def groups(n_rows: int) -> list[pa.Table]:
    at = TABLE.column_names.index("decision")
    texts = TABLE.set_column(at, "decision", TABLE["decision"].dictionary_encode())
    return [texts[first : first + n_rows] for first in range(0, len(texts), n_rows)]


@pytest.fixture
def kept(tmp_path: Path) -> FileRef:
    return write_columns(tmp_path / "a.parquet", TABLE.schema, groups(4))


def test_a_reader_sees_what_pandas_would_have_written(kept: FileRef, tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "b.parquet", index=False)
    ours, theirs = (pq.read_table(tmp_path / name) for name in ("a.parquet", "b.parquet"))
    assert ours.schema.equals(theirs.schema, check_metadata=True)
    assert ours.equals(theirs)
    pd.testing.assert_frame_equal(pd.read_parquet(kept.path), FRAME)
    assert pq.ParquetFile(kept.path).num_row_groups == 3


def test_columns_and_groups_are_read_back(kept: FileRef) -> None:
    assert read_columns(kept, ["logit", "line"]).column_names == ["logit", "line"]
    assert read_columns(kept).equals(TABLE)
    found = list(read_groups(kept))
    assert [len(each) for each in found] == [4, 4, 2]
    pd.testing.assert_frame_equal(pd.concat(found, ignore_index=True), FRAME)


@pytest.mark.parametrize("change", [lambda raw: raw[:-9], lambda raw: b"?" + raw[1:]])
def test_of_a_changed_file_that_is_said_and_not_what_arrow_makes_of_it(
    kept: FileRef, change: object
) -> None:
    path = Path(kept.path)
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(FingerprintError, match=r"a\.parquet is gone or was changed"):
        read_columns(kept)
    path.unlink()
    with pytest.raises(FingerprintError):
        read_columns(kept)


def test_a_changed_file_may_be_worked_on_and_what_came_of_it_is_not_kept(kept: FileRef) -> None:
    other = kept.model_copy(update={"sha256": "0" * 64})
    for work in (lambda table: table, lambda _: 1 / 0):
        with pytest.raises(FingerprintError), columns_of(other, ["logit"]) as table:
            work(table)
    with pytest.raises(ZeroDivisionError), columns_of(kept):
        raise ZeroDivisionError


def test_a_table_without_a_group_is_none_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="without a group of rows"):
        write_columns(tmp_path / "a.parquet", TABLE.schema, [])
    assert list(tmp_path.iterdir()) == []


def test_text_in_pieces_is_the_text_of_the_whole(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [FRAME[:4], FRAME[4:9], FRAME[9:]])
    assert file.verified().read_text() == csv_text(FRAME)


@pytest.mark.parametrize("size", [0, 1, _AT_ONCE - 1, _AT_ONCE, 2 * _AT_ONCE + 5])
def test_the_hash_taken_while_writing_is_that_of_the_file(tmp_path: Path, size: int) -> None:
    content = np.random.default_rng(size).bytes(size)
    with written(tmp_path / "a") as file:
        for first in range(0, size, 100_003):
            file.write(content[first : first + 100_003])
        assert file.tell() == size
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a").read_bytes() == content
    assert file.handle.matches()


def test_what_stops_a_writer_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def cut_short() -> Iterator[pd.DataFrame]:
        yield pd.DataFrame({"text": ["x" * _AT_ONCE]})
        raise KeyError

    with pytest.raises(KeyError):
        write_csv(path, cut_short())
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is needed")
def test_a_disk_that_is_full_while_a_thread_writes_stops_the_writer() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full, ThreadPoolExecutor(1) as thread:
        file = Piecewise(full, Path("a"), thread)
        file.write(b"x" * _AT_ONCE)
        with pytest.raises(OSError, match="No space left on device"):
            file.finish()
