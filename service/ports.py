"""A place to listen at, on loopback, or a sentence that it is taken."""

from __future__ import annotations

import socket

from schemas import ServerError


def listen(port: int) -> socket.socket:
    """Listen on loopback.

    Raises
    ------
    ServerError
        If something else listens there.
    """
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise ServerError(
            f"port {port} on 127.0.0.1 is taken ({error.strerror}); stop what listens there, or "
            f"name another with --port"
        ) from None
