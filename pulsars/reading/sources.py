"""Where a candidate file is: an address, or a path to a regular file of an allowed size."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pulsars.reading.packed import is_packed
from schemas import SourceNotFoundError, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas import Limits


PARQUET_MAGIC = b"PAR1"
_ENCRYPTED_PARQUET = b"PARE"


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
        found, begins = path.stat(), b""
        if stat.S_ISREG(found.st_mode) and found.st_size:  # who asks /proc/kmsg waits for words
            with _open(path) as file:
                begins = file.read(len(PARQUET_MAGIC))
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
    if begins == _ENCRYPTED_PARQUET:
        raise UnreadableFileError(f"{name} is an encrypted Parquet file; write it unencrypted.")
    if limits is not None:
        # Text that has to be read whole is refused by whoever finds that out.
        limits = limits if is_packed(begins) else limits.in_parts(found.st_size)
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
    with _open(path) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise UnreadableFileError(f"{name} is no regular file; save its content to one first.")
        yield file


def _open(path: Path) -> BinaryIO:
    """Open whatever has been put there by now: nothing is waited for."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")


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
