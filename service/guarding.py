"""What a Prefect server of ours answers, beside asking for its password: this machine's own pages.

A browser on this machine shows pages from anywhere, and each of them can send requests to loopback.
The browser says truly whom it believes to talk to (Host) and whose page asks (Origin). It is told
in turn what the UI may do: talk to its own server, not to the analytics that are built into it, and
be shown in no frame of another page.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

# Prefect's UI styles elements one by one, compiles JSON schemas, and keeps icons in its code.
_PREFECTS_UI = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)

_ONLY_HERE = {
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def guarded(app: ASGIApp, *, policy: str = _PREFECTS_UI) -> ASGIApp:
    """Put an application behind both questions, over HTTP and WebSocket.

    Parameters
    ----------
    app : ASGI application
        A server on loopback.
    policy : str, optional
        What its pages may load and do, for the browser: a Content-Security-Policy.

    Returns
    -------
    ASGI application
        Answers 400 where the Host is another name than loopback's (a name that was made to lead
        here), and 403 where a page of another origin asks.
    """
    headers = {**_ONLY_HERE, "Content-Security-Policy": policy}

    async def own_pages(scope: Scope, receive: Receive, send: Send) -> None:
        """Let in what no page asks for, such as a command, and pages that came from here."""
        if scope["type"] == "lifespan" or _is_own(Headers(scope=scope)):
            await app(scope, receive, _with_headers(send, headers))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # before it is accepted: a 403 to the browser
        else:
            await PlainTextResponse("Foreign origin", status_code=403)(scope, receive, send)

    return TrustedHostMiddleware(own_pages, allowed_hosts=_LOOPBACK, www_redirect=False)


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return send_on


def _is_own(headers: Headers) -> bool:
    own = f"http://{headers['host']}"
    return all(origin == own for origin in headers.getlist("origin"))
