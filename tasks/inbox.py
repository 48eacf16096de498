"""What lies in an inbox, and what becomes of each file.

An inbox is a folder or any address that fsspec opens. What is scored is a copy whose hash is known,
never the file itself: somebody may still be writing that.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from prefect import task

from schemas.errors import (
    DataError,
    FingerprintError,
    GateError,
    ParameterError,
    SourceNotFoundError,
)
from schemas.handles import FileRef
from schemas.score_parameters import InboxParameters
from schemas.score_records import Arrival, Arrivals
from schemas.sources import is_address
from tasks.files import write_json
from tasks.observing import announce, say
from tasks.scores import scored_before
from tasks.steps import IO

if TYPE_CHECKING:
    from collections.abc import Iterator

REJECTED = "rejected"

_UNFINISHED = (".part", ".tmp")
_CHUNK = 1 << 20
_DIGITS = 16
_LONG = {**IO, "timeout_seconds": 4 * 3600}  # every file of the inbox is read


@task(name="look", task_run_name="look into {parameters.inbox}", **_LONG)
def look(parameters: InboxParameters) -> Arrivals:
    """List the files of an inbox by name, and hash those that have settled."""
    files, folder = open_inbox(parameters.inbox)
    settled, waiting = [], []
    for path in _candidate_files(files, folder, parameters.inbox):
        arrival = _arrived(files, path, settle_seconds=parameters.settle_seconds)
        if arrival:
            settled.append(arrival)
        else:
            waiting.append(_name(path))
    say("%d files have settled, %d wait", len(settled), len(waiting))
    return Arrivals(settled=tuple(settled), waiting=tuple(waiting))


def open_inbox(inbox: str) -> tuple[Any, str]:
    """Give the file system of an inbox, and the inbox's path in it.

    Raises
    ------
    ParameterError
        If it is an address of a kind that cannot be opened here.
    """
    import fsspec

    where = inbox if is_address(inbox) else str(Path(inbox).expanduser())
    try:
        files, folder = fsspec.core.url_to_fs(where)
    except (ValueError, ImportError) as error:
        raise ParameterError(f"{inbox}: cannot be opened as an inbox ({error})") from None
    files.invalidate_cache()  # or a remote listing may be that of the pass before
    return files, folder.rstrip("/")


def _candidate_files(files: Any, folder: str, inbox: str) -> list[str]:
    try:
        found = files.ls(folder, detail=True)
    except (FileNotFoundError, NotADirectoryError):
        raise SourceNotFoundError(f"{inbox}: there is no such folder; make it first.") from None
    paths = sorted(entry["name"] for entry in found if entry["type"] == "file")
    return [path for path in paths if path != folder and _may_be_candidates(_name(path))]


def _may_be_candidates(name: str) -> bool:
    return not name.startswith(".") and not name.endswith(_UNFINISHED)


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _arrived(files: Any, path: str, *, settle_seconds: float) -> Arrival | None:
    """Hash a file, unless it was changed lately or is changed meanwhile."""
    try:
        if _age(files, path) < settle_seconds:
            return None
        before = stamp(files, path)
        sha256 = _hash(files, path)
        if stamp(files, path) != before:
            return None
    except FileNotFoundError:  # taken away again, or renamed when it was complete
        return None
    except OSError as error:  # one file that cannot be read must not hold up the others
        say("%s waits, for it cannot be read: %s", _name(path), error)
        return None
    return Arrival(path=path, name=_name(path), stamp=before, sha256=sha256)


def origin_of(parameters: InboxParameters, arrival: Arrival) -> str:
    """Say where a file came from, as its owner would."""
    if not is_address(parameters.inbox):
        return arrival.path
    files, _ = open_inbox(parameters.inbox)
    return str(files.unstrip_protocol(arrival.path))


def _age(files: Any, path: str) -> float:
    changed = _changed(files, path)
    return (datetime.now(UTC) - changed).total_seconds() if changed else float("inf")


def _changed(files: Any, path: str) -> datetime | None:
    try:
        changed: datetime = files.modified(path)
    except NotImplementedError:  # a store that does not tell shows a file when it is complete
        return None
    return changed if changed.tzinfo else changed.replace(tzinfo=UTC)


def stamp(files: Any, path: str) -> str:
    """Say size and time of change of a file: two stamps differ when it was changed between."""
    return f"{files.info(path)['size']} {_changed(files, path)}"


def _hash(files: Any, path: str) -> str:
    with files.open(path, "rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def fate(out: Path, sha256: str) -> str | None:
    """Say what became of a content before: "scored", "rejected", or None when it is new."""
    if scored_before(out, sha256):
        return "scored"
    return "rejected" if _record(out, sha256).is_file() else None


def _record(out: Path, sha256: str) -> Path:
    return out / REJECTED / f"{sha256[:_DIGITS]}.json"


@contextmanager
def copied(parameters: InboxParameters, arrival: Arrival) -> Iterator[FileRef | None]:
    """Have a copy of a file for the length of the block; None when it is another file by now."""
    copy = Path(parameters.out) / "downloads" / f"{arrival.sha256}.arrived"
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield _copy(parameters, arrival, copy)
    finally:
        copy.unlink(missing_ok=True)


def _copy(parameters: InboxParameters, arrival: Arrival, copy: Path) -> FileRef | None:
    files, _ = open_inbox(parameters.inbox)
    try:
        with files.open(arrival.path, "rb") as source, copy.open("wb") as target:
            pour(source, target)
    except FileNotFoundError:
        return None
    found = FileRef.of(copy)
    return found if found.sha256 == arrival.sha256 else None


def pour(source: BinaryIO, target: BinaryIO) -> None:
    """Copy an open file, a piece at a time."""
    while chunk := source.read(_CHUNK):
        target.write(chunk)


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
    if stamp(files, arrival.path) != arrival.stamp:
        return
    away = f"{folder}/{REJECTED}"
    files.makedirs(away, exist_ok=True)
    target = f"{away}/{arrival.sha256[:_DIGITS]}-{arrival.name}"
    files.pipe_file(f"{target}.report.txt", f"{known['message']}\n".encode())
    files.mv(arrival.path, target)
