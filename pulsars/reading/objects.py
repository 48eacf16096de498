"""Objects of a store, such as S3's: fetched by fsspec a piece at a time, hashed on the way.

Who may read them is between the store and its own settings (`AWS_ACCESS_KEY_ID`, `~/.aws`, fsspec's
configuration): no address holds that.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pulsars.credentials import said_by, whole_address
from pulsars.reading.growing import OnBytes
from pulsars.store import named, sync_folder
from schemas import (
    DownloadError,
    FileRef,
    Limits,
    ParameterError,
    PulsarError,
    SourceNotFoundError,
    UnreadableFileError,
)

_PIECE = 16 << 20
"""Bytes a request."""

_STAMP = ("ETag", "LastModified", "size")


def fetch_object(
    address: str, folder: Path, *, limits: Limits, on_bytes: OnBytes | None = None
) -> FileRef:
    """Fetch an object into a file that is named by its content.

    Parameters
    ----------
    address : str
        ``s3://bucket/key``.
    folder : Path
        Receives the file, whole or not at all.
    limits : Limits
    on_bytes : callable, optional
        Called with the bytes that are there and those there will be.

    Returns
    -------
    FileRef
        The file.

    Raises
    ------
    ParameterError
        If what opens such addresses is not installed.
    SourceNotFoundError
        If the store has no such object.
    UnreadableFileError
        If it does not let us in.
    SizeError
        If it is larger than `limits` allow.
    DownloadError
        If the store does not answer, or the object was changed while it was read.
    OSError
        With the name of the file, if it cannot be written here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part, digest = folder / f".{secrets.token_hex(8)}.part", hashlib.sha256()
    try:
        with named(part), part.open("xb") as file:
            for piece, total in _pieces(address, limits):
                file.write(piece)
                digest.update(piece)
                if on_bytes:
                    on_bytes(file.tell(), total)
            file.flush()
            os.fsync(file.fileno())
        kept = part.replace(folder / digest.hexdigest())
    finally:
        part.unlink(missing_ok=True)
    sync_folder(folder)
    return FileRef(path=str(kept), sha256=digest.hexdigest())


def _pieces(address: str, limits: Limits) -> Iterator[tuple[bytes, int]]:
    """Read an object in order; give each piece, and how many bytes there will be."""
    with _asked(address):
        files, path = _store_of(address)
        before = files.info(path)
    if before["type"] != "file":
        raise SourceNotFoundError(f"{address}: the store has no such object; check the address.")
    size = int(before["size"])
    limits.require_bytes(size, name=address)
    for start in range(0, size, _PIECE):
        with _asked(address):
            piece: bytes = files.cat_file(path, start=start, end=min(start + _PIECE, size))
        yield piece, size
    with _asked(address):
        files.invalidate_cache()
        after = files.info(path)
    if any(before.get(name) != after.get(name) for name in _STAMP):
        raise DownloadError(f"{address} was changed while it was read; start again")


def _store_of(address: str) -> tuple[Any, str]:
    import fsspec

    files, path = fsspec.core.url_to_fs(whole_address(address))
    files.invalidate_cache()
    return files, path


@contextmanager
def _asked(address: str) -> Iterator[None]:
    """Say in our own errors what goes wrong between a store and us."""
    try:
        yield
    except PulsarError:
        raise
    except ImportError:
        raise ParameterError(
            f"{address}: what opens such an address is not installed; pip install "
            f"'pulsar-perceptron[s3]'"
        ) from None
    except FileNotFoundError:
        raise SourceNotFoundError(
            f"{address}: the store has no such object; check the address."
        ) from None
    except Exception as error:  # noqa: BLE001 - each store has errors of its own
        if isinstance(error, PermissionError) or "Credentials" in type(error).__name__:
            raise UnreadableFileError(
                f"{address}: the store does not let us read it ({type(error).__name__}); set "
                f"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what your store takes instead"
            ) from None
        raise DownloadError(
            f"{address} could not be fetched ({said_by(error, address)}); check the address and "
            f"the network"
        ) from None
