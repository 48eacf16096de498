"""A Prefect server that lives as long as its parent: the child side of `flows.server`.

Run as ``python -m flows.private_server FD``: it serves on the listening socket it inherits as
file descriptor FD and ends when its standard input closes, which the operating system does for
it when the parent dies, however the parent dies.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import sys
import threading
from pathlib import Path


def _migrate_alone() -> None:
    """Bring the database up to date; two servers doing it at once would kill one of them."""
    from prefect.server.database import provide_database_interface
    from prefect.settings import PREFECT_HOME

    home: Path = PREFECT_HOME.value()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "pulsar-migration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        asyncio.run(provide_database_interface().create_db())
    # The server would do the same check again as it starts.
    os.environ["PREFECT_API_DATABASE_MIGRATE_ON_START"] = "false"


async def _serve(listener: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        "prefect.server.api.server:create_app", factory=True, log_level="error", lifespan="on"
    )
    server = uvicorn.Server(config)

    def end_with_parent() -> None:
        sys.stdin.buffer.read()
        server.should_exit = True

    threading.Thread(target=end_with_parent, daemon=True).start()
    await server.serve(sockets=[listener])


def main() -> None:
    """Migrate, then serve until standard input closes."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    _migrate_alone()
    asyncio.run(_serve(listener))
    # All is written and closed; taking down so large an interpreter would cost another second.
    os._exit(0)


if __name__ == "__main__":
    main()
