"""The database of a server that begins, brought up to date by one process at a time."""

from __future__ import annotations

import fcntl
from pathlib import Path

from service.prefect_private import migrate


def migrate_alone() -> None:
    """Bring the database up to date; two servers doing it at once would end one of them."""
    from prefect.settings import PREFECT_HOME

    home: Path = PREFECT_HOME.value()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "pulsar-migration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        migrate()
