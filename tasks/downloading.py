"""Files from addresses: streamed to disk, hashed on the way, gone on with where they broke off.

Beside an unfinished file rests what the host called its version, and the hash of what had come. A
download goes on only where both still hold; else it starts again, so that two never mix.
"""

from __future__ import annotations

import contextvars
import fcntl
import hashlib
import json
import os
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

import httpx

from schemas.errors import (
    DownloadError,
    PulsarError,
    SizeError,
    SourceNotFoundError,
    UnreadableFileError,
)
from schemas.handles import FileRef
from schemas.limits import Limits
from tasks.credentials import request_for, said_by
from tasks.files import sync_folder, write_json
from tasks.watching import progressed, said

_CHUNK = 1 << 16
_NOT_FOUND = 404
_GONE = 410
_PARTIAL = 206
_NOT_THAT_RANGE = 416
_TRIES = 5
_NOTED = 64 << 20
_SLOWEST = 100_000
"""Bytes a second; a host that gives fewer, after its first patience, is left."""


@dataclass
class _Download:
    """One download under way, and the file that it grows in."""

    url: str
    file: BinaryIO
    note: Path
    patience: float
    limits: Limits
    version: str | None = None
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    since: float = field(default_factory=time.monotonic)
    gained: int = 0
    noted: int = 0
    left: bool = False

    def restart(self, version: str | None = None) -> None:
        """Forget what is there."""
        self.file.seek(0)
        self.file.truncate()
        self.version, self.digest, self.noted = version, hashlib.sha256(), 0

    def take_up(self) -> int:
        """Go to the end of what an earlier try is known to have left; give its length."""
        self.restart_unless_known(_read_note(self.note, self.url))
        return self.file.tell()

    def restart_unless_known(self, note: tuple[str, int, str] | None) -> None:
        """Hash what is there, and forget it where it is not what was noted."""
        if note is not None:
            self.version, size, sha256 = note
            self.file.seek(0)
            self.digest = hashlib.sha256()
            for start in range(0, size, _CHUNK):
                self.digest.update(self.file.read(min(_CHUNK, size - start)))
            if self.file.tell() == size and self.digest.hexdigest() == sha256:
                self.file.truncate()
                return
        self.restart()

    def take_note(self) -> None:
        """Write down what has come, after it has reached the disk."""
        if self.version is None or self.left:
            return
        self.file.flush()
        os.fsync(self.file.fileno())
        known = {"size": self.file.tell(), "sha256": self.digest.hexdigest()}
        write_json(self.note, {"url": self.url, "version": self.version, **known})
        self.noted = self.gained

    def add(self, chunk: bytes, total: int) -> None:
        """Keep a piece, unless it is one too many or too late."""
        if self.left:
            raise DownloadError(f"{self.url}: was given up")
        self.file.write(chunk)
        self.digest.update(chunk)
        self.gained += len(chunk)
        if self.gained - self.noted > _NOTED:
            self.take_note()
        done = self.file.tell()
        progressed("fetch", done, total)
        self.limits.require_bytes(done, name=self.url, what="gives at least")
        if time.monotonic() - self.since > self.patience + self.gained / _SLOWEST:
            raise DownloadError(
                f"{self.url} gave {self.gained:,} bytes in {self.patience:g} seconds and is too "
                f"slow; try again later, or fetch it yourself"
            )


