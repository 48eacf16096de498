"""A flow that times the steps of a scoring by partitions, for `benchmarks.scale.workers`."""

from __future__ import annotations

import time

from prefect import flow

from flows.reading import read_candidates
from schemas import ScoreParameters
from tasks import (
    Runner,
    check_drift,
    choose_model,
    compare_parts,
    fetch,
    prepare_scoring,
    runner_of,
    score_rows,
    validate,
    working,
)


@flow(name="timed scoring", persist_result=True, result_serializer="json")
def timed(first: str, data: str, out: str, workers: int) -> float:
    """Read, compare and score a file in partitions; give the seconds.

    `first` is scored before: then all workers are there and have imported all.
    """
    asked = {"out": out, "runner": "processes", "workers": workers, "despite_drift": True}
    with working(), runner_of(ScoreParameters(data=data, **asked)) as runner:
        for each in (first, data):
            seconds = _seconds(ScoreParameters(data=each, **asked), runner)
    return seconds


def _seconds(asked: ScoreParameters, runner: Runner) -> float:
    job = prepare_scoring(fetch(asked), asked, choose_model(asked.out, None))
    since = time.perf_counter()
    accepted = validate(job, read_candidates(job, runner))
    parts = compare_parts(job, accepted, runner)
    compared = check_drift(job, accepted, parts)
    score_rows(job, accepted, compared, parts, runner)
    return time.perf_counter() - since
