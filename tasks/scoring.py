"""Score candidates, rank them, and say of each why: a table in one partition, in one step."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import numpy as np
import pandas as pd
from prefect import task

from pulsars.learning import (
    Said,
    Scorer,
    explain_part,
    known_in,
    measure_scores,
    reader_schema,
    scorer_of,
    write_part,
)
from pulsars.reading import mark_of
from pulsars.report import (
    companion_sentence,
    describe_test,
    known_sentence,
    metrics_table,
    short_list_table,
)
from pulsars.store import (
    columns_of,
    csv_text,
    read_groups,
    write_columns,
    write_csv,
    write_json,
    write_text,
)
from schemas import (
    CSV_ROWS,
    LABEL,
    Accepted,
    Compared,
    FileRef,
    Marking,
    Scored,
    ScoreJob,
    TableRef,
)
from slp import rank
from tasks.plumbing.observing import leave_table
from tasks.plumbing.steps import STEP

_log = logging.getLogger(__name__)

Metrics = dict[str, dict[str, float | None]]


@task(name="score", task_run_name="score {job.source.name}", **STEP)
def score_candidates(
    job: ScoreJob, accepted: Accepted, compared: Compared, marking: Marking | None = None
) -> Scored:
    """Write scores in the order of the file, the short list, and metrics where there are labels.

    Where the candidates are too far from what the model knows, its companion ranks them, and
    nothing is called a pulsar.
    """
    scorer = scorer_of(job, accepted, compared.ranked_by, mark=mark_of(job, marking))
    (file,) = accepted.table.partitions
    with columns_of(file) as rows:
        explained = list(explain_part(scorer, rows))
    logits = np.concatenate([each.logit for each in explained])
    labels = rows[LABEL].to_numpy() if LABEL in rows.column_names else None
    with ThreadPoolExecutor(1) as beside:  # what is written does not wait for what is measured
        measured = beside.submit(measure_scores, scorer, labels, logits)
        path, budget = job.run_folder / "scores.parquet", job.parameters.budget
        scores, said = write_part(path, scorer, rows, explained, rank(logits), budget=budget)
        metrics = measured.result()
    table = TableRef(partitions=[scores], n_rows=[len(rows)])
    return gather(job, scorer, table, said, metrics, marking=marking)


def gather(
    job: ScoreJob,
    scorer: Scorer,
    scores: TableRef,
    said: Said,
    metrics: Metrics | None,
    *,
    marking: Marking | None = None,
) -> Scored:
    """Keep the short list, the metrics and the scores as text; log what came out."""
    import pyarrow as pa

    best = pa.concat_tables(said.best).sort_by("rank")
    listed, folder = best.to_pandas(), job.run_folder
    n_rows, n_called = sum(scores.n_rows), said.n_called if scorer.decides else None
    known = known_in(job, marking, best, n_marked=said.n_known)
    _tell(listed, n_rows, said.n_outside, n_called, scorer.carried)
    if known:
        _log.info("%s", known_sentence(known, n_listed=len(listed)))
    return Scored(
        scores=scores,
        scores_csv=_keep_csv(job, scores, n_rows),
        short_list=write_text(folder / "short_list.csv", csv_text(listed)),
        best=write_columns(job.steps_folder / "best.parquet", reader_schema(best), [best]),
        metrics=_keep_metrics(job, metrics),
        ranked_by=scorer.ranked_by,
        n_called=n_called,
        n_learnt=said.n_learnt,
        histogram=said.histogram,
        known=known,
    )


def _keep_csv(job: ScoreJob, scores: TableRef, n_rows: int) -> FileRef | None:
    if n_rows > CSV_ROWS and not job.parameters.csv:
        _log.info("scores of %d candidates are in scores.parquet alone; --csv writes both", n_rows)
        return None
    tables = chain.from_iterable(read_groups(part) for part in scores.partitions)
    return write_csv(job.run_folder / "scores.csv", tables)


def _keep_metrics(job: ScoreJob, metrics: Metrics | None) -> FileRef | None:
    if metrics is None:
        return None
    rows_of_parts = metrics_table({"test": metrics})
    cells = [{"metric": row["metric"], "found": row["test"]} for row in rows_of_parts]
    leave_table("score-metrics", cells, f"{describe_test(metrics)}: by the file's own labels")
    return write_json(job.run_folder / "metrics.json", metrics)


def _tell(
    best: pd.DataFrame, n_rows: int, n_outside: int, n_called: int | None, carried: Sequence[str]
) -> None:
    """Log what came out, and leave the short list in the Prefect UI."""
    described = f"The best of {n_rows:,} candidates"
    if n_called is None:
        sentence = companion_sentence(n_outside / n_rows)
        described += f". {sentence}"
        _log.info("%s", sentence)
    else:
        _log.info("%d of %d candidates called pulsars", n_called, n_rows)
    leave_table("short-list", short_list_table(best, carried=carried), described)
