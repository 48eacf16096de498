"""Objects of a store, such as S3's: fetched by fsspec a piece at a time, hashed on the way.

Who may read them is between the store and its own settings (`AWS_ACCESS_KEY_ID`, `~/.aws`, fsspec's
configuration): no address holds that.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pulsars.credentials import said_by
from pulsars.reading.sources.growing import SLOWEST, OnBytes
from pulsars.reading.sources.piped import kept_by_content
from schemas import (
    STORE,
    VERSION,
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
    address: str,
    folder: Path,
    *,
    patience: float,
    limits: Limits,
    on_bytes: OnBytes | None = None,
) -> FileRef:
    """Fetch an object into a file that is named by its content.

    Parameters
    ----------
    address : str
        ``s3://bucket/key``.
    folder : Path
        Receives the file, whole or not at all.
    patience : float
        Seconds to wait for the store; it has a second more for every 100 kB that are asked for.
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
        If the store does not answer in time, or not with the bytes that were asked for, or the
        object was changed while it was read.
    OSError
        With the name of the file, if it cannot be written here.
    """
    kept = kept_by_content(_pieces(address, patience, limits, on_bytes), folder)
    return FileRef(path=str(kept), sha256=kept.name)


def _pieces(
    address: str, patience: float, limits: Limits, on_bytes: OnBytes | None
) -> Iterator[bytes]:
    """Read an object in order, piece by piece; say of each that is kept how far that is."""
    since = time.monotonic()
    with asked(address):
        files, path = store_of(address)
        before = files.info(path, timeout=patience)
    if before["type"] != "file":
        raise SourceNotFoundError(f"{address}: the store has no such object; check the address.")
    size = int(before["size"])
    limits.require_bytes(size, name=address)
    for start in range(0, size, _PIECE):
        stop = min(start + _PIECE, size)
        left = since + patience + stop / SLOWEST - time.monotonic()
        with asked(address):
            piece: bytes = files.cat_file(path, start=start, end=stop, timeout=left)
        if len(piece) != stop - start:
            raise DownloadError(
                f"{address}: {len(piece):,} bytes came where {stop - start:,} were asked for; try "
                f"again later, or fetch it yourself: such a store cannot be read in pieces"
            )
        yield piece
        if on_bytes:
            on_bytes(stop, size)
    with asked(address):
        files.invalidate_cache()
        after = files.info(path, timeout=patience)
    if any(before.get(name) != after.get(name) for name in _STAMP):
        raise DownloadError(f"{address} was changed while it was read; start again")


def store_of(address: str) -> tuple[Any, str]:
    """Give what opens a store, and how it calls an object: by all that follows the scheme.

    What fsspec makes of a whole address is not asked for: it would take ``::`` in a key for the
    address of another store.
    """
    import fsspec

    path = address[len(STORE) :]
    files = fsspec.filesystem("s3", **({"version_aware": True} if VERSION in path else {}))
    files.invalidate_cache()
    return files, path


@contextmanager
def asked(address: str) -> Iterator[None]:
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
        raise _told(error, address) from None


def _told(error: Exception, address: str) -> PulsarError:
    if isinstance(error, PermissionError) or "Credentials" in type(error).__name__:
        return UnreadableFileError(
            f"{address}: the store does not let us read it ({type(error).__name__}); set "
            f"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what your store takes instead"
        )
    if isinstance(error, TimeoutError):
        return DownloadError(
            f"{address}: the store did not answer in time, or is too slow; try again later, or "
            f"fetch it yourself"
        )
    if status := _status(error):
        return DownloadError(
            f"{address}: the store answered with HTTP {status}; try again later, and if that does "
            f"not help, check the address, the region and AWS_ENDPOINT_URL"
        )
    return DownloadError(
        f"{address} could not be fetched ({said_by(error, address)}); check the address and the "
        f"network"
    )


def _status(error: Exception) -> int | None:
    """Give the HTTP status in what an error of s3fs was made of."""
    answer = getattr(error.__cause__, "response", None)
    told = answer.get("ResponseMetadata") if isinstance(answer, dict) else None
    return told.get("HTTPStatusCode") if isinstance(told, dict) else None
