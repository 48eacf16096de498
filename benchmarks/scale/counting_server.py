"""A Prefect server that counts what it is asked: the one of a command, behind a counter.

Run as ``python -m benchmarks.scale.counting_server PORT``; ``GET /api/counts`` gives JSON.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from typing import Any

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


class Counting:
    """Counts requests by method, path and answer, and messages of websockets by path."""

    def __init__(self, app: Any) -> None:
        self.app, self.counts = app, Counter[str]()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass on, and count."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["path"] == "/api/counts":
            body = json.dumps(self.counts).encode()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": body})
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Any, receive: Any, send: Any) -> None:
        path = _ID.sub("ID", scope["path"])

        async def heard() -> Any:
            message = await receive()
            if message["type"] == "websocket.receive":
                self.counts[f"message {path}"] += 1
            return message

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.counts[f"{scope['method']} {path} {message['status']}"] += 1
            await send(message)

        await self.app(scope, heard, sent)


def main() -> None:
    """Serve until told to end."""
    import uvicorn

    from service.prefect_private import application, migrate

    migrate()
    app: Any = Counting(application(whole=False))
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", lifespan="on")


if __name__ == "__main__":
    main()
