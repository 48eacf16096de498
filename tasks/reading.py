"""Read the file, its dialect found, its columns proved; set aside rows that cannot be true.

Then the table is judged: whether enough rows are sound, and whether a run can learn from them.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from prefect import task

from pulsars.folds import kinds_of
from pulsars.reading import (
    NotPlainError,
    Part,
    Plan,
    QualityReport,
    Ranges,
    Whole,
    has_partitions,
    keep_part,
    load_part,
    open_parts,
    plan_reading,
    put_partitions_together,
    quality_table,
    read_all,
    read_part,
    refuse_unfit,
    with_ranges,
)
from pulsars.store import (
    csv_text,
    in_threads,
    load_reference,
    partition_path,
    read_json,
    write_json,
    write_table,
    write_text,
)
from schemas import (
    Accepted,
    Candidates,
    Job,
    LabelError,
    PartRead,
    ReadingPlan,
    ScoreJob,
    SplitJob,
    TableRef,
)
from tasks.plumbing.observing import leave_table
from tasks.plumbing.runners import Runner
from tasks.plumbing.steps import STEP

_log = logging.getLogger(__name__)


def read_candidates(job: Job, runner: Runner) -> Candidates:
    """Read and check the candidates of a job.

    A partition is a task run, wherever the runner has it done; what comes out is the same. Text
    that only the careful reader can judge is read as a whole, once that is found.
    """
    plan = plan_partitions(job) if has_partitions(job.source.path()) else None
    if plan is None:
        return read(job)
    calls = [{"job": job, "plan": plan, "number": number} for number in range(plan.n_partitions)]
    parts = runner.map(read_partition, calls)
    return gather(job, plan, parts) if all(parts) else read(job)


@task(name="read", task_run_name="read {job.source.name}", **STEP)
def read(job: Job) -> Candidates:
    """Read the candidates, whatever dialect they are written in, and check every row."""

    def work(ranges: Ranges) -> Candidates:
        plan = planned(job, ranges)
        _log.info("reading %d rows of %s", ranges.n_rows, plan.layout.dialect.format)
        whole = read_all(plan, ranges, path=job.steps_folder / "accepted.parquet")
        job.source.verified()
        return keep_whole(job, plan, whole)

    try:
        return with_ranges(
            job.source.path(), work, name=job.source.origin, limits=job.parameters.limits
        )
    except Exception:
        job.source.verified()  # of a changed file that is said, not what came of it
        raise


@task(name="plan-reading", task_run_name="plan reading {job.source.name}", **STEP)
def plan_partitions(job: Job) -> ReadingPlan | None:
    """Tell from a sample of a large file what its columns are, and cut it into partitions.

    None where it is one partition, or text that has to be read as a whole.
    """
    try:
        with opened(job) as ranges:
            plan = planned(job, ranges)
    except NotPlainError:
        return None
    if plan.n_partitions == 1:
        return None
    _log.info("reading %d rows in %d partitions", plan.edges[-1], plan.n_partitions)
    file = write_json(parts_folder(job) / "plan.json", plan.to_dict())
    return ReadingPlan(file=file, n_partitions=plan.n_partitions)


@task(name="read-partition", task_run_name="read partition {number}", **STEP)
def read_partition(job: Job, plan: ReadingPlan, number: int) -> PartRead | None:
    """Read and check the rows of a partition, which needs no other.

    None where something stands in it for which text has to be read as a whole.
    """
    read_as = Plan.from_dict(read_json(plan.file))
    path = partition_path(parts_folder(job) / "accepted", number)
    try:
        with opened(job, read_as) as ranges:
            part = read_part(read_as, ranges, number, path=path)
    except NotPlainError:
        return None
    return keep_part(part, parts_folder(job), number)


@task(name="gather", task_run_name="gather {job.source.name}", **STEP)
def gather(job: Job, plan: ReadingPlan, parts: list[PartRead]) -> Candidates:
    """Check what only all partitions tell, and describe the file."""
    read_as = Plan.from_dict(read_json(plan.file))

    def again(number: int, torn: NDArray[np.uint64]) -> Part:
        path = partition_path(parts_folder(job) / "again", number)
        with opened(job, read_as) as ranges:
            return read_part(read_as, ranges, number, path=path, torn=torn, list_all=True)

    whole = put_partitions_together(
        read_as, [*in_threads()(load_part, parts)], again=again, folder=parts_folder(job)
    )
    job.source.verified()
    return keep_whole(job, read_as, whole)


def opened(job: Job, plan: Plan | None = None) -> AbstractContextManager[Ranges]:
    """Open the file, which is somebody else's; whoever is done with all of it checks its content.

    It may change while a run waits, and while it is read.
    """
    kept = plan.again if plan else None
    limits = job.parameters.limits
    return open_parts(job.source.path(), kept, name=job.source.origin, limits=limits)


def planned(job: Job, ranges: Ranges) -> Plan:
    """Plan how the file is read, as the parameters say."""
    asked = job.parameters
    reference = load_reference(job.chosen.reference) if isinstance(job, ScoreJob) else None
    return plan_reading(
        ranges,
        columns=asked.columns,
        drop=asked.drop,
        keep=asked.keep,
        pulsar_is=asked.pulsar_is,
        not_pulsar_is=asked.not_pulsar_is,
        kurtosis=asked.kurtosis,
        max_quarantine=asked.max_quarantine,
        reference=reference if asked.kurtosis == "auto" else None,
    )


def parts_folder(job: Job) -> Path:
    """Where what is told of partitions waits until it is put together."""
    return job.steps_folder / "parts"


def keep_whole(job: Job, plan: Plan, whole: Whole) -> Candidates:
    """Write quarantined rows and the quality report; accepted ones are written already."""
    run = job.run_folder
    parts = [part for part in whole.stored() if part.n_rows]  # later steps take rows for granted
    table = TableRef(
        partitions=[part.file for part in parts], n_rows=[part.n_rows for part in parts]
    )
    return Candidates(
        # Made anew: by the same objects Prefect would tie every later step to each partition's.
        table=TableRef.model_validate_json(table.model_dump_json()),
        quarantine=write_table(run / "quarantine.parquet", whole.aside),
        quarantine_csv=write_text(run / "quarantine.csv", csv_text(whole.aside)),
        quality=write_json(run / "quality.json", whole.quality.to_dict()),
        label_hint=None if plan.layout.labelled else plan.layout.label_hint,
        carried=list(whole.quality.carried),
        converted=list(whole.quality.converted),
    )


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
