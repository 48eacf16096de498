"""Split a table that is too long for memory: what is measured is taken out, and bounded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from prefect import task

from pulsars.learning import are_even, sizes_of_parts
from pulsars.store import in_threads, rows_in_chunks, take_rows, write_arrays, write_partitions
from schemas import Accepted, HeldOut, Parts, TableError, TrainingJob
from slp import SHOWN, TEST, VALIDATION, Chunks, hold_out
from tasks.plumbing.steps import STEP
from tasks.splitting import _log

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
