"""Files that appear whole or not at all, and hold the same bytes for the same content."""

from __future__ import annotations

import errno
import fcntl
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from pulsars.store.piecewise import Piecewise
from pulsars.store.regular import regular
from schemas import FileRef, ParameterError, for_csv, for_json

if TYPE_CHECKING:
    import pandas as pd

CHAMPION = "champion.json"
"""What says, in an artifact root, which run scores."""

_LOOKED_AT = 1 << 16
_TRIES = 5
_CANNOT_SYNC_FOLDERS = (
    errno.EACCES, errno.EBADF, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM,
)  # fmt: skip
"""What some network and FUSE systems answer, and a folder that may be written and not read."""


def write_bytes(path: Path, content: bytes) -> FileRef:
    """Write a file in one step: a reader sees the old content or the new, never a part.

    Parameters
    ----------
    path : Path
        Where; missing folders are made.
    content : bytes
        All of it.

    Returns
    -------
    FileRef
        The handle of the file as written.

    Raises
    ------
    OSError
        With the name of the file, whatever went wrong.
    """
    with written(path) as file:
        file.write(content)
    return file.handle


@contextmanager
def written(path: Path) -> Iterator[Piecewise]:
    """Write a file piece by piece, whole or not at all; as `write_bytes`, which does it at once."""
    with named(path):
        with _unfinished(path) as file, ThreadPoolExecutor(1) as thread:
            piecewise = Piecewise(file, path, thread)
            yield piecewise
            piecewise.finish()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        sync_folder(path.parent)


@contextmanager
def _unfinished(path: Path) -> Iterator[BinaryIO]:
    """Open what will be a file, empty and for this writer alone.

    Its name is always the same, so that what a writer left that was killed is written over by the
    next; and locked, for two that write the same file at once take turns.
    """
    part = path.with_name(f".{path.name}.part")
    while True:
        with _opened(part) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not _is_at(part, file):  # the writer before has just put it in place
                continue
            try:
                file.truncate(0)
                yield file
            except BaseException:
                with suppress(OSError):  # a full disk has no room for halves
                    part.unlink(missing_ok=True)
                raise
            return


def _opened(part: Path) -> BinaryIO:
    """Open for appending; the folder is made, and again if somebody clears it while it is empty."""
    for _ in range(_TRIES):
        with suppress(FileNotFoundError):
            return part.open("ab")
        part.parent.mkdir(parents=True, exist_ok=True)
    return part.open("ab")


def _is_at(path: Path, file: BinaryIO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Name a file or folder in an error that says none, as those of writing do."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def sync_folder(folder: Path) -> bool:
    """Make the names in a folder as durable as the files that they name; False where none can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC_FOLDERS:
            raise
        return False
    return True


def write_text(path: Path, text: str) -> FileRef:
    """Write UTF-8 text in one step; see `write_bytes`."""
    return write_bytes(path, text.encode())


def require_ours(path: Path, mark: bytes, *, instead: str = "name another file") -> None:
    """Refuse to write over a file that something else may have taken years to make.

    Parameters
    ----------
    path : Path
        Where a person wants something written.
    mark : bytes
        What a file of that kind has near its start or its end.
    instead : str, optional
        What a person can do who cannot have it there.

    Raises
    ------
    ParameterError
        If there is another file, or something that is none: a device, a folder; or if nothing can
        be written there.
    """
    if path.name == CHAMPION:
        raise ParameterError(f"{path}: an artifact root keeps its champion so; name another file")
    remedy = f"{instead}, or take it away"
    try:
        if path.exists() and not path.is_file():
            raise ParameterError(f"{path} is there already and is no file; {remedy}")
        if path.exists() and mark not in _ends_of(path):
            raise ParameterError(f"{path} is there already and holds something else; {remedy}")
        path.parent.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise ParameterError(
            f"{path} cannot be written ({error.strerror}); {instead}, or have it made writable"
        ) from None


def _ends_of(path: Path) -> bytes:
    with regular(path) as (file, size):
        start = file.read(_LOOKED_AT)
        file.seek(max(0, size - _LOOKED_AT))
        return start + file.read(_LOOKED_AT)


def write_json(path: Path, value: Any) -> FileRef:
    """Write JSON in one step; NaN and infinity are refused, for they are not JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return write_text(path, for_json(text) + "\n")


def read_json(file: FileRef) -> Any:
    """Read a JSON file after checking its hash."""
    return json.loads(file.verified().read_text(encoding="utf-8"))


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> FileRef:
    """Write named arrays as NPZ without pickle, in one step."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return write_bytes(path, buffer.getvalue())


def read_arrays(file: FileRef, names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Read an NPZ, or some of its arrays, after checking its hash; they come back read-only."""
    with np.load(file.verified(), allow_pickle=False) as stored:
        arrays = {name: _array(stored, name) for name in names or stored.files}
    for array in arrays.values():
        array.setflags(write=False)
    return arrays


def _array(stored: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    # NumPy parses a header, of which CPython before 3.11.8 and 3.12.2 counts the depth for all
    # threads together and may refuse it (its issue 106905): it is asked for again.
    for _ in range(_TRIES):
        with suppress(SystemError):
            return stored[name]
    return stored[name]


def write_table(path: Path, table: pd.DataFrame) -> FileRef:
    """Write a table as Parquet in one step, with a checksum in every page."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False, write_page_checksum=True)
    return write_bytes(path, buffer.getvalue())


def csv_text(table: pd.DataFrame, *, header: bool = True) -> str:
    """Write a table as CSV in which a spreadsheet takes no text, nor any heading, for a formula."""
    texts = table.select_dtypes(include=["object", "string"]).columns
    safe = table.assign(**{name: table[name].map(for_csv) for name in texts})
    named_safely = safe.rename(columns=for_csv)
    return str(named_safely.to_csv(index=False, lineterminator="\n", header=header))


def write_csv(path: Path, tables: Iterable[pd.DataFrame]) -> FileRef:
    """Write a table as `csv_text` does, from pieces of it, in one step."""
    with written(path) as file:
        for number, table in enumerate(tables):
            file.write(csv_text(table, header=number == 0).encode())
    return file.handle


def read_table(file: FileRef) -> pd.DataFrame:
    """Read a Parquet table after checking its hash."""
    import pandas as pd

    return pd.read_parquet(file.verified(), page_checksum_verification=True)
