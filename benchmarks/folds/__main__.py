"""How fast folds are measured: on one core, beside naive loops, and by two workers beside one.

Files of prepfold, of 30 parts, 32 sub-bands and 100 bins (0.8 MB), are read from the page cache,
hashed, checked and measured. Time on one core is processor time, so that others on the machine do
not count; so is that of the loops of `benchmarks.folds.naive`, which give the same numbers. Workers
are processes that are there already; beside them runs, by as many, work that shares nothing.

Usage: python -m benchmarks.folds
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.audit.line import Line
from benchmarks.folds import naive
from benchmarks.harness import timed
from benchmarks.scale.workers import CONTROLS, Run, take_turns
from benchmarks.served import exit_with
from pulsars.folds import FoldsFound
from pulsars.folds.prepfold import Prepfold, write_pfd
from pulsars.folds.tables import tabulate
from schemas import FEATURE_NAMES, Member

A_SECOND = 300.0
TIMES_NAIVE = 10.0
WORKERS = 1.7
N_FILES = 512
N_TIMES = 8
"""Each file is measured by workers, under as many names: the page cache holds them all."""

SHAPE = (30, 32, 100)

_NAIVELY = 2
_ROUNDS = 3


def main() -> int:
    """Measure all three, print, judge."""
    with tempfile.TemporaryDirectory() as folder:
        folds = [drawn(Path(folder) / f"{number:04}.pfd", number) for number in range(N_FILES)]
        named = [
            one.model_copy(update={"name": f"{turn}-{one.name}"})
            for turn in range(N_TIMES)
            for one in folds
        ]
        lines = [*one_core(folds), two_workers(named, Path(folder))]
    for line in lines:
        held = "held" if line.holds else "BROKEN"
        print(f"{line.what:44} {line.bound:28} {line.measured:34} {held}")
    return int(not all(line.holds for line in lines))


def drawn(path: Path, seed: int) -> Member:
    """Write a fold of a dispersed pulse in noise."""
    rng = np.random.default_rng(seed)
    profiles = rng.normal(100.0, 3.0, SHAPE)
    profiles[:, :, rng.integers(SHAPE[2])] += 2.0
    pfd = Prepfold(
        n_channels=32 * 81,
        low_frequency=119.0,
        channel_width=0.0122,
        dm=35.35,
        period=1.3586,
        fold_frequency=0.736,
        dms=np.linspace(30.7, 40.0, 201),
        profiles=profiles,
        variances=np.full(SHAPE[:2], 9.0),
    )
    return Member(name=path.name, file=write_pfd(path, pfd), origin=str(path))


def one_core(folds: list[Member]) -> list[Line]:
    """Time the reader, and the loops on a few of the same files."""
    table, seconds = None, []
    for _ in range(_ROUNDS):
        since = time.process_time()
        table = tabulate(folds)
        seconds.append((time.process_time() - since) / len(folds))
    since = time.process_time()
    plainly = [naive.eight(Path(one.file.path).read_bytes()) for one in folds[:_NAIVELY]]
    slow = (time.process_time() - since) / _NAIVELY
    assert table is not None  # noqa: S101 - it was measured above
    same = np.allclose(table[[*FEATURE_NAMES]].to_numpy()[:_NAIVELY], plainly, rtol=1e-4)
    rate, ratio = 1.0 / min(seconds), slow / min(seconds)
    return [
        Line(
            "folds a second on one core", f"at least {A_SECOND:g}", f"{rate:.0f}", rate >= A_SECOND
        ),
        Line(
            "beside naive loops in Python",
            f"at least {TIMES_NAIVE:g} times",
            f"{ratio:.0f} times; numbers {'the same' if same else 'OTHERS'}",
            same and ratio >= TIMES_NAIVE,
        ),
    ]


def two_workers(folds: list[Member], folder: Path) -> Line:
    """Time one worker process and two in turns, and what the machine gives two at all."""
    runs: dict[str, Run] = {
        "folds": lambda turn, workers: measured(folds, folder / f"{turn}-{workers}", workers),
        **CONTROLS,
    }
    best = take_turns(runs, _ROUNDS)
    ratios = {name: best[name, 1] / best[name, 2] for name, _ in best}
    found = ratios.pop("folds")
    bound = min(WORKERS, 0.9 * min(ratios.values()))
    said = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    return Line(
        "two worker processes beside one",
        f"at least {bound:.2f} times",
        f"{found:.2f} times, {best['folds', 1]:.1f} s and {best['folds', 2]:.1f} s ({said})",
        found >= bound,
    )


def measured(folds: list[Member], folder: Path, workers: int) -> float:
    """Measure folds by so many processes that are there already; give the seconds."""
    from prefect import flow  # once there is a server

    from tasks.folding import measure_folds
    from tasks.plumbing.runners import Runner

    @flow(name="measure")
    def run() -> float:
        with Runner("processes", workers, None) as runner:
            few = FoldsFound(folds[:8], ())
            tried = [folder.with_name(f"{folder.name}-{which}") for which in ("begun", "more")]
            begun = [batch for where in tried for batch in few.batches(where, None)]
            runner.map(
                measure_folds, [{"batch": one, "number": at} for at, one in enumerate(begun)]
            )
            batches = FoldsFound(folds, ()).batches(folder, None)
            calls = [{"batch": one, "number": at} for at, one in enumerate(batches)]
            return timed(runner.map, measure_folds, calls)[1]

    return run()


if __name__ == "__main__":
    exit_with(main)
