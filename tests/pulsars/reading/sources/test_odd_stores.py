"""Stores that lie about a piece, drip, or answer with an error: right, or refused, and in time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest

from pulsars.inbox.pieces import pieces_of
from pulsars.reading.fetching import obtain
from pulsars.reading.sources import objects
from schemas import DownloadError
from tests.hosts import QuietHandler, serving

CONTENT = bytes(range(256)) * 16
PIECE = 1000


class Store(QuietHandler):
    """Answers as S3 does, but for what the name of the bucket says."""

    protocol_version = "HTTP/1.1"
    given: ClassVar[list[int]] = []  # bytes that dripped; a test has a list of its own

    def do_GET(self) -> None:
        how, head = self.path.split("/")[1].split("?")[0], self.command == "HEAD"
        if how.isdigit():
            self.begin(int(how), b"")
            return
        start, stop = 0, len(CONTENT)
        ranged = self.headers["Range"] and how != "whole"
        if ranged:
            first, last = self.headers["Range"].removeprefix("bytes=").split("-")
            start, stop = int(first), int(last) + 1
        body = CONTENT[start:stop]
        if ranged and how == "short":
            body = body[: len(body) // 2]
        self.begin(206 if ranged else 200, body)
        if head:
            return
        for at in range(len(body) if how == "drips" else 0):
            self.wfile.write(body[at : at + 1])
            self.wfile.flush()
            self.given.append(at)
            time.sleep(0.2)
        if how != "drips":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the base class calls it so

    def begin(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("ETag", '"one"')
        self.send_header("Last-Modified", "Wed, 01 Jan 2025 00:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Have a store in which buckets are called by what is wrong with them."""
    monkeypatch.setattr(objects, "_PIECE", PIECE)
    with serving(Store) as port:
        how = {
            "endpoint_url": f"http://127.0.0.1:{port}", "key": "test", "secret": "test",
            "config_kwargs": {"retries": {"max_attempts": 0}},
        }  # fmt: skip
        monkeypatch.setitem(fsspec.config.conf, "s3", how)
        yield fsspec.filesystem("s3")


@pytest.mark.usefixtures("odd")
def test_a_store_that_keeps_to_what_is_asked_gives_all(tmp_path: Path) -> None:
    source = obtain("s3://right/sky.csv", tmp_path, patience=5)
    assert Path(source.file.path).read_bytes() == CONTENT


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize(("bucket", "came"), [("whole", len(CONTENT)), ("short", PIECE // 2)])
def test_more_or_fewer_bytes_than_were_asked_for_are_no_piece(
    bucket: str, came: int, tmp_path: Path
) -> None:
    with pytest.raises(DownloadError, match=f"{came:,} bytes") as caught:
        obtain(f"s3://{bucket}/sky.csv", tmp_path, patience=5)
    assert f"{PIECE:,}" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_object_of_an_inbox_that_ends_early_is_not_taken_for_whole(odd: Any) -> None:
    assert b"".join(pieces_of(odd, "right/sky.csv", most=1 << 30)) == CONTENT
    assert len(b"".join(pieces_of(odd, "right/sky.csv", most=99))) == 100
    with pytest.raises(DownloadError, match=f"{len(CONTENT):,}"):
        list(pieces_of(odd, "short/sky.csv", most=1 << 30))


@pytest.mark.usefixtures("odd")
def test_a_store_that_drips_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given: list[int] = []
    monkeypatch.setattr(Store, "given", given)
    for patience in (1, 5, 25):  # on a busy machine what the object is may come too late
        with pytest.raises(DownloadError, match="too slow"):
            obtain("s3://drips/sky.csv", tmp_path, patience=patience)
        if given:
            break
    assert 0 < len(given) < PIECE
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "response", [{}, {"ResponseMetadata": {}}, {"ResponseMetadata": None}, "broken", None]
)
def test_an_answer_without_a_number_is_told_too(response: Any) -> None:
    cause = type("Cause", (Exception,), {"response": response})()
    with pytest.raises(DownloadError, match="OSError: odd"), objects.asked("s3://box/sky.csv"):
        raise OSError("odd") from cause


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize("status", [500, 503, 429, 400])
@pytest.mark.parametrize("name", ["sky.csv", "*.csv"])
def test_what_a_store_answers_is_told_by_its_number(status: int, name: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=f"HTTP {status}; try again later"):
        obtain(f"s3://{status}/{name}", tmp_path, patience=5)
