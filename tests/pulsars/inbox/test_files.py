"""Nothing that lies in an inbox holds up a pass, and nothing is read further than it is long."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from flows.inbox import refuse_unread
from pulsars.inbox import Pass
from pulsars.inbox.arrivals import hash_of
from pulsars.inbox.copies import copied
from pulsars.inbox.pieces import pieces_of
from pulsars.reading.sources.files import opened
from schemas.errors import UnreadableFileError
from schemas.limits import Limits
from schemas.score_parameters import InboxParameters
from schemas.score_records import Arrival
from tasks.looking import look, move_aside, reject
from tests.pulsars.waiting import ended_after

LOCAL = fsspec.filesystem("file")
MOST = 1 << 30


class NoSize(MemoryFileSystem):
    """A store that does not say how long its files are."""

    protocol = "nosize"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.replace("nosize://", "memory://")))

    def info(self, path: str, **kwargs: Any) -> dict[str, Any]:
        return self.unsized(super().info(path, **kwargs))

    def ls(self, path: str, detail: bool = True, **kwargs: Any) -> list[Any]:  # noqa: FBT001, FBT002 - fsspec's own
        found = super().ls(path, detail=True, **kwargs)
        return [self.unsized(one) if detail else one["name"] for one in found]

    @staticmethod
    def unsized(entry: dict[str, Any]) -> dict[str, Any]:
        return {**entry, "size": None}


@pytest.fixture
def no_size() -> NoSize:
    NoSize.store.clear()
    fsspec.register_implementation("nosize", NoSize, clobber=True)
    return NoSize()


def test_a_store_that_states_no_size_gives_all_of_a_file(no_size: NoSize, tmp_path: Path) -> None:
    for name, content in (("a", b"1" * 1000), ("b", b"2" * 999), ("c", b"3" * 1001)):
        no_size.pipe_file(f"/in/{name}.csv", content)
    parameters = InboxParameters(
        inbox="nosize://in", out=str(tmp_path), settle_seconds=0, max_bytes=1000
    )
    a, b, c = look.fn(parameters).settled
    assert (a.sha256, a.unread) == (hashlib.sha256(b"1" * 1000).hexdigest(), None)
    assert (b.sha256, b.unread) == (hashlib.sha256(b"2" * 999).hexdigest(), None)
    assert c.unread == 1001
    with copied(parameters, b) as copy:
        assert copy is not None
        assert Path(copy.path).read_bytes() == b"2" * 999


def test_a_file_is_read_to_the_end_it_had_when_it_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(b"1,2,3\n" * 400_000)
    pieces = pieces_of(LOCAL, str(path), most=MOST)
    first = next(pieces)
    with path.open("ab") as file:
        file.write(b"4,5,6\n" * 400_000)
    assert len(first) + sum(map(len, pieces)) == 2_400_000


@pytest.mark.parametrize("source", ["/proc/kmsg", "/proc/self/status", "/proc/sys/kernel/pid_max"])
def test_a_link_to_a_file_without_a_length_gives_nothing_and_is_not_waited_for(
    source: str, tmp_path: Path
) -> None:
    if not os.access(source, os.R_OK):
        pytest.skip("the kernel's log is for root")
    (tmp_path / "night.csv").symlink_to(source)
    with ended_after():
        found = hash_of(LOCAL, str(tmp_path / "night.csv"), most=MOST)
    assert found == hashlib.sha256(b"").hexdigest()
    with (
        ended_after(),
        pytest.raises(UnreadableFileError, match="0 bytes"),
        opened(tmp_path / "night.csv", name="night", limits=Limits()),
    ):
        pass


def test_a_pipe_that_takes_a_files_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "night.csv")
    with ended_after(), pytest.raises(OSError, match="no regular file"):
        list(pieces_of(LOCAL, str(tmp_path / "night.csv"), most=MOST))


@pytest.mark.parametrize(
    ("n_bytes", "advice"), [(2000, "--max-bytes 2000."), (1001, "--max-bytes.")]
)
def test_a_bound_is_advised_by_number_where_all_of_a_file_is_known(
    n_bytes: int, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.inbox.refuse", lambda _, arrival, e, found: found.reject(arrival, e))
    parameters = InboxParameters(inbox=str(tmp_path), out=str(tmp_path / "out"), max_bytes=1000)
    arrival = Arrival(path="c.csv", name="c.csv", stamp="", sha256="0" * 64, unread=n_bytes)
    refuse_unread(parameters, arrival, found := Pass())
    assert found.rejected[0]["message"].endswith(advice)


def test_what_is_larger_than_allowed_is_set_aside_unread(tmp_path: Path) -> None:
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
    unread = {arrival.name: arrival.unread for arrival in found.settled}
    assert unread == {"night.csv": None, "core.csv": 1 << 36, "large.csv": 2000}
    assert not found.waiting
    for arrival in found.settled[:2]:
        reject.fn(parameters, arrival, {"message": f"{arrival.name} is too large"})
        assert move_aside.fn(parameters, arrival)
    assert [path.name for path in inbox.iterdir() if path.is_file()] == ["night.csv"]
    assert {path.name[17:] for path in (inbox / "rejected").iterdir()} == {
        "core.csv", "core.csv.report.txt", "large.csv", "large.csv.report.txt"
    }  # fmt: skip
    assert [arrival.name for arrival in look.fn(parameters).settled] == ["night.csv"]


def test_a_file_that_holds_less_or_more_than_it_says_is_not_taken_for_whole(
    tmp_path: Path,
) -> None:
    from pulsars.reading.sources.files import load

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
