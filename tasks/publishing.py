"""Publish a run or a sweep: its files as their steps made them, complete, in one atomic step."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import task

from pulsars.store import appear, audit, clear, describe, published_from, require_made
from schemas import (
    Accepted,
    Evaluated,
    Parts,
    ProcedureScored,
    Published,
    Reported,
    SweepJob,
    SweepPublished,
    SweepReported,
    Trained,
    TrainingJob,
    Tried,
)
from tasks.steps import IO

_log = logging.getLogger(__name__)


@task(name="publish", task_run_name="publish to {job.parameters.out}", **IO)
def publish(
    job: TrainingJob,
    accepted: Accepted,
    parts: Parts,
    trained: Trained,
    evaluated: Evaluated,
    reported: Reported,
) -> Published:
    """Audit what was made, write its manifest, and let it appear under `runs/`."""
    runs = Path(job.parameters.out) / "runs"
    path = published_from(job, runs)
    if path is None:
        require_made(job.run_folder, accepted, parts, trained, evaluated, reported)
        audit(accepted, trained, evaluated, preset=job.parameters.preset)
        manifest = describe(job, accepted, parts, best_epoch=trained.best_epoch)
        path = appear(job.run_folder, runs, manifest, request=job.request[:8])
    clear(job)
    _log.info("published %s", path)
    return Published(run=path.name, path=str(path), model_sha256=trained.model.sha256)


@task(name="publish", task_run_name="publish sweep to {job.parameters.out}", **IO)
def publish_sweep(
    job: SweepJob,
    accepted: Accepted,
    parts: Parts,
    tried: Tried,
    scored: ProcedureScored | None,
    reported: SweepReported,
) -> SweepPublished:
    """Check every file against its hash and let the sweep appear under `sweeps/`."""
    sweeps = Path(job.parameters.out) / "sweeps"
    path = published_from(job, sweeps)
    if path is None:
        made = (accepted, parts, tried, *([scored] if scored else []), reported)
        require_made(job.run_folder, *made)
        manifest = describe(job, accepted, parts)
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
