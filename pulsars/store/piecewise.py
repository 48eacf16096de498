"""A file that is hashed while it is written, so that nobody has to read it for that."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO

from schemas import FileRef

if TYPE_CHECKING:
    from pathlib import Path


class Piecewise:
    """A file that is written from its start to its end, and hashed as it is.

    PyArrow writes to it as to any file of Python's.
    """

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file, self._path, self._seen, self._told = file, path, hashlib.sha256(), 0
        self.closed = False

    def write(self, piece: bytes) -> int:
        """Add to the end."""
        self._seen.update(piece)
        self._file.write(piece)
        self._told += len(piece)
        return len(piece)

    def tell(self) -> int:
        """How many bytes there are."""
        return self._told

    def flush(self) -> None:
        """Nothing: it is made durable once, when it is whole."""

    def close(self) -> None:
        """Say that no more will come."""
        self.closed = True

    @property
    def handle(self) -> FileRef:
        """The file as it was written, which no reading of it has to repeat."""
        return FileRef(path=str(self._path), sha256=self._seen.hexdigest())
