"""What opens an address, kept apart from the address: only the request itself sees both.

Everything that is written down (parameters, records, manifests, pages, logs, errors) knows an
address without user, password and query. What was cut off comes back here, for the length of a
block: from what a person typed, from a Prefect Secret block, or from netrc.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from schemas import ParameterError, without_credentials

_handed: ContextVar[Mapping[str, str] | None] = ContextVar("pulsar_handed_addresses", default=None)


@contextmanager
def handed(address: str, *, known_as: str | None = None) -> Iterator[str]:
    """Keep what opens an address in this process for the length of the block.

    Parameters
    ----------
    address : str
        All of it.
    known_as : str, optional
        How it is called by whoever may not see it; by default without what opens it.

    Yields
    ------
    str
        The address as it may be published.
    """
    shown = without_credentials(address) if known_as is None else known_as
    token = _handed.set({**(_handed.get() or {}), shown: address})
    try:
        yield shown
    finally:
        _handed.reset(token)


def whole_address(address: str) -> str:
    """Give an address with all that opens it, as far as this process knows.

    Parameters
    ----------
    address : str
        One that was handed over, as it is known; any other is given back as it is.
    """
    return (_handed.get() or {}).get(address, address)


def request_for(shown: str) -> dict[str, Any]:
    """Give what `httpx` needs to fetch an address: ``url``, without a user, and ``auth``.

    Raises
    ------
    ParameterError
        The netrc file cannot be read.
    """
    parts = urlsplit(whole_address(shown))
    url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    if "@" in parts.netloc:
        return {"url": url, "auth": (unquote(parts.username or ""), unquote(parts.password or ""))}
    return {"url": url, "auth": _from_netrc(parts.hostname or "")}


def tells_which(shown: str) -> bool:
    """Whether an address says which file is meant also without the query that was cut off."""
    return "?" not in whole_address(shown)


def said_by(error: Exception, shown: str) -> str:
    """Repeat another library's message, or only its kind where it may quote what opens `shown`."""
    kind = type(error).__name__
    return f"{kind}: {error}" if whole_address(shown) == shown else kind


def _from_netrc(host: str) -> tuple[str, str] | None:
    """Look a host up where curl and others do: in $NETRC, or in .netrc at home."""
    import netrc

    named = os.environ.get("NETRC")
    path = Path(named) if named else Path.home() / ".netrc"
    if not named and not path.is_file():
        return None
    try:
        found = netrc.netrc(named or None).authenticators(host)
    except netrc.NetrcParseError as error:  # its message may quote a password
        where = f", line {error.lineno}" if error.lineno else ""
        raise ParameterError(
            f"{path}{where}: no netrc file, or others may read it; mend it, and chmod 600"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "no text"
        raise ParameterError(f"{path}: cannot be read ({why}); mend it, or unset NETRC") from None
    return (found[0], found[2] or "") if found else None
