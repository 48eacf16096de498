"""Hold candidates that are to be scored against the schema; labels are welcome, not needed."""

from __future__ import annotations

import logging

from prefect import task

from pulsars.reading.judging import check_candidates
from pulsars.reading.quality import quality_table
from schemas.records import Accepted, Candidates
from schemas.score_records import ScoreJob
from tasks.observing import leave_table
from tasks.reading import restore_reading
from tasks.steps import STEP
from tasks.validating import keep_checked

_log = logging.getLogger(__name__)


@task(name="validate", task_run_name="validate {job.source.name}", **STEP)
def admit(job: ScoreJob, candidates: Candidates) -> Accepted:
    """Check every row, and write who passed and who did not."""
    limit = job.parameters.max_quarantine
    reading = restore_reading(candidates)
    checked = check_candidates(reading, max_quarantine=limit, to_train=False)
    quality = checked.quality
    for warning in quality.warnings:
        _log.info("note: %s", warning)
    _log.info("accepted %d of %d rows", quality.rows["accepted"], quality.rows["read"])
    leave_table("data-quality", quality_table(quality), "What was read, and what was set aside")
    return keep_checked(job, checked)
