"""The password of the server that `pulsar up` starts, in a file that only its owner can read.

Whoever can talk to a Prefect server can have it run commands. Listening on loopback keeps out other
machines, not the other users of this one, nor the pages that a browser on it shows.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from schemas import ServerError
from service.notes import state

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


_BYTES = 32


def secret_file() -> Path:
    """Give the file that holds the password."""
    return state() / "secret"


def have_secret() -> str:
    """Give the password; make one where there is none, or where others could have read it.

    Raises
    ------
    ServerError
        If no file can be kept from others there.
    """
    with suppress(ServerError):
        found = read_secret()
        if found:
            return found
    _write(secrets.token_urlsafe(_BYTES))
    made = read_secret()
    if not made:
        raise ServerError(f"{secret_file()} does not keep what is written to it")
    return made


def read_secret() -> str | None:
    """Give the password; None where there is none.

    Raises
    ------
    ServerError
        If others can read it too.
    """
    try:
        descriptor = os.open(secret_file(), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with open(descriptor, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - is open
        if os.fstat(descriptor).st_mode & _OTHERS:
            raise ServerError(
                f"others than its owner can read {secret_file()}, the password of the server of "
                f"`pulsar up`; `pulsar down`, then `pulsar up` makes another (in a PREFECT_HOME "
                f"whose file system keeps modes)"
            )
        found = file.read().strip()
    # Prefect compares ASCII only.
    return found if found and found.isascii() and found.isprintable() else None


def _write(secret: str) -> None:
    """Write it so that it is there whole or not at all, and at no moment open to others."""
    unfinished = secret_file().with_suffix(".part")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123 - is open
        file.write(secret + "\n")
        file.flush()
        os.fsync(descriptor)
    unfinished.replace(secret_file())
