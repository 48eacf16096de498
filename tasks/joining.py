"""Find what of the candidates that people reviewed is learnt from."""

from __future__ import annotations

import logging

import numpy as np
from prefect import task

from pulsars.learning import (
    Joined,
    Labelled,
    Reviews,
    drifted_note,
    join_reviewed,
    split_to_fit,
)
from pulsars.store import (
    load_rows,
    part_indices,
    read_arrays,
    read_json,
    rows_in_chunks,
    write_arrays,
    write_json,
)
from schemas import (
    Accepted,
    HeldOut,
    LabelsError,
    Parts,
    Reviewed,
    Settled,
    TableError,
    TrainingJob,
)
from slp import SHOWN, VALIDATION, units_of
from tasks.plumbing.steps import STEP

_log = logging.getLogger(__name__)


@task(name="join", task_run_name="join reviewed candidates", **STEP)
def join(
    job: TrainingJob, settled: Settled, accepted: Accepted, parts: Parts | HeldOut
) -> Reviewed:
    """Keep what is learnt from, and the account of what is not."""
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
    return _keep(job, settled, labelled, joined)


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


def _keep(job: TrainingJob, settled: Settled, labelled: Labelled, joined: Joined) -> Reviewed:
    found = joined.counts()
    _log.info("reviewed: %s", ", ".join(f"{n} {name[2:]}" for name, n in found.items()))
    names = ("n_reviewed", "n_pulsars", "n_open", "n_drifted")
    of_all = {name: getattr(settled, name) for name in names}
    if settled.n_drifted:
        _log.warning("note: %s", drifted_note(settled.n_drifted))
    candidates = [
        {"candidate": name, "label": int(label), "fate": fate}
        for name, label, fate in zip(labelled.names, labelled.y, joined.fates, strict=True)
    ]
    account = {
        "format": 1,  # for others: ours is read back by the run that writes it, and by no later one
        "sha256": settled.file.sha256,
        "counts": {**of_all, **found},
        "candidates": candidates,
    }
    return Reviewed(
        file=write_arrays(job.steps_folder / "reviewed.npz", vars(joined.reviews)),
        account=write_json(job.run_folder / "reviewed.json", account),
    )


def load_reviews(reviewed: Reviewed | None) -> Reviews:
    """Load what is learnt from; nothing, where nobody reviewed."""
    return Reviews(**read_arrays(reviewed.file)) if reviewed else Reviews.nothing()
