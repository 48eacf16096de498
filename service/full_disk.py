"""A full disk, which ends a server before that can write why."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile

_ENOUGH = 2**23  # for an empty database of Prefect's and its journal


def require_space(folder: Path) -> None:
    """Write as much as a server needs to start, and have the system say what hinders that.

    Parameters
    ----------
    folder : Path
        Where a process has ended that writes there.

    Raises
    ------
    OSError
        With the name of the folder, if so much cannot be written there.
    """
    try:
        with TemporaryFile(dir=folder) as scratch:
            scratch.write(bytes(_ENOUGH))
            scratch.flush()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from None
