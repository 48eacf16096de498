"""Measure a model on every part, with intervals, and let the run prove itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from prefect import task

from pulsars.learning import (
    Predicted,
    describe_companion,
    find_leak,
    find_meaning,
    fitted_parts,
    learnt_from,
    measure_parts,
    name_mistakes,
    prove,
    prove_over,
    row_notes,
    shown_note,
    touched_notes,
)
from pulsars.report import (
    confusion_table,
    leak_table,
    metrics_table,
    mistakes_table,
    projection_table,
)
from pulsars.store import (
    keep_evidence,
    load_companion,
    load_model,
    load_named_rows,
    load_resampled,
    part_indices,
    read_arrays,
    rows_in_chunks,
    write_arrays,
    write_json,
)
from schemas import (
    Accepted,
    Evaluated,
    HeldOut,
    Parts,
    Trained,
    TrainingJob,
    TrainingRows,
)
from tasks.plumbing.observing import leave_table
from tasks.plumbing.steps import STEP
from tasks.plumbing.watchers import progressed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

    from pulsars.learning import Proof
    from pulsars.store import Rows

_log = logging.getLogger(__name__)


@task(name="evaluate", task_run_name="evaluate seed {job.parameters.seed}", **STEP)
def evaluate(
    job: TrainingJob, accepted: Accepted, parts: Parts, rows: TrainingRows, trained: Trained
) -> Evaluated:
    """Measure, say what it means, prove, and keep all three in `metrics.json`."""
    known, named = load_named_rows(accepted)
    indices, resampled = part_indices(parts), load_resampled(rows)
    fitted = fitted_parts(indices, job.parameters)
    proofs = prove(accepted, known, indices, resampled.sample_indices, fitted=fitted)
    measured = Measured(known, named, indices, rows.prevalence, proofs)
    return measure_run(job, accepted, trained, measured)


@task(name="evaluate", task_run_name="evaluate seed {job.parameters.seed}", **STEP)
def evaluate_held(
    job: TrainingJob, accepted: Accepted, held: HeldOut, trained: Trained
) -> Evaluated:
    """Measure on what was held out of a table that is too long for memory, and prove over all."""
    known, named = load_named_rows(held.measured(accepted))
    indices = part_indices(held.sample_parts)
    proofs = prove_over(
        accepted,
        rows_in_chunks(accepted.table),
        read_arrays(held.codes)["part"],
        known.X[indices["test"]],
        refits=job.parameters.refits,
    )
    learnt = fitted_parts(indices, job.parameters)["train"]
    measured = Measured(known, named, indices, float(known.y[learnt].mean()), proofs)
    note = shown_note(len(indices["train"]), held.parts.n_train)
    return measure_run(job, accepted, trained, measured, notes=[note])


@dataclass(frozen=True, eq=False)
class Measured:
    """Rows in memory that a run is measured on.

    Attributes
    ----------
    rows : Rows
    named : DataFrame
        What says which candidate each is, by line.
    parts : dict of str to ndarray
        Row numbers.
    prevalence : float
        Share of pulsars among the rows trained on, repeats among them.
    proofs : list of Proof
    """

    rows: Rows
    named: pd.DataFrame
    parts: dict[str, np.ndarray]
    prevalence: float
    proofs: list[Proof]


def measure_run(
    job: TrainingJob,
    accepted: Accepted,
    trained: Trained,
    on: Measured,
    *,
    notes: Sequence[str] = (),
) -> Evaluated:
    """Measure, say what it means, and write it beside what others need to build on the run."""
    known, indices, model = on.rows, on.parts, load_model(trained.model)
    predicted, companion = Predicted.of(model, known.X), load_companion(trained.model)
    metrics = measure_parts(
        known.y,
        predicted.probability,
        indices,
        threshold=model.threshold,
        on_part=partial(progressed, "evaluate"),
    )
    test, fitted = indices["test"], fitted_parts(indices, job.parameters)
    found: dict[str, Any] = {
        "threshold": model.threshold,
        "threshold_spec": "0.5" if job.parameters.preset else job.parameters.threshold,
        "learnt_from": learnt_from(job.parameters),
        "parts": metrics,
        **find_meaning(
            model,
            known[test],
            predicted[test],
            trained_prevalence=on.prevalence,
            true_prevalence=float(known.y[fitted["train"]].mean()),
        ),
        "companion": describe_companion(companion, known.X[test], known.y[test]),
        "leak": find_leak(known.X, known.y, fitted, job.parameters),
        "proofs": [proof.to_dict() for proof in on.proofs],
        "notes": [
            *touched_notes(job.parameters, accepted.fingerprint),
            *notes,
            *([trained.note] if trained.note else []),
            *row_notes(job.parameters, known, fitted["train"], predicted, metrics),
        ],
    }
    found["mistakes"] = name_mistakes(found["mistakes"], on.named)
    leave_tables(found)
    f1 = "test F1 %(value).3f (95 %% interval %(low).3f to %(high).3f)"
    _log.info(f1, metrics["test"]["f1"])
    return keep_evaluated(job, found, known, fitted, predicted.probability, trained)


def keep_evaluated(
    job: TrainingJob,
    found: dict[str, Any],
    rows: Rows,
    parts: dict[str, np.ndarray],
    probability: np.ndarray,
    trained: Trained,
) -> Evaluated:
    """Write `metrics.json`, the scores of all rows, and what others need to build on the run."""
    return Evaluated(
        metrics=write_json(job.run_folder / "metrics.json", found),
        scores=write_arrays(job.steps_folder / "scores.npz", {"probability": probability}),
        **keep_evidence(job, rows, parts, probability, trained),
    )


def leave_tables(found: dict[str, Any]) -> None:
    """Leave what was measured as tables in the Prefect UI."""
    parts = found["parts"]
    for key, rows, description in (
        ("metrics", metrics_table(parts), "Metrics with 95 % intervals"),
        ("confusion-matrix", confusion_table(parts["test"]), "Test part, in candidates"),
        ("projection", projection_table(found["projection"]), "Where pulsars are rarer"),
        ("leak-control", leak_table(found["leak"]), "Oversampling before the split would claim"),
        ("worst-mistakes", mistakes_table(found["mistakes"]), "Test part, logits by feature"),
    ):
        leave_table(key, rows, description)
