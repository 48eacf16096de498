"""Facts of the page of a sweep, from the files that will be published beside it."""

from __future__ import annotations

from pulsars.report.gathering import facts_of_any
from pulsars.report.sweep_page import SweepFacts, draw_heat_maps
from pulsars.store import read_json
from schemas import Accepted, Parts, ProcedureScored, SweepJob, Tried


def gather_sweep_facts(
    job: SweepJob, accepted: Accepted, parts: Parts, tried: Tried, scored: ProcedureScored | None
) -> SweepFacts:
    """Collect what the page of a sweep says, from the files that will be published beside it.

    Parameters
    ----------
    job : SweepJob
    accepted : Accepted
    parts : Parts
    tried : Tried
    scored : ProcedureScored or None
        Handles of a sweep, whose files are opened here, after their hashes; None where the
        procedure was not measured.

    Returns
    -------
    SweepFacts
        With heat maps drawn.
    """
    asked = job.parameters
    settings = read_json(tried.settings)
    return SweepFacts(
        **facts_of_any(job, accepted),
        run_id=job.request[:8],
        seed=asked.seed,
        rows={**accepted.row_counts, **parts.row_counts},
        by=asked.by,
        n_folds=asked.n_folds,
        settings=settings,
        nested=read_json(scored.outer) if scored else None,
        best=read_json(tried.best),
        figures=draw_heat_maps(settings, by=asked.by),
    )
