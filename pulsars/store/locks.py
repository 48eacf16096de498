"""One at a time: a lock that ends with the process that holds it."""

from __future__ import annotations

import errno
import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from schemas import ParameterError

_POLL_SECONDS = 0.1
_NO_FOLDER = (errno.ENOENT, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ELOOP)
NOT_OURS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, *_NO_FOLDER)
"""Why nothing can be written in a folder, where that is the folder's fault and no shortage's."""


@contextmanager
def exclusive(
    folder: Path,
    *,
    waiting: Callable[[], None],
    name: str = ".lock",
    remedy: str = "have it made writable, or name another folder",
) -> Iterator[None]:
    """Let one run at a time publish below a folder; the others wait.

    The lock is the operating system's, so it ends with the process that holds it, however that
    ends, and holds across Prefect servers.

    Parameters
    ----------
    folder : Path
        The artifact root; made when missing.
    waiting : callable
        Called once when another run holds the lock; whoever will not wait raises.
    name : str, optional
        Of the lock: work of another kind below the same folder need not wait.
    remedy : str, optional
        What a person can do where nothing can be written.

    Raises
    ------
    ParameterError
        If nothing can be written there, or it can be no folder.
    """
    with _opened(folder, name, remedy) as lock:
        if not _taken(lock):
            waiting()
            # Asked again and again: who waits in the kernel does not hear of a Ctrl-C that came
            # just before.
            while not _taken(lock):
                time.sleep(_POLL_SECONDS)
        yield


def _opened(folder: Path, name: str, remedy: str) -> IO[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / name).open("w")
    except OSError as error:
        if error.errno not in NOT_OURS:
            raise
        raise ParameterError(
            f"{folder}: nothing can be written there ({error.strerror}); {remedy}"
        ) from None


def _taken(lock: IO[str]) -> bool:
    """Take a lock, unless another has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
