"""What `pulsar train` takes for a million rows: its wall time less that of a file of 500.

Pairs in turn, the small file and the large one, against one running server; medians of the
differences, whole and step by step by the command's own log lines, and of the peak of memory.

The page is held to what any page may take, whole.
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

from benchmarks.audit.line import Line, Size
from benchmarks.command import PULSAR, ROOT, server
from benchmarks.scale.candidates import write_candidates

N_ROWS, N_FEW = 1_000_000, 500
PAIRS = {"short": 3, "full": 5}

WHOLE_SECONDS, EVALUATION_SECONDS = 8.0, 1.5
"""What a million rows may add."""

MEMORY_MIB = 1024
"""Likewise; the process that trains, without the server."""

PAGE_SECONDS, PAGE_BYTES = 2.0, 1_000_000
"""What a page may take, however many rows there are."""

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
    """Seconds by step and in all, the peak of resident memory in MiB, and the bytes of the page."""

    seconds: dict[str, float]
    whole: float
    memory: float
    page: int


def measure(size: Size) -> list[Line]:
    """Train on both in turns."""
    with tempfile.TemporaryDirectory(prefix="training-") as folder:
        home = Path(folder)
        large, small = (write_candidates(home / f"{n}.parquet", n) for n in (N_ROWS, N_FEW))
        with server(home / "served") as url:
            env = {**os.environ, "PREFECT_HOME": str(home / "served"), "PREFECT_API_URL": url}
            take(small, home / "warm", env)
            pairs = [
                [take(data, home / f"{data.stem}-{turn}", env) for data in (small, large)]
                for turn in range(PAIRS[size])
            ]
    return lines(pairs)


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
        raise RuntimeError(f"pulsar train ended with {process.returncode}: {said[-2000:]}")
    now = time.perf_counter()
    page = next(out.glob("runs/*/report.html")).stat().st_size
    return Taken({**seconds, "end": now - last}, now - since, used.ru_maxrss / 1024, page)


def lines(pairs: list[list[Taken]]) -> list[Line]:
    """Judge the middle of the differences, pair by pair."""
    whole = [large.whole - small.whole for small, large in pairs]
    memory = statistics.median(large.memory - small.memory for small, large in pairs)
    by_step = {
        step: statistics.median(large.seconds[step] - small.seconds[step] for small, large in pairs)
        for step in pairs[0][1].seconds
    }
    page = statistics.median(large.seconds["report"] for _, large in pairs)
    n_bytes = max(large.page for _, large in pairs)
    took, evaluated = statistics.median(whole), by_step["evaluate"]
    steps = ", ".join(f"{step} {seconds:.2f}" for step, seconds in by_step.items())
    less = f"pulsar train, {N_ROWS:,} rows less {N_FEW}"
    return [
        Line(
            f"{less}, wall time",
            f"at most {WHOLE_SECONDS} s",
            f"{took:.2f} s ({min(whole):.2f} to {max(whole):.2f}; {steps})",
            took <= WHOLE_SECONDS,
        ),
        Line(
            f"{less}, evaluation",
            f"at most {EVALUATION_SECONDS} s",
            f"{evaluated:.2f} s",
            evaluated <= EVALUATION_SECONDS,
        ),
        Line(
            f"{less}, resident memory",
            f"at most {MEMORY_MIB} MiB",
            f"{memory:.0f} MiB",
            memory <= MEMORY_MIB,
        ),
        page_line(f"page of a training on {N_ROWS:,} rows", page, n_bytes),
    ]


def page_line(what: str, seconds: float, n_bytes: int) -> Line:
    """Hold a page to what it may take."""
    return Line(
        what,
        f"at most {PAGE_SECONDS} s and {PAGE_BYTES / 1e6:g} MB",
        f"{seconds:.2f} s, {n_bytes / 1e6:.2f} MB",
        seconds <= PAGE_SECONDS and n_bytes <= PAGE_BYTES,
    )
