"""Files packed by gzip or zip: one file in them is read, and no more of it than is allowed."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import NoReturn

from schemas import Limits, SizeError, UnreadableFileError, called_like_a_fold

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"

_CHUNK = 1 << 16
_PIECE = 1 << 20
_MAX_MEMBERS = 100_000
"""Of a gzip file: enough for 6 GB in blocks, few enough that a file of nothing else ends soon."""

_TRUSTED = 64 << 20
_MAX_RATIO = 200
"""Measurements pack two to ten times; only what says nothing packs better than this."""

_COUNTED = 4
"""Times what is allowed, to which more is counted: whoever is told how much can allow that."""

_OFFICE = {
    "[Content_Types].xml": "an Excel workbook or another Office document",
    "mimetype": "an OpenDocument file",
}


def is_packed(begins: bytes) -> bool:
    """Tell by its first four bytes whether a file is packed."""
    return begins.startswith((GZIP_MAGIC, ZIP_MAGIC))


def unpack(raw: bytes, *, name: str, limits: Limits) -> tuple[bytes, str | None]:
    """Give the content of a gzip file or of the one file in a zip archive.

    Returns
    -------
    content : bytes
        `raw` itself when it is not packed.
    packed : str or None
        ``gzip`` or ``zip``.

    Raises
    ------
    UnreadableFileError
        The archive is damaged, cut off, encrypted, or holds another number of files than one.
    SizeError
        It unpacks to more than is allowed.
    """
    if raw.startswith(GZIP_MAGIC):
        return _collect(_gunzip(raw, name), len(raw), name=name, limits=limits), "gzip"
    if raw.startswith(ZIP_MAGIC):
        return _collect(_unzip(raw, name, limits), len(raw), name=name, limits=limits), "zip"
    return raw, None


def _collect(pieces: Iterator[bytes], packed: int, *, name: str, limits: Limits) -> bytes:
    """Put the pieces together while they are few enough."""
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) > limits.max_bytes:
            n_bytes = len(content)
            del content  # what is counted is not kept
            most = min(_COUNTED * limits.max_bytes, max(_TRUSTED, _MAX_RATIO * packed))
            n_bytes, ends = _counted(n_bytes, pieces, most=most)
            limits.require_bytes(n_bytes, name=name, what="unpacks to", at_least=not ends)
        if len(content) > _TRUSTED and len(content) > _MAX_RATIO * packed:
            raise SizeError(
                f"{name} unpacks to more than {_MAX_RATIO} times its {packed:,} bytes, as no "
                "table of measurements does; unpack it yourself and look at it."
            )
    return bytes(content)


def _counted(n_bytes: int, rest: Iterator[bytes], *, most: int) -> tuple[int, bool]:
    """Count what is left, as far as that; tell whether it ended."""
    for piece in rest:
        n_bytes += len(piece)
        if n_bytes > most:
            return n_bytes, False
    return n_bytes, True


def _gunzip(raw: bytes, name: str) -> Iterator[bytes]:
    """Unpack the members of a gzip file one after the other."""
    at, n_members = 0, 0
    while at < len(raw):
        if not raw.startswith(GZIP_MAGIC, at):
            if raw[at:].strip(b"\0"):
                _damaged(name, "gzip", f"{len(raw) - at:,} bytes follow its end")
            return
        n_members += 1
        if n_members > _MAX_MEMBERS:
            _damaged(name, "gzip", f"it has more than {_MAX_MEMBERS:,} members")
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            chunk = raw[at : at + _CHUNK]
            try:
                piece = member.decompress(chunk, _PIECE)
            except zlib.error as error:
                _damaged(name, "gzip", str(error))
            at += len(chunk) - len(member.unconsumed_tail) - len(member.unused_data)
            if not chunk and not piece and not member.eof:
                _damaged(name, "gzip", "it ends too early")
            yield piece


def _unzip(raw: bytes, name: str, limits: Limits) -> Iterator[bytes]:
    """Unpack the one file in a zip archive."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            member = _only_member(archive, name)
            limits.require_bytes(member.file_size, name=name, what="unpacks to")
            with archive.open(member) as file:
                while piece := file.read(_PIECE):
                    yield piece
    except (zipfile.BadZipFile, EOFError, zlib.error, OSError, ValueError) as error:
        if isinstance(error, (UnreadableFileError, SizeError)):
            raise
        _damaged(name, "zip", str(error))
    except NotImplementedError as error:  # a method that Python has no code for
        raise UnreadableFileError(f"{name} is a zip archive: {error}; unpack it first.") from None


def _only_member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """Give the one file; folders, hidden files and what macOS adds do not count."""
    names = archive.namelist()
    for sign, kind in _OFFICE.items():
        if sign in names:
            raise UnreadableFileError(f"{name} is {kind}; export the candidates as CSV first.")
    members = [member for member in archive.infolist() if not member.is_dir()]
    packed = [member for member in members if not member.filename.startswith("__MACOSX/")]
    in_sight = [one for one in packed if not one.filename.rpartition("/")[2].startswith(".")]
    files = in_sight or packed
    if len(files) > 1 and all(member.filename.endswith(".npy") for member in files):
        raise UnreadableFileError(
            f"{name} is an archive of NumPy arrays (npz); save the candidates as CSV first."
        )
    if len(files) != 1:
        some = ", ".join(f"'{member.filename[:50]}'" for member in files[:5])
        folds = any(called_like_a_fold(member.filename) for member in files)
        raise UnreadableFileError(
            f"{name} is a zip archive of {len(files)} files ({some}); unpack it and name "
            f"{'the folder of its folds' if folds else 'one'}."
        )
    if files[0].flag_bits & 1:
        raise UnreadableFileError(f"{name} is an encrypted zip archive; unpack it first.")
    return files[0]


def _damaged(name: str, kind: str, why: str) -> NoReturn:
    raise UnreadableFileError(
        f"{name} is a damaged {kind} archive ({why}); fetch it or pack it again."
    ) from None
