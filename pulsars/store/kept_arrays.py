"""The one way back from disk for arrays that a run has kept: whole and of their kind, or refused.

The run may be a stranger's, and so what is asked of the file is asked before room is made for it.
"""

from __future__ import annotations

import math
import struct
import tokenize
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsars.store.files import read_arrays
from pulsars.store.stored import as_written
from schemas import FileRef

_UNREADABLE = (
    zipfile.BadZipFile, struct.error, EOFError,
    RuntimeError,  # encrypted, or of a later version of ZIP
    SyntaxError, tokenize.TokenError,  # a header is read as Python's literals
)  # fmt: skip
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@contextmanager
def as_archived(path: Path) -> Iterator[None]:
    """Turn whatever is found wrong with an archive of arrays into an error that names it."""
    with as_written(path):
        try:
            yield
        except _UNREADABLE as error:
            raise ValueError(str(error)) from None


def read_kept_arrays(
    file: FileRef, *entries: str, if_there: tuple[str, ...] = ()
) -> dict[str, NDArray[Any]]:
    """Read arrays of numbers, all of one length, from an NPZ that a run has kept.

    Those of `if_there` are left out where the file has none; ``in_file`` has UTF-8.

    Raises
    ------
    DamagedRecordError
        If the file is none, or holds anything else under these names, or claims to hold more than
        it does.
    """
    with as_archived(Path(file.path)):
        require_room(file.verified())
        stored = read_arrays(file)
        there = [entry for entry in if_there if entry in stored]
        found = {entry: stored[entry] for entry in (*entries, *there)}
        if len({len(array) for array in found.values()}) != 1:
            raise ValueError("its arrays are not of one length")
        kinds = {entry: "S" if entry == "in_file" else "iuf" for entry in found}
        if any(array.dtype.kind not in kinds[entry] for entry, array in found.items()):
            raise ValueError("its arrays are no numbers")
    return found


def require_room(path: Path) -> None:
    """Refuse an archive that is packed, as ours never are, or claims more bytes than the file has.

    Raises
    ------
    ValueError
        If it is, or does; and others as of `as_archived`.
    """
    with zipfile.ZipFile(path) as archive:
        claimed = sum(_claimed(archive, member) for member in archive.infolist())
    if claimed > path.stat().st_size:
        raise ValueError(f"its arrays claim {claimed:,} bytes, more than it has")


def _claimed(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    if member.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{member.filename} is packed")
    with archive.open(member) as opened:
        version = np.lib.format.read_magic(opened)
        try:
            shape, _, kind = _HEADERS[version](opened)
        except MemoryError:  # which Python says of what is nested too deep
            raise ValueError(f"the header of {member.filename} cannot be read") from None
        except SystemError:  # see `pulsars.store.files`: whoever reads the array asks again
            return 0
    return abs(math.prod(shape)) * max(kind.itemsize, 1)
