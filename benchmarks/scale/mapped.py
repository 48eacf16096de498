"""A flow that maps a step that does nothing: ``python -m benchmarks.scale.mapped RUNNER N STEPS``.

Prints the seconds of the map.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any

from prefect import flow, task

from benchmarks.harness import timed
from schemas import FileRef, SweepParameters
from service import prefect_tuned
from tasks import runner_of, working
from tasks.plumbing.observing import progress_artifact
from tasks.plumbing.steps import STEP


@task(name="nothing", task_run_name="nothing {at}", **STEP)
def nothing(at: int, told: str, file: str) -> FileRef:  # noqa: ARG001 - it makes each run anew
    """Hand on the handle of a file."""
    return FileRef.of(Path(file))


@flow(name="mapped", persist_result=True, result_serializer="json")
def mapped(runner: str, n_workers: int, n_steps: int, file: str) -> float:
    """Map the step; give the seconds."""
    told = secrets.token_hex(8)
    calls: list[dict[str, Any]] = [{"at": at, "told": told, "file": file} for at in range(n_steps)]
    asked = SweepParameters.model_validate({"data": file, "runner": runner, "workers": n_workers})
    with working(), runner_of(asked) as run, progress_artifact("mapped-progress", "Steps") as move:
        run.map(nothing, calls[:2])  # the workers are there
        return timed(run.map, nothing, calls, done=lambda at: move(100 * at / n_steps))[1]


def main() -> None:
    """Run the flow as a command does."""
    _, runner, n_workers, n_steps = sys.argv
    with tempfile.TemporaryDirectory() as folder, prefect_tuned():
        file = Path(folder) / "file"
        file.write_text("1")
        print(mapped(runner, int(n_workers), int(n_steps), str(file)))


if __name__ == "__main__":
    main()
