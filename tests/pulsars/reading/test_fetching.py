"""Files come from paths and real hosts; a host that fails is a sentence, not a wait."""

from __future__ import annotations

import errno
import hashlib
import socket
import threading
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NoReturn

import pytest

from pulsars.reading import fetching
from schemas.errors import (
    DownloadError,
    FingerprintError,
    ParameterError,
    SizeError,
    SourceNotFoundError,
    UnreadableFileError,
)
from schemas.limits import Limits
from tests.hosts import QuietHandler, serving

CSV = b"1,2,3\n"
PACKED = [b""]
"""What the host gives as HTRU2's archive."""
OVER = threading.Event()
"""Set when nobody waits for the slow host any more."""


class Host(QuietHandler):
    """A host with a file, an archive that is none of ours, and every way to fail."""

    def do_GET(self) -> None:
        if self.path == "/slow":
            OVER.wait(60)
        if self.path in {"/missing", "/broken"}:
            self.send_error(404 if self.path == "/missing" else 503)
            return
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/sky.csv")
            self.end_headers()
            return
        body = {"/other.zip": archive(b"1,2,3"), "/htru2.zip": PACKED[0]}.get(self.path, CSV)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def archive(*contents: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        for name, content in zip(("HTRU_2.csv", "HTRU_2.arff"), contents, strict=False):
            opened.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with serving(Host) as port:
        yield f"http://127.0.0.1:{port}"
        OVER.set()


def test_a_path_is_taken_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "sky.csv"
    path.write_bytes(CSV)
    source = fetching.obtain(str(path), tmp_path / "downloads", patience=1)
    assert (source.name, source.file.path) == ("sky.csv", str(path))
    assert source.file.sha256 == hashlib.sha256(CSV).hexdigest()
    assert not (tmp_path / "downloads").exists()


@pytest.mark.parametrize("page", ["sky.csv", "moved"])
def test_an_address_is_fetched_and_kept_by_its_content(
    page: str, host: str, tmp_path: Path
) -> None:
    source = fetching.obtain(f"{host}/{page}", tmp_path, patience=5)
    assert Path(source.file.path).name == hashlib.sha256(CSV).hexdigest()
    assert source.file.verified().read_bytes() == CSV
    assert source.name == page


def test_a_host_that_has_no_such_file_is_not_asked_again(host: str, tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match=r"missing.*404"):
        fetching.obtain(f"{host}/missing", tmp_path, patience=5)


def test_a_host_in_trouble_may_be_asked_again(host: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"broken.*503"):
        fetching.obtain(f"{host}/broken", tmp_path, patience=5)


def test_a_slow_host_is_left_when_patience_ends(host: str, tmp_path: Path) -> None:
    # Who waits for the next byte gives up, or who waits for that: on a loaded machine either first.
    with pytest.raises(DownloadError, match=r"\(no answer within 0\.1 seconds\)|\(ReadTimeout"):
        fetching.download(f"{host}/slow", tmp_path, patience=0.1)


def test_a_name_that_nobody_looks_up_in_time_is_left_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def look_up(*_: object, **__: object) -> NoReturn:
        over.wait(60)
        raise OSError(errno.ENETUNREACH, "looked up for a minute")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(DownloadError, match=r"\(no answer within 0\.1 seconds\)"):
        fetching.download("http://sky.invalid/sky.csv", tmp_path, patience=0.1)
    over.set()


def test_a_host_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="could not be fetched"):
        fetching.download("http://127.0.0.1:9/x", tmp_path, patience=3)


@pytest.mark.parametrize(
    ("origin", "error"),
    [
        ("gs://bucket/x.csv", ParameterError),
        ("file:///etc/passwd", ParameterError),
        ("nowhere.csv", SourceNotFoundError),
        ("/dev/null", UnreadableFileError),
    ],
)
def test_what_cannot_be_fetched_is_refused_by_name(
    origin: str, error: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(error) as caught:
        fetching.obtain(origin, tmp_path, patience=1)
    assert origin in str(caught.value)


def test_an_archive_that_is_not_the_known_one_is_refused_and_leaves_nothing(
    host: str, tmp_path: Path
) -> None:
    with pytest.raises(FingerprintError, match="not the known HTRU2"):
        fetching.fetch_htru2(tmp_path, patience=5, url=f"{host}/other.zip")
    assert not list(tmp_path.iterdir())


def test_an_archive_that_unpacks_to_too_much_is_refused_and_leaves_nothing(
    host: str, tmp_path: Path
) -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("HTRU_2.csv", b"0" * 100_000)
    PACKED[0] = buffer.getvalue()
    digest = hashlib.sha256(PACKED[0]).hexdigest()
    with pytest.raises(SizeError, match=r"HTRU_2\.csv unpacks to at least 5,001 bytes"):
        fetching.fetch_htru2(
            tmp_path, patience=5, url=f"{host}/htru2.zip", archive_sha256=digest,
            limits=Limits(max_bytes=5000),
        )  # fmt: skip
    assert not list(tmp_path.iterdir())


def test_an_archive_with_the_known_rows_is_kept(host: str, data_dir: Path, tmp_path: Path) -> None:
    real = (data_dir / "HTRU_2.csv").read_bytes()
    packed = archive(real, (data_dir / "HTRU_2.arff").read_bytes())
    PACKED[0] = packed
    digest = hashlib.sha256(packed).hexdigest()
    path = fetching.fetch_htru2(
        tmp_path, patience=20, url=f"{host}/htru2.zip", archive_sha256=digest
    )
    assert path.read_bytes() == real
    assert {p.name for p in tmp_path.iterdir()} == {"HTRU_2.csv", "HTRU_2.arff"}


def test_rows_that_are_not_the_known_ones_are_refused(
    host: str, data_dir: Path, tmp_path: Path
) -> None:
    other = (data_dir / "HTRU_2.csv").read_bytes().replace(b"140.5625", b"140.5626", 1)
    packed = archive(other)
    PACKED[0] = packed
    digest = hashlib.sha256(packed).hexdigest()
    with pytest.raises(FingerprintError, match="not the known HTRU2"):
        fetching.fetch_htru2(tmp_path, patience=20, url=f"{host}/htru2.zip", archive_sha256=digest)
    assert not (tmp_path / "HTRU_2.csv").exists()
