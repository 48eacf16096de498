"""Balance the rows to learn from, and only them."""

from __future__ import annotations

import logging

import numpy as np
from prefect import task

from pulsars.learning import rng_for, split_to_fit
from pulsars.store import load_rows, part_indices, write_arrays
from schemas import Accepted, Parts, Reviewed, TrainingJob, TrainingRows
from slp import Resampled, resample
from tasks.joining import load_reviews
from tasks.plumbing.steps import STEP

_log = logging.getLogger(__name__)


@task(name="oversample", task_run_name="oversample {job.parameters.oversample}", **STEP)
def oversample(
    job: TrainingJob, accepted: Accepted, parts: Parts, reviewed: Reviewed | None = None
) -> TrainingRows:
    """Choose the rows that the model sees, by index into the accepted rows and those added."""
    known, reviews = load_rows(accepted), load_reviews(reviewed)
    strategy = job.parameters.oversample
    X, y = reviews.beside(known.X, known.y)
    resampled = resample(
        split_to_fit(reviews.among(part_indices(parts), len(known.y)), job.parameters).train,
        y,
        strategy=strategy,
        rng=rng_for(job.parameters.seed, "oversample"),
        X=X,
    )
    n_rows, share = len(resampled.sample_indices), resampled.prevalence
    _log.info("training on %d rows, %.1f %% pulsars (%s)", n_rows, 100 * share, strategy)
    return keep_rows(job, resampled)


def keep_rows(job: TrainingJob, resampled: Resampled) -> TrainingRows:
    """Write the indices and the noise, if any, and give their handle."""
    noise = np.empty((0, 0)) if resampled.noise is None else resampled.noise
    arrays = {"sample_indices": resampled.sample_indices, "noise": noise}
    return TrainingRows(
        file=write_arrays(job.steps_folder / "training_rows.npz", arrays),
        prevalence=float(resampled.prevalence),
    )
