"""A labels file that others write to: of one that only grew, what was added is read."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import NamedTuple

from pulsars.review.labels import Labels, read_labels
from pulsars.store import regular

_COMPARED = 1 << 12
"""Bytes: a few lines."""


class _Seen(NamedTuple):
    """A file as it was found: as long as nobody writes to it, none of these changes."""

    inode: int = 0
    n_bytes: int = 0
    changed: int = 0


class Followed:
    """A labels file, read as often as somebody asks.

    Parameters
    ----------
    path : Path
        The file; others may write to it meanwhile, or put another in its place.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._labels, self._last, self._seen = Labels(), b"", _Seen()
        self._reading = threading.Lock()

    def read(self) -> Labels:
        """Give what has been said.

        A file is taken for what it was, and more, if it is longer and the last lines that were read
        are where they were; any other is read anew.

        Raises
        ------
        LabelsError
            If the file is not what was written.
        """
        with self._reading:
            seen = _look_at(self._path)
            if seen != self._seen or seen == _Seen():
                self._labels = read_labels(self._path, known=self._known(seen))
                self._last = _end_of(self._path, self._labels)
                self._seen = seen
            return self._labels

    def _known(self, seen: _Seen) -> Labels | None:
        grew = seen.inode == self._seen.inode and seen.n_bytes > self._seen.n_bytes
        return self._labels if grew and _end_of(self._path, self._labels) == self._last else None


def _end_of(path: Path, labels: Labels) -> bytes:
    """Give the last of the bytes that were read as whole lines, as they are there now."""
    end = labels.end[1]
    try:
        with regular(path) as (file, _):
            file.seek(max(0, end - _COMPARED))
            return file.read(min(end, _COMPARED))
    except OSError:  # it went meanwhile, and will be another
        return b""


def _look_at(path: Path) -> _Seen:
    try:
        found = path.stat()
    except OSError:  # which reading will say, or there is none yet
        return _Seen()
    return _Seen(found.st_ino, found.st_size, found.st_mtime_ns)
