"""Score candidates, rank them, and say of each why."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
from prefect import task

from pulsars.learning import PULSAR, count_learnt, measure_parts, score_table
from pulsars.report import metrics_table, short_list_table
from pulsars.store import (
    csv_text,
    load_model,
    load_reference,
    read_kept_arrays,
    read_table,
    write_json,
    write_table,
    write_text,
)
from schemas import LABEL, Accepted, FileRef, Scored, ScoreJob
from tasks.observing import leave_table
from tasks.steps import STEP

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

_PART = "file"
_N_RESAMPLES = 1000


@task(name="score", task_run_name="score {job.source.name}", **STEP)
def score_candidates(job: ScoreJob, accepted: Accepted) -> Scored:
    """Write scores in the order of the file, the short list, and metrics where there are labels."""
    model = load_model(job.chosen.model)
    reference = load_reference(job.chosen.reference)
    table = score_table(
        read_table(accepted.table),
        model,
        reference,
        carried=accepted.carried,
        converted=accepted.converted,
    )
    best = table.sort_values("rank").head(job.parameters.budget)
    n_called = int((table["decision"] == PULSAR).sum())
    leave_table(
        "short-list",
        short_list_table(best, carried=accepted.carried),
        f"The best of {len(table):,} candidates",
    )
    _log.info("%d of %d candidates called pulsars", n_called, len(table))
    folder = job.run_folder
    return Scored(
        scores=write_table(folder / "scores.parquet", table),
        scores_csv=_write_csv(folder / "scores.csv", table),
        short_list=_write_csv(folder / "short_list.csv", best),
        metrics=_keep_metrics(job, table, model.threshold),
        n_called=n_called,
        n_learnt=count_learnt(table, read_kept_arrays(job.chosen.seen, "hashes")["hashes"]),
    )


def _keep_metrics(job: ScoreJob, table: pd.DataFrame, threshold: float) -> FileRef | None:
    if LABEL not in table:
        return None
    found = measure_parts(
        table[LABEL].to_numpy(),
        table["probability"].to_numpy(),
        {_PART: np.arange(len(table))},
        threshold=threshold,
        seed=0,
        n_resamples=_N_RESAMPLES,
    )[_PART]
    rows_of_parts = metrics_table({"test": found})
    cells = [{"metric": row["metric"], "found": row["test"]} for row in rows_of_parts]
    leave_table("score-metrics", cells, "The file's own labels: metrics with 95 % intervals")
    return write_json(job.run_folder / "metrics.json", found)


def _write_csv(path: Any, table: pd.DataFrame) -> FileRef:
    return write_text(path, csv_text(table))
