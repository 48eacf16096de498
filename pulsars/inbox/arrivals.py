"""What lies in an inbox: a folder, or any address that fsspec opens."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from posixpath import basename
from typing import Any

from pulsars.credentials import whole_address
from pulsars.inbox.memory import Memory, count_held, memory_path
from pulsars.inbox.pieces import pieces_of
from pulsars.inbox.stamps import Stamp, place_of, stamp_of
from pulsars.store import REJECTED
from schemas import (
    Arrival,
    Arrivals,
    InboxParameters,
    Limits,
    ParameterError,
    SizeError,
    SourceNotFoundError,
    at_home,
    called_like_a_fold,
    called_like_a_plot,
    first_of,
    for_log,
    is_address,
    is_object,
    require_bare,
    without_credentials,
)

_log = logging.getLogger(__name__)

CHANGES = "it is another than a moment ago, and may still be written"
"""Why a file waits that was changed as it was read."""

_UNFINISHED = (".part", ".tmp", "~")


def list_arrivals(parameters: InboxParameters) -> Arrivals:
    """List the files of an inbox by name, and hash what is new or changed of those that settled.

    Parameters
    ----------
    parameters : InboxParameters
        Which inbox, and when a file counts as settled.

    Raises
    ------
    ParameterError
        If it is an address of a kind that cannot be opened here.
    SourceNotFoundError
        If there is no such folder.
    """
    files, folder = open_inbox(parameters.inbox)
    paths = _candidate_files(files, folder, parameters.inbox)
    kept = memory_of(parameters, files, folder)
    place = place_of(files, folder)
    memory = Memory(kept, map(basename, paths), run=parameters.run, place=place)
    settled, waiting = [], _unspeakable(paths)
    try:
        for path in filter(_is_utf8, paths):
            arrival = _arrived(files, path, memory, parameters)
            if isinstance(arrival, Arrival):
                settled.append(arrival)
            else:
                waiting[basename(path)] = arrival
    finally:
        memory.keep()  # also of a pass that is cut short: the next one goes on from there
    return Arrivals(settled=tuple(settled), waiting=waiting)


def open_inbox(inbox: str) -> tuple[Any, str]:
    """Give the file system of an inbox, and the inbox's path in it.

    Raises
    ------
    ParameterError
        If it is an address of a kind that cannot be opened here, or of a store with a password.
    """
    import fsspec

    where = whole_address(inbox) if is_address(inbox) else str(at_home(inbox))
    if is_object(where):
        require_bare(where)
    try:
        files, folder = fsspec.core.url_to_fs(where)
    except (ValueError, ImportError) as error:
        why = error if where == inbox else type(error).__name__
        raise ParameterError(f"{inbox}: cannot be opened as an inbox ({why})") from None
    require_bare(folder)  # as of http, whose files would be named with what opens them
    files.invalidate_cache()  # or a remote listing may be that of the pass before
    return files, folder.rstrip("/")


def memory_of(parameters: InboxParameters, files: Any, folder: str) -> Path:
    """Say where the memory of an inbox rests."""
    return memory_path(Path(parameters.out), without_credentials(files.unstrip_protocol(folder)))


def count_remembered(parameters: InboxParameters) -> int:
    """Count the files that an inbox held when a pass last found any, whether or not it is there."""
    return count_held(memory_of(parameters, *open_inbox(parameters.inbox)))


def _candidate_files(files: Any, folder: str, inbox: str) -> list[str]:
    try:
        found = files.ls(folder, detail=True)
    except (FileNotFoundError, NotADirectoryError):
        raise SourceNotFoundError(
            f"{inbox}: there is no such folder; mount or make it first."
        ) from None
    folds = tuple(
        f"{name}."
        for name in (basename(entry["name"]) for entry in found)
        if called_like_a_fold(name)
    )
    _say_of_folders([basename(entry["name"]) for entry in found if entry["type"] == "directory"])
    likely = [entry for entry in found if _may_be_candidates(basename(entry["name"]), folds)]
    paths = sorted(entry["name"] for entry in likely if _is_file(files, entry))
    return [path for path in paths if path != folder]


def _say_of_folders(names: list[str]) -> None:
    """Say that what lies in folders of an inbox is not scored."""
    seen = sorted(name for name in names if name != REJECTED and not name.startswith("."))
    if seen:
        count = "1 folder" if len(seen) == 1 else f"{len(seen):,} folders"
        _log.info(
            "note: %s in the inbox passed over, and what is in there: %s; let files arrive in the "
            "inbox itself",
            count,
            first_of(seen),
        )


def _is_file(files: Any, entry: dict[str, Any]) -> bool:
    """Whether an entry of a listing is a file, or a symbolic link to one."""
    if entry["type"] in {"file", "directory"}:
        return bool(entry["type"] == "file")
    try:
        kind = files.info(entry["name"])["type"]
    except OSError:  # a link to a file that has yet to come
        return True
    if kind == "other":
        _log.info(
            "%s is passed over: a pipe, a socket or a device is no file", basename(entry["name"])
        )
    return bool(kind == "file")


def _may_be_candidates(name: str, folds: tuple[str, ...]) -> bool:
    if name.startswith(folds) and called_like_a_plot(name):
        return False
    return not name.startswith(".") and not name.endswith(_UNFINISHED)


def _unspeakable(paths: list[str]) -> dict[str, str]:
    """Give printable names of the files that no log, record or page could name, and say so."""
    names = [
        basename(path).encode(errors="backslashreplace").decode()
        for path in paths
        if not _is_utf8(path)
    ]
    return {name: _said(name, "its path is no UTF-8 text; rename it") for name in names}


def _said(name: str, why: str) -> str:
    """Log why a file waits that nothing is done about by waiting alone; give it back."""
    _log.info("%s waits, for %s", name, why)
    return why


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _arrived(files: Any, path: str, memory: Memory, parameters: InboxParameters) -> Arrival | str:
    """Know the hash of a file, or why it waits."""
    name = basename(path)
    try:
        stamp = stamp_of(files, path)
        unsettled = _unsettled(name, stamp, memory, settle_seconds=parameters.settle_seconds)
        if unsettled:
            return unsettled
        Limits(max_bytes=parameters.max_bytes).require_bytes(stamp.size, name=name)
        sha256 = memory.sha256(name, stamp) or hash_of(files, path, most=parameters.max_bytes)
        if stamp_of(files, path) != stamp:
            return CHANGES
    except FileNotFoundError:  # renamed when it was complete, or what a link leads to is to come
        return _said(name, "it was taken away, or is a link that leads nowhere")
    except SizeError:  # then it is known by what its file system says of it
        sha256 = hashlib.sha256(f"{path} {stamp.text}".encode()).hexdigest()
        unread = max(stamp.size, parameters.max_bytes + 1)
        return Arrival(path=path, name=name, stamp=stamp.text, sha256=sha256, unread=unread)
    except OSError as error:  # one file that cannot be read must not hold up the others
        return _said(name, f"it cannot be read: {for_log(str(error))}")
    memory.note(name, stamp, sha256)
    return Arrival(path=path, name=name, stamp=stamp.text, sha256=sha256)


def _unsettled(name: str, stamp: Stamp, memory: Memory, *, settle_seconds: float) -> str | None:
    """Say why a file may still be written, if it may."""
    if stamp.age >= -settle_seconds:
        lately = f"it was changed in the last {settle_seconds:g} s, and may still be written"
        return None if stamp.age >= settle_seconds else lately
    # By a clock that is so far ahead nobody can tell since when a file rests, only that it does.
    if memory.saw(name, stamp):
        return None
    memory.note(name, stamp, None)
    return _said(name, "its time of change lies in the future: the next pass sees whether it rests")


def hash_of(files: Any, path: str, *, most: int) -> str:
    """Read a file for the sha256 of its content.

    Raises
    ------
    SizeError
        It holds more than `most` bytes.
    """
    digest, n_bytes = hashlib.sha256(), 0
    for piece in pieces_of(files, path, most=most):
        digest.update(piece)
        n_bytes += len(piece)
    Limits(max_bytes=most).require_bytes(n_bytes, name=basename(path), at_least=True)
    return digest.hexdigest()
