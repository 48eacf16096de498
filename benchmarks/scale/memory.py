"""Memory and time over the number of rows: a training, and a scoring by what it made.

What an empty flow takes is that of 500 rows, servers included.

Memory is the proportional set size (Linux) of a command and all that it started: a page that n
processes share counts 1/n in each, so the sum over a tree is what the tree takes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.audit.line import Line, Size
from benchmarks.command import PULSAR, environment
from benchmarks.scale.candidates import write_candidates
from benchmarks.scale.curves import Point, as_text, draw

LIMIT_MEBIBYTES = 1024
SMALL = 500
ROWS = {"short": (10**4, 10**5, 10**6, 10**7), "full": (10**4, 10**5, 10**6, 10**7, 10**8)}
_EVERY_SECONDS = 0.1
_MEBIBYTE = 1024.0


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds, and MiB at its highest."""

    seconds: float
    mebibytes: float


def measure(size: Size, *, curves: Path | None = None) -> list[Line]:
    """Run both commands on each number of rows, print curves, and draw them in a folder."""
    with tempfile.TemporaryDirectory(prefix="pulsar-scale-") as folder:
        home = Path(folder)
        small = _costs(home, SMALL)
        found = {n_rows: _costs(home, n_rows) for n_rows in ROWS[size]}
    points = [
        Point(what, n_rows, costs[what].seconds, costs[what].mebibytes - least.mebibytes)
        for what, least in small.items()
        for n_rows, costs in found.items()
    ]
    print(f"\n{as_text(points)}")
    if curves is not None:
        draw(points, curves)
    return [_line(point, small[point.command]) for point in points]


def _costs(home: Path, n_rows: int) -> dict[str, Cost]:
    data = write_candidates(home / "rows.parquet", n_rows)
    words, env = [str(data), "--out", str(home / str(n_rows))], environment(home / "prefect")
    found = {
        command: run([sys.executable, "-c", PULSAR, command, *words], env=env)
        for command in ("train", "score")
    }
    data.unlink()
    return found


def _line(point: Point, small: Cost) -> Line:
    return Line(
        what=f"{point.command} {point.n_rows:,} rows",
        bound=f"at most {LIMIT_MEBIBYTES} MiB above {SMALL} rows ({small.mebibytes:.0f} MiB)",
        measured=f"{point.mebibytes:.0f} MiB more, {point.seconds:.1f} s",
        holds=point.mebibytes <= LIMIT_MEBIBYTES,
    )


def run(command: Sequence[str], *, env: Mapping[str, str]) -> Cost:
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
