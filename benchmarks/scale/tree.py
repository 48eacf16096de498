"""A command timed and weighed: wall time, and the memory of it and all that it started.

Memory is the proportional set size (Linux): a page that n processes share counts 1/n in each, so
the sum over a tree is what the tree takes.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_EVERY_SECONDS = 0.1
_MEBIBYTE = 1024.0


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds, and MiB at its highest."""

    seconds: float
    mebibytes: float


def run(command: Sequence[str], *, env: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        With the end of what it said, if it failed.
    """
    began, most, over = time.perf_counter(), 0.0, threading.Event()
    with subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:

        def watch() -> None:
            nonlocal most
            while not over.wait(_EVERY_SECONDS):
                most = max(most, sum(map(_pss, _tree(process.pid))))

        watching = threading.Thread(target=watch)
        watching.start()
        _, said = process.communicate()
        over.set()
        watching.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said[-2000:]}")
    return Cost(time.perf_counter() - began, most / _MEBIBYTE)


def _tree(pid: int) -> list[int]:
    """Give a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:  # ended meanwhile
                continue
            children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(
                int(folder.name)
            )
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def _pss(pid: int) -> float:
    """KiB of a process; 0 of one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in lines if line.startswith("Pss:")), 0.0)


def environment(home: Path) -> dict[str, str]:
    """Give an environment in which `pulsar` starts a private server with a home of its own."""
    env = {**os.environ, "PREFECT_HOME": str(home / "prefect")}
    env.pop("PREFECT_API_URL", None)
    return env
