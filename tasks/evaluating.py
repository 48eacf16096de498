"""Measure a model on every part, with intervals, and let the run prove itself."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import numpy as np
from prefect import task

from pulsars.learning.explaining import Part
from pulsars.learning.leak import find_leak
from pulsars.learning.meaning import find_meaning
from pulsars.learning.measuring import measure_parts
from pulsars.learning.notes import touched_notes, true_mix_note
from pulsars.learning.proofs import prove
from pulsars.report.tables import (
    confusion_table,
    leak_table,
    metrics_table,
    mistakes_table,
    projection_table,
)
from pulsars.store.arrays import features_and_labels, load_model, part_indices
from pulsars.store.evidence import keep_evidence
from pulsars.store.files import read_arrays, read_table, write_arrays, write_json
from schemas.records import Evaluated, Trained, TrainingJob
from tasks.observing import leave_table
from tasks.steps import STEP
from tasks.watching import progressed

_log = logging.getLogger(__name__)


@task(name="evaluate", task_run_name="evaluate seed {job.parameters.seed}", **STEP)
def evaluate(job: TrainingJob, trained: Trained) -> Evaluated:
    """Measure, say what it means, prove, and keep all three in `metrics.json`."""
    X, y = features_and_labels(trained.accepted)
    model = load_model(trained.model)
    indices = part_indices(trained.parts)
    seed, n_resamples = job.parameters.seed, job.parameters.n_resamples
    metrics = measure_parts(
        model,
        X,
        y,
        indices,
        seed=seed,
        n_resamples=n_resamples,
        on_part=partial(progressed, "evaluate"),
    )
    seen = read_arrays(trained.rows.file)["sample_indices"]
    proofs = prove(trained.accepted, X, y, indices, seen)
    balanced = job.parameters.preset == "book-balanced"
    found = {
        "threshold": model.threshold,
        "threshold_spec": "0.5" if job.parameters.preset else job.parameters.threshold,
        "parts": metrics,
        **find_meaning(
            model,
            part_to_measure(trained, X, y, indices["test"]),
            trained_prevalence=trained.rows.prevalence,
            true_prevalence=float(y[indices["train"]].mean()),
        ),
        "leak": find_leak(X, y, indices, job.parameters),
        "proofs": [proof.to_dict() for proof in proofs],
        "notes": [
            *touched_notes(job.parameters, trained.accepted.fingerprint),
            *trained.notes,
            *([true_mix_note(model, X, y, metrics)] if balanced else []),
        ],
    }
    leave_tables(found)
    f1 = metrics["test"]["f1"]
    _log.info("test F1 %.3f (95 %% interval %.3f to %.3f)", f1["value"], f1["low"], f1["high"])
    probability = model.predict_proba(X)
    return Evaluated(
        trained=trained,
        metrics=write_json(job.run_folder / "metrics.json", found),
        scores=write_arrays(job.steps_folder / "scores.npz", {"probability": probability}),
        **keep_evidence(job, trained.parts, probability),
    )


def part_to_measure(trained: Trained, X: np.ndarray, y: np.ndarray, rows: np.ndarray) -> Part:
    """Give the rows of the test part, with the line of the user's file that each stands in."""
    lines = read_table(trained.accepted.table)["line"].to_numpy()
    return Part(X[rows], y[rows], lines[rows])


def leave_tables(found: dict[str, Any]) -> None:
    """Leave what was measured as tables in the Prefect UI."""
    parts = found["parts"]
    for key, rows, description in (
        ("metrics", metrics_table(parts), "Metrics with 95 % bootstrap intervals"),
        ("confusion-matrix", confusion_table(parts["test"]), "Test part, in candidates"),
        ("projection", projection_table(found["projection"]), "Where pulsars are rarer"),
        ("leak-control", leak_table(found["leak"]), "Oversampling before the split would claim"),
        ("worst-mistakes", mistakes_table(found["mistakes"]), "Test part, logits by feature"),
    ):
        leave_table(key, rows, description)
