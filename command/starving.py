"""What a machine ran out of, and what helps."""

from __future__ import annotations

import errno
import os
import re
import resource
from pathlib import Path

from command.out_of_memory import NO_MEMORY, is_of_no_memory
from schemas import and_what_led_to_it
from service import prefect_home

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
_FEWEST_FILES = 32  # below it Prefect's threads die one by one, and the rest wait for them for ever
_UNFINISHED = re.compile(r"\.(.+)\.part")  # how a file is called until it is whole
_ON_A_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def require_files_to_open() -> None:
    """Have as many files to open as a flow needs.

    Raises
    ------
    OSError
        With EMFILE, before anything has begun.
    """
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < _FEWEST_FILES:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def no_memory(error: BaseException) -> str | None:
    """Say that the memory did not suffice, where that is what an error is about, or came of."""
    short = any(is_of_no_memory(one) for one in and_what_led_to_it(error))
    return NO_MEMORY if short else None


def what_was_short(error: OSError) -> str:
    """Say where the system refused something, why, and what helps where that is known."""
    said = f"{_where(error)}{error.strerror or error}"
    helps = _WHAT_HELPS.get(error.errno or 0)
    if helps is None:
        return said
    return f"{said}; {helps}, and the same command goes on where it was"


def _where(error: OSError) -> str:
    if error.filename:
        path = Path(str(error.filename))
        unfinished = _UNFINISHED.fullmatch(path.name)
        return f"{path.with_name(unfinished[1]) if unfinished else path}: "
    # Prefect's own writes, and those to standard output, say no name.
    if error.errno in _ON_A_DISK:
        return f"below --out, below {prefect_home()} or where the output goes: "
    return ""
