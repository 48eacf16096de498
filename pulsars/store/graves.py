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
        if _unlinked(path):
            return []
        path.rename(grave)
    except OSError as error:
        return [_stays(path, error)]
    return _bury(grave)


def clear_graves(folders: Iterable[Path]) -> list[Damaged]:
    """Take away what a pruning left that was killed or could not remove all; name what stays."""
    graves = [grave for folder in folders for grave in entries(folder, ".*.gone")]
    return [one for grave in graves for one in _bury(grave)]


def _bury(grave: Path) -> list[Damaged]:
    """Remove a folder; of one whose files stay those are named alone, each once."""
    causes: dict[str, Damaged] = {}
    not_empty: dict[str, Damaged] = {}

    def note(_call: object, path: Path | str, raised: Any) -> None:
        error = raised[1]
        if not isinstance(error, FileNotFoundError):
            stays = _stays(path, error)
            (not_empty if error.errno == errno.ENOTEMPTY else causes).setdefault(stays.path, stays)

    try:
        if _unlinked(grave):
            return []
    except OSError as error:
        return [_stays(grave, error)]
    shutil.rmtree(grave, onerror=note)  # called `onexc`, and somewhat otherwise, from 3.12 on
    return list(causes.values()) or list(not_empty.values())[-1:]


def _unlinked(path: Path) -> bool:
    """Remove what is no folder, or a link to one; tell whether it was."""
    if path.is_dir() and not path.is_symlink():
        return False
    path.unlink(missing_ok=True)
    return True


def _stays(path: Path | str, error: OSError) -> Damaged:
    whole = str(Path(path).absolute())
    why = error.strerror or error
    return Damaged(whole, f"{whole} cannot be removed ({why}); remove it yourself")
