"""How Prefect's client says that its server died, is overwhelmed or shut, told in one sentence.

The client has tried again by then, with growing pauses: see `command.launching`.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from schemas import ServerError, and_what_led_to_it

_TOO_MANY_REQUESTS = 429
_SERVERS_FAULT = 500
_SHUT = (401, 403)
_ONCE_THERE = "nothing is lost: once it answers again"


def lost_server(error: BaseException, *, password_in: Path | None = None) -> ServerError | None:
    """Read a lost Prefect server out of an error, or out of what led to it.

    Parameters
    ----------
    error : BaseException
        Whatever ended a flow; Prefect wraps what its client met in errors of its own.
    password_in : Path, optional
        Where the password of the server of `pulsar up` rests, for the advice.

    Returns
    -------
    ServerError or None
        None when the server is not to blame.
    """
    if "httpx" not in sys.modules:  # then nobody has talked to a server
        return None
    for one in and_what_led_to_it(error):
        said = _read(one, password_in)
        if said:
            return ServerError(f"{said}, the same command goes on where it was")
    return None


def _read(error: BaseException, password_in: Path | None) -> str | None:
    import httpx
    from prefect.exceptions import Abort

    if isinstance(error, Abort):  # such as an answer that was lost, and its question asked again
        return f"the Prefect server ended the run ({error}); {_ONCE_THERE}"
    if isinstance(error, httpx.HTTPStatusError):
        code = error.response.status_code
        if code in _SHUT:
            kept = f'="$(cat {shlex.quote(str(password_in))})"' if password_in else ""
            return (
                f"the Prefect server{_where(error)} no longer lets us in ({code}), as after a "
                f"start with another password; where `pulsar up` started it, export "
                f"PREFECT_API_AUTH_STRING{kept}; nothing is lost: then"
            )
        if code != _TOO_MANY_REQUESTS and code < _SERVERS_FAULT:
            return None
        reason = error.response.reason_phrase
        why = f"is overwhelmed or failing ({code} {reason})"
        return f"the Prefect server{_where(error)} {why}; {_ONCE_THERE}"
    if isinstance(error, httpx.TransportError):
        why = f"is gone ({type(error).__name__}: {error})"
        return f"the Prefect server{_where(error)} {why}; {_ONCE_THERE}"
    return None


def _where(error: object) -> str:
    try:
        url = error.request.url  # type: ignore[attr-defined] # both kinds have it, if it was set
    except RuntimeError:
        return ""
    port = "" if url.port is None else f":{url.port}"
    return f" at {url.scheme}://{url.host}{port}"
