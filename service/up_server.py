"""The Prefect server of `pulsar up`, with UI and all services: the child side of `service.up`.

Run as ``python -P -m service.up_server PORT``. It is `prefect server start` on loopback, of which
it differs in what it lets in: Prefect has no setting for the names that a server answers to.
"""

from __future__ import annotations

import sys

from service.collector import nothing_to_collect
from service.migrating import migrate_alone
from service.own_eyes import keep_from_others
from service.prefect_private import application
from service.search_path import keep_out_the_current_folder


def main() -> None:
    """Serve until stopped."""
    keep_out_the_current_folder()
    with nothing_to_collect():
        import uvicorn
        from prefect.settings import get_current_settings

        from service.guarding import guarded

        keep_from_others()
        settings = get_current_settings().server
        if settings.database.migrate_on_start:
            migrate_alone()
        app = guarded(application(whole=True))
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        timeout_keep_alive=settings.api.keepalive_timeout,
        ws_ping_interval=settings.api.websocket_ping_interval,
        ws_ping_timeout=settings.api.websocket_ping_timeout,
        log_level=settings.logging_level.lower(),
    )


if __name__ == "__main__":
    main()
