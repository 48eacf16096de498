"""Files that an inbox refuses: why, and where they are put."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import task

from schemas.errors import DataError, FingerprintError, GateError, SourceNotFoundError
from schemas.score_parameters import InboxParameters
from schemas.score_records import Arrival
from tasks.files import write_json
from tasks.inbox import open_inbox
from tasks.observing import announce, say
from tasks.stamps import stamp_of
from tasks.steps import IO

REJECTED = "rejected"

_DIGITS = 16


def is_rejected(out: Path, sha256: str) -> bool:
    """Whether a content was refused before."""
    return _record(out, sha256).is_file()


def _record(out: Path, sha256: str) -> Path:
    return out / REJECTED / f"{sha256[:_DIGITS]}.json"


def is_rejection(error: Exception) -> bool:
    """Whether an error is the file's own, so that trying again would end the same way."""
    passing = (FingerprintError, SourceNotFoundError)
    return isinstance(error, (DataError, GateError)) and not isinstance(error, passing)


@task(name="reject", task_run_name="reject {arrival.name}", **IO)
def reject(parameters: InboxParameters, arrival: Arrival, error: dict[str, Any]) -> None:
    """Remember why a file was refused, then move it out of the way."""
    # In this order: a crash between the two leaves a file that the next pass moves.
    record = {
        "sha256": arrival.sha256,
        "name": arrival.name,
        "inbox": parameters.inbox,
        **error,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_json(_record(Path(parameters.out), arrival.sha256), record)
    set_aside(parameters, arrival)
    say("rejected %s: %s", arrival.name, error["message"])
    announce(
        "pulsar.inbox.rejected",
        arrival.name,
        {"because": error["message"]},
        resource=f"pulsar.file.{arrival.sha256[:_DIGITS]}",
    )


def set_aside(parameters: InboxParameters, arrival: Arrival) -> None:
    """Move a rejected file to `rejected/`, its report beside it; leave what changed meanwhile."""
    files, folder = open_inbox(parameters.inbox)
    known = json.loads(_record(Path(parameters.out), arrival.sha256).read_text(encoding="utf-8"))
    if stamp_of(files, arrival.path).text != arrival.stamp:
        return
    away = f"{folder}/{REJECTED}"
    files.makedirs(away, exist_ok=True)
    target = f"{away}/{arrival.sha256[:_DIGITS]}-{arrival.name}"
    files.pipe_file(f"{target}.report.txt", f"{known['message']}\n".encode())
    _move(files, arrival.path, target)


def _move(files: Any, path: str, target: str) -> None:
    """Move a file, or a symbolic link so that it still leads to the same file."""
    from fsspec.implementations.local import LocalFileSystem

    if not (isinstance(files, LocalFileSystem) and Path(path).is_symlink()):
        files.mv(path, target)
        return
    # A link that was moved as it is would lead from `rejected/`, where nothing may be.
    moved = Path(target)
    moved.unlink(missing_ok=True)
    moved.symlink_to(Path(path).parent / Path(path).readlink())
    Path(path).unlink()
