"""Sees what a command does, step by step, and kills it at the step that it is told."""

from __future__ import annotations

import os
import resource
import signal
from pathlib import Path
from typing import Any

_AS_IT_STANDS = frozenset(
    {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate"}
)
_HALF_BYTES = 100
"""Longer than nothing, and shorter than any file that anything is read from."""


class Reaper:
    """Counts the steps of this process: tasks, and what changes files below a folder.

    Parameters
    ----------
    folder : str
        What happens to files elsewhere is no step.
    journal : str
        Receives the names of the steps, a line each, as long as nothing is killed.
    at : int or None
        The step, from 0, before which this process dies; None lets it live.
    """

    def __init__(self, folder: str, journal: str, at: int | None) -> None:
        self._folder, self._at, self._n = folder, at, 0
        self._journal = None
        if at is None:
            self._journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)

    def watch(self) -> None:
        """Begin to count."""
        import sys

        from prefect import Task

        # Dying in the middle of a write is left to the kernel, at the longest file allowed.
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        sys.addaudithook(self._hear)
        call, reached = Task.__call__, self._reached

        def watched(task: Any, *args: Any, **kwargs: Any) -> Any:
            reached(f"task {task.name} begins")
            result = call(task, *args, **kwargs)
            reached(f"task {task.name} ends")
            return result

        Task.__call__ = watched

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[0], str):
            path, _, flags = args
            if flags & (os.O_WRONLY | os.O_RDWR) and self._is_ours(path):
                self._reached(f"open {path}")
                if not path.endswith("lock"):
                    self._reached(f"half {path}", halfway=True)
        elif event in _AS_IT_STANDS:
            path = _whole_path(event, args)
            if self._is_ours(path) and not (event == "os.mkdir" and os.path.isdir(path)):  # noqa: PTH112
                self._reached(f"{event.removeprefix('os.')} {path}")

    def _is_ours(self, path: str) -> bool:
        return os.path.abspath(path).startswith(self._folder)  # noqa: PTH100 - resolve opens files

    def _reached(self, step: str, *, halfway: bool = False) -> None:
        if self._journal is not None:
            os.write(self._journal, f"{step.replace(chr(10), ' ')}\n".encode())
        elif self._n == self._at:
            if not halfway:
                os.kill(os.getpid(), signal.SIGKILL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (_HALF_BYTES, _HALF_BYTES))
        self._n += 1


def _whole_path(event: str, args: tuple[Any, ...]) -> str:
    """Give the path of a call, which may count from a folder that is open."""
    path = os.fsdecode(args[0]) if not isinstance(args[0], int) else ""
    if event in {"os.remove", "os.rmdir"} and args[1] not in (None, -1):
        return str(Path(f"/proc/self/fd/{args[1]}").readlink() / path)
    return path
