"""What lies in an inbox, and a copy of each file.

An inbox is a folder or any address that fsspec opens. What is scored is a copy whose hash is known,
never the file itself: somebody may still be writing that.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from prefect import task

from schemas.errors import ParameterError, SourceNotFoundError
from schemas.handles import FileRef
from schemas.score_parameters import InboxParameters
from schemas.score_records import Arrival, Arrivals
from schemas.sources import is_address
from tasks.inbox_memory import Memory, forget, memory_path
from tasks.observing import say
from tasks.stamps import Stamp, stamp_of
from tasks.steps import IO

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNFINISHED = (".part", ".tmp")
_CHUNK = 1 << 20
_LONG = {**IO, "timeout_seconds": 4 * 3600}  # the first time every file is read


@task(name="look", task_run_name="look into {parameters.inbox}", **_LONG)
def look(parameters: InboxParameters) -> Arrivals:
    """List the files of an inbox by name, and hash what is new or changed of those that settled."""
    files, folder = open_inbox(parameters.inbox)
    paths = _candidate_files(files, folder, parameters.inbox)
    memory = Memory(_memory_path(parameters, files, folder), map(_name, paths))
    settled, waiting = [], []
    try:
        for path in paths:
            arrival = _arrived(files, path, memory, settle_seconds=parameters.settle_seconds)
            if arrival:
                settled.append(arrival)
            else:
                waiting.append(_name(path))
    finally:
        memory.keep()  # also of a pass that is cut short: the next one goes on from there
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


def _memory_path(parameters: InboxParameters, files: Any, folder: str) -> Path:
    return memory_path(Path(parameters.out), str(files.unstrip_protocol(folder)))


def _candidate_files(files: Any, folder: str, inbox: str) -> list[str]:
    try:
        found = files.ls(folder, detail=True)
    except (FileNotFoundError, NotADirectoryError):
        raise SourceNotFoundError(f"{inbox}: there is no such folder; make it first.") from None
    likely = [entry for entry in found if _may_be_candidates(_name(entry["name"]))]
    paths = sorted(entry["name"] for entry in likely if _is_file(files, entry))
    return [path for path in paths if path != folder]


def _is_file(files: Any, entry: dict[str, Any]) -> bool:
    """Whether an entry of a listing is a file, or a symbolic link to one."""
    if entry["type"] in {"file", "directory"}:
        return bool(entry["type"] == "file")
    try:
        return bool(files.info(entry["name"])["type"] == "file")
    except OSError:  # a link to a file that has yet to come
        return True


def _may_be_candidates(name: str) -> bool:
    return not name.startswith(".") and not name.endswith(_UNFINISHED)


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _arrived(files: Any, path: str, memory: Memory, *, settle_seconds: float) -> Arrival | None:
    """Know the hash of a file, unless it was changed lately or is changed meanwhile."""
    name = _name(path)
    try:
        stamp = stamp_of(files, path)
        if not _has_settled(name, stamp, memory, settle_seconds=settle_seconds):
            return None
        sha256 = memory.sha256(name, stamp) or _hash(files, path)
        if stamp_of(files, path) != stamp:
            return None
    except FileNotFoundError:  # taken away again, or renamed when it was complete; a broken link
        return None
    except OSError as error:  # one file that cannot be read must not hold up the others
        say("%s waits, for it cannot be read: %s", name, error)
        return None
    memory.note(name, stamp, sha256)
    return Arrival(path=path, name=name, stamp=stamp.text, sha256=sha256)


def _has_settled(name: str, stamp: Stamp, memory: Memory, *, settle_seconds: float) -> bool:
    if stamp.age >= -settle_seconds:
        return stamp.age >= settle_seconds
    # By a clock that is so far ahead nobody can tell since when a file rests, only that it does.
    if memory.saw(name, stamp):
        return True
    memory.note(name, stamp, None)
    say("%s waits for the next pass, for its time of change lies in the future", name)
    return False


def origin_of(parameters: InboxParameters, arrival: Arrival) -> str:
    """Say where a file came from, as its owner would."""
    if not is_address(parameters.inbox):
        return arrival.path
    files, _ = open_inbox(parameters.inbox)
    return str(files.unstrip_protocol(arrival.path))


def _hash(files: Any, path: str) -> str:
    with files.open(path, "rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


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
    files, folder = open_inbox(parameters.inbox)
    try:
        with files.open(arrival.path, "rb") as source, copy.open("wb") as target:
            pour(source, target)
    except FileNotFoundError:
        return None
    found = FileRef.of(copy)
    if found.sha256 == arrival.sha256:
        return found
    # Either it was changed meanwhile, or what was remembered of it is wrong.
    forget(_memory_path(parameters, files, folder), arrival.name)
    return None


def pour(source: BinaryIO, target: BinaryIO) -> None:
    """Copy an open file, a piece at a time."""
    while chunk := source.read(_CHUNK):
        target.write(chunk)
