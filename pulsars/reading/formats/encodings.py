"""From bytes to lines of text: refuse what is another kind of file, decode what may be a table."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from schemas import Limits, UnreadableFileError

_UNPACK = "unpack it first"
_EXPORT = "export the candidates as CSV, ARFF or Parquet first"
_TAR = (b"ustar", 257)
_VOTABLE = b"<VOTABLE"
_FOREIGN = {
    b"PK\x05\x06": ("an empty zip archive", _EXPORT),
    b"BZh": ("a bzip2 archive", _UNPACK),
    b"\xfd7zXZ\x00": ("an xz archive", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", _UNPACK),
    b"\x28\xb5\x2f\xfd": ("a zstd archive", _UNPACK),
    b"Rar!\x1a\x07": ("a RAR archive", _UNPACK),
    b"PAR1\x15": ("a Parquet file", "save what it holds as CSV"),  # as a catalogue, which is text
    b"\x89PNG": ("a PNG picture", _EXPORT),
    b"\xff\xd8\xff": ("a JPEG picture", _EXPORT),
    b"GIF8": ("a GIF picture", _EXPORT),
    b"%PDF-": ("a PDF document", _EXPORT),
    b"SQLite format 3\x00": ("an SQLite database", _EXPORT),
    b"\x89HDF\r\n\x1a\n": ("an HDF5 file", _EXPORT),
    b"\x93NUMPY": ("a NumPy array file", _EXPORT),
    b"\xd0\xcf\x11\xe0": ("an old Excel or Word document", _EXPORT),
    b"SIMPLE  =": ("a FITS file", _EXPORT),
    b"\x7fELF": ("a program", _EXPORT),
    b"version https://git-lfs.": ("a pointer of Git LFS, no file", "fetch that with git lfs pull"),
    b"/annex/objects/": ("a pointer of git-annex, no file", "fetch that with git annex get"),
    b"<": ("a web page or XML document", "give the address of the file itself, or export CSV"),
    b"{": ("a JSON document", _EXPORT),
    b"[": ("a JSON document", _EXPORT),
    # Of what was unpacked: an archive is opened once.
    b"PK\x03\x04": ("a zip archive within an archive", _UNPACK),
    b"\x1f\x8b": ("a gzip archive within an archive", _UNPACK),
}
_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 4096
_FEW = 16
_MOST = 0.9


@dataclass(frozen=True)
class Text:
    """A text file, decoded.

    Attributes
    ----------
    lines : list of str
        Without their ends.
    newline, encoding, bom
        See `pulsars.reading.cells.Dialect`.
    """

    lines: list[str]
    newline: str
    encoding: str
    bom: bool


def decode(raw: bytes, *, name: str, limits: Limits = Limits()) -> Text:  # noqa: B008 - frozen
    """Turn bytes into lines of text, whatever the line ends and the byte order mark.

    Bytes that are not UTF-8 are read as Latin-1; whether that is tolerable depends on where
    they stand, which the readers decide.

    Raises
    ------
    UnreadableFileError
        The bytes belong to another kind of file, hold NULs or cannot be decoded.
    SizeError
        There are more lines than a table may have rows.
    """
    refuse_foreign(raw, name=name)
    mark, encoding = next((m for m in _MARKS if raw.startswith(m[0])), (b"", unmarked(raw)))
    try:
        text = raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or mark:
            raise UnreadableFileError(
                f"{name} starts like {encoding.upper()} text, and byte {error.start + 1} is not; "
                "save it as UTF-8."
            ) from None
        encoding, text = "latin-1", raw.decode("latin-1")
    del raw
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise UnreadableFileError(
            f"{name} is binary: line {line} holds a NUL character; {_EXPORT}."
        )
    newline, n_ends = _newline(text)
    limits.require_lines(n_ends, name=name)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if "\ufeff" in text:  # each of several files that were joined begins with one
        lines = [line.lstrip("\ufeff") for line in lines]
    if lines[-1] == "":
        lines.pop()
    if not any(line.strip() for line in lines):
        raise UnreadableFileError(f"{name} is empty: it holds blanks and line ends only.")
    return Text(lines, newline, encoding, bool(mark))


def unmarked(raw: bytes) -> str:
    """Guess the encoding of text without a mark: in UTF-16 every other byte of digits is NUL."""
    head = raw[:_LOOKED_AT]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    many = _MOST * (len(head) // 2)
    if len(head) < _FEW or (even and odd):
        return "utf-8"
    return "utf-16-le" if odd > many else "utf-16-be" if even > many else "utf-8"


def refuse_foreign(raw: bytes, *, name: str) -> None:
    """Raise when the first bytes belong to a file format that holds no candidates."""
    if raw.startswith(*_TAR):
        raise UnreadableFileError(f"{name} is a tar archive; {_UNPACK}.")
    start = raw[:64].removeprefix(codecs.BOM_UTF8).lstrip()
    if start.startswith(b"<") and _VOTABLE in raw[:_LOOKED_AT]:
        raise UnreadableFileError(f"{name} is a VOTable; {_EXPORT}.")
    for magic, (kind, advice) in _FOREIGN.items():
        if raw.startswith(magic) or start.startswith(magic):
            raise UnreadableFileError(f"{name} is {kind}; {advice}.")


def _newline(text: str) -> tuple[str, int]:
    """Say which line ends `text` has, and how many."""
    both = text.count("\r\n")
    counts = {"CRLF": both, "CR": text.count("\r") - both, "LF": text.count("\n") - both}
    kinds = [kind for kind, count in counts.items() if count]
    return "mixed" if len(kinds) > 1 else (kinds or ["none"])[0], sum(counts.values())
