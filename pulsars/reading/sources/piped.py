"""Candidates from standard input: kept as a file, named by its content, before anything reads it.

A run goes over its file more than once, and can go on from it after a cut.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from pulsars.store import named, sync_folder
from schemas import PIPED, STANDARD_INPUT, Limits, UnreadableFileError

_PIECE = 1 << 20


def keep_piped(stream: BinaryIO, folder: Path, *, limits: Limits) -> Path:
    """Read a stream to its end into a file that is named by its content.

    Parameters
    ----------
    stream : file, opened for reading bytes
    folder : Path
        Receives the file, whole or not at all.
    limits : Limits
        More bytes than `limits.max_bytes` are refused as soon as they have come: how many there
        will be nobody knows.

    Raises
    ------
    SizeError
        More has come than is allowed.
    UnreadableFileError
        Nothing has come.
    OSError
        With the name of the file, if it cannot be written.
    """
    return kept_by_content(_pieces(stream, limits), folder, suffix=PIPED)


def _pieces(stream: BinaryIO, limits: Limits) -> Iterator[bytes]:
    n_bytes = 0
    while piece := stream.read(_PIECE):
        n_bytes += len(piece)
        limits.require_bytes(n_bytes, name=STANDARD_INPUT, at_least=True)
        yield piece
    if not n_bytes:
        raise UnreadableFileError(
            f"{STANDARD_INPUT} is empty (0 bytes); whatever was to write into it wrote nothing."
        )


def kept_by_content(pieces: Iterable[bytes], folder: Path, *, suffix: str = "") -> Path:
    """Write pieces into a file that is named by their hash, whole or not at all.

    Raises
    ------
    OSError
        With the name of the file, if it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part, digest = folder / f".{secrets.token_hex(8)}.part", hashlib.sha256()
    try:
        with named(part), part.open("xb") as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
            file.flush()
            os.fsync(file.fileno())
        kept = part.replace(folder / f"{digest.hexdigest()}{suffix}")
    finally:
        part.unlink(missing_ok=True)
    sync_folder(folder)
    return kept
