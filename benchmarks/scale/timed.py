"""Flows that time the mapped steps of a sweep and of a scoring, for `benchmarks.scale.workers`."""

from __future__ import annotations

import time

from prefect import flow

from benchmarks.harness import timed
from schemas import ScoreParameters, SweepParameters
from tasks import (
    check_drift,
    choose_model,
    compare_parts,
    draw,
    fetch,
    prepare_scoring,
    prepare_sweep,
    read_candidates,
    runner_of,
    score_choices,
    score_rows,
    split,
    try_settings,
    validate,
    working,
)
from tasks.reading import read


@flow(name="timed sweep", persist_result=True, result_serializer="json")
def timed_sweep(data: str, out: str, workers: int) -> float:
    """Map the steps of a sweep; give the seconds."""
    asked = SweepParameters(data=data, out=out, runner="processes", workers=workers)
    with working(), runner_of(asked) as runner:
        for seed in (0, 1):  # by the second all workers are there and have imported all
            job = prepare_sweep(fetch(asked), asked.model_copy(update={"seed": seed}))
            accepted = validate(job, read(job))
            drawn = draw(job, accepted, split(job, accepted))
            try_settings(job, drawn, runner)
            _, seconds = timed(score_choices, job, drawn, runner)
    return seconds


@flow(name="timed scoring", persist_result=True, result_serializer="json")
def timed_scoring(first: str, data: str, out: str, workers: int) -> float:
    """Read, compare and score a file in partitions; give the seconds.

    `first` is scored before: then all workers are there and have imported all.
    """
    asked = {"out": out, "runner": "processes", "workers": workers, "despite_drift": True}
    with working(), runner_of(ScoreParameters(data=data, **asked)) as runner:
        for each in (first, data):
            wanted = ScoreParameters(data=each, **asked)
            job = prepare_scoring(fetch(wanted), wanted, choose_model(wanted.out, None))
            since = time.perf_counter()
            accepted = validate(job, read_candidates(job, runner))
            parts = compare_parts(job, accepted, runner)
            score_rows(job, accepted, check_drift(job, accepted, parts), parts, runner)
            seconds = time.perf_counter() - since
    return seconds
