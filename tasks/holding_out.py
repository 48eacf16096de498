"""Split a table that is too long for memory: what is measured is taken out, and bounded."""

from __future__ import annotations

import numpy as np
from prefect import task

from pulsars.learning import part_chunks
from pulsars.store import take_rows, write_arrays, write_partitions
from schemas import Accepted, HeldOut, TrainingJob
from slp import SHOWN, TEST, VALIDATION
from tasks.plumbing.steps import STEP
from tasks.splitting import _log, keep_parts

_HELD = {"validation": VALIDATION, "test": TEST}


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
