"""What a machine ran out of, and what helps."""

from __future__ import annotations

import errno

from flows.server import prefect_home

_WHAT_HELPS = {
    errno.ENOSPC: "free some space or inodes there",
    errno.EDQUOT: "free some space there, or have the quota raised",
    errno.EFBIG: "files may not grow that large here (`ulimit -f`); raise the limit",
    errno.EROFS: "name another folder, or have it made writable",
    errno.EMFILE: "this process may not open more files; raise the limit with `ulimit -n`",
    errno.ENFILE: "the machine has too many files open; close some programs",
    errno.ENOMEM: "free some memory",
}
_ON_A_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def what_was_short(error: OSError) -> str:
    """Say where the system refused something, why, and what helps where that is known."""
    said = f"{_where(error)}{error.strerror or error}"
    helps = _WHAT_HELPS.get(error.errno or 0)
    if helps is None:
        return said
    return f"{said}; {helps}, and the same command goes on where it was"


def _where(error: OSError) -> str:
    if error.filename:
        return f"{error.filename}: "
    # Prefect's own writes say no name: they go below its home.
    return f"below --out or {prefect_home()}: " if error.errno in _ON_A_DISK else ""
