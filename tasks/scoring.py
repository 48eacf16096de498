"""Score candidates, rank them, and say of each why."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
from prefect import task

from pulsars.report.tables import metrics_table, short_list_table
from pulsars.store.arrays import load_model, load_reference, row_hashes
from pulsars.store.files import read_table, write_json, write_table, write_text
from pulsars.store.stored import read_kept_arrays
from schemas.features import FEATURE_NAMES, LABEL
from schemas.handles import FileRef
from schemas.score_records import Compared, Scored, ScoreJob
from slp.ranking import rank
from tasks.measuring import measure_parts
from tasks.observing import leave_table
from tasks.steps import STEP

if TYPE_CHECKING:
    import pandas as pd

    from slp.model import Perceptron
    from slp.reference import Reference

_log = logging.getLogger(__name__)


PULSAR, NON_PULSAR = "pulsar", "non-pulsar"

_PART = "file"
_N_RESAMPLES = 1000


@task(name="score", task_run_name="score {job.source.name}", **STEP)
def score_candidates(job: ScoreJob, compared: Compared) -> Scored:
    """Write scores in the order of the file, the short list, and metrics where there are labels."""
    model = load_model(job.chosen.model)
    reference = load_reference(job.chosen.reference)
    table = score_table(read_table(compared.accepted.table), model, reference)
    best = table.sort_values("rank").head(job.parameters.budget)
    n_called = int((table["decision"] == PULSAR).sum())
    leave_table("short-list", short_list_table(best), f"The best of {len(table):,} candidates")
    _log.info("%d of %d candidates called pulsars", n_called, len(table))
    folder = job.run_folder
    return Scored(
        compared=compared,
        scores=write_table(folder / "scores.parquet", table),
        scores_csv=_write_csv(folder / "scores.csv", table),
        short_list=_write_csv(folder / "short_list.csv", best),
        metrics=_keep_metrics(job, model, table),
        n_called=n_called,
        n_learnt=count_learnt(table, read_kept_arrays(job.chosen.seen, "hashes")["hashes"]),
    )


def count_learnt(table: pd.DataFrame, seen: np.ndarray) -> int:
    """Count the candidates that had a say in the model: what is measured on them flatters it.

    Parameters
    ----------
    table : DataFrame
        With the eight features.
    seen : ndarray of uint64
        As of `pulsars.store.arrays.row_hashes`.
    """
    hashes = row_hashes(table[list(FEATURE_NAMES)].to_numpy(dtype=np.float64))
    return int(np.isin(hashes, seen).sum())


def score_table(accepted: pd.DataFrame, model: Perceptron, reference: Reference) -> pd.DataFrame:
    """Give every candidate its score and the reasons for it.

    Parameters
    ----------
    accepted : DataFrame
        The eight features, `line`, and `label` where there is one.
    model : Perceptron
        Scores.
    reference : Reference
        Of the rows that the model learnt from.

    Returns
    -------
    DataFrame
        In the order of `accepted`: ``line``, the features, ``label`` if there is one, ``logit``,
        ``probability``, ``decision`` by the model's threshold, ``rank`` (1 is best), ``outside``
        (names of features beyond the training range, with blanks between them), and the parts of
        the logit: ``intercept`` and ``contribution_<feature>``.
    """
    X = accepted[list(FEATURE_NAMES)].to_numpy(dtype=np.float64)
    logit, probability = model.decision_function(X), model.predict_proba(X)
    contributions = model.feature_contributions(X)
    labels = [LABEL] if LABEL in accepted else []
    return accepted[["line", *FEATURE_NAMES, *labels]].assign(
        logit=logit,
        probability=probability,
        decision=np.where(probability >= model.threshold, PULSAR, NON_PULSAR),
        rank=rank(logit),
        outside=_names_outside(reference, X),
        intercept=model.intercept,
        **{
            f"contribution_{name}": part
            for name, part in zip(FEATURE_NAMES, contributions.T, strict=True)
        },
    )


def _names_outside(reference: Reference, X: np.ndarray) -> list[str]:
    names = np.array(FEATURE_NAMES)
    return [" ".join(names[row]) if row.any() else "" for row in reference.outside(X)]


def _keep_metrics(job: ScoreJob, model: Perceptron, table: pd.DataFrame) -> FileRef | None:
    if LABEL not in table:
        return None
    X, y = table[list(FEATURE_NAMES)].to_numpy(dtype=np.float64), table[LABEL].to_numpy()
    rows = {_PART: np.arange(len(y))}
    found = measure_parts(model, X, y, rows, seed=0, n_resamples=_N_RESAMPLES)[_PART]
    rows_of_parts = metrics_table({"test": found})
    cells = [{"metric": row["metric"], "found": row["test"]} for row in rows_of_parts]
    leave_table("score-metrics", cells, "The file's own labels: metrics with 95 % intervals")
    return write_json(job.run_folder / "metrics.json", found)


def _write_csv(path: Any, table: pd.DataFrame) -> FileRef:
    return write_text(path, table.to_csv(index=False, lineterminator="\n"))
