"""Two worker processes of one thread each beside one, on the steps of a sweep, in one run.

The default sweep with its nested rounds is mapped by one process and by two, in turns; each is made
anew, by workers that are there already. Beside it runs, by as many processes, work that shares
nothing: a loop in Python and a sum in NumPy. Two hyperthreads of one core give less than two, and
other people's work less again, so the bound is the smaller of 1.7 and 0.9 times what that gives.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from command.demonstration import write_simulation
from service import prefect_server, prefect_tuned

BOUND = 1.7
ROUNDS = 3
ROWS = 6000
N_CONTROLS = 12


def loop(n: int) -> int:
    """Count in Python."""
    total = 0
    for each in range(n):
        total += each & 3
    return total


def add_up(n: int) -> float:
    """Add up in NumPy, within the caches of a core."""
    x = np.linspace(0.0, 1.0, 10_000)
    return float(sum(np.sqrt(x * each).sum() for each in range(n)))


def control(work: Callable[[int], Any], n: int, workers: int) -> float:
    """Do work by processes; give the seconds."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        list(pool.map(work, [n // 100] * 8 * workers))
        since = time.perf_counter()
        list(pool.map(work, [n] * N_CONTROLS))
        return time.perf_counter() - since


def main() -> int:
    """Time all in turns, print ratios, judge."""
    from benchmarks.scale.timed_sweep import timed  # once there is a server

    times: dict[tuple[str, int], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "sky.csv"
        write_simulation(data, rows=ROWS, prevalence=0.1, seed=1)
        for turn in range(ROUNDS):
            for workers in (1, 2) if turn % 2 else (2, 1):
                for name, run in {
                    "sweep": lambda w, t=turn: timed(str(data), f"{folder}/{t}-{w}", w),
                    "loop in Python": lambda w: control(loop, 8_000_000, w),
                    "sums in NumPy": lambda w: control(add_up, 20_000, w),
                }.items():
                    times.setdefault((name, workers), []).append(run(workers))
    best = {key: min(found) for key, found in times.items()}  # what others on the machine left
    ratios = {name: best[name, 1] / best[name, 2] for name, _ in best}
    print(
        f"nested rounds of the default sweep on {ROWS:,} candidates, the fastest of {ROUNDS} runs "
        f"in turns"
    )
    for name, ratio in ratios.items():
        one, two = best[name, 1], best[name, 2]
        print(f"  {name:16} one {one:6.2f} s   two {two:6.2f} s   ratio {ratio:.2f}")
    sweep = ratios.pop("sweep")
    bound = min(BOUND, 0.9 * min(ratios.values()))
    print(f"  ratio of the sweep at least {bound:.2f}: {'held' if sweep >= bound else 'BROKEN'}")
    return int(sweep < bound)


if __name__ == "__main__":
    os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
    with prefect_server() as server:
        server.wait()
        with prefect_tuned():
            code = main()
    sys.exit(code)
