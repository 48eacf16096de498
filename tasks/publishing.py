"""Publish a run or a sweep: its files as their steps made them, complete, in one atomic step."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from prefect import task

from pulsars.store import appear, audit, clear, describe, published_from, read_json, require_made
from schemas import (
    Accepted,
    Evaluated,
    HeldOut,
    Parts,
    ProcedureScored,
    Published,
    Record,
    Reported,
    SplitJob,
    SweepJob,
    SweepPublished,
    SweepReported,
    Trained,
    TrainingJob,
    Tried,
)
from tasks.plumbing.observing import leave_address
from tasks.plumbing.steps import IO

_log = logging.getLogger(__name__)


@task(name="publish", task_run_name="publish to {job.parameters.out}", **IO)
def publish(
    job: TrainingJob,
    accepted: Accepted,
    parts: Parts | HeldOut,
    trained: Trained,
    evaluated: Evaluated,
    reported: Reported,
) -> Published:
    """Audit what was made, write its manifest, and let it appear under `runs/`."""
    runs = Path(job.parameters.out) / "runs"
    path = published_from(job, runs)
    if path is None:
        measured = parts.measured(accepted)
        audit(measured, trained, evaluated, preset=job.parameters.preset)
        found: dict[str, Any] = {"best_epoch": trained.best_epoch}
        if trained.reviewed:  # of candidates that people reviewed
            account = read_json(trained.reviewed)
            found["reviewed"] = {**account["counts"], "sha256": account["sha256"]}
        manifest = describe(job, accepted, parts.parts, **found)
        path = _let_appear(job, runs, manifest, accepted, parts, trained, evaluated, reported)
    _finish(job, path)
    leave_address("report", path / "report.html", f"Report of run {path.name}, to be opened")
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
    more = (scored,) if scored else ()
    manifest = describe(job, accepted, parts)
    sweeps = Path(job.parameters.out) / "sweeps"
    return find_sweep(job) or _swept(
        job, _let_appear(job, sweeps, manifest, accepted, parts, tried, *more, reported)
    )


def find_sweep(job: SweepJob) -> SweepPublished | None:
    """Find the sweep that an earlier try published and was killed before it could say so."""
    path = published_from(job, Path(job.parameters.out) / "sweeps")
    return _swept(job, path) if path else None


def _let_appear(job: SplitJob, folder: Path, manifest: dict[str, Any], *made: Record) -> Path:
    require_made(job.run_folder, *made)
    return appear(job.run_folder, folder, manifest, request=job.request[:8])


def _swept(job: SweepJob, path: Path) -> SweepPublished:
    _finish(job, path)
    leave_address("report", path / "sweep.html", f"Report of sweep {path.name}, to be opened")
    return SweepPublished(sweep=path.name, path=str(path))


def _finish(job: SplitJob, path: Path) -> None:
    clear(job)
    _log.info("published %s", path)
