"""A host on loopback, for as long as a test needs one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_STOP_SECONDS = 0.02


class QuietHandler(BaseHTTPRequestHandler):
    """Answers and says nothing on the terminal."""

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[int]:
    """Answer by this handler during the block, and give the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(_STOP_SECONDS,), daemon=True).start()
        yield server.server_port
        server.shutdown()
