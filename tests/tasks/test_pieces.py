"""Nothing that lies in an inbox holds up a pass, and nothing is read further than it is long."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import fsspec
import pytest

from schemas.errors import UnreadableFileError
from schemas.limits import Limits
from schemas.score_parameters import InboxParameters
from schemas.sources import opened
from tasks.inbox import hash_of, look
from tasks.pieces import pieces_of

LOCAL = fsspec.filesystem("file")


def test_a_file_is_read_to_the_end_it_had_when_it_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(b"1,2,3\n" * 400_000)
    pieces = pieces_of(LOCAL, str(path))
    first = next(pieces)
    with path.open("ab") as file:
        file.write(b"4,5,6\n" * 400_000)
    assert len(first) + sum(map(len, pieces)) == 2_400_000


@pytest.mark.parametrize("source", ["/proc/kmsg", "/proc/self/status", "/proc/sys/kernel/pid_max"])
def test_a_link_to_a_file_without_a_length_gives_nothing_and_is_not_waited_for(
    source: str, tmp_path: Path
) -> None:
    (tmp_path / "night.csv").symlink_to(source)
    since = time.monotonic()
    assert hash_of(LOCAL, str(tmp_path / "night.csv")) == hashlib.sha256(b"").hexdigest()
    assert time.monotonic() - since < 5
    with (
        pytest.raises(UnreadableFileError, match="0 bytes"),
        opened(tmp_path / "night.csv", name="night", limits=Limits()),
    ):
        pass


def test_a_pipe_that_takes_a_files_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "night.csv")
    with pytest.raises(OSError, match="no regular file"):
        list(pieces_of(LOCAL, str(tmp_path / "night.csv")))


def test_what_is_larger_than_allowed_waits_unread(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "large.csv").write_bytes(b"1" * 2000)
    with (inbox / "core.csv").open("wb") as sparse:
        sparse.truncate(1 << 36)
    (inbox / "night.csv").write_bytes(b"1" * 1000)
    parameters = InboxParameters(
        inbox=str(inbox), out=str(tmp_path / "out"), settle_seconds=0, max_bytes=1000
    )
    found = look.fn(parameters)
    assert [arrival.name for arrival in found.settled] == ["night.csv"]
    assert set(found.waiting) == {"core.csv", "large.csv"}


def test_a_file_that_holds_less_or_more_than_it_says_is_not_taken_for_whole(
    tmp_path: Path,
) -> None:
    from schemas.sources import load

    path = tmp_path / "night.csv"
    path.write_bytes(b"1" * 1000)
    with opened(path, name="night", limits=Limits()) as file:
        assert load(file, name="night") == b"1" * 1000
        os.truncate(path, 500)
        assert load(file, name="night") == b"1" * 500
    sysfs = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    if sysfs.exists():
        with opened(sysfs, name="sys", limits=Limits()) as file, pytest.raises(UnreadableFileError):
            load(file, name="sys")
