"""From a path to text: refuse what is no candidate table, decode what may be one."""

from __future__ import annotations

import codecs
import stat
from dataclasses import dataclass
from os.path import expanduser
from pathlib import Path
from urllib.parse import urlsplit

from schemas.errors import ParameterError, SourceNotFoundError, UnreadableFileError
from schemas.outside import for_place, for_terminal, without_credentials

PARQUET_MAGIC = b"PAR1"

BLOCK = "secret://"
"""How an address begins that is the name of a Prefect Secret block, which holds the real one."""

_UNPACK = "unpack it first"
_EXPORT = "export the candidates as CSV, ARFF or Parquet first"
_FOREIGN = {
    b"PK\x03\x04": ("a zip archive (or an Excel workbook)", _UNPACK),
    b"PK\x05\x06": ("an empty zip archive", _EXPORT),
    b"\x1f\x8b": ("a gzip archive", _UNPACK),
    b"BZh": ("a bzip2 archive", _UNPACK),
    b"\xfd7zXZ\x00": ("an xz archive", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", _UNPACK),
    b"\x28\xb5\x2f\xfd": ("a zstd archive", _UNPACK),
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
    b"<": ("a web page or XML document", "give the address of the file itself"),
    b"{": ("a JSON document", _EXPORT),
    b"[": ("a JSON document", _EXPORT),
}
_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Text:
    """A text file, decoded.

    Attributes
    ----------
    lines : list of str
        Without their ends.
    newline, encoding, bom
        See `schemas.cells.Dialect`.
    """

    lines: list[str]
    newline: str
    encoding: str
    bom: bool


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


def require_file(path: Path, *, name: str) -> None:
    """Make sure that there is a regular file with something in it, without reading it.

    Raises
    ------
    SourceNotFoundError
        There is nothing at `path`.
    UnreadableFileError
        It is a folder, a device or a pipe, may not be read, or is empty.
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


def load(path: Path, *, name: str) -> bytes:
    """Read a regular file; refuse what `require_file` refuses."""
    require_file(path, name=name)
    return path.read_bytes()


def decode(raw: bytes, *, name: str) -> Text:
    """Turn bytes into lines of text, whatever the line ends and the byte order mark.

    Bytes that are not UTF-8 are read as Latin-1; whether that is tolerable depends on where
    they stand, which the readers decide.

    Raises
    ------
    UnreadableFileError
        The bytes belong to another kind of file, hold NULs or cannot be decoded.
    """
    _refuse_foreign(raw, name=name)
    mark, encoding = next((m for m in _MARKS if raw.startswith(m[0])), (b"", "utf-8"))
    try:
        text = raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if mark:
            raise UnreadableFileError(
                f"{name} starts like {encoding.upper()} text, and byte {error.start + 1} is not; "
                "save it as UTF-8."
            ) from None
        encoding, text = "latin-1", raw.decode("latin-1")
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise UnreadableFileError(
            f"{name} is binary: line {line} holds a NUL character; {_EXPORT}."
        )
    newline = _newline(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    if not any(line.strip() for line in lines):
        raise UnreadableFileError(f"{name} is empty: it holds blanks and line ends only.")
    return Text(lines, newline, encoding, bool(mark))


def _refuse_foreign(raw: bytes, *, name: str) -> None:
    """Raise when the first bytes belong to a file format that holds no candidates."""
    start = raw[:64].removeprefix(codecs.BOM_UTF8).lstrip()
    for magic, (kind, advice) in _FOREIGN.items():
        if raw.startswith(magic) or start.startswith(magic):
            raise UnreadableFileError(f"{name} is {kind}; {advice}.")


def _newline(text: str) -> str:
    """Say which line ends `text` has."""
    both = text.count("\r\n")
    counts = {"CRLF": both, "CR": text.count("\r") - both, "LF": text.count("\n") - both}
    kinds = [kind for kind, count in counts.items() if count]
    return "mixed" if len(kinds) > 1 else (kinds or ["none"])[0]
