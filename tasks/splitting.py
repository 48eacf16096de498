"""Which rows train, and how often, which choose, which measure."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from prefect import task

from pulsars.learning import Reviews, part_rows, rng_for, split_to_fit
from pulsars.store import load_rows, part_indices, write_arrays
from schemas import Accepted, Parts, Reviewed, SplitJob, TrainingJob, TrainingRows
from slp import Resampled, resample
from tasks.plumbing.steps import STEP

_log = logging.getLogger(__name__)


@task(name="split", task_run_name="split seed {job.parameters.seed}", **STEP)
def split(job: SplitJob, accepted: Accepted) -> Parts:
    """Split the accepted rows, stratified, rows alike or of one source on one side."""
    found = part_rows(job, load_rows(accepted))
    parts = keep_parts(
        job.run_folder / "split.npz",
        {"train": found.train.indices, "validation": found.validation, "test": found.test},
    )
    _log.info(
        "split: %d train, %d validation, %d test", parts.n_train, parts.n_validation, parts.n_test
    )
    return parts


def keep_parts(path: Path, parts: dict[str, np.ndarray], *, n_train: int | None = None) -> Parts:
    """Write row numbers by part and give the handle; of a training part that is not named, too."""
    return Parts(
        file=write_arrays(path, parts),
        n_train=len(parts["train"]) if n_train is None else n_train,
        n_validation=len(parts["validation"]),
        n_test=len(parts["test"]),
    )


@task(name="oversample", task_run_name="oversample {job.parameters.oversample}", **STEP)
def oversample(
    job: TrainingJob, accepted: Accepted, parts: Parts, reviewed: Reviewed | None = None
) -> TrainingRows:
    """Choose the rows that the model sees, by index into the accepted rows and those added."""
    known, reviews = load_rows(accepted), Reviews.load(reviewed)
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
