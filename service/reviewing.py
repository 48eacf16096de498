"""The page of `pulsar review`, served on loopback to whoever holds the key, until Ctrl-C."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from service.ports import listen

if TYPE_CHECKING:
    from pulsars.review import Session

REVIEW_PORT = 4280
"""Where the page is served unless told otherwise."""

_STOP_SECONDS = 3


def review_here(session: Session, *, port: int, tell: Callable[[str], None]) -> None:
    """Serve the page in this process until Ctrl-C, or a signal like it: that is how it ends.

    Parameters
    ----------
    session : Session
        What is looked at, and where it is written down what people say.
    port : int
        Where, on loopback.
    tell : callable
        Told the address, with its key, once it is listened at.

    Raises
    ------
    ServerError
        If the port is taken.
    """
    with listen(port) as listener:
        key = secrets.token_urlsafe(32)
        tell(f"http://127.0.0.1:{listener.getsockname()[1]}/?key={key}")
        with suppress(KeyboardInterrupt):
            import uvicorn

            from service.guarding import guarded
            from service.review_routes import POLICY, review_app

            app = guarded(review_app(session, key=key), policy=POLICY)
            uvicorn.Server(
                uvicorn.Config(
                    app,
                    log_level="critical",
                    access_log=False,  # it would write down the key
                    lifespan="off",
                    timeout_graceful_shutdown=_STOP_SECONDS,
                )
            ).run(sockets=[listener])
