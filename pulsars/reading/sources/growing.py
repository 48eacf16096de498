"""The file that a download grows in, and the note of what it is known to hold."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeAlias

from pulsars.store import named, write_json
from schemas import DownloadError, Limits

OnBytes: TypeAlias = Callable[[int, int], None]
"""Told how many bytes there are, and how many there will be; 0 where that is not known."""

_CHUNK = 1 << 16
_NOTED = 64 << 20
_LONGEST_NOTE = 1 << 20
SLOWEST = 100_000
"""Bytes a second; a host that gives fewer, after its first patience, is left."""


@dataclass
class Growing:
    """One download under way, and the file that it grows in."""

    url: str
    path: Path
    file: BinaryIO
    note: Path
    patience: float
    limits: Limits
    on_bytes: OnBytes | None = None
    version: str | None = None
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    since: float = field(default_factory=time.monotonic)
    gained: int = 0
    noted: int = 0
    left: bool = False

    def restart(self, version: str | None = None) -> None:
        """Forget what is there."""
        with named(self.path):
            self.file.seek(0)
            self.file.truncate()
        self.version, self.digest, self.noted = version, hashlib.sha256(), 0

    def take_up(self) -> int:
        """Go to the end of what an earlier try is known to have left; give its length.

        What is there is hashed, and forgotten where it is not what was noted.
        """
        if (note := _read_note(self.note, self.url)) is not None:
            self.version, size, sha256 = note
            if self._hash_first(size) and self.digest.hexdigest() == sha256:
                self.file.truncate()
                return size
        self.restart()
        return 0

    def _hash_first(self, size: int) -> bool:
        """Hash so many bytes, and tell whether there are as many."""
        self.digest = hashlib.sha256()
        self.file.seek(0)
        left = size if size <= os.fstat(self.file.fileno()).st_size else 0
        while left > 0 and (chunk := self.file.read(min(_CHUNK, left))):
            self.digest.update(chunk)
            left -= len(chunk)
        return self.file.tell() == size

    def is_own(self, error: BaseException) -> bool:
        """Tell what went wrong with the file, or the note of it, from what did with the host."""
        name = error.filename if isinstance(error, OSError) else None
        return isinstance(name, str) and Path(name).is_relative_to(self.note.parent)

    def take_note(self) -> None:
        """Write down what has come, after it has reached the disk."""
        if self.version is None or self.left:
            return
        with named(self.path):
            self.file.flush()
            os.fsync(self.file.fileno())
        known = {"size": self.file.tell(), "sha256": self.digest.hexdigest()}
        write_json(self.note, {"url": self.url, "version": self.version, **known})
        self.noted = self.gained

    def add(self, chunk: bytes, total: int) -> None:
        """Keep a piece, unless it is one too many or too late."""
        if self.left:
            raise DownloadError(f"{self.url}: was given up")
        with named(self.path):
            self.file.write(chunk)
        self.digest.update(chunk)
        self.gained += len(chunk)
        if self.gained - self.noted > _NOTED:
            self.take_note()
        done = self.file.tell()
        if self.on_bytes:
            self.on_bytes(done, total)
        self.limits.require_bytes(done, name=self.url, what="gives", at_least=True)
        if time.monotonic() - self.since > self.patience + self.gained / SLOWEST:
            raise DownloadError(
                f"{self.url} gave {self.gained:,} bytes in {self.patience:g} seconds and is too "
                f"slow; try again later, or fetch it yourself"
            )


def _read_note(note: Path, url: str) -> tuple[str, int, str] | None:
    """Read the version, length and hash of what is there already."""
    try:
        with note.open("rb") as file:
            found = json.loads(file.read(_LONGEST_NOTE))
        known = str(found["version"]), int(found["size"]), str(found["sha256"])
    except (OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return None
    return known if found["url"] == url else None
