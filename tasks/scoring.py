"""Score candidates, rank them, and say of each why: a table in one partition, in one step."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from prefect import task

from pulsars.learning import explain_part, measure_scores, write_part
from pulsars.store import read_columns
from schemas import LABEL, Accepted, Compared, Marking, Scored, ScoreJob, TableRef
from slp import rank
from tasks.plumbing.steps import STEP
from tasks.scored import gather, scorer_of


@task(name="score", task_run_name="score {job.source.name}", **STEP)
def score_candidates(
    job: ScoreJob, accepted: Accepted, compared: Compared, marking: Marking | None = None
) -> Scored:
    """Write scores in the order of the file, the short list, and metrics where there are labels.

    Where the candidates are too far from what the model knows, its companion ranks them, and
    nothing is called a pulsar.
    """
    scorer = scorer_of(job, compared.ranked_by, accepted.carried, accepted.converted, marking)
    (file,) = accepted.table.partitions
    rows = read_columns(file)
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
