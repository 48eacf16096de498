"""What a file system says of a file, by which a change is seen without reading it."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas import is_object

_MARKS = {
    "etag", "checksum", "digest", "md5", "md5hash", "content-md5", "crc32c", "generation",
    "mtime", "modify", "last-modified", "last_modified", "lastmodified",
}  # fmt: skip
"""Under these names, in small letters, stores tell of a content or of its time of change."""

MOUNTED = "mounted"
"""Of a folder, that a share is mounted there: it is no bare mount point."""


@dataclass(frozen=True)
class Stamp:
    """A file as its file system describes it.

    Attributes
    ----------
    text : str
        Another one after a change.
    changed : float or None
        When, in seconds since 1970 by the clock of the file system; None where it does not tell.
    tells : bool
        Whether `text` holds more than a size, so that the same text means the same content.
    size : int
        Bytes.
    """

    text: str
    changed: float | None
    tells: bool
    size: int = 0

    @property
    def age(self) -> float:
        """Seconds since the change; infinite where nobody tells, negative by a clock ahead."""
        # A store that does not tell shows a file when it is complete.
        return float("inf") if self.changed is None else time.time() - self.changed


def is_local(files: Any) -> bool:
    """Whether files lie in folders of this machine, or are reached as if they did."""
    from fsspec.implementations.local import LocalFileSystem

    return isinstance(files, LocalFileSystem)


def stamp_of(files: Any, path: str) -> Stamp:
    """Describe a file; a symbolic link is described by what it leads to.

    Parameters
    ----------
    files : fsspec.AbstractFileSystem
        Where it is.
    path : str
        As `files` calls it.

    Raises
    ------
    FileNotFoundError
        If there is none, or a link leads nowhere.
    """
    if not is_local(files):
        return _stored(files, path)
    found = Path(path).stat()
    # Whoever replaces a file can keep its mtime (`cp -p`, `touch -r`), but not its ctime.
    parts = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    return Stamp(" ".join(map(str, parts)), found.st_mtime, tells=True, size=found.st_size)


def place_of(files: Any, folder: str) -> str | None:
    """Tell a folder from another of its name, as a mount point is without its share.

    Parameters
    ----------
    files, folder
        As of `stamp_of`.

    Returns
    -------
    str or None
        `MOUNTED`, also of a store of objects, of which none can be missing; device and inode of a
        folder that nothing is mounted at; None of one that nothing tells of.
    """
    if not is_local(files):
        return MOUNTED if is_object(files.unstrip_protocol(folder)) else None
    with suppress(OSError):  # it went meanwhile
        path = Path(folder).resolve()
        found = path.stat()
        return MOUNTED if path.is_mount() else f"{found.st_dev} {found.st_ino}"
    return None


def _stored(files: Any, path: str) -> Stamp:
    info, changed = files.info(path), _changed(files, path)
    marks = [f"{key}={info[key]}" for key in sorted(info) if key.lower() in _MARKS and info[key]]
    text = " ".join([str(info["size"]), str(changed), *marks])
    when = changed.timestamp() if changed else None
    return Stamp(text, when, tells=bool(marks or changed), size=info["size"] or 0)


def _changed(files: Any, path: str) -> datetime | None:
    try:
        changed: datetime | None = files.modified(path)
    except NotImplementedError:
        return None
    return changed.replace(tzinfo=UTC) if changed and not changed.tzinfo else changed
