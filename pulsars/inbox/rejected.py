"""Files that an inbox refuses: why, and where they are put."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pulsars.inbox.arrivals import open_inbox
from pulsars.inbox.copies import still_holds
from pulsars.inbox.stamps import is_local
from pulsars.store import REJECTED, SHA256_DIGITS, read_record, scored_contents, sealed, write_text
from schemas import (
    Arrival,
    DamagedRecordError,
    DataError,
    FingerprintError,
    GateError,
    InboxParameters,
    RejectedRecord,
    SourceNotFoundError,
    for_log,
)

_log = logging.getLogger(__name__)

_DIGITS = 16
_REPORT = ".report.txt"
_MOST_BYTES = 255 - len(_REPORT)
"""Of a name that is set aside: file systems allow 255, and its report needs one too."""


def is_rejected(out: Path, sha256: str) -> bool:
    """Whether a content was refused before; where the record is damaged, it is judged anew."""
    return _reason(out, sha256) is not None


def _reason(out: Path, sha256: str) -> str | None:
    try:
        return for_log(str(read_record(_record(out, sha256), RejectedRecord)["message"]))
    except DamagedRecordError:
        return None


def _record(out: Path, sha256: str) -> Path:
    return out / REJECTED / f"{sha256[:_DIGITS]}.json"


def is_rejection(error: Exception) -> bool:
    """Whether an error is the file's own, so that trying again would end the same way."""
    passing = (FingerprintError, SourceNotFoundError)
    return isinstance(error, (DataError, GateError)) and not isinstance(error, passing)


def remember_refusal(out: Path, inbox: str, arrival: Arrival, error: dict[str, Any]) -> None:
    """Write down why a content was refused.

    Parameters
    ----------
    out : Path
        The artifact root.
    inbox : str
        As it was named.
    arrival : Arrival
        The file.
    error : dict
        ``error`` (the type), ``message`` and ``exit_code``.
    """
    record = {
        "sha256": arrival.sha256,
        "name": arrival.name,
        "inbox": inbox,
        **error,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_text(_record(out, arrival.sha256), sealed(record))


def set_aside(parameters: InboxParameters, arrival: Arrival) -> bool:
    """Move a rejected file to `rejected/`, its report beside it.

    Returns
    -------
    bool
        False when it stays, for it is gone, changed, or another than was remembered: the memory
        of an inbox alone moves nothing.
    """
    files, folder = open_inbox(parameters.inbox)
    if not still_holds(parameters, arrival):
        _log.info("%s stays for now, for it is no longer what was refused", arrival.name)
        return False
    away = f"{folder}/{REJECTED}"
    files.makedirs(away, exist_ok=True)
    target = f"{away}/{name_aside(arrival.sha256, arrival.name)}"
    report = f"{_reason(Path(parameters.out), arrival.sha256)}\n"
    files.pipe_file(f"{target}{_REPORT}", report.encode())
    _move(files, arrival.path, target)
    return True


def name_aside(sha256: str, name: str) -> str:
    """Name a file in `rejected/`: digits of its content, and its name, shortened where too long."""
    stem, suffix = Path(name).stem, Path(name).suffix
    room = _MOST_BYTES - _DIGITS - len("-")
    if len(name.encode()) <= room:
        return f"{sha256[:_DIGITS]}-{name}"
    if len(suffix.encode()) > room // 2:  # more than the kind of a file, such as a sentence
        stem, suffix = name, ""
    kept = stem.encode()[: room - len(suffix.encode())].decode(errors="ignore")  # no half character
    return f"{sha256[:_DIGITS]}-{kept}{suffix}"


def _move(files: Any, path: str, target: str) -> None:
    """Move a file, or a symbolic link so that it still leads to the same file."""
    if not is_local(files):
        # `mv` of a store would take the name for a pattern, and `a*.csv` for many files.
        files.cp_file(path, target)
        files.rm_file(path)
        return
    if not Path(path).is_symlink():
        files.mv(path, target)
        return
    # A link that was moved as it is would lead from `rejected/`, where nothing may be.
    moved = Path(target)
    moved.unlink(missing_ok=True)
    moved.symlink_to(Path(path).parent / Path(path).readlink())
    Path(path).unlink()


class Fates:
    """Scored and rejected contents below an artifact root.

    The scores are listed once: a listing a file would make a pass quadratic.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._scored = set(scored_contents(out))

    def of(self, sha256: str) -> str | None:
        """Say what became of a content: "scored", "rejected", or None when it is new."""
        if sha256[:SHA256_DIGITS] in self._scored:
            return "scored"
        return "rejected" if is_rejected(self._out, sha256) else None

    def note_scored(self, sha256: str) -> None:
        """Note what was scored since the listing."""
        self._scored.add(sha256[:SHA256_DIGITS])
