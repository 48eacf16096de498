"""Find what of the candidates that people reviewed is learnt from."""

from __future__ import annotations

import logging

from prefect import task

from pulsars.learning import drifted_note, join_settled
from pulsars.store import write_arrays, write_json
from schemas import Accepted, HeldOut, Parts, Reviewed, Settled, TrainingJob
from tasks.plumbing.steps import STEP

_log = logging.getLogger(__name__)


@task(name="join", task_run_name="join reviewed candidates", **STEP)
def join(
    job: TrainingJob, settled: Settled, accepted: Accepted, parts: Parts | HeldOut
) -> Reviewed:
    """Keep what is learnt from, and the account of what is not."""
    joined, account = join_settled(job, settled, accepted, parts)
    _log.info("reviewed: %s", ", ".join(f"{n} {name[2:]}" for name, n in joined.counts().items()))
    if settled.n_drifted:
        _log.warning("note: %s", drifted_note(settled.n_drifted))
    return Reviewed(
        file=write_arrays(job.steps_folder / "reviewed.npz", vars(joined.reviews)),
        account=write_json(job.run_folder / "reviewed.json", account),
    )
