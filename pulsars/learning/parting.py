"""Part a table into rows that teach and rows that measure, or say why that cannot be.

Rows that are alike, or of one source, stay together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pulsars.learning.long_tables import sizes_of_parts
from pulsars.learning.proofs import are_even, keeps_prevalence
from pulsars.store import Rows, in_threads, rows_in_chunks
from schemas import Accepted, SplitJob, TableError, TrainingJob
from slp import SHOWN, Chunks, Split, hold_out, stratified_split

_TOO_MANY = 1.5
"""Times the rows asked for that a part may come to hold by rows that stay together."""


def part_rows(job: SplitJob, rows: Rows) -> Split:
    """Split rows in memory, stratified.

    Parameters
    ----------
    job : SplitJob
        With the shares of the parts, and the seed.
    rows : Rows

    Raises
    ------
    TableError
        If a part would be empty, or could not have the prevalence of all.
    """
    asked, origin = job.parameters, job.source.origin
    try:
        found = stratified_split(
            rows.X,
            rows.y,
            validation_size=asked.validation_size,
            test_size=asked.test_size,
            seed=asked.seed,
            groups=rows.source,
        )
    except ValueError as error:
        raise TableError(f"{origin} cannot be split: {error}") from None
    for part in (found.validation, found.test):
        if not keeps_prevalence(rows, part):
            raise TableError(
                f"{origin} cannot be split: so many of its rows are identical or of one source, "
                f"and have to stay together, that a part of {len(part):,} rows would hold "
                f"{rows.y[part].mean():.1%} pulsars where the file holds {rows.y.mean():.1%}; "
                f"leave repeated rows out, or with --keep none what says whose they are"
            )
    return found


def part_chunks(job: TrainingJob, accepted: Accepted) -> NDArray[np.uint8]:
    """Take a test and a validation part out of a table that is too long for memory.

    Parameters
    ----------
    job : TrainingJob
    accepted : Accepted

    Returns
    -------
    ndarray of shape (n_accepted,)
        Part of each row, as of `slp.hold_out`.

    Raises
    ------
    TableError
        If a part would be empty, or not what was asked for.
    """
    n_rows, n_pulsars = accepted.rows_accepted, accepted.n_pulsars or 0
    sizes = sizes_of_parts(np.array([n_rows - n_pulsars, n_pulsars]), job.parameters)
    rows, origin = rows_in_chunks(accepted.table), job.source.origin
    try:
        codes = hold_out(rows, sizes, seed=job.parameters.seed, mapped=in_threads())
    except ValueError as error:
        raise TableError(f"{origin} cannot be split: {error}") from None
    _require_parts(origin, rows, codes, sizes)
    return codes


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
