"""Names of what is published: by the clock, and always after what is there already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pulsars.store.published import published_in

_STAMP = "%Y%m%d-%H%M%S-%f"
_STAMP_LENGTH = len("20260101-000000-000")
_STEP = timedelta(milliseconds=1)


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
