"""From a file of labelled candidates to a published perceptron."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import flow

from pulsars.learning import is_long
from pulsars.store import cleared_when_refused, exclusive, find_unjudged
from schemas import Judged, Published, TrainingJob, TrainingParameters, require_whole_paths
from tasks import (
    came_to,
    challenge,
    collect_labels,
    evaluate,
    evaluate_held,
    fit,
    fit_held,
    have_candidates,
    hold_out_rows,
    join,
    named,
    oversample,
    prepare,
    publish,
    read_candidates,
    replay,
    report,
    runner_of,
    split,
    validate,
    working,
)

_log = logging.getLogger(__name__)


@flow(
    name="train",
    flow_run_name=named(
        TrainingParameters,
        lambda asked: f"{asked.data_name}, {asked.preset or f'seed {asked.seed}'}",
    ),
    persist_result=True,
    result_serializer="json",
)
def train(parameters: TrainingParameters) -> Judged:
    """Train a perceptron, publish the run, and hold it against the champion.

    Parameters
    ----------
    parameters : TrainingParameters
        Data, seed, and how to train.

    Returns
    -------
    Judged
        Where the run is, its model's hash, and whether it became champion.
    """
    require_whole_paths(dict(parameters))
    out = Path(parameters.out)
    with working(), exclusive(out, waiting=lambda: _log.info("waiting for another run")):
        source = have_candidates(parameters)
        settled = collect_labels(parameters) if parameters.labels else None
        job = prepare(source, parameters, settled)
        published = find_unjudged(job) or make(job, parameters)
        judged = came_to(challenge(parameters, published))
    if judged.decision == "undecided" and parameters.when_undecided == "ask":
        from flows.deciding import ask_a_person

        judged = ask_a_person(parameters, judged)  # without the lock: others go on meanwhile
    return came_to(judged)


def make(job: TrainingJob, parameters: TrainingParameters) -> Published:
    """Train, measure and publish; finished steps of a try that was cut short are not done again."""
    settled = job.settled
    with cleared_when_refused(job):
        with runner_of(parameters) as runner:
            candidates = read_candidates(job, runner)
        accepted = validate(job, candidates)
        n_partitions = len(accepted.table.partitions)
        if is_long(job.parameters, accepted.rows_accepted, n_partitions=n_partitions):
            held = hold_out_rows(job, accepted)
            reviewed = join(job, settled, accepted, held) if settled else None
            trained = fit_held(job, accepted, held, reviewed)
            evaluated = evaluate_held(job, accepted, held, trained, reviewed)
            reported = report(job, accepted, held.parts, trained, evaluated)
            return publish(job, accepted, held, trained, evaluated, reported)
        reviewed = None
        if job.parameters.preset:
            replayed = replay(job, accepted)
            parts, rows, trained = replayed.parts, replayed.rows, replayed.trained
        else:
            parts = split(job, accepted)
            reviewed = join(job, settled, accepted, parts) if settled else None
            rows = oversample(job, accepted, parts, reviewed)
            trained = fit(job, accepted, parts, rows, reviewed)
        evaluated = evaluate(job, accepted, parts, rows, trained, reviewed)
        reported = report(job, accepted, parts, trained, evaluated)
        return publish(job, accepted, parts, trained, evaluated, reported)
