"""Publish a sweep: its files as their tasks made them, complete, and in one atomic step."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import task

from pulsars.store.publishing import appear, describe, keep_only_what_was_made
from pulsars.store.resuming import published_from
from pulsars.store.workplace import clear
from schemas.sweep_records import SweepJob, SweepPublished, SweepReported
from tasks.steps import IO

_log = logging.getLogger(__name__)


@task(name="publish", task_run_name="publish sweep to {job.parameters.out}", **IO)
def publish_sweep(job: SweepJob, reported: SweepReported) -> SweepPublished:
    """Check every file against its hash and let the sweep appear under `sweeps/`."""
    sweeps = Path(job.parameters.out) / "sweeps"
    path = published_from(job, sweeps)
    if path is None:
        for file in reported.files():
            file.verified()
        keep_only_what_was_made(job.run_folder, reported)
        manifest = describe(job, reported.tried.parts)
        path = appear(job.run_folder, sweeps, manifest, request=job.request[:8])
    return _finish(job, path)


def find_sweep(job: SweepJob) -> SweepPublished | None:
    """Find the sweep that an earlier try published and was killed before it could say so."""
    path = published_from(job, Path(job.parameters.out) / "sweeps")
    return _finish(job, path) if path else None


def _finish(job: SweepJob, path: Path) -> SweepPublished:
    clear(job)
    _log.info("published %s", path)
    return SweepPublished(sweep=path.name, path=str(path))
