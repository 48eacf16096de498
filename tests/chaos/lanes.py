"""Zygotes, and what a test asks them for: one command, whole, killed or starved."""

from __future__ import annotations

import json
import queue
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[2]
KILLED = frozenset({-signal.SIGKILL, -signal.SIGXFSZ})
_SECONDS = 180.0

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Fault:
    """What is done to a command.

    Attributes
    ----------
    at : int or None
        The step before which it is killed.
    after : float or None
        The moment at which it is killed, in seconds.
    limits : mapping
        Of resources, by the names of the module `resource`; of the address space, what is allowed
        beyond that of the imports.
    user : int or None
        Who it runs as; None for whoever runs the tests.
    """

    at: int | None = None
    after: float | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    user: int | None = None


_NO_FAULT = Fault()


@dataclass(frozen=True)
class Done:
    """How a command ended; `steps` only where they were asked for."""

    returncode: int
    seconds: float
    out: str
    err: str
    steps: tuple[str, ...]

    @property
    def killed(self) -> bool:
        """Whether it was, before it ended of its own."""
        return self.returncode in KILLED


class Lanes:
    """As many zygotes as commands run at the same time."""

    def __init__(self, environment: Mapping[str, str], n: int = 2) -> None:
        self._n = n
        self._free: queue.Queue[socket.socket] = queue.Queue()
        self._first, self._all = _start(environment, n)
        for zygote in self._all:
            assert zygote.makefile().readline() == "ready\n"
            self._free.put(zygote)

    def run(
        self,
        folder: Path,
        words: Iterable[object],
        fault: Fault = _NO_FAULT,
        *,
        journal: bool = False,
    ) -> Done:
        """Run `pulsar` in a folder, as in a fresh process; keep its results and words there."""
        notes = folder / "notes"
        notes.mkdir(exist_ok=True)
        reaper = {"folder": str(folder), "journal": str(notes / "steps"), "at": fault.at}
        asked = {
            "words": [str(word) for word in words],
            "folder": str(folder),
            "storage": str(folder / "storage"),
            "stdout": str(notes / "stdout"),
            "stderr": str(notes / "stderr"),
            "reaper": reaper if journal or fault.at is not None else None,
            "kill_after": fault.after,
            "seconds": _SECONDS,
            "limits": dict(fault.limits),
            "user": fault.user,
        }
        said = self._ask(asked)
        read = {name: _read(notes / name) for name in ("stdout", "stderr", "steps")}
        steps = tuple(read["steps"].splitlines()) if journal else ()
        return Done(said["returncode"], said["seconds"], read["stdout"], read["stderr"], steps)

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Do the work for every item, as many at a time as there are zygotes."""
        with ThreadPoolExecutor(self._n) as threads:
            return list(threads.map(work, items))

    def close(self) -> None:
        """End the zygotes."""
        for zygote in self._all:
            zygote.close()
        self._first.wait(30)

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        zygote = self._free.get()
        try:
            zygote.sendall(f"{json.dumps(asked)}\n".encode())
            answer: dict[str, Any] = json.loads(zygote.makefile().readline())
        finally:
            self._free.put(zygote)
        return answer


def _start(
    environment: Mapping[str, str], n: int
) -> tuple[subprocess.Popen[bytes], list[socket.socket]]:
    """Start a zygote that becomes as many, and give it and the ends of a line to each."""
    pairs = [socket.socketpair() for _ in range(n)]
    lines = [theirs.fileno() for _, theirs in pairs]
    first = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.zygote", *map(str, lines)],
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        pass_fds=lines,
    )
    for _, theirs in pairs:
        theirs.close()
    return first, [ours for ours, _ in pairs]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
