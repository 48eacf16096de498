"""Which rows train, and how often, which choose, which measure.

Of a table that is too long for memory what is measured is taken out, and bounded.
"""

from __future__ import annotations

import logging

import numpy as np
from prefect import task

from pulsars.learning import keeps_prevalence, rng_for, split_to_fit
from pulsars.store import Rows, load_rows, part_indices, write_arrays
from schemas import Accepted, Parts, Reviewed, SplitJob, TableError, TrainingJob, TrainingRows
from slp import Resampled, resample, stratified_split
from tasks.joining import load_reviews
from tasks.plumbing.steps import STEP

_log = logging.getLogger(__name__)


@task(name="split", task_run_name="split seed {job.parameters.seed}", **STEP)
def split(job: SplitJob, accepted: Accepted) -> Parts:
    """Split the accepted rows, stratified, rows alike or of one source on one side."""
    rows = load_rows(accepted)
    try:
        found = stratified_split(
            rows.X,
            rows.y,
            validation_size=job.parameters.validation_size,
            test_size=job.parameters.test_size,
            seed=job.parameters.seed,
            groups=rows.source,
        )
    except ValueError as error:
        raise TableError(f"{job.source.origin} cannot be split: {error}") from None
    _require_even_shares(job.source.origin, rows, (found.validation, found.test))
    parts = keep_parts(job, found.train.indices, found.validation, found.test)
    _log.info(
        "split: %d train, %d validation, %d test", parts.n_train, parts.n_validation, parts.n_test
    )
    return parts


def _require_even_shares(origin: str, known: Rows, parts: tuple[np.ndarray, ...]) -> None:
    """Refuse a table with so many alike rows that a part cannot have its prevalence."""
    y = known.y
    for rows in parts:
        if not keeps_prevalence(known, rows):
            raise TableError(
                f"{origin} cannot be split: so many of its rows are identical or of one source, "
                f"and have to stay together, that a part of {len(rows):,} rows would hold "
                f"{y[rows].mean():.1%} pulsars where the file holds {y.mean():.1%}; leave repeated "
                f"rows out, or with --keep none what says whose they are"
            )


def keep_parts(job: SplitJob, train: np.ndarray, validation: np.ndarray, test: np.ndarray) -> Parts:
    """Write row indices of shape (n_part,) to `split.npz` and give their handle."""
    arrays = {"train": train, "validation": validation, "test": test}
    return Parts(
        file=write_arrays(job.run_folder / "split.npz", arrays),
        n_train=len(train),
        n_validation=len(validation),
        n_test=len(test),
    )


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
