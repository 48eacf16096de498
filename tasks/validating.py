"""Judge the table: whether enough rows are sound, and whether a run can learn from them."""

from __future__ import annotations

import logging

from prefect import task

from pulsars.folds import kinds_of
from pulsars.reading import QualityReport, quality_table, refuse_unfit
from pulsars.store import read_json
from schemas import Accepted, Candidates, Job, LabelError, SplitJob
from tasks.plumbing.observing import leave_table
from tasks.plumbing.steps import STEP

_log = logging.getLogger(__name__)


@task(name="validate", task_run_name="validate {job.source.name}", **STEP)
def validate(job: Job, candidates: Candidates) -> Accepted:
    """Refuse what is unfit; labels are needed to learn from, and welcome where rows are scored."""
    quality = QualityReport.from_dict(read_json(candidates.quality))
    to_train = isinstance(job, SplitJob)
    if to_train and quality.n_pulsars is None:
        hint = candidates.label_hint or "add a column of 0 and 1, or name it with --columns label=…"
        raise LabelError(f"{quality.name} has no labels, and training needs them: {hint}.")
    refuse_unfit(quality, max_quarantine=job.parameters.max_quarantine, to_train=to_train)
    for warning in quality.warnings:
        _log.info("note: %s", warning)
    _log.info("accepted %d of %d rows", quality.rows["accepted"], quality.rows["read"])
    read, aside = quality.rows["read"], quality.rows["quarantined"]
    leave_table(
        "data-quality", quality_table(quality), f"{read:,} rows read, {aside:,} of them set aside"
    )
    return Accepted(
        **candidates.model_dump(exclude={"label_hint"}),
        rows_read=quality.rows["read"],
        rows_accepted=quality.rows["accepted"],
        rows_quarantined=quality.rows["quarantined"],
        n_pulsars=quality.n_pulsars,
        fingerprint=quality.fingerprint,
        simulated=bool(quality.dialect["simulated"]),
        folds=kinds_of(candidates.table, candidates.carried),
    )