def download(url: str, folder: Path, *, patience: float, limits: Limits = Limits()) -> FileRef:  # noqa: B008 - frozen
    """Fetch an address into a file that is named by its content.

    Looking a host's name up cannot be timed out from within, so the work is done in a thread
    that is left behind when it takes too long.

    Parameters
    ----------
    url : str
        http or https.
    folder : Path
        Receives the file, whole or not at all. What an earlier try left there of the same version
        is not fetched again.
    patience : float
        Seconds to wait for the host; it has a second more for every 100 kB that it gives.
    limits : Limits

    Returns
    -------
    FileRef
        The file.

    Raises
    ------
    SourceNotFoundError
        If the host says that there is no such file.
    SizeError
        If it is larger than `limits` allow.
    DownloadError
        If the host cannot be reached, is too slow, breaks off again and again, or answers with an
        error.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{hashlib.sha256(url.encode()).hexdigest()[:16]}.part"
    file = _open_alone(part)
    if file is None:  # another run fetches the same just now
        part = part.with_name(f".{secrets.token_hex(8)}.part")
        file = part.open("x+b")
    note = part.with_name(f"{part.name}.json")
    with file:
        try:
            work = _Download(url, file, note, patience, limits)
            _in_a_thread(work)
            file.flush()
            os.fsync(file.fileno())
            digest = work.digest.hexdigest()
            kept = part.replace(folder / digest)  # while nobody else may open it
        except DownloadError:
            if not note.exists():
                part.unlink()
            raise
        except (SizeError, SourceNotFoundError, UnreadableFileError):
            part.unlink()
            note.unlink(missing_ok=True)
            raise
    note.unlink(missing_ok=True)
    sync_folder(folder)
    return FileRef(path=str(kept), sha256=digest)


def _open_alone(part: Path) -> BinaryIO | None:
    """Open the file of a download, unless another run has it, or has just finished with it."""
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    file = os.fdopen(descriptor, "r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_ino == part.stat().st_ino:
            return file
    except (BlockingIOError, FileNotFoundError):
        pass
    file.close()
    return None


def _in_a_thread(work: _Download) -> None:
    """Do the work, and leave it behind when it rests for too long."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            _try_again_and_again(work)
        except BaseException as error:  # noqa: BLE001 - carried over to the caller's thread
            errors.append(error)

    # The thread sees the caller's context, and so its progress bar.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    thread.start()
    gained = -1
    while thread.is_alive() and work.gained != gained:
        gained = work.gained
        thread.join(work.patience * 1.5)
    if thread.is_alive():
        work.left = True
        raise DownloadError(
            f"{work.url} could not be fetched (no answer within {work.patience:g} seconds); check "
            f"the address and the network"
        )
    for error in errors:
        if isinstance(error, PulsarError):
            raise error
        why = said_by(error, work.url) if isinstance(error, Exception) else type(error).__name__
        raise DownloadError(
            f"{work.url} could not be fetched ({why}); check the address and the network"
        ) from None


def _try_again_and_again(work: _Download) -> None:
    """Go on after a cut, for as long as each try brings something."""
    for number in range(1, _TRIES + 1):
        before = work.gained
        try:
            return _try(work)
        except (httpx.TransportError, ChangedError) as error:
            work.take_note()
            changed = isinstance(error, ChangedError)
            if number == _TRIES or not (changed or work.gained > before):
                raise
            said(f"{work.url} broke off after {work.file.tell():,} bytes; going on")
        except DownloadError:
            work.take_note()
            raise
    return None


class ChangedError(Exception):
    """The host no longer has what it began to give."""


def _try(work: _Download) -> None:
    """Ask once, for all of it or for the rest."""
    have = work.take_up()
    # Bytes as they are stored: a length and a range speak of these, not of what they unpack to.
    headers = {"Accept-Encoding": "identity"}
    if have and work.version is not None:
        headers |= {"Range": f"bytes={have}-", "If-Range": work.version}
    with httpx.stream(
        "GET",
        **request_for(work.url),
        headers=headers,
        timeout=work.patience,
        follow_redirects=True,
    ) as answer:
        total = _begin(work, answer, have)
        for chunk in answer.iter_raw(_CHUNK):
            work.add(chunk, total or 0)
    have = work.file.tell()
    if total is not None and have != total:
        raise httpx.RemoteProtocolError(f"{have:,} of {total:,} bytes came")
    if total is None and "chunked" not in answer.headers.get("transfer-encoding", ""):
        said(f"{work.url} did not say how long it is; if it broke off, nobody can tell")


def _begin(work: _Download, answer: httpx.Response, have: int) -> int | None:
    """Read the head of an answer, and whether it goes on; give the length of the whole."""
    if have and answer.status_code in {_PARTIAL, _NOT_THAT_RANGE}:
        start, total = _range(answer.headers.get("content-range", ""))
        goes_on = answer.status_code == _PARTIAL and start == have
        if not goes_on or _version(answer) != work.version:
            work.note.unlink(missing_ok=True)
            work.restart()
            raise ChangedError(f"{work.url} is no longer what it was when it broke off")
    else:
        _require_success(work.url, answer.status_code)
        total = _number(answer.headers.get("content-length", ""))
        work.restart(_version(answer))
    if total is not None:
        work.limits.require_bytes(total, name=work.url, what="gives")
    return total


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


def _version(answer: httpx.Response) -> str | None:
    """Give what tells one content from another without fail, or None."""
    etag: str = answer.headers.get("etag", "")
    if etag.startswith('"'):  # a weak one, W/"…", may stay the same for other bytes
        return etag
    changed: str = answer.headers.get("last-modified", "")
    try:  # within the second of the answer the file may have changed once more
        old = parsedate_to_datetime(changed) < parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError, TypeError):
        return None
    return changed if old else None


def _read_note(note: Path, url: str) -> tuple[str, int, str] | None:
    """Read the version, length and hash of what is there already."""
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
        known = str(found["version"]), int(found["size"]), str(found["sha256"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return known if found["url"] == url else None


def _range(text: str) -> tuple[int, int | None]:
    """Start and whole length of ``bytes 5-9/10``; -1 where it says none."""
    found = re.fullmatch(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)", text)
    return (int(found[1]), _number(found[2])) if found else (-1, None)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None
