"""Files that somebody names, opened without waiting: a name may lead to anything."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class NoRegularFileError(OSError):
    """What is there is a device, a pipe or a socket."""


@contextmanager
def regular(path: Path | str) -> Iterator[tuple[BinaryIO, int]]:
    """Open a regular file to read, and say how many bytes it has.

    One that has none, as `/proc/kmsg`, is given as empty: whoever reads that waits for the
    kernel's next words. Nothing else is opened, for a device may do something when it is.

    Raises
    ------
    NoRegularFileError
        It is something else.
    IsADirectoryError
        It is a folder.
    OSError
        There is nothing, or it may not be read.
    """
    _require_regular(os.stat(path), path)  # noqa: PTH116 - a store's path is a text
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)  # something else may have taken its place
        _require_regular(found, path)
        yield file if found.st_size else io.BytesIO(), found.st_size


def _require_regular(found: os.stat_result, path: Path | str) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        raise NoRegularFileError(errno.EINVAL, "it is no regular file", str(path))
