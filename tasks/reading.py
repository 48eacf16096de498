"""Read the file, its dialect found, its columns proved; set aside rows that cannot be true."""

from __future__ import annotations

import logging

from prefect import task

from pulsars.reading import Checked, examine_candidates, read_candidates, settle_by_reference
from pulsars.store import (
    csv_text,
    load_reference,
    write_json,
    write_partitions,
    write_table,
    write_text,
)
from schemas import Candidates, Job, ScoreJob
from tasks.plumbing.steps import STEP

_log = logging.getLogger(__name__)


@task(name="read", task_run_name="read {job.source.name}", **STEP)
def read(job: Job) -> Candidates:
    """Read the candidates, whatever dialect they are written in, and check every row."""
    # The file is somebody else's: it may change while a run waits, or while it is read.
    reading = read_candidates(
        job.source.verified(),
        name=job.source.origin,
        columns=job.parameters.columns,
        drop=job.parameters.drop,
        keep=job.parameters.keep,
        kurtosis=job.parameters.kurtosis,
        limits=job.parameters.limits,
    )
    job.source.verified()
    if isinstance(job, ScoreJob) and job.parameters.kurtosis == "auto":
        reading = settle_by_reference(reading, load_reference(job.chosen.reference))
    _log.info("read %d rows of %s", len(reading.frame), reading.dialect.format)
    checked = examine_candidates(reading, max_quarantine=job.parameters.max_quarantine)
    return keep_checked(job, checked, label_hint=None if reading.labelled else reading.label_hint)


def keep_checked(job: Job, checked: Checked, *, label_hint: str | None) -> Candidates:
    """Write accepted and quarantined rows and the quality report."""
    run = job.run_folder
    return Candidates(
        table=write_partitions(job.steps_folder / "accepted.parquet", [checked.accepted]),
        quarantine=write_table(run / "quarantine.parquet", checked.quarantined),
        quarantine_csv=write_text(run / "quarantine.csv", csv_text(checked.quarantined)),
        quality=write_json(run / "quality.json", checked.quality.to_dict()),
        label_hint=label_hint,
        carried=list(checked.quality.carried),
        converted=list(checked.quality.converted),
    )
