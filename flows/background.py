"""Ordinary processes that outlive the command that started them, and can be found again.

A process is known by its id and the moment it started, so that an id which the system has given
to somebody else is never taken for ours, nor stopped.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Background:
    """A process in the background.

    Attributes
    ----------
    pid : int
        Its id, which is also that of its process group.
    started : str
        When it started, as the system counts.
    log : str
        File that receives what it says.
    """

    pid: int
    started: str
    log: str

    def alive(self) -> bool:
        """Whether it runs, and is the one that was started."""
        return _started(self.pid) == self.started

    def stop(self) -> None:
        """End it and its children: politely, and after a while firmly."""
        if not self.alive():
            return
        for sent in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.pid, sent)
            deadline = time.monotonic() + _STOP_SECONDS
            while self._group_lives() and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
            if not self._group_lives():
                return

    def _group_lives(self) -> bool:
        with suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)  # its corpse, where it is a child of this process
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        return True


def start(words: Sequence[str], *, log: Path, env: Mapping[str, str]) -> Background:
    """Start a process in a session of its own.

    Parameters
    ----------
    words : sequence of str
        Program and arguments.
    log : Path
        Appended to.
    env : mapping
        Its whole environment.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as said:
        process = subprocess.Popen(  # noqa: S603 - this project's own commands
            list(words),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=dict(env),
            start_new_session=True,
        )
    return Background(process.pid, _started(process.pid) or "", str(log))


def remember(path: Path, process: Background) -> None:
    """Write down a process, to find it again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(asdict(process)), encoding="utf-8")
    unfinished.replace(path)


def recall(path: Path) -> Background | None:
    """Find a process that was written down, if it still runs."""
    try:
        found = Background(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if found.alive() else None


def last_words(log: Path, n: int = 5) -> str:
    """Give the last lines of a log, for a sentence that says what went wrong."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return " / ".join(line.strip() for line in lines[-n:] if line.strip())


def _started(pid: int) -> str | None:
    """When a process started; None when there is none, or only its corpse."""
    if Path("/proc/self/stat").exists():
        try:
            told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        state, *fields = told.rpartition(")")[2].split()  # a name may hold spaces and brackets
        return None if state in "ZX" else fields[18]
    done = subprocess.run(  # noqa: S603 - a number
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607 - wherever the system has it
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    state, _, since = done.stdout.strip().partition(" ")
    return None if not since or state.startswith("Z") else since.strip()
