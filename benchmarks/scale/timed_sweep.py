"""A flow that times the mapped steps of a sweep, for `benchmarks.scale.workers`."""

from __future__ import annotations

import time

from prefect import flow

from schemas import SweepParameters
from tasks import (
    draw,
    fetch,
    prepare_sweep,
    read,
    runner_of,
    score_choices,
    split,
    try_settings,
    validate,
    working,
)


@flow(name="timed sweep", persist_result=True, result_serializer="json")
def timed(data: str, out: str, workers: int) -> float:
    """Map the steps of a sweep; give the seconds."""
    asked = SweepParameters(data=data, out=out, runner="processes", workers=workers)
    with working(), runner_of(asked) as runner:
        job = prepare_sweep(fetch(asked), asked)
        accepted = validate(job, read(job))
        drawn = draw(job, accepted, split(job, accepted))
        try_settings(job, drawn, runner)  # the workers have imported all
        since = time.perf_counter()
        score_choices(job, drawn, runner)
        return time.perf_counter() - since
