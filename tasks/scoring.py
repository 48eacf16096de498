"""Score candidates, rank them, and say of each why."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from prefect import task

from pulsars.learning import (
    PULSAR,
    count_learnt,
    measure_ranking,
    measure_rows,
    score_table,
)
from pulsars.report import companion_sentence, metrics_table, short_list_table
from pulsars.store import (
    Learnt,
    csv_text,
    load_companion,
    load_model,
    load_reference,
    read_partitions,
    write_json,
    write_table,
    write_text,
)
from schemas import LABEL, Accepted, Compared, DriftError, FileRef, Scored, ScoreJob
from tasks.plumbing.observing import leave_table
from tasks.plumbing.steps import STEP

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from slp import Perceptron

_log = logging.getLogger(__name__)


@task(name="score", task_run_name="score {job.source.name}", **STEP)
def score_candidates(job: ScoreJob, accepted: Accepted, compared: Compared) -> Scored:
    """Write scores in the order of the file, the short list, and metrics where there are labels.

    Where the candidates are too far from what the model knows, its companion ranks them, and
    nothing is called a pulsar.
    """
    by = compared.ranked_by
    model = load_model(job.chosen.model) if by == "model" else _companion(job)
    reference = load_reference(job.chosen.reference)
    table = score_table(
        read_partitions(accepted.table),
        model,
        reference,
        ranked_by=by,
        carried=accepted.carried,
        converted=accepted.converted,
    )
    best = table.sort_values("rank").head(job.parameters.budget)
    n_called = int((table["decision"] == PULSAR).sum()) if by == "model" else None
    _tell(table, best, n_called, accepted.carried)
    folder = job.run_folder
    return Scored(
        scores=write_table(folder / "scores.parquet", table),
        scores_csv=_write_csv(folder / "scores.csv", table),
        short_list=_write_csv(folder / "short_list.csv", best),
        metrics=_keep_metrics(job, table, compared),
        ranked_by=by,
        n_called=n_called,
        n_learnt=count_learnt(table, Learnt.load(job.chosen.seen)),
    )


def _companion(job: ScoreJob) -> Perceptron:
    found = load_companion(job.chosen.model)
    if found is None:
        raise DriftError(f"run {job.chosen.run} has no companion to rank with; train again")
    return found


def _tell(
    table: pd.DataFrame, best: pd.DataFrame, n_called: int | None, carried: Sequence[str]
) -> None:
    """Log what came out, and leave the short list in the Prefect UI."""
    n_rows, n_outside = len(table), int((table["outside"] != "").sum())
    described = f"The best of {n_rows:,} candidates"
    if n_called is None:
        said = companion_sentence(n_outside / n_rows)
        described += f". {said}"
        _log.info("%s", said)
    else:
        _log.info("%d of %d candidates called pulsars", n_called, n_rows)
    leave_table("short-list", short_list_table(best, carried=carried), described)


def _measured(
    job: ScoreJob, table: pd.DataFrame, compared: Compared
) -> dict[str, dict[str, float | None]]:
    y = table[LABEL].to_numpy()
    if compared.ranked_by == "companion":
        return measure_ranking(y, table["logit"].to_numpy())
    return measure_rows(y, table["probability"].to_numpy(), threshold=job.chosen.threshold)


def _keep_metrics(job: ScoreJob, table: pd.DataFrame, compared: Compared) -> FileRef | None:
    if LABEL not in table:
        return None
    found = _measured(job, table, compared)
    rows_of_parts = metrics_table({"test": found})
    cells = [{"metric": row["metric"], "found": row["test"]} for row in rows_of_parts]
    leave_table("score-metrics", cells, "The file's own labels: metrics with 95 % intervals")
    return write_json(job.run_folder / "metrics.json", found)


def _write_csv(path: Any, table: pd.DataFrame) -> FileRef:
    return write_text(path, csv_text(table))
