"""A file that is hashed while it is written, so that nobody has to read it for that."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from schemas import FileRef

_AT_ONCE = 1 << 22
"""Bytes that are handed to the thread that writes and hashes, while the next are made."""


class Piecewise:
    """A file that is written from its start to its end, and hashed as it is.

    PyArrow writes to it as to any file of Python's.
    """

    def __init__(self, file: BinaryIO, path: Path, thread: ThreadPoolExecutor) -> None:
        self._file, self._path, self._thread = file, path, thread
        self._seen, self._told = hashlib.sha256(), 0
        self._pieces: list[bytes] = []
        self._handed = 0
        self._under_way: Future[None] | None = None
        self.closed = False

    def write(self, piece: bytes) -> int:
        """Add to the end."""
        self._pieces.append(bytes(piece))  # a copy, unless it is what cannot change
        self._told += len(piece)
        if self._told - self._handed >= _AT_ONCE:
            self._wait()
            self._under_way = self._thread.submit(self._put, self._taken())
        return len(piece)

    def tell(self) -> int:
        """How many bytes there are."""
        return self._told

    def flush(self) -> None:
        """Nothing: it is made durable once, when it is whole."""

    def close(self) -> None:
        """Say that no more will come."""
        self.closed = True

    def finish(self) -> None:
        """Write what has not been written yet."""
        self._wait()
        self._put(self._taken())
        self._file.flush()

    @property
    def handle(self) -> FileRef:
        """The file as it was written, once it is finished."""
        return FileRef(path=str(self._path), sha256=self._seen.hexdigest())

    def _taken(self) -> list[bytes]:
        pieces, self._pieces, self._handed = self._pieces, [], self._told
        return pieces

    def _wait(self) -> None:
        if self._under_way:
            self._under_way.result()

    def _put(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            self._seen.update(piece)
            self._file.write(piece)
