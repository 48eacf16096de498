"""Train the perceptron on the training part, choose its epoch and threshold on the validation."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from prefect import task

from pulsars.store.arrays import features_and_labels, part_indices
from pulsars.store.files import read_arrays, write_json, write_text
from pulsars.store.runs import EPOCH_COLUMNS, read_epoch_rows, write_epoch_rows
from schemas.features import FEATURE_NAMES
from schemas.parameters import TrainingParameters
from schemas.records import Trained, TrainingJob, TrainingRows
from slp.inputs import Inputs
from slp.metrics import measure
from slp.model import Perceptron, prior_shift
from slp.thresholds import choose_threshold, parse_threshold
from tasks.observing import progress_artifact
from tasks.solving import OnEpoch, Solved, solve
from tasks.steps import STEP
from tasks.watching import progressed

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fitted:
    """A model with its threshold, and what each epoch measured on the validation part."""

    model: Perceptron
    epochs: list[dict[str, Any]]
    best_epoch: int
    notes: tuple[str, ...] = ()


@task(name="train", task_run_name="train seed {job.parameters.seed}", **STEP)
def fit(job: TrainingJob, rows: TrainingRows) -> Trained:
    """Train, and keep the model as JSON and its learning curve as CSV."""
    X, y = features_and_labels(rows.parts.accepted)
    n_epochs = job.parameters.n_epochs
    with progress_artifact("training-progress", "Epochs trained") as move:

        def on_epoch(epoch: int, _loss: float, _validation_loss: float | None) -> None:
            progressed("train", epoch + 1, n_epochs)
            move(100 * (epoch + 1) / n_epochs)

        fitted = fit_perceptron(X, y, rows, job.parameters, on_epoch=on_epoch)
    progressed("train", n_epochs, n_epochs)
    trained = keep_model(job, rows, fitted)
    for note in trained.notes:
        _log.info("note: %s", note)
    unit = "epochs" if job.parameters.solver == "sgd" else "steps"
    kept, threshold = trained.best_epoch, fitted.model.threshold
    _log.info("trained %d %s, kept %d, threshold %.3g", trained.n_epochs, unit, kept, threshold)
    return trained


def fit_perceptron(
    X: np.ndarray,
    y: np.ndarray,
    rows: TrainingRows,
    parameters: TrainingParameters,
    *,
    on_epoch: OnEpoch,
) -> Fitted:
    """Fit inputs, solve, correct for the prevalence trained on, choose the threshold.

    Parameters
    ----------
    X, y : ndarray of shape (n_accepted, 8) and (n_accepted,)
        All accepted rows; only those named by `rows` and the validation part are used.
    rows : TrainingRows
        Which rows to learn from, and the parts they come from.
    parameters : TrainingParameters
        How.
    on_epoch : callable
        Called after each epoch.

    Raises
    ------
    ParameterError
        When these parameters do not lead to finite weights.
    """
    parts = part_indices(rows.parts)
    train, held_out = parts["train"], parts["validation"]
    inputs = Inputs.fit(parameters.inputs, X[train])
    prior = {"trained": rows.prevalence, "true": float(y[train].mean())}
    X_rows, y_rows = _rows_to_learn_from(X, y, rows)
    seen = inputs.transform(X[held_out])
    found = solve(
        (inputs.transform(X_rows), y_rows),
        (seen, y[held_out]),
        parameters,
        shift=prior_shift(**prior),
        on_epoch=on_epoch,
    )
    # What the layer sees is the same in every epoch, so it is worked out once for all of them.
    layer = Inputs.raw(inputs.n_outputs)
    by_epoch = [Perceptron(w[:-1], float(w[-1]), layer).with_prior(**prior) for w in found.path]
    best = replace(by_epoch[found.best_epoch], inputs=inputs)
    spec = parse_threshold(parameters.threshold)
    threshold = choose_threshold(y[held_out], best.predict_proba(X[held_out]), spec)
    epochs = epoch_rows(found, by_epoch, seen, y[held_out])
    return Fitted(best.with_threshold(threshold), epochs, found.best_epoch + 1, found.notes)


def _rows_to_learn_from(
    X: np.ndarray, y: np.ndarray, rows: TrainingRows
) -> tuple[np.ndarray, np.ndarray]:
    stored = read_arrays(rows.file)
    indices, noise = stored["sample_indices"], stored["noise"]
    return (X[indices] + noise if noise.size else X[indices]), y[indices]


def epoch_rows(
    found: Solved, by_epoch: list[Perceptron], X: np.ndarray, y: np.ndarray
) -> list[dict[str, Any]]:
    """Measure the layer of every epoch on what it sees of the held-out rows, at probability 0.5."""
    rows = []
    for epoch, model in enumerate(by_epoch):
        measured = measure(y, model.predict_proba(X), threshold=0.5)
        rows.append(
            {
                "epoch": epoch + 1,
                "loss": found.losses[epoch],
                "validation_loss": measured["log_loss"],
                **{name: measured[name] for name in EPOCH_COLUMNS[3:]},
            }
        )
    return rows


def keep_model(job: TrainingJob, rows: TrainingRows, fitted: Fitted) -> Trained:
    """Write `model.json` and `epochs.csv` and give their handles."""
    accepted = rows.parts.accepted
    model = {
        "format": 2,
        "kind": "single-layer perceptron",
        "features": list(FEATURE_NAMES),
        "perceptron": fitted.model.to_dict(),
        "trained_on": {
            "fingerprint": accepted.fingerprint,
            "n_rows": accepted.rows_accepted,
            "n_pulsars": accepted.n_pulsars,
            "simulated": accepted.simulated,
        },
    }
    return Trained(
        rows=rows,
        model=write_json(job.run_folder / "model.json", model),
        epochs=write_text(job.run_folder / "epochs.csv", write_epoch_rows(fitted.epochs)),
        best_epoch=fitted.best_epoch,
        n_epochs=len(fitted.epochs),
        notes=fitted.notes,
    )


def read_epochs(trained: Trained) -> list[dict[str, Any]]:
    """Read the learning curve of a training after checking its hash."""
    return read_epoch_rows(trained.epochs.verified())
