"""Files appear whole, keep their bytes, and are not trusted when they changed."""

from __future__ import annotations

import errno
import gc
import io
import multiprocessing
import os
import random
import stat
import sys
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pulsars.store import files
from pulsars.store.publishing import put_in_place
from schemas.errors import FingerprintError
from tests.pulsars.waiting import ended_after


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    table = pd.DataFrame({"line": [1, 2], "text": ["a", "파"]})
    arrays = {"train": np.arange(3), "empty": np.empty((0, 0))}
    assert files.read_json(files.write_json(tmp_path / "a" / "x.json", {"b": [1, None]})) == {
        "b": [1, None]
    }
    pd.testing.assert_frame_equal(
        files.read_table(files.write_table(tmp_path / "x.parquet", table)), table
    )
    back = files.read_arrays(files.write_arrays(tmp_path / "x.npz", arrays))
    assert {name: array.tolist() for name, array in back.items()} == {
        "train": [0, 1, 2],
        "empty": [],
    }


def test_arrays_come_back_read_only(tmp_path: Path) -> None:
    back = files.read_arrays(files.write_arrays(tmp_path / "x.npz", {"a": np.arange(3)}))
    with pytest.raises(ValueError, match="read-only"):
        back["a"][0] = 7


@pytest.fixture
def threads_that_change_places_at_any_time() -> Iterator[None]:
    """Collect garbage often, and let threads take turns meanwhile: what a header meets by luck."""
    kept, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(20)
    sys.setswitchinterval(1e-6)
    yield
    gc.set_threshold(*kept)
    sys.setswitchinterval(interval)


class Garbage:
    """A circle whose end takes long enough for another thread to come in between."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        for _ in range(300):
            pass


@pytest.mark.usefixtures("threads_that_change_places_at_any_time")
def test_arrays_come_back_though_threads_parse_their_headers_at_once(tmp_path: Path) -> None:
    kept = files.write_arrays(tmp_path / "x.npz", {"a": np.arange(3), "b": np.arange(4.0)})

    def read_often(draw: random.Random) -> set[tuple[int, ...]]:
        found = set()
        for _ in range(200):
            for _ in range(draw.randrange(6)):
                Garbage()
            found.add(tuple(array.size for array in files.read_arrays(kept).values()))
        return found

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(read_often, map(random.Random, range(8)))) == [{(3, 4)}] * 8


def wait_for_the_clock_of_a_zip(folder: Path) -> None:
    """Wait until a zip with the time in it is another one: its clock ticks every two seconds."""

    def stamped() -> bytes:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as zipped:
            (folder / "now").write_bytes(b"")
            zipped.write(folder / "now")
        return content.getvalue()

    before, deadline = stamped(), time.monotonic() + 10
    while stamped() == before:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_same_content_is_the_same_bytes(tmp_path: Path) -> None:
    table, arrays = pd.DataFrame({"x": [1.5, 2.5]}), {"a": np.arange(5)}
    written = (
        (files.write_table, table, "t.parquet"),
        (files.write_arrays, arrays, "a.npz"),
        (files.write_json, {"a": 0.1}, "j.json"),
    )
    first = [write(tmp_path / "1" / name, value).sha256 for write, value, name in written]
    wait_for_the_clock_of_a_zip(tmp_path)
    again = [write(tmp_path / "2" / name, value).sha256 for write, value, name in written]
    assert again == first


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_json_is_refused(value: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(tmp_path / "x.json", {"a": value})
    assert not (tmp_path / "x.json").exists()


def test_a_failed_write_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "x"
    files.write_bytes(path, b"old")
    with pytest.raises(TypeError):
        files.write_bytes(path, "no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"


def test_what_a_writer_left_that_was_killed_goes_with_the_next_write(tmp_path: Path) -> None:
    (tmp_path / ".x.json.part").write_text("longer than what comes after it")
    files.write_text(tmp_path / "x.json", "short")
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
    assert (tmp_path / "x.json").read_text() == "short"


def _write_often(folder: str, letter: str, over: object) -> None:
    while not over.is_set():  # type: ignore[attr-defined]
        files.write_text(Path(folder) / "x", letter * 5_000)


@pytest.mark.slow
def test_two_that_write_the_same_file_at_once_take_turns(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    over = context.Event()
    writers = [
        context.Process(target=_write_often, args=(str(tmp_path), one, over)) for one in "ab"
    ]
    for writer in writers:
        writer.start()
    seen = set()
    try:
        with ended_after(300):
            while len(seen) < 2 and all(writer.is_alive() for writer in writers):
                time.sleep(0.001)  # they take a second to import what they need
                if (tmp_path / "x").exists():
                    seen.add((tmp_path / "x").read_text())
            seen |= {(tmp_path / "x").read_text() for _ in range(1000)}
    finally:
        over.set()
        for writer in writers:
            writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert seen == {"a" * 5_000, "b" * 5_000}
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_folder_that_is_cleared_while_it_is_empty_holds_up_no_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, clearings = Path.mkdir, iter(["two", "times"])

    def make_and_lose(folder: Path, **how: Any) -> None:
        make(folder, **how)
        if next(clearings, None):
            folder.rmdir()

    monkeypatch.setattr(Path, "mkdir", make_and_lose)
    written = files.write_text(tmp_path / "unfinished" / "x", "x")
    assert Path(written.path).read_text() == "x"
    assert next(clearings, None) is None


@pytest.mark.parametrize("harm", ["change", "remove"])
def test_a_file_that_changed_is_not_read(harm: str, tmp_path: Path) -> None:
    ref = files.write_json(tmp_path / "x.json", [1])
    assert ref.matches()
    path = Path(ref.path)
    path.write_text("[2]") if harm == "change" else path.unlink()
    assert not ref.matches()
    with pytest.raises(FingerprintError, match=r"x\.json is gone or was changed"):
        files.read_json(ref)


def test_a_record_vouches_for_the_files_of_the_records_within_it(tmp_path: Path) -> None:
    from schemas.records import Parts, Replayed, Trained, TrainingRows

    refs = [files.write_text(tmp_path / n, n) for n in "abcd"]
    replayed = Replayed(
        parts=Parts(file=refs[0], n_train=1, n_validation=0, n_test=1),
        rows=TrainingRows(file=refs[1], prevalence=0.5),
        trained=Trained(model=refs[2], epochs=refs[3], best_epoch=1, n_epochs=1, note=None),
    )
    assert replayed.intact()
    assert {ref.path for ref in replayed.files()} == {ref.path for ref in refs}
    Path(refs[1].path).unlink()
    assert not replayed.intact()


def test_what_is_a_records_own_is_equal_and_nobody_elses(tmp_path: Path) -> None:
    ref = files.write_text(tmp_path / "x", "x")
    mine, yours = ref.own(), ref.own()
    assert mine == yours == ref
    assert len({id(each.sha256) for each in (mine, yours, ref)}) == 3


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EINVAL, errno.EACCES])
def test_what_a_file_system_cannot_make_durable_is_published_and_told(
    number: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sync = os.fsync

    def no_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, "x")
        sync(descriptor)

    files.write_text(tmp_path / "working" / "a.txt", "a")
    monkeypatch.setattr(os, "fsync", no_folders)
    with caplog.at_level("INFO", "pulsars.store.publishing"):
        put_in_place(tmp_path / "working", tmp_path / "runs" / "one", {})
    assert (tmp_path / "runs" / "one" / "manifest.json").is_file()
    assert str(tmp_path / "runs") in caplog.text


def test_a_folder_that_the_disk_fails_on_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        files.sync_folder(tmp_path)
