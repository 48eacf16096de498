"""Read the file: its dialect found, its columns proved."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from prefect import task

from pulsars.reading.cells import Dialect
from pulsars.reading.faults import restore_faults
from pulsars.reading.moments import MomentEvidence
from pulsars.reading.reader import ColumnSource, Reading, read_candidates
from pulsars.store.files import read_json, read_table, write_json, write_table
from schemas.records import Candidates, Job
from tasks.steps import STEP

_log = logging.getLogger(__name__)


@task(name="read", task_run_name="read {job.source.name}", **STEP)
def read(job: Job) -> Candidates:
    """Read the candidates, whatever dialect they are written in."""
    # The file is somebody else's: it may change while a run waits, or while it is read.
    reading = read_candidates(
        job.source.file.verified(),
        name=job.source.origin,
        columns=job.parameters.columns,
        drop=job.parameters.drop,
        limits=job.parameters.limits,
    )
    job.source.file.verified()
    _log.info("read %d rows of %s", len(reading.frame), reading.dialect.format)
    return keep_reading(job, reading)


def keep_reading(job: Job, reading: Reading) -> Candidates:
    """Write what was read, and how, for the next task."""
    table = reading.frame.assign(line=reading.lines, text=list(reading.texts))
    facts = {
        "columns": {name: asdict(source) for name, source in reading.columns.items()},
        "dialect": asdict(reading.dialect),
        "evidence": [asdict(evidence) for evidence in reading.evidence],
        "labelled": reading.labelled,
        "warnings": reading.warnings,
        "name": reading.name,
        "label_hint": reading.label_hint,
        "faults": [(fault.column, fault.why) for fault in reading.faults],
    }
    return Candidates(
        table=write_table(job.steps_folder / "candidates.parquet", table),
        cells=write_table(job.steps_folder / "cells.parquet", reading.cells),
        facts=write_json(job.steps_folder / "reading.json", facts),
    )


def restore_reading(candidates: Candidates) -> Reading:
    """Read back what `keep_reading` wrote."""
    table = read_table(candidates.table)
    facts: dict[str, Any] = read_json(candidates.facts)
    return Reading(
        frame=table.drop(columns=["line", "text"]),
        lines=table["line"].to_numpy(),
        texts=table["text"].tolist(),
        faults=restore_faults(read_table(candidates.cells), facts.get("faults")),
        columns={name: ColumnSource(**source) for name, source in facts["columns"].items()},
        dialect=Dialect(**facts["dialect"]),
        labelled=facts["labelled"],
        evidence=tuple(MomentEvidence(**evidence) for evidence in facts["evidence"]),
        warnings=tuple(facts["warnings"]),
        name=facts["name"],
        label_hint=facts.get("label_hint"),
    )
