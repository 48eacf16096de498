"""Measure a model on every part, with intervals, and let the run prove itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from prefect import task

from pulsars.learning import (
    Predicted,
    Proof,
    Reviews,
    fitted_parts,
    measure_run,
    prove,
    prove_over,
    reviewed_note,
    shown_note,
    touched_notes,
)
from pulsars.report import (
    confusion_table,
    describe_measured,
    leak_table,
    metrics_table,
    mistakes_table,
    projection_table,
)
from pulsars.store import (
    Rows,
    keep_evidence,
    load_companion,
    load_model,
    load_named_rows,
    load_resampled,
    part_indices,
    read_arrays,
    read_json,
    rows_in_chunks,
    write_arrays,
    write_json,
)
from schemas import (
    Accepted,
    Evaluated,
    HeldOut,
    Parts,
    Reviewed,
    Trained,
    TrainingJob,
    TrainingRows,
)
from tasks.plumbing.observing import leave_table
from tasks.plumbing.steps import STEP
from tasks.plumbing.watchers import progressed

_log = logging.getLogger(__name__)


@task(name="evaluate", task_run_name="evaluate seed {job.parameters.seed}", **STEP)
def evaluate(
    job: TrainingJob,
    accepted: Accepted,
    parts: Parts,
    rows: TrainingRows,
    trained: Trained,
    reviewed: Reviewed | None = None,
) -> Evaluated:
    """Measure, say what it means, prove, and keep all three in `metrics.json`."""
    known, named = load_named_rows(accepted)
    reviews, n_rows = Reviews.load(reviewed), accepted.rows_accepted
    indices, seen = part_indices(parts), load_resampled(rows).sample_indices
    fitted = reviews.among(fitted_parts(indices, job.parameters), n_rows)
    proofs = partial(prove, accepted, known, indices, seen, fitted=fitted, added=reviews.X)
    true = float(reviews.beside(known.X, known.y)[1][fitted["train"]].mean())
    prevalence = {"trained_prevalence": rows.prevalence, "true_prevalence": true}
    return _keep(
        job,
        accepted,
        trained,
        (known, named, indices),
        prevalence=prevalence,
        proofs=proofs,
        notes=_notes_on(reviewed),
    )


@task(name="evaluate", task_run_name="evaluate seed {job.parameters.seed}", **STEP)
def evaluate_held(
    job: TrainingJob,
    accepted: Accepted,
    held: HeldOut,
    trained: Trained,
    reviewed: Reviewed | None = None,
) -> Evaluated:
    """Measure on what was held out of a table that is too long for memory, and prove over all."""
    known, named = load_named_rows(held.measured(accepted))
    indices = part_indices(held.sample_parts)
    proofs = partial(
        prove_over,
        accepted,
        rows_in_chunks(accepted.table),
        read_arrays(held.codes)["part"],
        known.X[indices["test"]],
        refits=job.parameters.refits,
        added=Reviews.load(reviewed).X,
    )
    share = float(known.y[fitted_parts(indices, job.parameters)["train"]].mean())
    notes = [shown_note(len(indices["train"]), held.parts.n_train), *_notes_on(reviewed)]
    return _keep(
        job,
        accepted,
        trained,
        (known, named, indices),
        prevalence=dict.fromkeys(("trained_prevalence", "true_prevalence"), share),
        proofs=proofs,
        notes=notes,
    )


def _notes_on(reviewed: Reviewed | None) -> list[str]:
    return [reviewed_note(read_json(reviewed.account)["counts"])] if reviewed else []


def _keep(  # noqa: PLR0913 - all that a run is measured on
    job: TrainingJob,
    accepted: Accepted,
    trained: Trained,
    on: tuple[Rows, pd.DataFrame, dict[str, np.ndarray]],
    *,
    prevalence: dict[str, float],
    proofs: Callable[[], list[Proof]],
    notes: Sequence[str],
) -> Evaluated:
    """Write `metrics.json`, and what others need to build on the run; leave tables in the UI."""
    model, (known, named, indices) = load_model(trained.model), on
    predicted, fitted = Predicted.of(model, known.X), fitted_parts(indices, job.parameters)
    touched = touched_notes(job.parameters, accepted.fingerprint)
    with ThreadPoolExecutor(1) as aside:  # what is kept does not wait for what is measured
        evidence = aside.submit(
            keep_evidence, job, known, fitted, predicted.probability, trained, named
        )
        found = measure_run(
            job.parameters,
            (model, load_companion(trained.model)),
            on,
            predicted,
            prevalence=prevalence,
            proofs=proofs,
            notes=[*touched, *notes, *filter(None, [trained.note])],
            on_part=partial(progressed, "evaluate"),
        )
    _leave_tables(found)
    _log.info(
        "test F1 %(value).3f (95 %% interval %(low).3f to %(high).3f)", found["parts"]["test"]["f1"]
    )
    return Evaluated(
        metrics=write_json(job.run_folder / "metrics.json", found),
        scores=write_arrays(
            job.steps_folder / "scores.npz",
            {
                "probability": predicted.probability,
                "test_logit": predicted.logit[indices["test"]],
            },
        ),
        **evidence.result(),
    )


def _leave_tables(found: dict[str, Any]) -> None:
    parts, described = found["parts"], describe_measured(found)
    for key, rows in (
        ("metrics", metrics_table(parts)),
        ("confusion-matrix", confusion_table(parts["test"])),
        ("projection", projection_table(found["projection"])),
        ("leak-control", leak_table(found["leak"])),
        ("worst-mistakes", mistakes_table(found["mistakes"])),
    ):
        leave_table(key, rows, described[key])
