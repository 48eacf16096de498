"""Which kind of fold a file is, by its content and not its name; and which section is meant."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Sequence

from pulsars.folds.counts import byte_order_of
from pulsars.folds.dedispersing import fold_of
from pulsars.folds.fold import Fold, FoldKind
from pulsars.folds.phcx import Section, unpack_phcx
from pulsars.folds.phcx_elements import ROOT
from pulsars.folds.unpacking import unpack
from schemas import FoldError

MOST_BYTES = 256 << 20
"""Of a fold, also unpacked; one of 128 parts, 128 sub-bands and 1,024 bins is half as large."""

LOOKED_AT = 1 << 16
"""Bytes that suffice for `kind_of`, unless a comment before the root is longer."""

_CALLED_PFD = re.compile(r"\.pfd(\.gz)?$", re.IGNORECASE)
_KNOWN = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff", b"PAR1", b"PK\3\4")
"""What begins text of more than a byte a character, a Parquet file and a zip."""

_GZIP = b"\x1f\x8b"
_NO_MEMBER = "Not a gzipped file"  # what Python says of bytes that begin none
_AT_ONCE = 1 << 20
_MOST_DIGITS = 3  # of the number of a section


def kind_of(begins: bytes, *, name: str = "") -> FoldKind | None:
    """Tell which fold a file is that begins so; None when it is none.

    Parameters
    ----------
    begins : bytes
        The first `LOOKED_AT` bytes, or more, which are not looked at.
    name : str, optional
        Of the file: what is called `.pfd` and is no text is one that is damaged.
    """
    begins = begins[:LOOKED_AT]
    if begins.startswith(_GZIP):
        begins = _begins_unpacked(begins)
    if byte_order_of(begins) is not None or (_CALLED_PFD.search(name) and _is_binary(begins)):
        return "pfd"
    text = begins.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return "phcx" if text.startswith(b"<") and f"<{ROOT}".encode() in text else None


def read_fold(content: bytes, *, name: str, section: str | None = None) -> Fold:
    """Read one section.

    Parameters
    ----------
    content : bytes
        All of a file: `.pfd`, `.phcx`, either of them packed by gzip.
    name : str
        How messages call it.
    section : str, optional
        Its name, or its number in the file from 0; else the first that has both curves, which is
        what HTRU 2 was made from. Where that one is damaged no other stands in for it.

    Raises
    ------
    FoldError
        If it is no fold, or that section is not whole; or there is none of this name or number.
    """
    sections = _sections(content, name=name)
    chosen = sections if section is None else _named(sections, section)
    if not chosen:
        raise FoldError(f"{name}: no section {section!r}; it has {_listed(sections)}")
    return next((one for one in chosen if one.has_curves), chosen[0]).fold()


def _named(sections: Sequence[Section], section: str) -> Sequence[Section]:
    """Give the sections of this name, else the one of this number."""
    by_name = [one for one in sections if one.name == section]
    is_number = section.isdecimal() and len(section) <= _MOST_DIGITS
    number = int(section) if is_number else len(sections)
    return by_name or sections[number : number + 1]


def _listed(sections: Sequence[Section]) -> str:
    """Name each section with the number that asks for it too."""
    if [one.name for one in sections] == [""]:
        return "no named sections, as no .pfd has any; leave --section out"
    named = [f"{number} ({one.name or 'without a name'})" for number, one in enumerate(sections)]
    count = "one section" if len(named) == 1 else f"{len(named)} sections"
    return f"{count}: {', '.join(named)}"


def _sections(content: bytes, *, name: str) -> Sequence[Section]:
    if content.startswith(_GZIP):
        content = _unpacked(content, name=name)
    if len(content) > MOST_BYTES:
        raise FoldError(f"{name}: {len(content):,} bytes; at most {MOST_BYTES:,} are read")
    kind = kind_of(content[:LOOKED_AT], name=name)
    if kind == "pfd":
        return [Section("", lambda: fold_of(unpack(content, name=name), name=name))]
    if kind == "phcx":
        return unpack_phcx(content, name=name)
    raise FoldError(
        f"{name}, byte 0: neither the header of a .pfd nor, in its first {LOOKED_AT:,} bytes, the "
        f"<{ROOT}> of a .phcx; if it should be one, fetch it again"
    )


def _unpacked(content: bytes, *, name: str) -> bytes:
    try:
        unpacked = _read_gzip(content)
    except (OSError, EOFError, zlib.error) as error:
        raise FoldError(f"{name}: no whole gzip ({error}); fetch it again") from None
    if len(unpacked) > MOST_BYTES:
        raise FoldError(f"{name}: it unpacks to more than the {MOST_BYTES:,} bytes that are read")
    return unpacked


def _read_gzip(content: bytes) -> bytes:
    """Unpack, up to where it is too much; what follows the last member is left, as by gzip(1)."""
    pieces: list[bytes] = []
    n_bytes = 0
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        try:
            while n_bytes <= MOST_BYTES and (piece := file.read1(_AT_ONCE)):
                pieces.append(piece)
                n_bytes += len(piece)
        except gzip.BadGzipFile as error:
            if not pieces or _NO_MEMBER not in str(error):
                raise
    return b"".join(pieces)


def _is_binary(begins: bytes) -> bool:
    """Tell what is neither text nor what tables are kept in."""
    return b"\0" in begins and not begins.startswith(_KNOWN)


def _begins_unpacked(begins: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(begins, LOOKED_AT)
    except zlib.error:
        return b""
