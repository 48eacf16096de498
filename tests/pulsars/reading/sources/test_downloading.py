"""Downloads from hosts that cut, stall, lie and change: whole and right, or refused by name."""

from __future__ import annotations

import errno
import hashlib
import json
import re
import resource
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pulsars.reading.sources.downloading import download
from schemas.errors import DownloadError, SizeError
from schemas.limits import Limits
from tasks.plumbing.watchers import Watcher, watching
from tests.hosts import QuietHandler, serving
from tests.pulsars.waiting import ended_after

OLD = bytes(range(256)) * 2000
NEW = OLD[::-1]
CUT = 100_000


class Host(QuietHandler):
    """Gives `content`, and breaks off as its path says."""

    protocol_version = "HTTP/1.1"
    content: ClassVar[list[bytes]] = [OLD]
    asked: ClassVar[list[str | None]] = []
    how: ClassVar[dict[str, Any]] = {}
    over: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        how, body = self.how, self.content[0]
        self.asked.append(self.headers["Range"])
        first = len(self.asked) == 1
        start = self.start(body) if how.get("ranges", True) else 0
        status = 206 if start else 200
        self.send_response(status)
        if how.get("etag", True):
            self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()[:9]}"')
        if status == 206:
            said = start + how.get("shift", 0)
            self.send_header("Content-Range", f"bytes {said}-{len(body) - 1}/{len(body)}")
        if how.get("chunked"):
            self.send_header("Transfer-Encoding", "chunked")
        elif how.get("length", True):
            self.send_header("Content-Length", str(len(body) - start + how.get("more", 0)))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        self.give(body[start:], cut=how.get("cuts", 1) >= len(self.asked))
        if first and "then" in how:
            self.content[0] = how["then"]

    def start(self, body: bytes) -> int:
        """Where the answer starts."""
        found = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        same = self.headers["If-Range"] == f'"{hashlib.sha256(body).hexdigest()[:9]}"'
        return int(found[1]) if found and (same or self.how.get("careless")) else 0

    def give(self, body: bytes, *, cut: bool) -> None:
        given = body[:CUT] if cut else body
        if self.how.get("chunked"):
            given = b"%x\r\n%s\r\n" % (len(given), given) + (b"" if cut else b"0\r\n\r\n")
        self.wfile.write(given)
        self.wfile.flush()
        if cut and self.how.get("stalls"):
            self.over.wait(60)
        if cut or not self.how.get("length", True):
            self.close_connection = True


@pytest.fixture
def host() -> Iterator[type[Host]]:
    Host.content[:], Host.how = [OLD], {}
    Host.asked.clear()
    Host.over.clear()
    with serving(Host) as port:
        Host.address = f"http://127.0.0.1:{port}/night.csv"
        yield Host
        Host.over.set()


def fetched(host: type[Host], folder: Path, **how: Any) -> bytes:
    """Download in one go, and give what was kept."""
    host.how = how
    file = download(host.address, folder, patience=10)
    assert Path(file.path).name == file.sha256
    assert [path.name for path in folder.iterdir()] == [file.sha256]
    return file.verified().read_bytes()


def test_a_download_that_breaks_off_goes_on_where_it_was(host: type[Host], tmp_path: Path) -> None:
    assert fetched(host, tmp_path) == OLD
    assert host.asked == [None, f"bytes={CUT}-"]


def test_it_goes_on_as_often_as_something_comes(host: type[Host], tmp_path: Path) -> None:
    assert fetched(host, tmp_path, cuts=4) == OLD
    assert host.asked[-1] == f"bytes={4 * CUT}-"


@pytest.mark.parametrize(
    "how",
    [{"ranges": False}, {"etag": False}, {"chunked": True}, {"shift": 7}],
    ids=["no ranges", "no version", "chunks", "another range"],
)
def test_without_a_range_or_a_version_it_starts_again(
    how: dict[str, Any], host: type[Host], tmp_path: Path
) -> None:
    assert fetched(host, tmp_path, **how) == OLD


@pytest.mark.parametrize("how", [{}, {"careless": True}, {"etag": False}], ids=str)
def test_two_versions_are_never_mixed(
    how: dict[str, Any], host: type[Host], tmp_path: Path
) -> None:
    assert fetched(host, tmp_path, then=NEW, **how) == NEW


@pytest.mark.slow
def test_a_host_that_promises_more_than_it_gives_is_refused(
    host: type[Host], tmp_path: Path
) -> None:
    host.how = {"more": 10, "cuts": 0}
    with pytest.raises(DownloadError, match="could not be fetched"):
        download(host.address, tmp_path, patience=1)
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".")]


