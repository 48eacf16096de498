"""What a system refused, where, and what helps: said alike by a command and by a pass."""

from __future__ import annotations

import errno
import re
from pathlib import Path

_WHAT_HELPS = {
    errno.EACCES: "name another folder, or have it made readable and writable for you",
    errno.EPERM: "name another folder, or have it made readable and writable for you",
    errno.ENOSPC: "free some space or inodes there",
    errno.EDQUOT: "free some space there, or have the quota raised",
    errno.EFBIG: "files may not grow that large here (`ulimit -f`); raise the limit",
    errno.EROFS: "name another folder, or have it made writable",
    errno.EMFILE: "this process may not open more files; raise the limit with `ulimit -n`",
    errno.ENFILE: "the machine has too many files open; close some programs",
    errno.ENOMEM: "free some memory",
}
_UNFINISHED = re.compile(r"\.(.+)\.part")  # how a file is called until it is whole
_ON_A_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def what_was_short(error: OSError, *, elsewhere: str, then: str) -> str:
    """Say where the system refused something, why, and what helps where that is known.

    Parameters
    ----------
    error : OSError
        As the system raised it.
    elsewhere : str
        Where it may have been, of a disk that is full and of an error that names no file.
    then : str
        What follows once somebody has helped.
    """
    said = f"{_where(error, elsewhere)}{error.strerror or error}"
    helps = _WHAT_HELPS.get(error.errno or 0)
    return f"{said}; {helps}, and {then}" if helps else said


def _where(error: OSError, elsewhere: str) -> str:
    if error.filename:
        path = Path(str(error.filename))
        unfinished = _UNFINISHED.fullmatch(path.name)
        return f"{path.with_name(unfinished[1]) if unfinished else path}: "
    return f"{elsewhere}: " if error.errno in _ON_A_DISK else ""
