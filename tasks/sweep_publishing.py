"""Publish a sweep: its files as their tasks made them, complete, and in one atomic step."""

from __future__ import annotations

import shutil
from pathlib import Path

from prefect import task

from schemas.sweep_records import SweepJob, SweepPublished, SweepReported
from tasks.observing import say
from tasks.publishing import appear, describe, keep_only_what_was_made
from tasks.steps import IO


@task(name="publish", task_run_name="publish sweep to {job.parameters.out}", **IO)
def publish_sweep(job: SweepJob, reported: SweepReported) -> SweepPublished:
    """Check every file against its hash and let the sweep appear under `sweeps/`."""
    for file in reported.files():
        file.verified()
    keep_only_what_was_made(job.run_folder, reported)
    sweeps = Path(job.parameters.out) / "sweeps"
    manifest = describe(job, reported.tried.parts)
    path = appear(job.run_folder, sweeps, manifest, request=job.request[:8])
    # It is published; whatever stops the clean-up must not make it look as if it were not.
    shutil.rmtree(job.folder, ignore_errors=True)
    say("published %s", path)
    return SweepPublished(sweep=path.name, path=str(path))
