"""What the files of an inbox held when they were last read, so that only a change is read again.

`<out>/inboxes/<digits>.json`, one an inbox. It saves reading: whatever is scored or set aside is
hashed anew first. Only of a content that is known as scored it is believed, so that a wrong memory
can leave a new file unscored, and nothing worse. It may be deleted at any time. It also names the
run that the inbox is scored by, where one was named, so that no pruning takes that away. Where all
that it held is gone and the folder is another (or, where nothing tells, empty), it forgets nothing,
and ages: so looks a share that is not mounted, whatever came in its place.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pulsars.inbox.stamps import MOUNTED, Stamp
from pulsars.store import write_text

_log = logging.getLogger(__name__)

_DIGITS = 16
_FORMAT = 1

Entries = dict[str, tuple[str, str | None]]
"""By name: the stamp of a file, and the sha256 of its content; None when it is not yet known."""


class Remembered(NamedTuple):
    """What a memory holds: files, the run that scores them, and which folder they lay in."""

    entries: Entries
    run: str | None = None
    place: str | None = None


def memory_path(out: Path, address: str) -> Path:
    """Name the memory of the inbox at an address."""
    digits = hashlib.sha256(address.encode(errors="surrogateescape")).hexdigest()[:_DIGITS]
    return out / "inboxes" / f"{digits}.json"


class Memory:
    """Stamps and hashes by the names of files.

    Parameters
    ----------
    path : Path
        Where it rests; when there is nothing, or nothing that can be read, all is forgotten.
    names : iterable of str
        The files that are there; others are forgotten.
    run : str, optional
        What the pass calls the run that it scores by; None where that is the champion.
    place : str, optional
        What `pulsars.inbox.stamps.place_of` says of the inbox.
    """

    def __init__(
        self, path: Path, names: Iterable[str], *, run: str | None = None, place: str | None = None
    ) -> None:
        self._path, self._before = path, _read(path)
        listed, held, was = list(names), self._before.entries, self._before.place
        there = {name: held[name] for name in listed if name in held}
        is_another = place not in {was, MOUNTED} if place and was else not listed
        self._moved = bool(held) and not there and is_another
        self._now = Remembered(there, run, place)

    def saw(self, name: str, stamp: Stamp) -> bool:
        """Whether a file had this stamp the last time."""
        entries = self._now.entries
        return name in entries and entries[name][0] == stamp.text

    def sha256(self, name: str, stamp: Stamp) -> str | None:
        """Give the hash of a file; None when it has to be read."""
        return self._now.entries[name][1] if self.saw(name, stamp) else None

    def note(self, name: str, stamp: Stamp, sha256: str | None) -> None:
        """Remember a file, where its stamp would tell of a change."""
        if stamp.tells:
            self._now.entries[name] = (stamp.text, sha256)

    def keep(self) -> None:
        """Write it down, when anything in it is new; else note that it was looked at."""
        if self._moved:
            self._keep_what_was()
        elif self._now != self._before:
            _write(self._path, self._now)
        else:  # by which a pruning knows that somebody still looks into this inbox
            with suppress(OSError):
                os.utime(self._path)

    def _keep_what_was(self) -> None:
        """Forget no file, and learn none, for the next pass would take it for one of these."""
        n_files = len(self._before.entries)
        _log.warning(
            "the inbox held %s, and none of that is there now: is its share mounted? if all was "
            "taken away for good, remove %s",
            "1 file" if n_files == 1 else f"{n_files:,} files",
            self._path,
        )
        if self._now.run != self._before.run:
            with suppress(OSError):
                times = self._path.stat()
                _write(self._path, self._before._replace(run=self._now.run))
                os.utime(self._path, ns=(times.st_atime_ns, times.st_mtime_ns))


def count_held(path: Path) -> int:
    """Count the files that a memory holds; none where it cannot be read."""
    return len(_read(path).entries)


def forget(path: Path, name: str) -> None:
    """Have a file read anew by the next pass, whatever its stamp is then."""
    kept = _read(path)
    if kept.entries.pop(name, None):
        _write(path, kept)


def _read(path: Path) -> Remembered:
    # Not by `read_record`, which refuses by name: damaged or of a later version, it is made anew. A
    # pruning, which believes what a memory holds, reads it by that.
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["format"] != _FORMAT:
            return Remembered({})
        entries = {name: _entry(*entry) for name, entry in stored["files"].items()}
        # Earlier versions wrote neither.
        return Remembered(entries, _text(stored.get("run")), _text(stored.get("place")))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Remembered({})


def _text(told: Any) -> str | None:
    if told is not None and not isinstance(told, str):
        raise TypeError("a run and a place are texts")
    return told


def _entry(stamp: Any, sha256: Any) -> tuple[str, str | None]:
    if not isinstance(stamp, str):
        raise TypeError("a stamp is a text")
    if sha256 is not None and len(bytes.fromhex(sha256)) != hashlib.sha256().digest_size:
        raise ValueError("a sha256 has 64 digits")
    return stamp, sha256


def _write(path: Path, kept: Remembered) -> None:
    # On one line: with indentation 100,000 files take seconds.
    told = {name: text for name, text in (("run", kept.run), ("place", kept.place)) if text}
    text = json.dumps({"format": _FORMAT, **told, "files": kept.entries})
    try:
        write_text(path, text + "\n")
    except OSError as error:  # a pass is as good without, only slower
        _log.info("%s cannot be written (%s); the next pass reads every file again", path, error)
