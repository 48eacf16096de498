"""Addresses, such as ``https://host/file.csv``: which are taken, and what they may hold."""

from __future__ import annotations

import re
from os.path import expanduser
from pathlib import Path
from urllib.parse import urlsplit

from schemas.errors import ParameterError
from schemas.outside import for_place, for_terminal, without_credentials

BLOCK = "secret://"
"""How an address begins that is the name of a Prefect Secret block, which holds the real one."""

STORE = "s3://"
"""How the address of an object begins that is fetched by fsspec; its key goes on to the end."""

VERSION = "?versionId="
"""What is before the version in the address of an object that is not the newest."""

DASH = "-"
"""Stands for standard input, where a command takes a file of candidates."""

PIPED = ".stdin"
"""How the name of a file ends, after the sha256 of its content, that came from there."""

STANDARD_INPUT = "standard input"

_BUCKET = re.compile(r"[A-Za-z0-9._-]+")

_KEPT = re.compile(rf"(?:.*/)?[0-9a-f]{{64}}{re.escape(PIPED)}", re.DOTALL)


def as_called(place: str) -> str:
    """Call what was piped so, and any other file or address by its place."""
    return STANDARD_INPUT if _KEPT.fullmatch(place) else place


def at_home(path: str | Path) -> Path:
    """Know what a ~ means, also after ``--out=``, where no shell does; nobody's stays a name."""
    return Path(expanduser(path))  # noqa: PTH111 - pathlib raises at an unknown ~user


def is_address(origin: str) -> bool:
    """Tell an address, such as ``https://host/file.csv``, from a path."""
    return "://" in origin


def is_secret(address: str) -> bool:
    """Tell the name of a Secret block, ``secret://NAME``, from an address."""
    return address.lower().startswith(BLOCK)


def is_object(address: str) -> bool:
    """Tell an object of a store, ``s3://bucket/key``, from a file of a web server."""
    return address.lower().startswith(STORE)


def require_fetched(address: str) -> None:
    """Make sure that an address is of a kind that candidates are fetched from.

    Raises
    ------
    ParameterError
        It begins with none of http://, https:// and s3://, cannot be read as an address, or names
        a bucket and no object in it.
    """
    if not is_object(address):
        require_http(address)
        return
    require_bare(address)
    bucket, _, key = address[len(STORE) :].partition("/")
    if not _BUCKET.fullmatch(bucket) or not key or key.endswith("/"):
        raise ParameterError(
            f"{for_place(address)} names no object of a store; write s3://bucket/key, or a pattern "
            "such as 's3://bucket/night/*' in quotes"
        )
    if for_terminal(address) != address:
        raise ParameterError(
            f"{for_place(address)}: its key holds what cannot be seen, and no record could name "
            "it; copy the object to another key"
        )


def require_http(address: str) -> None:
    """Make sure that an address is of the kind that is fetched, and names a host.

    Raises
    ------
    ParameterError
        It begins with neither http:// nor https://, or cannot be read as an address.
    """
    shown = for_place(address)
    scheme = address.split("://", 1)[0]
    if scheme.lower() not in {"http", "https"}:
        raise ParameterError(
            f"{shown}: addresses begin with http://, https:// or {STORE}, not {scheme}://; "
            f"fetch the file yourself and name its path"
        )
    if not _names_a_host(address):
        raise ParameterError(f"{shown} is no address; it is written https://host/path or so")


def _names_a_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0 and for_terminal(address) == address
    except ValueError:  # a bracket that is not closed, a port of letters
        return False


def require_bare(address: str) -> None:
    """Make sure that an address holds nothing that must not be written down.

    Raises
    ------
    ParameterError
        It holds a user, a password, a query or a fragment; of an object's, which has no fragment,
        a query is what looks like one.
    """
    if without_credentials(address) == address:
        return
    if is_object(address):
        raise ParameterError(
            f"{for_place(address)}: the address holds a user, a password or a query, by which no "
            f"store is opened; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or keep them in "
            f"~/.aws/credentials; an object whose key is so has to be copied to another"
        )
    raise ParameterError(
        f"{for_place(address)}: the address holds a user, a password, a query or a fragment, "
        f"which would be published with the run; keep them in ~/.netrc, in fsspec's "
        f"configuration or, as a whole address, in a Prefect Secret block, and name that: "
        f"{BLOCK}NAME"
    )
