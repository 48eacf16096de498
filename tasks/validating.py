"""Hold every row against the schema; keep the good ones, set the others aside with reasons."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from prefect import task

from pulsars.reading.judging import Checked, check_candidates
from pulsars.reading.quality import quality_table
from pulsars.store.files import write_json, write_table, write_text
from schemas.errors import LabelError
from schemas.outside import for_csv
from schemas.records import Accepted, Candidates, Job
from tasks.observing import leave_table
from tasks.reading import restore_reading
from tasks.steps import STEP

if TYPE_CHECKING:
    import pandas as pd


_log = logging.getLogger(__name__)


@task(name="validate", task_run_name="validate {job.source.name}", **STEP)
def validate(job: Job, candidates: Candidates) -> Accepted:
    """Check every row and the table, and write who passed and who did not."""
    reading = restore_reading(candidates)
    if not reading.labelled:
        hint = reading.label_hint or "add a column of 0 and 1, or name it with --columns label=…"
        raise LabelError(f"{reading.name} has no labels, and training needs them: {hint}.")
    checked = check_candidates(reading, max_quarantine=job.parameters.max_quarantine)
    quality = checked.quality
    for warning in quality.warnings:
        _log.info("note: %s", warning)
    _log.info("accepted %d of %d rows", quality.rows["accepted"], quality.rows["read"])
    leave_table("data-quality", quality_table(quality), "What was read, and what was set aside")
    return keep_checked(job, checked)


def keep_checked(job: Job, checked: Checked) -> Accepted:
    """Write accepted and quarantined rows and the quality report."""
    quality, run = checked.quality, job.run_folder
    labels = checked.accepted.get("label")
    return Accepted(
        table=write_table(job.steps_folder / "accepted.parquet", checked.accepted),
        quarantine=write_table(run / "quarantine.parquet", checked.quarantined),
        quarantine_csv=write_text(run / "quarantine.csv", quarantine_csv(checked.quarantined)),
        quality=write_json(run / "quality.json", quality.to_dict()),
        rows_read=quality.rows["read"],
        rows_accepted=quality.rows["accepted"],
        rows_quarantined=quality.rows["quarantined"],
        n_pulsars=None if labels is None else int(labels.sum()),
        fingerprint=quality.fingerprint,
        simulated=bool(quality.dialect["simulated"]),
    )


def quarantine_csv(quarantined: pd.DataFrame) -> str:
    """Write the rows set aside for a spreadsheet; the Parquet file beside it has the exact text."""
    words = {name: quarantined[name].map(for_csv) for name in ("reasons", "text")}
    return str(quarantined.assign(**words).to_csv(index=False, lineterminator="\n"))
