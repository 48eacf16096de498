"""A file that arrived, read a piece at a time, and no further than its file system says it goes."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from pulsars.inbox.stamps import is_local
from pulsars.store import named, regular
from schemas import DownloadError

_CHUNK = 1 << 20


def pieces_of(files: Any, path: str, *, most: int) -> Iterator[bytes]:
    """Read a file without waiting for it: what has no length here, such as /proc/kmsg, is empty.

    A store that does not say how long a file is gives all of it.

    Parameters
    ----------
    files : fsspec.AbstractFileSystem
        Where it is.
    path : str
        As `files` calls it.
    most : int
        Bytes. Of a larger file one more is given, by which that is seen.

    Raises
    ------
    DownloadError
        If a store gives fewer bytes, or more, than it says that there are.
    OSError
        If it cannot be read, is none by now, or is reached by another user's link and not theirs.
    """
    if not is_local(files):
        size = files.info(path)["size"]
        asked = most + 1 if size is None else min(size, most + 1)
        with files.open(path, "rb") as stored:
            came = yield from _pieces(stored, asked)
        if size is not None and came != asked:
            raise DownloadError(
                f"{path}: {came:,} bytes came where {asked:,} were asked for; try again later"
            )
        return
    with regular(path) as (file, length):
        if length:
            _require_owner(path, os.fstat(file.fileno()).st_uid)
        with named(Path(path)):
            yield from _pieces(file, min(length, most + 1))


def _require_owner(path: str, owner: int) -> None:
    """Refuse what another user's link leads to: a refusal quotes what no one else might read.

    The entry is looked at when the file is open: one that took its place meanwhile is another
    user's as well.
    """
    by = os.lstat(path).st_uid
    if by not in {owner, os.geteuid(), 0}:
        raise PermissionError(
            errno.EPERM, "it is a link of another user to a file that is not theirs; copy it"
        )


def _pieces(file: BinaryIO, left: int) -> Generator[bytes, None, int]:
    """Give so many bytes, or those that there are; return how many came."""
    came = 0
    while came < left and (chunk := file.read(min(_CHUNK, left - came))):
        came += len(chunk)
        yield chunk
    return came
