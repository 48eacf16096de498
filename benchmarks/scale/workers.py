"""Two worker processes of one thread each beside one, on a sweep and on a scoring, in one run.

The nested rounds of the default sweep, and a table in four partitions that is read, compared and
scored, are each shared out to one process and to two, in turns; each is made anew, by workers that
are there already. Beside them runs, by as many processes, work that shares nothing: a loop in
Python and a sum in NumPy. Two hyperthreads of one core give less than two, and other people's work
less again: where 0.9 times what that gives is below the bound and is reached, nothing can be told.

A step costs its process 40 ms beside its work, half of them one after the other in the client: the
sweep is of as many candidates as HTRU2 holds, for on a quarter of them steps of 0.1 s are measured
by what surrounds them. Of the scoring, what one process gathers (repeats, quantiles, ranks) is
part.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.audit.line import Line, Size
from benchmarks.harness import timed
from benchmarks.scale.candidates import write_candidates
from benchmarks.served import served
from command.demonstration import write_simulation

BOUND = 1.7
RUNS = {"sweep": "nested rounds of the default sweep", "scoring": "a scoring in partitions"}
ROUNDS = {"short": 2, "full": 3}
ROWS = 16_000
SCORED = 4_000_000
FIRST = 1_100_000
"""Two partitions: as many as there are workers to start."""

N_CONTROLS = 12

Run = Callable[[int, int], float]
"""Takes the turn and how many workers; gives the seconds."""


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
        return timed(lambda: list(pool.map(work, [n] * N_CONTROLS)))[1]


CONTROLS: Mapping[str, Run] = {
    "loop in Python": lambda _turn, workers: control(loop, 4_000_000, workers),
    "sums in NumPy": lambda _turn, workers: control(add_up, 10_000, workers),
}
"""Work that shares nothing."""


def sweep_of(home: Path) -> Run:
    """Give what times a sweep."""
    from benchmarks.scale.timed import timed_sweep  # once there is a server

    data = home / "sky.csv"
    write_simulation(data, rows=ROWS, prevalence=0.1, seed=1)
    return lambda turn, workers: timed_sweep(
        str(data), str(home / f"sweep-{turn}-{workers}"), workers
    )


def scoring_of(home: Path) -> Run:
    """Give what times a scoring, by a champion that is trained here."""
    from benchmarks.scale.timed import timed_scoring
    from flows.training import train
    from schemas import TrainingParameters

    few = write_candidates(home / "few.parquet", 20_000)
    train(TrainingParameters(data=str(few), out=str(home / "trained")))
    first, all_of = (str(write_candidates(home / f"{n}.parquet", n)) for n in (FIRST, SCORED))

    def run(turn: int, workers: int) -> float:
        out = shutil.copytree(home / "trained", home / f"scores-{turn}-{workers}")
        seconds: float = timed_scoring(first, all_of, str(out), workers)
        shutil.rmtree(out)
        return seconds

    return run


def take_turns(runs: Mapping[str, Run], rounds: int) -> dict[tuple[str, int], float]:
    """Time each by one and by two; give the fastest, which is what others on the machine left."""
    times: dict[tuple[str, int], list[float]] = {}
    for turn in range(rounds):
        for workers in (1, 2) if turn % 2 else (2, 1):
            for name, run in runs.items():
                times.setdefault((name, workers), []).append(run(turn, workers))
    return {key: min(found) for key, found in times.items()}


def judge(best: Mapping[tuple[str, int], float]) -> list[Line]:
    """Hold what two do against the bound, and against what they do of work that shares nothing."""
    ratios = {name: best[name, 1] / best[name, 2] for name, _ in best}
    possible = min(ratio for name, ratio in ratios.items() if name not in RUNS)
    return [
        Line(
            f"{what}: two worker processes beside one",
            f"at least {BOUND} times as fast",
            f"{ratios[name]:.2f} ({best[name, 1]:.2f} s by one, {best[name, 2]:.2f} s by two; "
            f"work that shares nothing {possible:.2f})",
            _holds(ratios[name], 0.9 * possible),
        )
        for name, what in RUNS.items()
    ]


def _holds(ratio: float, reachable: float) -> bool | None:
    if ratio >= BOUND:
        return True
    return None if reachable <= ratio else False


def measure(size: Size) -> list[Line]:
    """Time all in turns, and judge."""
    with served(), tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        runs: dict[str, Run] = {
            "sweep": sweep_of(home),
            "scoring": scoring_of(home),
            **CONTROLS,
        }
        return judge(take_turns(runs, ROUNDS[size]))
