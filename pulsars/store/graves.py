"""How a file or folder is taken away: in one step, and what cannot be removed holds up no other."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pulsars.store.listing import entries
from pulsars.store.stored import Damaged


def take_away(path: Path) -> list[Damaged]:
    """Let a file or folder disappear in one step, and what is in it then; name what stays."""
    grave = path.with_name(f".{path.name}.gone")
    try:
        if not path.is_dir():
            path.unlink(missing_ok=True)
            return []
        path.rename(grave)
    except OSError as error:
        return [_stays(str(path), error)]
    return _bury(grave)


def clear_graves(folders: Iterable[Path]) -> list[Damaged]:
    """Take away what a pruning left that was killed or could not remove all; name what stays."""
    graves = [grave for folder in folders for grave in entries(folder, ".*.gone")]
    return [one for grave in graves for one in _bury(grave)]


def _bury(grave: Path) -> list[Damaged]:
    """Remove a folder; of one whose files stay those are named alone."""
    causes: list[Damaged] = []
    not_empty: list[Damaged] = []

    def note(_call: object, path: str, raised: Any) -> None:
        error = raised[1]
        if not isinstance(error, FileNotFoundError):
            (not_empty if error.errno == errno.ENOTEMPTY else causes).append(_stays(path, error))

    shutil.rmtree(grave, onerror=note)  # called `onexc`, and somewhat otherwise, from 3.12 on
    return causes or not_empty[-1:]


def _stays(path: str, error: OSError) -> Damaged:
    return Damaged(path, f"{path} cannot be removed ({error.strerror}); remove it yourself")
