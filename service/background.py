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
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, cast

from schemas import ServerError

_START_SECONDS = 300.0  # ten of processor, of a machine that is busy with ten other things
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.1
_ENOUGH = 2**23  # for an empty database of Prefect's and its journal
_WAIT_FOR_LEAVE = 'read -r leave && exec "$@" </dev/null'


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
        return started_at(self.pid) == self.started

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


def start(words: Sequence[str], *, log: Path, env: Mapping[str, str], note: Path) -> Background:
    """Start a process in a session of its own, and write it down to find it again.

    It begins only when it is written down: whoever dies here leaves no process that nobody knows.

    Parameters
    ----------
    words : sequence of str
        Program and arguments.
    log : Path
        Appended to.
    env : mapping
        Its whole environment.
    note : Path
        File to write it down in.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as said:
        process = subprocess.Popen(  # noqa: S603 - this project's own commands
            ["sh", "-c", _WAIT_FOR_LEAVE, "sh", *words],  # noqa: S607 - wherever the system has it
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            env=dict(env),
            start_new_session=True,
        )
    started = Background(process.pid, started_at(process.pid) or "", str(log))
    with cast("IO[bytes]", process.stdin) as leave:
        _write_down(note, started)
        leave.write(b"\n")
    return started


def _write_down(note: Path, process: Background) -> None:
    note.parent.mkdir(parents=True, exist_ok=True)
    unfinished = note.with_suffix(".part")
    unfinished.write_text(json.dumps(asdict(process)), encoding="utf-8")
    unfinished.replace(note)


def recall(path: Path) -> Background | None:
    """Find a process that was written down, if it still runs."""
    try:
        found = Background(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if found.alive() else None


def last_words(log: Path, n: int = 5, *, since: int = 0) -> str:
    """Give the last lines of a log, for a sentence that says what went wrong.

    Parameters
    ----------
    log : Path
        Appended to by one process after the other.
    n : int, optional
        How many lines.
    since : int, optional
        How many bytes were there before the process in question.
    """
    try:
        lines = log.read_bytes()[since:].decode(errors="replace").splitlines()
    except OSError:
        return ""
    return " / ".join(line.strip() for line in lines[-n:] if line.strip())


def started_at(pid: int) -> str | None:
    """When a process started, as the system counts; None for none, or only its corpse."""
    if Path("/proc/self/stat").exists():
        try:
            told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        state, *fields = told.rpartition(")")[2].split()  # a name may hold spaces and brackets
        return None if state in "ZX" else fields[18]
    state, _, since = _asked_of_ps("stat=,lstart=", pid).strip().partition(" ")
    return None if not since or state.startswith("Z") else since.strip()


def words_of(pid: int) -> str:
    """Give the program and the arguments of a process, between blanks; nothing for none."""
    if not Path("/proc/self/stat").exists():
        return _asked_of_ps("args=", pid)
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return words.replace(b"\0", b" ").decode(errors="replace")


def _asked_of_ps(columns: str, pid: int) -> str:
    return subprocess.run(  # noqa: S603 - a number
        ["ps", "-ww", "-o", columns, "-p", str(pid)],  # noqa: S607 - wherever the system has it
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    ).stdout


def size_of(log: Path) -> int:
    """Give how many bytes a log has by now."""
    return log.stat().st_size if log.exists() else 0


def wait_until(ready: Callable[[], bool], process: Background, what: str, *, since: int) -> None:
    """Wait for what a process does when it is up.

    Parameters
    ----------
    ready : callable
        Whether it has been done.
    process : Background
        Who does it.
    what : str
        Its name, for a sentence.
    since : int
        How many bytes its log had before it.

    Raises
    ------
    OSError
        If the process ends first, and nothing can be written where its log is.
    ServerError
        If the process ends first, or takes too long; it is stopped then.
    """
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        late = time.monotonic() > deadline
        if late or not process.alive():
            process.stop()
            why = f"not within {_START_SECONDS:g} s; try again once this machine has less to do"
            if not late:
                require_space(Path(process.log).parent)
                why = last_words(Path(process.log), since=since) or "it ended without a word"
            raise ServerError(f"{what} did not come up: {why} ({process.log})")
        time.sleep(_POLL_SECONDS)


def require_space(folder: Path) -> None:
    """Write as much as a server needs to start, and have the system say what hinders that.

    Parameters
    ----------
    folder : Path
        Where a process has ended that writes there.

    Raises
    ------
    OSError
        With the name of the folder, if so much cannot be written there.
    """
    try:
        with TemporaryFile(dir=folder) as scratch:
            scratch.write(bytes(_ENOUGH))
            scratch.flush()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from None
