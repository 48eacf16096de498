"""Which rows train, and how often, which choose, which measure.

Of a table that is too long for memory what is measured is taken out, and bounded.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from prefect import task

from pulsars.learning import are_even, keeps_prevalence, rng_for, sizes_of_parts, split_to_fit
from pulsars.store import (
    Rows,
    in_threads,
    load_rows,
    part_indices,
    rows_in_chunks,
    take_rows,
    write_arrays,
    write_partitions,
)
from schemas import (
    Accepted,
    HeldOut,
    Parts,
    Reviewed,
    SplitJob,
    TableError,
    TrainingJob,
    TrainingRows,
)
from slp import SHOWN, TEST, VALIDATION, Chunks, Resampled, hold_out, resample, stratified_split
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


_TOO_MANY = 1.5
"""Times the rows asked for that a part may come to hold by rows that stay together."""


@task(name="split", task_run_name="split seed {job.parameters.seed}", **STEP)
def hold_out_rows(job: TrainingJob, accepted: Accepted) -> HeldOut:
    """Take a test and a validation part out of the table, rows alike or of one source together."""
    n_rows, n_pulsars = accepted.rows_accepted, accepted.n_pulsars or 0
    sizes = sizes_of_parts(np.array([n_rows - n_pulsars, n_pulsars]), job.parameters)
    try:
        rows, seed = rows_in_chunks(accepted.table), job.parameters.seed
        codes = hold_out(rows, sizes, seed=seed, mapped=in_threads())
    except ValueError as error:
        raise TableError(f"{job.source.origin} cannot be split: {error}") from None
    _require_parts(job.source.origin, rows, codes, sizes)
    held = keep_held_out(job, accepted, codes)
    _log.info(
        "split: %d train, %d validation, %d test; what is measured is bounded, all others are "
        "learnt from",
        *held.parts.row_counts.values(),
    )
    return held


def _require_parts(origin: str, rows: Chunks, codes: np.ndarray, sizes: np.ndarray) -> None:
    """Refuse a table with so many alike rows that a part is not what was asked for."""
    counts, start = np.zeros((SHOWN + 2, 2), dtype=np.int64), 0
    for part in rows():
        code = codes[start : start + len(part.y)]
        start += len(code)
        counts += np.bincount(2 * code + part.y, minlength=counts.size).reshape(counts.shape)
    fits = (counts[:SHOWN].sum(axis=1) <= _TOO_MANY * sizes[:SHOWN].sum(axis=1)).all()
    if not (fits and counts[SHOWN:].sum(axis=0).all() and are_even(counts)):
        parts = [
            f"{n:,} rows with {pulsars:,} pulsars"
            for n, pulsars in zip(counts[:SHOWN].sum(axis=1), counts[:SHOWN, 1], strict=True)
        ]
        raise TableError(
            f"{origin} cannot be split: so many of its rows are identical or of one source, and "
            f"have to stay together, that test and validation part would hold "
            f"{' and '.join(parts)} of {counts.sum():,} with {counts[:, 1].sum():,}; leave "
            f"repeated rows out, or with --keep none what says whose they are"
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
