"""The table of what is claimed and what is measured.

Usage: python -m benchmarks.audit [--full] [--runner RUNNER] [--workers N] [CHAPTER ...]

Chapters, and what of coverage and nights does not wait for each other, are shared out by the runner
of the commands, on a Prefect server of their own; the outcome does not depend on it. Data are those
of PULSAR_DATA_DIR. Exits with 1 unless every bound holds.
"""

from __future__ import annotations

import argparse
import os
from typing import get_args

from pydantic import ValidationError

from benchmarks.audit.line import Size
from benchmarks.harness import none_fails, show
from benchmarks.served import exit_with
from schemas import RunnerError, RunnerKind, SweepParameters, WorkerLostError, first_fault

CHAPTERS = ("coverage", "nights", "drift", "surveys", "thresholds", "calibration", "reviews")


def main() -> None:
    """Measure the chapters that are named, or all; print; judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit")
    parser.add_argument("--full", action="store_true", help="as long as it takes")
    parser.add_argument("--runner", choices=get_args(RunnerKind), default="processes")
    parser.add_argument("--workers", type=int, help="how many; as many as there are cores")
    parser.add_argument("--dask-address", help="of a scheduler, for --runner dask")
    parser.add_argument("chapter", nargs="*", choices=[*CHAPTERS, []])
    given = parser.parse_args()
    try:
        asked = runner_asked(given.runner, given.workers, given.dask_address)
    except ValidationError as error:
        parser.error(first_fault(error))
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a piece is a process
    chapters = tuple(dict.fromkeys(given.chapter)) or CHAPTERS
    exit_with(lambda: _judged(chapters, "full" if given.full else "short", asked))


def runner_asked(
    runner: str, workers: int | None = None, dask_address: str | None = None
) -> SweepParameters:
    """Say who runs it, in the words of a sweep."""
    said = {"runner": runner, "workers": workers, "dask_address": dask_address}
    return SweepParameters.model_validate({"data": "audit", **said})


def _judged(chapters: tuple[str, ...], size: Size, asked: SweepParameters) -> int:
    from benchmarks.audit.mapped import audit  # once there is a server

    try:
        told = audit(chapters, size, asked)
    except (RunnerError, WorkerLostError) as error:
        print(error)
        return 2
    for chapter, (lines, seconds) in told.items():
        show(chapter, lines, seconds)
    return int(not all(none_fails(lines) for lines, _ in told.values()))


if __name__ == "__main__":
    main()
