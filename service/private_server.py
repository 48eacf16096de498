"""A Prefect server that lives as long as its parent: the child side of `service.server`.

Run as ``python -P -m service.private_server FD``: it serves on the listening socket it inherits as
file descriptor FD and ends when its standard input closes, which the operating system does for
it when the parent dies, however the parent dies.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from typing import TYPE_CHECKING

from service.collector import nothing_to_collect
from service.migrating import migrate_alone
from service.own_eyes import keep_from_others
from service.prefect_private import application
from service.search_path import keep_out_the_current_folder

if TYPE_CHECKING:
    import uvicorn


class _Parent:
    """Watches standard input, which closes when the parent ends, and ends this process then."""

    def __init__(self) -> None:
        self.server: uvicorn.Server | None = None
        self.do_not_disturb = threading.Lock()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        sys.stdin.buffer.read()
        with self.do_not_disturb:
            if self.server is None:
                os._exit(0)
            self.server.should_exit = True


def main() -> None:
    """Migrate, then serve until standard input closes."""
    keep_out_the_current_folder()
    listener = socket.socket(fileno=int(sys.argv[1]))
    parent = _Parent()
    with nothing_to_collect():
        keep_from_others()
        with parent.do_not_disturb:  # a database that is migrated by half helps nobody
            migrate_alone()
        import uvicorn

        from service.guarding import guarded

        app = guarded(application(whole=False))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
    with parent.do_not_disturb:
        parent.server = server
    asyncio.run(server.serve(sockets=[listener]))
    # All is written and closed; taking down so large an interpreter would cost another second.
    os._exit(0)


if __name__ == "__main__":
    main()
