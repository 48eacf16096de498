"""From a file of labelled candidates to the best of many ways to train on them."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import flow

from pulsars.store import cleared_when_refused, exclusive
from schemas import SweepParameters, SweepPublished
from tasks import (
    came_to,
    draw,
    find_sweep,
    have_candidates,
    named,
    prepare_sweep,
    publish_sweep,
    rank_settings,
    read_candidates,
    report_sweep,
    runner_of,
    score_choices,
    score_procedure,
    split,
    try_settings,
    validate,
    working,
)

_log = logging.getLogger(__name__)


@flow(
    name="sweep",
    flow_run_name=named(SweepParameters, lambda asked: f"{asked.data_name}, seed {asked.seed}"),
    persist_result=True,
    result_serializer="json",
)
def sweep(parameters: SweepParameters) -> SweepPublished:
    """Try every setting and publish which is best.

    Parameters
    ----------
    parameters : SweepParameters
        Data, seed, and what to try.

    Returns
    -------
    SweepPublished
        Where the sweep is.
    """
    out = Path(parameters.out)
    with working(), exclusive(out, waiting=lambda: _log.info("waiting for another run")):
        source = have_candidates(parameters)
        job = prepare_sweep(source, parameters)
        published = find_sweep(job)
        if published:
            return came_to(published)
        with cleared_when_refused(job), runner_of(parameters) as runner:
            candidates = read_candidates(job, runner)
            accepted = validate(job, candidates)
            parts = split(job, accepted)
            drawn = draw(job, accepted, parts)
            tried = rank_settings(job, accepted, try_settings(job, drawn, runner))
            scored = None
            if parameters.nested:
                scored = score_procedure(job, score_choices(job, drawn, runner))
            reported = report_sweep(job, accepted, parts, tried, scored)
            return came_to(publish_sweep(job, accepted, parts, tried, scored, reported))
