"""The faces of candidates that a table names: their folds are read again, where they still are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pulsars.folds.face import Face, face_of
from pulsars.folds.opening import MOST_BYTES, read_fold
from pulsars.folds.tables import FOLD, FOLD_SHA256, SECTION
from pulsars.store import regular
from schemas import FoldError, as_it_was, is_address

_SHA256 = re.compile(r"[0-9a-f]{64}")


def faces_of(rows: Iterable[Mapping[Any, Any]], *, downloads: Path) -> tuple[dict[int, Face], int]:
    """Draw the faces of candidates.

    Parameters
    ----------
    rows : iterable of mapping
        Each with ``rank``, ``fold``, ``fold_sha256`` and, where a section was chosen, ``section``.
    downloads : Path
        Folder that keeps fetched files by their sha256: an address is looked for there.

    Returns
    -------
    faces : dict of int to Face
        By rank: several files that are read as one table share their lines.
    n_gone : int
        Rows that name a fold which is not there any more, or is another.
    """
    faces, n_gone = {}, 0
    drawn: dict[tuple[str, str, str], Face | None] = {}
    hashes: dict[Path, str] = {}
    for row in rows:
        sha256 = row.get(FOLD_SHA256)
        if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
            continue
        asked = (str(row.get(FOLD) or ""), sha256, str(row.get(SECTION) or ""))
        if asked not in drawn:
            drawn[asked] = _face(*asked, downloads, hashes)
        face = drawn[asked]
        if face is None:
            n_gone += 1
        else:
            faces[int(row["rank"])] = face
    return faces, n_gone


def _face(
    place: str, sha256: str, section: str, downloads: Path, hashes: dict[Path, str]
) -> Face | None:
    content = _fold(place, sha256, downloads, hashes)
    if content is None:
        return None
    try:
        return face_of(read_fold(content, name="a fold", section=section or None))
    except FoldError:
        return None


def _fold(place: str, sha256: str, downloads: Path, hashes: dict[Path, str]) -> bytes | None:
    """Read the fold that has this hash, wherever it may be; nothing else is taken for it.

    What was found at a path is noted in `hashes`, so that no file is read for a hash that it has
    not, once for each row that names it.
    """
    for path in _places(place, sha256, downloads):
        if hashes.get(path, sha256) != sha256:
            continue
        content = _content(path)
        hashes[path] = "" if content is None else hashlib.sha256(content).hexdigest()
        if content is not None and hashes[path] == sha256:
            return content
    return None


def _places(place: str, sha256: str, downloads: Path) -> Iterator[Path]:
    if place and not is_address(place):
        yield Path(place)
        if "\\" in place:  # what a table cannot hold of a name is written visibly
            yield Path(as_it_was(place))
    yield downloads / sha256
    yield downloads / f"{sha256}.arrived"


def _content(path: Path) -> bytes | None:
    """Read a regular file of a fold's size; a table from elsewhere may name anything."""
    try:
        with regular(path) as (file, size):
            return file.read(size) if size <= MOST_BYTES else None
    except (OSError, ValueError):
        return None
