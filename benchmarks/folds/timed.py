"""Folds measured by worker processes, as `flows.having` has it done, and how long that took."""

from __future__ import annotations

import time
from pathlib import Path

from prefect import flow

from pulsars.folds import FoldsFound
from schemas import Member
from tasks import Runner, measure_folds


def timed(folds: list[Member], folder: Path, workers: int) -> float:
    """Measure folds by so many processes that are there already; give the seconds."""

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
            since = time.perf_counter()
            runner.map(measure_folds, calls)
            return time.perf_counter() - since

    return run()
