"""Have candidates as a table: the file that was named, or the table of the folds that were."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import task

from pulsars.folds import (
    REFUSED,
    FoldsFound,
    find_folds,
    keep_table,
    make_features,
    put_folds_together,
    tabulate,
)
from pulsars.store import known_as
from schemas import (
    FeatureParameters,
    FeaturesMade,
    FileParameters,
    FileRef,
    FoldBatch,
    LabelError,
    ScoreParameters,
    Source,
    SweepParameters,
    TrainingParameters,
)
from tasks.plumbing.runners import runner_of
from tasks.plumbing.steps import IO, STEP
from tasks.plumbing.watchers import progressed
from tasks.preparing import fetch

_log = logging.getLogger(__name__)


def have_candidates(parameters: FileParameters) -> Source:
    """Fetch what was named; of folds, give the table.

    Raises
    ------
    LabelError
        If folds are to be learnt from: they say nothing of what they are.
    """
    source = fetch(parameters)
    if isinstance(parameters, ScoreParameters):
        source = known_as(source, parameters)
    found = find_folds(source, [parameters.data, *parameters.more])
    if found is None:
        return source
    if isinstance(parameters, TrainingParameters | SweepParameters):
        raise LabelError(
            f"{source.origin} holds folds, which have no labels; measure them with `pulsar "
            f"features DATA --labels truth.csv -o candidates.parquet`, where truth.csv has the "
            f"columns file and label, and train on candidates.parquet"
        )
    return measured_folds(parameters, source, found)


def measured_folds(parameters: FileParameters, source: Source, found: FoldsFound) -> Source:
    """Measure folds, batch by batch, wherever the runner has it done; give their table."""
    if said := found.note():
        _log.info("note: %s", said)
    folder = (Path(parameters.out) / "downloads").resolve()
    batches = found.batches(folder, parameters.section)
    calls = [{"batch": batch, "number": number} for number, batch in enumerate(batches)]
    with runner_of(parameters) as runner:
        parts = runner.map(
            measure_folds, calls, done=lambda at: progressed("measuring", at + 1, len(calls))
        )
    return gather_folds(str(folder), source.model_copy(update={"members": []}).own(), parts)


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
