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

_HELD = {"validation": VALIDATION, "test": TEST}


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


def keep_parts(path: Path, parts: dict[str, np.ndarray], *, n_train: int | None = None) -> Parts:
    """Write row numbers by part and give the handle; of a training part that is not named, too."""
    return Parts(
        file=write_arrays(path, parts),
        n_train=len(parts["train"]) if n_train is None else n_train,
        n_validation=len(parts["validation"]),
        n_test=len(parts["test"]),
    )


def keep_held_out(job: TrainingJob, accepted: Accepted, codes: np.ndarray) -> HeldOut:
    """Write which row is in which part, and the rows that are measured as a table of their own."""
    measured, n_train = codes <= SHOWN, int((codes >= SHOWN).sum())
    steps, shown = job.steps_folder, codes[measured]
    held = {name: np.flatnonzero(codes == code) for name, code in _HELD.items()}
    named = {"train": SHOWN, **_HELD}
    sample = {name: np.flatnonzero(shown == code) for name, code in named.items()}
    return HeldOut(
        parts=keep_parts(job.run_folder / "split.npz", held, n_train=n_train),
        codes=write_arrays(steps / "parts.npz", {"part": codes}),
        sample=write_partitions(steps / "held.parquet", [take_rows(accepted.table, measured)]),
        sample_parts=keep_parts(steps / "held.npz", sample),
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
