"""Where scores work and appear: one folder a file and model, whatever the file is called."""

from __future__ import annotations

from pathlib import Path

from prefect import task

from pulsars.store import (
    are_published,
    clear,
    copy_published,
    describe_scores,
    folder_of,
    put_in_place,
    require_made,
    scores_published,
)
from schemas import Accepted, Compared, Scored, ScoreJob, ScoresPublished, ScoresReported
from tasks.plumbing.observing import announce, leave_address
from tasks.plumbing.steps import IO, LONG_IO
from tasks.publishing import _log


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
        anew = _appear_once(job, folder, describe_scores(job, accepted, compared, scored), files)
    clear(job)
    _log.info("published %s", folder)
    payload = {
        "path": str(folder),
        "drift": compared.level,
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
