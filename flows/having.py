"""Have candidates as a table: the file that was named, or the table of the folds that were."""

from __future__ import annotations

import logging
from pathlib import Path

from pulsars.folds import FoldsFound, find_folds
from pulsars.store import known_as
from schemas import (
    FileParameters,
    LabelError,
    ScoreParameters,
    Source,
    SweepParameters,
    TrainingParameters,
)
from tasks import fetch, gather_folds, measure_folds, progressed, runner_of

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
