"""What the files of an inbox held when they were last read, so that only a change is read again.

`<out>/inboxes/<digits>.json`, one an inbox. It saves reading: whatever is scored or set aside is
hashed anew first. Only of a content that is known as scored it is believed, so that a wrong memory
can leave a new file unscored, and nothing worse. It may be deleted at any time. It also names the
run that the inbox is scored by, where one was named, so that no pruning takes that away. Where all
that it held is gone at once, it stays as it is, and ages: so looks a share that is not mounted.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pulsars.inbox.stamps import Stamp
from pulsars.store import write_text

_log = logging.getLogger(__name__)

_DIGITS = 16
_FORMAT = 1

Entries = dict[str, tuple[str, str | None]]
"""By name: the stamp of a file, and the sha256 of its content; None when it is not yet known."""


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
    """

    def __init__(self, path: Path, names: Iterable[str], *, run: str | None = None) -> None:
        self._path, self._run = path, run
        self._before, self._run_before = _read(path)
        self._entries = {name: self._before[name] for name in names if name in self._before}

    def saw(self, name: str, stamp: Stamp) -> bool:
        """Whether a file had this stamp the last time."""
        return name in self._entries and self._entries[name][0] == stamp.text

    def sha256(self, name: str, stamp: Stamp) -> str | None:
        """Give the hash of a file; None when it has to be read."""
        return self._entries[name][1] if self.saw(name, stamp) else None

    def note(self, name: str, stamp: Stamp, sha256: str | None) -> None:
        """Remember a file, where its stamp would tell of a change."""
        if stamp.tells:
            self._entries[name] = (stamp.text, sha256)

    def keep(self) -> None:
        """Write it down, when anything in it is new; else note that it was looked at."""
        if self._before and not self._entries:
            self._keep_what_was()
        elif (self._entries, self._run) != (self._before, self._run_before):
            _write(self._path, self._entries, self._run)
        else:  # by which a pruning knows that somebody still looks into this inbox
            with suppress(OSError):
                os.utime(self._path)

    def _keep_what_was(self) -> None:
        """Forget no file, for all are gone at once; nor note that anything was looked at."""
        _log.warning(
            "the inbox held %s, and none of that is there now: is its share mounted? if it was "
            "emptied for good, remove %s",
            "1 file" if len(self._before) == 1 else f"{len(self._before):,} files",
            self._path,
        )
        if self._run != self._run_before:
            _write(self._path, self._before, self._run)


def count_held(path: Path) -> int:
    """Count the files that a memory holds; none where it cannot be read."""
    return len(_read(path)[0])


def forget(path: Path, name: str) -> None:
    """Have a file read anew by the next pass, whatever its stamp is then."""
    entries, run = _read(path)
    if name in entries:
        _write(path, {other: entry for other, entry in entries.items() if other != name}, run)


def _read(path: Path) -> tuple[Entries, str | None]:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["format"] != _FORMAT:
            return {}, None
        entries = {name: _entry(*entry) for name, entry in stored["files"].items()}
        return entries, stored.get("run")  # an earlier version wrote none
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}, None


def _entry(stamp: Any, sha256: Any) -> tuple[str, str | None]:
    if not isinstance(stamp, str):
        raise TypeError("a stamp is a text")
    if sha256 is not None and len(bytes.fromhex(sha256)) != hashlib.sha256().digest_size:
        raise ValueError("a sha256 has 64 digits")
    return stamp, sha256


def _write(path: Path, entries: Entries, run: str | None) -> None:
    # On one line: with indentation 100,000 files take seconds.
    named = {} if run is None else {"run": run}
    text = json.dumps({"format": _FORMAT, **named, "files": entries})
    try:
        write_text(path, text + "\n")
    except OSError as error:  # a pass is as good without, only slower
        _log.info("%s cannot be written (%s); the next pass reads every file again", path, error)
