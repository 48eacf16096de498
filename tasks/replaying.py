"""Replay a run of the book, draw for draw."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import get_args

import numpy as np
from prefect import task

from pulsars.learning import Fitted, fit_companion
from pulsars.store import load_rows
from schemas import Accepted, Preset, Replayed, TrainingJob
from slp import Resampled
from slp import replay as replay_book
from tasks.fitting import keep_model
from tasks.oversampling import keep_rows
from tasks.plumbing.steps import STEP
from tasks.splitting import keep_parts

_log = logging.getLogger(__name__)

_RUNS = dict(zip(get_args(Preset), ("plain", "extended", "balanced"), strict=True))


@task(name="replay", task_run_name="replay {job.parameters.preset}", **STEP)
def replay(job: TrainingJob, accepted: Accepted) -> Replayed:
    """Split, repeat and train as the book does; it has no validation part."""
    known = load_rows(accepted)
    found = replay_book(known.X, known.y, run=_RUNS[job.parameters.preset])
    train, test = found.train_indices, found.test_indices
    nobody = np.empty(0, dtype=np.int64)
    parts = keep_parts(job, train, nobody, test)
    rows = keep_rows(job, Resampled(train, None, float(known.y[train].mean())))
    epochs = [{**asdict(epoch), "validation_loss": None} for epoch in found.epochs]
    for epoch in found.epochs:
        _log.info(
            "epoch %2d: loss %.3f, accuracy %.3f, precision %.3f, recall %.3f, F1 %.3f",
            epoch.epoch,
            epoch.loss,
            epoch.accuracy,
            epoch.precision,
            epoch.recall,
            epoch.f1,
        )
    fitted = Fitted(found.model, epochs, len(epochs))
    companion = fit_companion(known.X[train], known.y[train])
    trained = keep_model(job, accepted, fitted, companion)
    return Replayed(parts=parts, rows=rows, trained=trained)
