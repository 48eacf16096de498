"""Publish a run: audited, complete, and in one atomic step."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import task

from pulsars.store.publishing import appear, audit, describe, keep_only_what_was_made
from pulsars.store.resuming import published_from
from pulsars.store.workplace import clear
from schemas.records import Published, Reported, TrainingJob
from tasks.steps import IO

_log = logging.getLogger(__name__)


@task(name="publish", task_run_name="publish to {job.parameters.out}", **IO)
def publish(job: TrainingJob, reported: Reported) -> Published:
    """Audit what was made, write its manifest, and let it appear under `runs/`."""
    runs = Path(job.parameters.out) / "runs"
    trained = reported.evaluated.trained
    path = published_from(job, runs)
    if path is None:
        audit(reported, preset=job.parameters.preset)
        keep_only_what_was_made(job.run_folder, reported)
        manifest = describe(job, trained.parts, best_epoch=trained.best_epoch)
        path = appear(job.run_folder, runs, manifest, request=job.request[:8])
    clear(job)
    _log.info("published %s", path)
    return Published(run=path.name, path=str(path), model_sha256=trained.model.sha256)