@pytest.mark.slow
def test_a_host_that_stalls_is_left_and_the_next_try_goes_on(
    host: type[Host], tmp_path: Path
) -> None:
    host.how = {"stalls": True, "cuts": 9}
    for _ in range(5):
        with pytest.raises(DownloadError) as left:
            download(host.address, tmp_path, patience=0.4)
        if "(no answer within" not in str(left.value):
            break  # else the machine was too busy to note anything in time
    assert "(ReadTimeout" in str(left.value)
    (note,) = tmp_path.glob(".*.part.json")
    size = json.loads(note.read_text())["size"]
    assert size >= CUT
    host.asked.clear()
    assert fetched(host, tmp_path, cuts=0) == OLD
    assert host.asked == [f"bytes={size}-"]


@pytest.mark.parametrize("flip", [0, 1])
def test_what_was_left_is_believed_unless_it_changed_on_disk(
    flip: int, host: type[Host], tmp_path: Path
) -> None:
    part = tmp_path / f".{hashlib.sha256(host.address.encode()).hexdigest()[:16]}.part"
    content = bytearray(OLD[:CUT])
    part.write_bytes(content)
    known = {"size": CUT, "sha256": hashlib.sha256(OLD[:CUT]).hexdigest()}
    version = f'"{hashlib.sha256(OLD).hexdigest()[:9]}"'
    note = {"url": host.address, "version": version, **known}
    part.with_name(f"{part.name}.json").write_text(json.dumps(note))
    content[5] ^= flip
    part.write_bytes(content)
    assert fetched(host, tmp_path, cuts=0) == OLD
    assert host.asked == ([None] if flip else [f"bytes={CUT}-"])


@pytest.mark.parametrize("size", [10**17, -5, CUT + 1, 1e400, "many", [[]]], ids=str)
def test_a_note_that_cannot_be_true_is_forgotten(
    size: object, host: type[Host], tmp_path: Path
) -> None:
    part = tmp_path / f".{hashlib.sha256(host.address.encode()).hexdigest()[:16]}.part"
    part.write_bytes(OLD[:CUT])
    version = f'"{hashlib.sha256(OLD).hexdigest()[:9]}"'
    note = {"url": host.address, "version": version, "size": size, "sha256": "0" * 64}
    part.with_name(f"{part.name}.json").write_text(json.dumps(note))
    with ended_after():
        assert fetched(host, tmp_path, cuts=0) == OLD
    assert host.asked == [None]


@pytest.mark.parametrize("text", ["[" * 100_000, " " * (2 << 20) + "{}"], ids=["deep", "long"])
def test_a_note_that_nobody_could_have_written_is_forgotten(
    text: str, host: type[Host], tmp_path: Path
) -> None:
    part = tmp_path / f".{hashlib.sha256(host.address.encode()).hexdigest()[:16]}.part"
    part.write_bytes(OLD[:CUT])
    part.with_name(f"{part.name}.json").write_text(text)
    assert fetched(host, tmp_path, cuts=0) == OLD


@pytest.mark.parametrize("room", [70_000, 300_000])
def test_a_disk_that_is_full_is_no_fault_of_the_host(
    room: int, host: type[Host], tmp_path: Path
) -> None:
    """A limit on the size of a file stands in for the disk: both fail as bytes are written."""
    host.how = {"cuts": 0}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(OSError, match="too large") as caught:
            download(host.address, tmp_path, patience=5)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert not isinstance(caught.value, DownloadError)
    assert caught.value.errno == errno.EFBIG
    assert Path(str(caught.value.filename)).parent == tmp_path
    assert not list(tmp_path.iterdir())
    assert fetched(host, tmp_path, cuts=0) == OLD


@pytest.mark.parametrize("how", [{}, {"chunked": True}], ids=str)
def test_what_is_too_large_is_left(how: dict[str, Any], host: type[Host], tmp_path: Path) -> None:
    host.how = {"cuts": 0, **how}
    with pytest.raises(SizeError, match="max-bytes") as refused:
        download(host.address, tmp_path, patience=5, limits=Limits(max_bytes=300_000))
    enough = f"--max-bytes {len(OLD)}" in str(refused.value)
    assert enough is not how.get("chunked", False)  # a host that tells no length names no number
    assert enough or not re.search(r"--max-bytes \d", str(refused.value))
    assert not list(tmp_path.iterdir())


def test_a_host_that_does_not_say_how_long_is_believed_and_that_is_said(
    host: type[Host], tmp_path: Path
) -> None:
    heard: list[str] = []

    class Listener(Watcher):
        def said(self, line: str) -> None:
            heard.append(line)

    with watching(Listener()):
        assert fetched(host, tmp_path, length=False) == OLD[:CUT]  # HTTP's own hole
    assert any("did not say how long" in line for line in heard)


def test_two_runs_that_fetch_the_same_do_not_meet(host: type[Host], tmp_path: Path) -> None:
    host.how = {"cuts": 0}
    found: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(download(host.address, tmp_path, patience=20).sha256)
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    digest = hashlib.sha256(OLD).hexdigest()
    assert found == [digest] * 6
    assert (tmp_path / digest).read_bytes() == OLD
    assert [path.name for path in tmp_path.iterdir()] == [digest]
