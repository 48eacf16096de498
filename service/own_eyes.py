"""What a server of ours writes is for its owner's eyes only.

Its database holds what Secret blocks hold, and beside that the key that they are encrypted with.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from service.settings import prefect_home

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_BESIDE = ("", "-wal", "-shm", "-journal")  # what SQLite has of one database
_COULD_READ = (
    "other users of this machine could read {}, and can no more; change what Secret blocks hold if "
    "any of them should not know it"
)
_LOG = Path("/dev/fd/2")  # where an error of the database quotes what it was asked to keep


def keep_from_others() -> None:
    """Have this process write for its owner alone; shut its log, and a database that stands open.

    Before the database is opened or made. Prefect makes it readable by every user of the machine,
    and so did the servers of earlier versions.
    """
    os.umask(_OTHERS)
    _shut(_LOG)
    database = _database()
    beside = [database.with_name(database.name + end) for end in _BESIDE] if database else []
    shut = [path for path in beside if _shut(path)]
    if shut:
        sys.stderr.write(f"{_COULD_READ.format(shut[0])}\n")


def what_others_could_read() -> tuple[str, ...]:
    """Say that other users can read the database, before a server starts that shuts it.

    Where Prefect keeps it by itself; of another place the server's log tells.
    """
    database = prefect_home() / "prefect.db"
    return (_COULD_READ.format(database),) if _stands_open(database) else ()


def _database() -> Path | None:
    """Find the file of the database; None where it is on a server of its own."""
    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL

    kind, _, place = str(PREFECT_API_DATABASE_CONNECTION_URL.value()).partition(":///")
    name = place.partition("?")[0]
    return Path(name) if kind.startswith("sqlite") and name else None


def _shut(path: Path) -> bool:
    """Take from others what they may do with a file of ours; tell whether there was anything."""
    with suppress(OSError):
        if _stands_open(path):
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_OTHERS)
            return True
    return False


def _stands_open(path: Path) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
    return ours and bool(found.st_mode & _OTHERS)
