"""What is in a folder of ours: all of it or an error, for what cannot be looked at is not nothing.

`Path.glob` gives nothing of a folder that may not be listed, and `Path.exists` means by that what
each version of Python likes. A pruning that believed them would take away what is needed.
"""

from __future__ import annotations

import errno
import os
from fnmatch import fnmatchcase
from pathlib import Path

from schemas import ParameterError

_NOTHING = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)


def entries(folder: Path, pattern: str = "*") -> list[Path]:
    """Name what is in a folder, in order of the names; nothing where there is no such folder.

    Parameters
    ----------
    folder : Path
        Need not be there.
    pattern : str, optional
        That a name matches, as in a shell; but an asterisk stands for a leading dot too.

    Raises
    ------
    OSError
        If it cannot be listed.
    ParameterError
        If there is a file in its place.
    """
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - which says what went wrong
    except (OSError, ValueError) as error:
        if not is_there(folder):  # nor where what it would be in is a file itself
            return []
        if not isinstance(error, NotADirectoryError):
            raise
        raise ParameterError(
            f"{folder} is a file, where a folder of what is published belongs; move it away, or "
            f"name another folder than {folder.parent}"
        ) from None
    return [folder / name for name in names if fnmatchcase(name, pattern)]


def is_there(path: Path) -> bool:
    """Whether there is a file or folder; what cannot be looked at counts as there."""
    try:
        os.stat(path)  # noqa: PTH116 - pathlib raises at a long name
    except ValueError:  # no name at all
        return False
    except OSError as error:
        return error.errno not in _NOTHING
    return True
