"""Files from addresses: streamed to disk, hashed on the way, gone on with where they broke off.

Beside an unfinished file rests what the host called its version, and the hash of what had come. A
download goes on only where both still hold; else it starts again, so that two never mix.
"""

from __future__ import annotations

import contextvars
import fcntl
import hashlib
import logging
import os
import secrets
import threading
from pathlib import Path
from typing import BinaryIO

import httpx

from pulsars.credentials import said_by, tells_which
from pulsars.reading.sources.answers import ChangedError, ask
from pulsars.reading.sources.growing import Growing, OnBytes
from pulsars.store import named, sync_folder
from schemas import (
    DownloadError,
    FileRef,
    Limits,
    PulsarError,
    SizeError,
    SourceNotFoundError,
    UnreadableFileError,
)

_log = logging.getLogger(__name__)

_TRIES = 5


def download(
    url: str,
    folder: Path,
    *,
    patience: float,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    on_bytes: OnBytes | None = None,
) -> FileRef:
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
    on_bytes : callable, optional
        Called with the bytes that are there and those there will be (0 where nobody knows).

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
    OSError
        With the name of the file, if it cannot be written here, as on a full disk.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{hashlib.sha256(url.encode()).hexdigest()[:16]}.part"
    file = _open_alone(part) if tells_which(url) else None
    alone = file is not None
    if file is None:  # another run fetches the same just now, or nobody could tell what is there
        part = part.with_name(f".{secrets.token_hex(8)}.part")
        file = part.open("x+b")
    note = part.with_name(f"{part.name}.json")
    with named(part), file:
        try:
            work = Growing(url, part, file, note, patience, limits, on_bytes)
            _in_a_thread(work)
            file.flush()
            os.fsync(file.fileno())
            digest = work.digest.hexdigest()
            kept = part.replace(folder / digest)  # while nobody else may open it
        except (SizeError, SourceNotFoundError, UnreadableFileError):
            part.unlink()
            note.unlink(missing_ok=True)
            raise
        except OSError:  # of the host, or of the disk; what is noted can be gone on with
            if not alone or not note.exists():
                part.unlink(missing_ok=True)
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


def _in_a_thread(work: Growing) -> None:
    """Do the work, and leave it behind when it rests for too long."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            _try_again_and_again(work)
        except BaseException as error:  # noqa: BLE001 - carried over to the caller's thread
            errors.append(error)

    # The thread sees the caller's context, and so the log of its run.
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
        if isinstance(error, PulsarError) or work.is_own(error):
            raise error
        why = said_by(error, work.url) if isinstance(error, Exception) else type(error).__name__
        raise DownloadError(
            f"{work.url} could not be fetched ({why}); check the address and the network"
        ) from None


def _try_again_and_again(work: Growing) -> None:
    """Go on after a cut, for as long as each try brings something."""
    for number in range(1, _TRIES + 1):
        before = work.gained
        try:
            return ask(work)
        except (httpx.TransportError, ChangedError) as error:
            work.take_note()
            changed = isinstance(error, ChangedError)
            if number == _TRIES or not (changed or work.gained > before):
                raise
            _log.info("%s broke off after %s bytes; going on", work.url, f"{work.file.tell():,}")
        except DownloadError:
            work.take_note()
            raise
    return None
