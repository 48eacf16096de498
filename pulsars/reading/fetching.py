"""Where candidate files come from: a path, an address, UCI's archive, or the simulator."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pulsars.credentials import handed, whole_address
from pulsars.reading.sources.downloading import download
from pulsars.reading.sources.files import require_file
from pulsars.reading.sources.growing import OnBytes
from pulsars.reading.sources.members import among_folds, find_members, require_text, short_names
from pulsars.reading.sources.objects import fetch_object
from pulsars.store import write_bytes
from schemas import (
    DataError,
    FileRef,
    FingerprintError,
    Limits,
    Member,
    SizeError,
    Source,
    SourceNotFoundError,
    UnreadableFileError,
    as_called,
    at_home,
    for_name,
    for_place,
    for_table,
    is_address,
    is_object,
    name_of,
    require_bare,
    require_fetched,
)

# UCI Machine Learning Repository, data set 372; doi 10.6084/m9.figshare.3080389.v1
UCI_ARCHIVE = "https://archive.ics.uci.edu/static/public/372/htru2.zip"
UCI_ARCHIVE_SHA256 = "ba442c076dd22a8952700f26e38499fc1806037dcf7bea0e125e6bfba393f379"
UCI_ROWS_SHA256 = "bff7e0d962f5762938f833075d6bbfd3ce229cdcfb30091b4ecaa7dca4a81a74"
UCI_MEMBER = "HTRU_2.csv"
UCI_MEMBERS = (UCI_MEMBER, "HTRU_2.arff")

_ARCHIVE_LIMITS = Limits(max_bytes=100 << 20)


def obtain(
    origin: str,
    downloads: Path,
    *,
    more: Sequence[str] = (),
    patience: float,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    on_bytes: OnBytes | None = None,
) -> Source:
    """Have a candidate file on this machine and know its hash.

    Parameters
    ----------
    origin : str
        A path, an http(s) URL, or an object of a store, ``s3://bucket/key``; a folder or a pattern
        stands for several files, as in `pulsars.reading.sources.members.find_members`.
    downloads : Path
        Folder that keeps downloaded files, named by their content; and of several files the list
        of their hashes, one a line in their order, whose own hash names them together.
    more : sequence of str, optional
        Further files, folders and patterns.
    patience : float
        Seconds to wait for a host.
    limits : Limits
        What is refused as too large, of each file.
    on_bytes : callable, optional
        As of `pulsars.reading.sources.downloading.download`.

    Returns
    -------
    Source
        What the user named, and the bytes.

    Raises
    ------
    SourceNotFoundError, UnreadableFileError
        If there is no such file, or a folder instead.
    SizeError
        If it is larger than allowed.
    ParameterError
        If the address is of a kind that is not fetched.
    DownloadError
        If the host does not answer in time.
    """
    options = {"patience": patience, "limits": limits, "on_bytes": on_bytes}
    found = find_members([origin, *more])
    if len(found) == 1:
        return _obtain(found[0], downloads, **options)
    for address in filter(is_address, found[1:] if found[0] == origin else found):
        require_bare(address)
    aside = among_folds(found)
    members = [
        _member(name, one, downloads, aside=aside, **options)
        for name, one in zip(short_names(found), found, strict=True)
    ]
    content = "".join(f"{member.file.sha256}\n" for member in members).encode()
    listed = downloads / hashlib.sha256(content).hexdigest()
    downloads.mkdir(parents=True, exist_ok=True)
    write_bytes(listed, content)
    shown = for_place(as_called(origin)) + (f" and {len(more)} more" if more else "")
    name = for_name(name_of(origin)) + (f" and {len(more)} more" if more else "")
    return Source(origin=shown, name=name, file=FileRef.of(listed.resolve()), members=members)


def _member(name: str, origin: str, downloads: Path, *, aside: bool, **options: Any) -> Member:
    """Have one of several files; of one that may be set aside, why not."""
    try:
        require_text(origin)
        file, unread = _obtain(origin, downloads, **options).file, ""
    except (SourceNotFoundError, UnreadableFileError, SizeError) as error:
        if not aside:
            raise
        # One of very many folds is not copied whole, and no reason to measure none.
        unread = str(error)
        file = FileRef(path=for_place(origin), sha256=hashlib.sha256(unread.encode()).hexdigest())
    return Member(name=name, file=file, origin=for_table(origin), unread=unread)


def _obtain(origin: str, downloads: Path, **options: Any) -> Source:
    """Have one file."""
    limits = options["limits"]
    if not is_address(origin):
        path, origin = at_home(origin), as_called(origin)
        require_file(path, name=origin, limits=limits)
        return Source(origin=origin, name=name_of(str(path)), file=FileRef.of(path.resolve()))
    with handed(whole_address(origin)) as address:  # from here on without what opens it
        require_fetched(whole_address(address))
        fetched = fetch_object if is_object(address) else download
        file = fetched(address, downloads, **options)
    return Source(origin=address, name=name_of(address), file=file)


def fetch_htru2(
    folder: Path,
    *,
    patience: float,
    url: str = UCI_ARCHIVE,
    archive_sha256: str = UCI_ARCHIVE_SHA256,
    limits: Limits = _ARCHIVE_LIMITS,
    on_bytes: OnBytes | None = None,
) -> Path:
    """Fetch HTRU2 from UCI, prove that it is the known data, and keep it in a folder.

    Parameters
    ----------
    folder : Path
        Receives `HTRU_2.csv` and its ARFF twin, each whole or not at all.
    patience : float
        Seconds to wait for the host.
    url, archive_sha256 : str
        Another place that holds an archive of the same rows, and what is known of it.
    limits : Limits
        Of the archive, and of each file in it.
    on_bytes : callable, optional
        As of `pulsars.reading.sources.downloading.download`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    DownloadError, SourceNotFoundError
        If the archive cannot be had.
    SizeError
        If the archive or a file in it is larger than `limits` allow.
    FingerprintError
        If the archive or the rows in it are not the known ones.
    """
    archive = download(url, folder, patience=patience, limits=limits, on_bytes=on_bytes)
    try:
        _require_hash(url, archive.sha256, archive_sha256)
        with zipfile.ZipFile(archive.path) as opened:
            names = [name for name in UCI_MEMBERS if name in opened.namelist()]
            held = {name: _unpacked(opened, name, limits) for name in names}
    finally:
        Path(archive.path).unlink()
    for name, content in held.items():
        unproved = folder / f".{name}.unproved"
        write_bytes(unproved, content)
        _require_hash(f"{name} of {url}", _rows_sha256(unproved), UCI_ROWS_SHA256)
        unproved.replace(folder / name)
    return folder / UCI_MEMBER


def _unpacked(archive: zipfile.ZipFile, name: str, limits: Limits) -> bytes:
    with archive.open(name) as member:
        content = member.read(limits.max_bytes + 1)
    limits.require_bytes(len(content), name=name, what="unpacks to", at_least=True)
    return content


def is_htru2(path: Path) -> bool:
    """Whether a file holds the rows of the known HTRU2, whatever it is called."""
    try:
        return _rows_sha256(path) == UCI_ROWS_SHA256
    except DataError:
        return False


def _rows_sha256(path: Path) -> str:
    from pulsars.reading.judging.in_memory import check_candidates
    from pulsars.reading.reader import read_candidates

    return check_candidates(read_candidates(path)).quality.fingerprint


def _require_hash(what: str, found: str, expected: str) -> None:
    if found != expected:
        raise FingerprintError(
            f"{what} is not the known HTRU2: its sha256 is {found}, expected {expected}; "
            f"get the file by another way and name its path"
        )
