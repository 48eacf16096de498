"""Where scores work and appear: one folder a file and model, whatever the file is called."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect import task

from schemas.errors import DataError, GateError
from schemas.records import Source
from schemas.score_parameters import ScoreParameters
from schemas.score_records import Chosen, ScoreJob, ScoresPublished, ScoresReported
from tasks.observing import announce
from tasks.publishing import keep_only_what_was_made, provenance, put_in_place
from tasks.scores import are_published, scores_folder
from tasks.steps import IO
from tasks.workplace import UNFINISHED, clear, jobs_left, open_job, private_folder

_log = logging.getLogger(__name__)


def find_scores(
    parameters: ScoreParameters, source: Source, chosen: Chosen
) -> ScoresPublished | None:
    """Find what an earlier scoring of the same content by the same model published."""
    folder = scores_folder(Path(parameters.out), source.file.sha256, chosen.model.sha256)
    if not are_published(folder):
        return None
    _log.info("already scored: %s; remove the folder to score anew", folder)
    # What a try left that was cut short once the scores were there.
    left = private_folder(_known_as(source, parameters), parameters, chosen=chosen)
    shutil.rmtree(left, ignore_errors=True)
    return _published(chosen, folder, anew=False)


def clear_scored(out: Path) -> None:
    """Take away what a pass left that was killed once its scores were there.

    Their file is known, so that no later pass would come by. Call it when no other is under way.
    """
    for job in jobs_left(out, ScoreJob):
        if are_published(scores_folder(out, job.source.file.sha256, job.chosen.model.sha256)):
            clear(job)


@task(name="prepare", task_run_name="prepare {parameters.data_name}", **IO)
def prepare_scoring(source: Source, parameters: ScoreParameters, chosen: Chosen) -> ScoreJob:
    """Find the directory that an interrupted scoring of the same request left, or make one."""
    job, found = open_job(_known_as(source, parameters), parameters, ScoreJob, chosen=chosen)
    where = Path(parameters.out) / UNFINISHED / job.request[:16]
    _log.info("going on in %s" if found else "working in %s", where)
    return job


def _known_as(source: Source, parameters: ScoreParameters) -> Source:
    """Call a copy by the name of what it was copied from."""
    if not parameters.origin:
        return source
    known_as = {"origin": parameters.origin, "name": parameters.data_name}
    return source.model_copy(update=known_as)


@contextmanager
def cleared_when_refused(job: ScoreJob) -> Iterator[None]:
    """Leave no private directory of a file that nobody will go on with.

    An interrupted scoring keeps its own, to go on from; a refused one would end the same way.
    """
    try:
        yield
    except (DataError, GateError):
        shutil.rmtree(job.folder, ignore_errors=True)
        raise


@task(name="publish", task_run_name="publish scores to {job.parameters.out}", **IO)
def publish_scores(job: ScoreJob, reported: ScoresReported) -> ScoresPublished:
    """Check every file against its hash and let the scores appear under `scores/`."""
    chosen, scored = job.chosen, reported.scored
    folder = scores_folder(Path(job.parameters.out), job.source.file.sha256, chosen.model.sha256)
    anew = _came_from(job, folder) or _appear_once(job, reported, folder)
    clear(job)
    _log.info("published %s", folder)
    payload = {"path": str(folder), "drift": scored.compared.verdict, "called": scored.n_called}
    announce("pulsar.scores.published", chosen.run, payload)
    return _published(chosen, folder, anew=anew)


def _came_from(job: ScoreJob, folder: Path) -> bool:
    """Whether an earlier try of this task let the scores appear, and failed after that."""
    return not job.run_folder.exists() and are_published(folder)


def _appear_once(job: ScoreJob, reported: ScoresReported, folder: Path) -> bool:
    """Rename into place; False when a machine that does not see our lock was first."""
    for file in reported.files():
        file.verified()
    keep_only_what_was_made(job.run_folder, reported)
    try:
        put_in_place(job.run_folder, folder, _manifest(job, reported))
    except OSError:
        if _came_from(job, folder) or not are_published(folder):
            raise
        return False
    return True


def _manifest(job: ScoreJob, reported: ScoresReported) -> dict[str, object]:
    chosen, scored = job.chosen, reported.scored
    accepted = scored.compared.accepted
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
        "drift": scored.compared.verdict,
        "n_called": scored.n_called,
        "n_learnt": scored.n_learnt,
    }


def _published(chosen: Chosen, folder: Path, *, anew: bool) -> ScoresPublished:
    return ScoresPublished(
        run=chosen.run, model_sha256=chosen.model.sha256, path=str(folder), anew=anew
    )
