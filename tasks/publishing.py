"""Publish a run, a sweep or scores: files as their steps made them, complete, in one atomic step.

Scores appear in one folder a file and model, whatever the file is called.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from prefect import task

from pulsars.store import (
    appear,
    are_published,
    audit,
    clear,
    copy_published,
    describe,
    folder_of,
    provenance,
    published_from,
    put_in_place,
    read_json,
    require_made,
    scores_published,
)
from schemas import (
    Accepted,
    Compared,
    Evaluated,
    HeldOut,
    Parts,
    ProcedureScored,
    Published,
    Record,
    Reported,
    Scored,
    ScoreJob,
    ScoresPublished,
    ScoresReported,
    SplitJob,
    SweepJob,
    SweepPublished,
    SweepReported,
    Trained,
    TrainingJob,
    Tried,
)
from tasks.plumbing.observing import announce, leave_address
from tasks.plumbing.steps import IO, LONG_IO

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


@task(name="publish", task_run_name="publish scores to {job.parameters.out}", **IO)
def publish_scores(
    job: ScoreJob, accepted: Accepted, compared: Compared, scored: Scored, reported: ScoresReported
) -> ScoresPublished:
    """Check every file against its hash and let the scores appear under `scores/`."""
    chosen = job.chosen
    folder = folder_of(job)
    anew = _came_from(job, folder)
    if not anew:
        files = require_made(job.run_folder, accepted, compared, scored, reported)
        anew = _appear_once(job, folder, _manifest(job, accepted, compared, scored), files)
    clear(job)
    _log.info("published %s", folder)
    payload = {
        "path": str(folder),
        "drift": compared.verdict,
        "ranked_by": scored.ranked_by,
        "called": scored.n_called,
    }
    leave_address("report", folder / "report.html", f"Scores of {job.source.name}, to be opened")
    announce("pulsar.scores.published", chosen.run, payload)
    return scores_published(chosen, folder, anew=anew)


@task(name="copy", task_run_name="copy scores to {target}", persist_result=False, **LONG_IO)
def copy_scores(published: ScoresPublished, target: str) -> str:
    """Copy published scores elsewhere, and say where."""
    return copy_published(Path(published.path), target)


def _came_from(job: ScoreJob, folder: Path) -> bool:
    """Whether an earlier try of this task let the scores appear, and failed after that."""
    return not job.run_folder.exists() and are_published(folder)


def _appear_once(
    job: ScoreJob, folder: Path, manifest: dict[str, object], files: dict[str, str]
) -> bool:
    """Rename into place; False when a machine that does not see our lock was first."""
    try:
        put_in_place(job.run_folder, folder, manifest, files=files)
    except OSError:
        if _came_from(job, folder) or not are_published(folder):
            raise
        return False
    return True


def _manifest(
    job: ScoreJob, accepted: Accepted, compared: Compared, scored: Scored
) -> dict[str, object]:
    chosen = job.chosen
    return {
        **provenance(job, accepted),
        "model": {
            "run": chosen.run,
            "sha256": chosen.model.sha256,
            "reference_sha256": chosen.reference.sha256,
            "threshold": chosen.threshold,
            "simulated": chosen.simulated,
        },
        "rows": accepted.row_counts,
        "carried": list(accepted.carried),
        "converted": list(accepted.converted),
        "drift": compared.verdict,
        "ranked_by": scored.ranked_by,
        "n_called": scored.n_called,
        "n_learnt": scored.n_learnt,
        "known": scored.known,
    }
