"""Which rows train, and how often, which choose, which measure.

Of a table that is too long for memory what is measured is taken out, and bounded.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from prefect import task

from pulsars.learning import Reviews, part_chunks, part_rows, rng_for, split_to_fit
from pulsars.store import load_rows, part_indices, take_rows, write_arrays, write_partitions
from schemas import Accepted, HeldOut, Parts, Reviewed, SplitJob, TrainingJob, TrainingRows
from slp import SHOWN, TEST, VALIDATION, Resampled, resample
from tasks.plumbing.steps import STEP

_log = logging.getLogger(__name__)


@task(name="split", task_run_name="split seed {job.parameters.seed}", **STEP)
def split(job: SplitJob, accepted: Accepted) -> Parts:
    """Split the accepted rows, stratified, rows alike or of one source on one side."""
    found = part_rows(job, load_rows(accepted))
    parts = keep_parts(job, found.train.indices, found.validation, found.test)
    _log.info(
        "split: %d train, %d validation, %d test", parts.n_train, parts.n_validation, parts.n_test
    )
    return parts


@task(name="split", task_run_name="split seed {job.parameters.seed}", **STEP)
def hold_out_rows(job: TrainingJob, accepted: Accepted) -> HeldOut:
    """Take a test and a validation part out of the table, rows alike or of one source together."""
    held = keep_held_out(job, accepted, part_chunks(job, accepted))
    _log.info(
        "split: %d train, %d validation, %d test; what is measured is bounded, all others are "
        "learnt from",
        *held.parts.row_counts.values(),
    )
    return held


def keep_parts(job: SplitJob, train: np.ndarray, validation: np.ndarray, test: np.ndarray) -> Parts:
    """Write row indices of shape (n_part,) to `split.npz` and give their handle."""
    arrays = {"train": train, "validation": validation, "test": test}
    return Parts(
        file=write_arrays(job.run_folder / "split.npz", arrays),
        n_train=len(train),
        n_validation=len(validation),
        n_test=len(test),
    )


def keep_held_out(job: TrainingJob, accepted: Accepted, codes: np.ndarray) -> HeldOut:
    """Write which row is in which part, and the rows that are measured as a table of their own."""
    steps = job.steps_folder
    sample = take_rows(accepted.table, codes <= SHOWN)
    shown = codes[codes <= SHOWN]
    return HeldOut(
        parts=_parts(job.run_folder / "split.npz", codes, train=None),
        codes=write_arrays(steps / "parts.npz", {"part": codes}),
        sample=write_partitions(steps / "held.parquet", [sample]),
        sample_parts=_parts(steps / "held.npz", shown, train=np.flatnonzero(shown == SHOWN)),
    )


def _parts(path: Path, codes: np.ndarray, *, train: np.ndarray | None) -> Parts:
    """Name the rows of each part; a training part that is the rest is not named."""
    held = {
        "validation": np.flatnonzero(codes == VALIDATION),
        "test": np.flatnonzero(codes == TEST),
    }
    named = held if train is None else {"train": train, **held}
    return Parts(
        file=write_arrays(path, named),
        n_train=int((codes >= SHOWN).sum()),
        n_validation=len(held["validation"]),
        n_test=len(held["test"]),
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
