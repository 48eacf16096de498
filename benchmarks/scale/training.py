"""What `pulsar train` takes for a million rows: its wall time less that of a file of 500.

Pairs in turn, the small file and the large one, against one running server; medians of the
differences, whole and step by step by the command's own log lines, and of the peak of memory.

Usage: python -m benchmarks.scale.training [MILLION.parquet]

Without a file a million candidates are simulated. Exits with 1 when a bound is broken.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.command import PULSAR, ROOT, server

N_ROWS, N_FEW, PAIRS = 1_000_000, 500, 5

WHOLE_SECONDS, EVALUATION_SECONDS = 8.0, 1.5
"""What a million rows may add."""

MEMORY_MIB = 1024
"""Likewise; the process that trains, without the server."""

_STEPS = {
    "found ": "start",
    "reading ": "read",
    "accepted ": "validate",
    "split: ": "split",
    "training on ": "oversample",
    "trained ": "train",
    "test F1 ": "evaluate",
    "report and ": "report",
    "published ": "publish",
}
"""How the last log line of a step begins."""


class Taken(NamedTuple):
    """Seconds by step and in all, and the peak of resident memory in MiB."""

    seconds: dict[str, float]
    whole: float
    memory: float


def main() -> None:
    """Measure, print, judge."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        large = Path(sys.argv[1]).resolve() if sys.argv[1:] else _simulated(home, N_ROWS)
        small = _simulated(home, N_FEW)
        with server(home / "served") as url:
            env = {**os.environ, "PREFECT_HOME": str(home / "served"), "PREFECT_API_URL": url}
            take(small, home / "warm", env)
            pairs = [
                [take(data, home / f"{data.stem}-{turn}", env) for data in (small, large)]
                for turn in range(PAIRS)
            ]
    sys.exit(not _held(pairs))


def take(data: Path, out: Path, env: dict[str, str]) -> Taken:
    """Train once and take the time at each log line."""
    words = [sys.executable, "-c", PULSAR, "train", str(data), "--out", str(out)]
    since = time.perf_counter()
    with subprocess.Popen(
        words, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        if process.stderr is None:
            raise RuntimeError("there is no pipe to read the log from")
        seconds, last, said = {}, since, ""
        for line in process.stderr:
            said += line
            now = time.perf_counter()
            for begins, step in _STEPS.items():
                if line.startswith(begins) and step not in seconds:
                    seconds[step], last = now - last, now
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(said)
    now = time.perf_counter()
    return Taken({**seconds, "gate and end": now - last}, now - since, used.ru_maxrss / 1024)


def _simulated(home: Path, n_rows: int) -> Path:
    path = home / f"rows-{n_rows}.parquet"
    words = ["simulate", str(path), "--rows", str(n_rows), "--seed", "2"]
    subprocess.run([sys.executable, "-c", PULSAR, *words], check=True, capture_output=True)
    return path


def _held(pairs: list[list[Taken]]) -> bool:
    whole = [large.whole - small.whole for small, large in pairs]
    memory = statistics.median(large.memory - small.memory for small, large in pairs)
    by_step = {
        step: statistics.median(large.seconds[step] - small.seconds[step] for small, large in pairs)
        for step in pairs[0][1].seconds
    }
    for step, seconds in by_step.items():
        print(f"{step:<14}{seconds:6.2f} s")
    found = statistics.median(whole)
    print(f"{'in all':<14}{found:6.2f} s of {WHOLE_SECONDS}, {min(whole):.2f} to {max(whole):.2f}")
    print(f"evaluation    {by_step['evaluate']:6.2f} s of {EVALUATION_SECONDS}")
    print(f"memory        {memory:6.0f} MiB of {MEMORY_MIB}")
    held = (
        found <= WHOLE_SECONDS,
        by_step["evaluate"] <= EVALUATION_SECONDS,
        memory <= MEMORY_MIB,
    )
    print("held" if all(held) else "BROKEN")
    return all(held)


if __name__ == "__main__":
    main()
