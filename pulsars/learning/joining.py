"""What people settled meets the table of a training: which of it teaches, and the account of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from pulsars.learning.learnt import split_to_fit
from pulsars.learning.reviewed import Joined, Labelled, join_reviewed
from pulsars.store import load_rows, part_indices, read_arrays, read_json, rows_in_chunks
from schemas import Accepted, HeldOut, LabelsError, Parts, Settled, TableError, TrainingJob
from slp import SHOWN, VALIDATION, units_of


def join_settled(
    job: TrainingJob, settled: Settled, accepted: Accepted, parts: Parts | HeldOut
) -> tuple[Joined, dict[str, Any]]:
    """Find what of the candidates that people settled is learnt from.

    Parameters
    ----------
    job : TrainingJob
    settled : Settled
    accepted : Accepted
    parts : Parts or HeldOut
        Handles, whose files are opened here, after their hashes.

    Returns
    -------
    joined : Joined
    account : dict
        Counts, and what became of each candidate: the content of `reviewed.json`.

    Raises
    ------
    LabelsError
        If people were shown simulated candidates, and the table holds real ones.
    TableError
        If what is learnt from is then of one class.
    """
    _require_of_the_sky(job, settled, accepted)
    labelled = Labelled.from_dict(read_json(settled.file))
    units = np.array(units_of(load_rows(parts.measured(accepted)).X))
    learnt = _learnt_from(job, parts, n_rows=accepted.rows_accepted)
    joined = join_reviewed(labelled, rows_in_chunks(accepted.table), learnt, units)
    if not joined.n_learnt.all():
        raise TableError(
            f"{job.parameters.labels}: with what people say the {joined.n_learnt.sum():,} rows to "
            f"learn from are all {'pulsars' if joined.n_learnt[1] else 'non-pulsars'}; train "
            f"without these labels, or on more candidates"
        )
    return joined, _account(settled, labelled, joined)


def _require_of_the_sky(job: TrainingJob, settled: Settled, accepted: Accepted) -> None:
    """Refuse words on simulated candidates where the others are real."""
    if settled.n_simulated and not accepted.simulated:
        raise LabelsError(
            f"{job.parameters.labels}: {settled.n_simulated:,} of the {settled.n_reviewed:,} "
            f"candidates that people settled were shown among simulated ones, and "
            f"{job.source.name} is not simulated; take their lines out (those with "
            f'"simulated": true), or name a labels file without them'
        )


def _learnt_from(job: TrainingJob, parts: Parts | HeldOut, *, n_rows: int) -> np.ndarray:
    """Mark the rows that are learnt from, shape (n_rows,)."""
    if isinstance(parts, HeldOut):
        held: np.ndarray = read_arrays(parts.codes)["part"]
        return held >= (VALIDATION if job.parameters.refits else SHOWN)
    learnt = np.zeros(n_rows, dtype=bool)
    learnt[split_to_fit(part_indices(parts), job.parameters).train.indices] = True
    return learnt


def _account(settled: Settled, labelled: Labelled, joined: Joined) -> dict[str, Any]:
    names = ("n_reviewed", "n_pulsars", "n_open", "n_drifted")
    return {
        "format": 1,  # for others: ours is read back by the run that writes it, and by no later one
        "sha256": settled.file.sha256,
        "counts": {**{name: getattr(settled, name) for name in names}, **joined.counts()},
        "candidates": [
            {"candidate": name, "label": int(label), "fate": fate}
            for name, label, fate in zip(labelled.names, labelled.y, joined.fates, strict=True)
        ],
    }
