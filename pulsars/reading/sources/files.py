"""Where a candidate file is: an address, or a path to a regular file of an allowed size."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from pulsars.reading.sources.packed import is_packed
from pulsars.store import NoRegularFileError, regular
from schemas import Limits, SourceNotFoundError, UnreadableFileError

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
    with opened(path, name=name, limits=limits):
        pass


@contextmanager
def opened(path: Path, *, name: str, limits: Limits | None) -> Iterator[BinaryIO]:
    """Open a regular file of an allowed size, without waiting for what is none.

    Raises
    ------
    SourceNotFoundError, UnreadableFileError, SizeError
        As `require_file`.
    """
    with ExitStack() as stack:
        with _told(path, name):
            file, size = stack.enter_context(regular(path))
            begins = file.read(len(PARQUET_MAGIC))
        if not size:
            raise UnreadableFileError(f"{name} is empty (0 bytes); fetch or export it again.")
        if begins == _ENCRYPTED_PARQUET:
            raise UnreadableFileError(f"{name} is an encrypted Parquet file; write it unencrypted.")
        if limits is not None:
            # Text that has to be read whole is refused by whoever finds that out.
            limits = limits if is_packed(begins) else limits.in_parts(size)
            limits.require_bytes(size, name=name)
        file.seek(0)
        yield file


@contextmanager
def _told(path: Path, name: str) -> Iterator[None]:
    """Say of a file that cannot be opened what to do."""
    try:
        yield
    except FileNotFoundError:
        raise SourceNotFoundError(
            f"{name} is a link that leads nowhere; mend it, or take it away."
            if path.is_symlink()
            else f"{name}: there is no such file; check the path."
        ) from None
    except IsADirectoryError:
        raise UnreadableFileError(f"{name} is a folder; name the file in it.") from None
    except NoRegularFileError:
        raise UnreadableFileError(
            f"{name} is no regular file; save its content to one first."
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFileError(
            f"{name} cannot be read ({reason}); check its path and permissions."
        ) from None


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
