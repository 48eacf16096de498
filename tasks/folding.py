"""Measure folds, and make of those that a user names the table that everything else reads."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import task

from pulsars.folds import REFUSED, keep_table, make_features, put_folds_together, tabulate
from schemas import FeatureParameters, FeaturesMade, FileRef, FoldBatch, Source
from tasks.plumbing.steps import IO, STEP

_log = logging.getLogger(__name__)


@task(name="measure-folds", task_run_name="measure folds, batch {number}", **STEP)
def measure_folds(batch: FoldBatch, number: int) -> FileRef:
    """Take the eight statistics of some folds; of one that has none, say why."""
    table = tabulate(batch.folds, section=batch.section)
    n_aside = int((table[REFUSED] != "").sum())
    n_measured = len(table) - n_aside
    _log.info(
        "batch %d: %d folds = %d measured + %d set aside", number, len(table), n_measured, n_aside
    )
    return keep_table(Path(batch.folder), table)


@task(name="gather-folds", task_run_name="gather folds of {source.name}", **STEP)
def gather_folds(folder: str, source: Source, parts: list[FileRef]) -> Source:
    """Make one table of all."""
    return put_folds_together(Path(folder), source, parts)


@task(name="write-features", task_run_name="write {target}", **IO)
def write_features(
    table: FileRef, target: str, parameters: FeatureParameters, n_passed_over: int
) -> FeaturesMade:
    """Write the table that somebody asked for, and the list of folds that are not in it."""
    made = make_features(table, target, labels=parameters.labels, n_passed_over=n_passed_over)
    _log.info(
        "%d folds found = %d measured + %d set aside", made.n_found, made.n_measured, made.n_aside
    )
    return made
