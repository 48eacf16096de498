"""What runs, sweeps and scores share once published: a folder that its manifest vouches for.

That of a run or a sweep is called by the clock; that of scores by content, model, way of reading
and catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pulsars.store.listing import entries, is_there
from schemas import DamagedRecordError, FileRef

_STAMP = "%Y%m%d-%H%M%S-%f"
_STAMP_LENGTH = len("20260101-000000-000")
_STEP = timedelta(milliseconds=1)


@dataclass(frozen=True)
class PublishedFolder:
    """One folder below `runs/`, `sweeps/` or `scores/`, read back.

    Attributes
    ----------
    path : Path
        The folder.
    manifest : dict
        What decided it: data, parameters, code version, files with their sha256.
    """

    path: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """What it is called: for runs and sweeps when it was published, and its request."""
        return self.path.name

    @property
    def simulated(self) -> bool:
        """Whether it was made on simulated candidates."""
        return bool(self.manifest["data"]["simulated"])


def published_in(folder: Path) -> list[Path]:
    """Name the folders that were published in one, such as `runs`, in order of their names.

    One whose manifest cannot be looked at is named too, for whoever reads it to say so.

    Raises
    ------
    OSError
        If the folder cannot be listed.
    ParameterError
        If there is a file in place of the folder.
    """
    # Whatever has no manifest is somebody else's: what is published appears with its own.
    # A hidden folder is on its way out: see `pulsars.store.leftovers`.
    return [path for path in entries(folder, "[!.]*") if is_there(path / "manifest.json")]


def require_as_listed(folder: Path, files: Mapping[str, str]) -> None:
    """Check files of a published folder against what its manifest says.

    Parameters
    ----------
    folder : Path
        What was published.
    files : mapping of str to str
        Names, and the sha256 of each.

    Raises
    ------
    DamagedRecordError
        If one is gone or was changed.
    """
    for name, sha256 in files.items():
        if not FileRef(path=str(folder / name), sha256=sha256).matches():
            raise DamagedRecordError(
                f"{folder / name} is gone or was changed since it was published; restore it, or "
                f"remove the folder and make it again"
            )


def next_name(folder: Path, *, request: str) -> str:
    """Name the next of what is published in a folder; in order of name is in order of time.

    A clock that was set back would put the newest run before the others, where a pruning looks
    for what nobody needs; so a name is never earlier than the last one.

    Parameters
    ----------
    folder : Path
        Such as `runs/`; need not be there yet. The caller is the only one who publishes in it.
    request : str
        Ends the name.
    """
    now = datetime.now(UTC)
    for path in published_in(folder):
        stamp = moment_of(path.name)
        if stamp:
            now = max(now, stamp + _STEP)
    return f"{now.strftime(_STAMP)[:_STAMP_LENGTH]}-{request}"


def moment_of(name: str) -> datetime | None:
    """Read the time from a name; None from somebody else's."""
    try:
        return datetime.strptime(f"{name[:_STAMP_LENGTH]}+0000", f"{_STAMP}%z")
    except ValueError:
        return None
