"""Where a candidate file is: an address, or a path to a regular file of an allowed size."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from os.path import expanduser
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from schemas.errors import ParameterError, SourceNotFoundError, UnreadableFileError
from schemas.outside import for_place, for_terminal, without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.limits import Limits

BLOCK = "secret://"
"""How an address begins that is the name of a Prefect Secret block, which holds the real one."""


def at_home(path: str | Path) -> Path:
    """Know what a ~ means, also after ``--out=``, where no shell does; nobody's stays a name."""
    return Path(expanduser(path))  # noqa: PTH111 - pathlib raises at an unknown ~user


def is_address(origin: str) -> bool:
    """Tell an address, such as ``https://host/file.csv``, from a path."""
    return "://" in origin


def is_secret(address: str) -> bool:
    """Tell the name of a Secret block, ``secret://NAME``, from an address."""
    return address.lower().startswith(BLOCK)


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
            f"{shown}: addresses begin with http:// or https://, not {scheme}://; "
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
        It holds a user, a password, a query or a fragment.
    """
    if without_credentials(address) != address:
        raise ParameterError(
            f"{for_place(address)}: the address holds a user, a password, a query or a fragment, "
            f"which would be published with the run; keep them in ~/.netrc, in fsspec's "
            f"configuration or, as a whole address, in a Prefect Secret block, and name that: "
            f"{BLOCK}NAME"
        )


def require_file(path: Path, *, name: str, limits: Limits | None = None) -> None:
    """Make sure that there is a regular file with something in it, without reading it.

    Raises
    ------
    SourceNotFoundError
        There is nothing at `path`.
    UnreadableFileError
        It is a folder, a device or a pipe, may not be read, or is empty.
    SizeError
        It is larger than `limits` allow.
    """
    try:
        found = path.stat()
        if stat.S_ISREG(found.st_mode):
            path.open("rb").close()
    except FileNotFoundError:
        raise SourceNotFoundError(f"{name}: there is no such file; check the path.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFileError(
            f"{name} cannot be read ({reason}); check its path and permissions."
        ) from None
    if stat.S_ISDIR(found.st_mode):
        raise UnreadableFileError(f"{name} is a folder; name the file in it.")
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableFileError(f"{name} is no regular file; save its content to one first.")
    if not found.st_size:
        raise UnreadableFileError(f"{name} is empty (0 bytes); fetch or export it again.")
    if limits is not None:
        limits.require_bytes(found.st_size, name=name)


@contextmanager
def opened(path: Path, *, name: str, limits: Limits) -> Iterator[BinaryIO]:
    """Open a regular file of an allowed size, without waiting for what is none.

    Raises
    ------
    SourceNotFoundError, UnreadableFileError, SizeError
        As `require_file`.
    """
    require_file(path, name=name, limits=limits)
    # Whatever has been put there since: nothing is waited for, and a device is refused.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnreadableFileError(f"{name} is no regular file; save its content to one first.")
        yield file


def load(file: BinaryIO, *, name: str) -> bytes:
    """Read an open file from its start to the end that it had when it was opened.

    Raises
    ------
    UnreadableFileError
        It holds more bytes, or fewer, than the file system says.
    """
    size = os.fstat(file.fileno()).st_size
    file.seek(0)
    content = file.read(size)
    if len(content) != size or file.read(1):
        raise UnreadableFileError(
            f"{name} does not hold the {size:,} bytes that it should; wait until it is complete."
        )
    return content
