"""Where candidate files come from: a path, an address, UCI's archive, or the simulator."""

from __future__ import annotations

import contextvars
import hashlib
import io
import threading
import time
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from schemas.errors import (
    DownloadError,
    FingerprintError,
    PulsarError,
    SourceNotFoundError,
    UnreadableFileError,
)
from schemas.handles import FileRef
from schemas.outside import for_name
from schemas.records import Source
from schemas.sources import at_home, is_address, require_file, require_http
from tasks.credentials import handed, request_for, said_by, whole_address
from tasks.files import write_bytes
from tasks.watching import progressed

# UCI Machine Learning Repository, data set 372; doi 10.6084/m9.figshare.3080389.v1
UCI_ARCHIVE = "https://archive.ics.uci.edu/static/public/372/htru2.zip"
UCI_ARCHIVE_SHA256 = "ba442c076dd22a8952700f26e38499fc1806037dcf7bea0e125e6bfba393f379"
UCI_ROWS_SHA256 = "bff7e0d962f5762938f833075d6bbfd3ce229cdcfb30091b4ecaa7dca4a81a74"
UCI_MEMBER = "HTRU_2.csv"
UCI_MEMBERS = (UCI_MEMBER, "HTRU_2.arff")

_CHUNK = 1 << 16
_NOT_FOUND = 404
_GONE = 410
_LARGEST = 8 << 30


def obtain(origin: str, downloads: Path, *, patience: float) -> Source:
    """Have a candidate file on this machine and know its hash.

    Parameters
    ----------
    origin : str
        A path, or an http(s) URL.
    downloads : Path
        Folder that keeps downloaded files, named by their content.
    patience : float
        Seconds to wait for a host.

    Returns
    -------
    Source
        What the user named, and the bytes.

    Raises
    ------
    SourceNotFoundError, UnreadableFileError
        If there is no such file, or a folder instead.
    ParameterError
        If the address is of a kind that is not fetched.
    DownloadError
        If the host does not answer in time.
    """
    if not is_address(origin):
        path = at_home(origin)
        require_file(path, name=origin)
        return Source(origin=origin, name=for_name(path.name), file=FileRef.of(path.resolve()))
    with handed(whole_address(origin)) as address:  # from here on without what opens it
        require_http(address)
        parts = urlsplit(address)
        content = download(address, patience=patience)
    digest = hashlib.sha256(content).hexdigest()
    name = for_name(Path(parts.path).name or parts.netloc)
    return Source(origin=address, name=name, file=write_bytes(downloads / digest, content))


def download(url: str, *, patience: float) -> bytes:
    """Fetch an address into memory, and give up when `patience` seconds are over.

    Looking a host's name up cannot be timed out from within, so the work is done in a thread
    that is left behind when it takes too long.

    Raises
    ------
    SourceNotFoundError
        If the host says that there is no such file.
    DownloadError
        If the host cannot be reached, is too slow, or answers with an error.
    """
    outcome: dict[str, Any] = {}

    def work() -> None:
        try:
            outcome["content"] = _stream(url, patience=patience)
        except Exception as error:  # noqa: BLE001 - carried over to the caller's thread below
            outcome["error"] = error

    # The thread sees the caller's context, and so its progress bar.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True)
    thread.start()
    thread.join(patience)
    if "content" in outcome:
        content: bytes = outcome["content"]
        return content
    error = outcome.get("error")
    if isinstance(error, PulsarError):
        raise error
    why = said_by(error, url) if error else f"no answer within {patience:g} seconds"
    raise DownloadError(f"{url} could not be fetched ({why}); check the address and the network")


def _stream(url: str, *, patience: float) -> bytes:
    deadline = time.monotonic() + patience
    buffer = io.BytesIO()
    asked = request_for(url)
    with httpx.stream("GET", **asked, timeout=patience, follow_redirects=True) as response:
        _require_success(url, response.status_code)
        total = int(response.headers.get("content-length", 0))
        for chunk in response.iter_bytes(_CHUNK):
            buffer.write(chunk)
            progressed("fetch", buffer.tell(), total)
            if time.monotonic() > deadline or buffer.tell() > _LARGEST:
                raise DownloadError(f"{url} is too large or too slow; fetch it yourself")
    return buffer.getvalue()


def _require_success(url: str, status: int) -> None:
    if status in {_NOT_FOUND, _GONE}:
        raise SourceNotFoundError(f"{url}: the host has no such file (HTTP {status})")
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise UnreadableFileError(
            f"{url}: the host wants a user and a password, or refuses what it was given (HTTP "
            f"{status}); put them into ~/.netrc"
        )
    if status != httpx.codes.OK:
        raise DownloadError(f"{url}: the host answered with HTTP {status}; try again later")


def fetch_htru2(
    folder: Path,
    *,
    patience: float,
    url: str = UCI_ARCHIVE,
    archive_sha256: str = UCI_ARCHIVE_SHA256,
) -> Path:
    """Fetch HTRU2 from UCI, prove that it is the known data, and keep it in a folder.

    Parameters
    ----------
    folder : Path
        Receives `HTRU_2.csv` and its ARFF twin, each whole or not at all.
    patience : float
        Seconds to wait for the host.
    url, archive_sha256 : str
        Another place that holds an archive of the same rows, and what is known of it.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    DownloadError, SourceNotFoundError
        If the archive cannot be had.
    FingerprintError
        If the archive or the rows in it are not the known ones.
    """
    archive = download(url, patience=patience)
    _require_hash(url, hashlib.sha256(archive).hexdigest(), archive_sha256)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        held = {name: opened.read(name) for name in UCI_MEMBERS if name in opened.namelist()}
    for name, content in held.items():
        unproved = folder / f".{name}.unproved"
        write_bytes(unproved, content)
        _require_hash(f"{name} of {url}", _rows_sha256(unproved), UCI_ROWS_SHA256)
        unproved.replace(folder / name)
    return folder / UCI_MEMBER


def _rows_sha256(path: Path) -> str:
    from schemas.candidates import check_candidates
    from schemas.reading import read_candidates

    return check_candidates(read_candidates(path)).quality.fingerprint


def _require_hash(what: str, found: str, expected: str) -> None:
    if found != expected:
        raise FingerprintError(
            f"{what} is not the known HTRU2: its sha256 is {found}, expected {expected}; "
            f"get the file by another way and name its path"
        )
