"""Measure a model on every part, with intervals, and let the run prove itself."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

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
    row_notes,
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
    write_arrays,
    write_json,
)
from schemas import (
    Accepted,
    Evaluated,
    FileRef,
    Parts,
    Trained,
    TrainingJob,
    TrainingRows,
)
from tasks.observing import leave_table
from tasks.steps import STEP
from tasks.watchers import progressed

_log = logging.getLogger(__name__)


@task(name="evaluate", task_run_name="evaluate seed {job.parameters.seed}", **STEP)
def evaluate(
    job: TrainingJob, accepted: Accepted, parts: Parts, rows: TrainingRows, trained: Trained
) -> Evaluated:
    """Measure, say what it means, prove, and keep all three in `metrics.json`."""
    known, named = load_named_rows(accepted)
    indices, model = part_indices(parts), load_model(trained.model)
    asked, companion = job.parameters, load_companion(trained.model)
    fitted, seen = fitted_parts(indices, asked), load_resampled(rows).sample_indices
    with ThreadPoolExecutor(2) as aside:  # what sorts all rows goes beside what weighs them
        proofs = aside.submit(prove, accepted, known, indices, seen, fitted=fitted)
        predicted, test = Predicted.of(model, known.X), indices["test"]
        metrics = measure_parts(
            known.y,
            predicted.probability,
            indices,
            threshold=model.threshold,
            on_part=partial(progressed, "evaluate"),
        )
        notes = aside.submit(row_notes, asked, known, fitted["train"], predicted, metrics)
        said = predicted.probability
        kept = aside.submit(keep_evidence, job, known, fitted, said, companion=companion)
        shares = {
            "trained_prevalence": rows.prevalence,
            "true_prevalence": float(known.y[fitted["train"]].mean()),
        }
        found: dict[str, Any] = {
            "threshold": model.threshold,
            "threshold_spec": "0.5" if asked.preset else asked.threshold,
            "learnt_from": learnt_from(asked),
            "parts": metrics,
            **find_meaning(model, known[test], predicted[test], **shares),
            "companion": describe_companion(companion, known.X[test], known.y[test]),
            "leak": find_leak(known.X, known.y, fitted, asked),
            "proofs": [proof.to_dict() for proof in proofs.result()],
            "notes": [
                *touched_notes(asked, accepted.fingerprint),
                *([trained.note] if trained.note else []),
                *notes.result(),
            ],
        }
        found["mistakes"] = name_mistakes(found["mistakes"], named)
        return keep_evaluated(job, found, predicted, kept.result())


def keep_evaluated(
    job: TrainingJob,
    found: dict[str, Any],
    predicted: Predicted,
    evidence: dict[str, FileRef],
) -> Evaluated:
    """Write `metrics.json` and the scores of all rows beside what others need to build on a run."""
    leave_tables(found)
    f1 = "test F1 %(value).3f (95 %% interval %(low).3f to %(high).3f)"
    _log.info(f1, found["parts"]["test"]["f1"])
    return Evaluated(
        metrics=write_json(job.run_folder / "metrics.json", found),
        scores=write_arrays(
            job.steps_folder / "scores.npz", {"probability": predicted.probability}
        ),
        **evidence,
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
