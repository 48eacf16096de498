"""From a file of labelled candidates to a published perceptron."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import flow

from pulsars.store.files import exclusive
from pulsars.store.resuming import find_unjudged
from pulsars.store.workplace import cleared_when_refused
from schemas.parameters import TrainingParameters
from schemas.records import Judged, Published, TrainingJob
from tasks.challenging import challenge
from tasks.evaluating import evaluate
from tasks.fitting import fit
from tasks.observing import working
from tasks.oversampling import oversample
from tasks.preparing import fetch, prepare
from tasks.publishing import publish
from tasks.reading import read
from tasks.replaying import replay
from tasks.reporting import report
from tasks.splitting import split
from tasks.validating import validate
from tasks.watchers import came_to

_log = logging.getLogger(__name__)


def name_the_run() -> str:
    """Name a flow run after its data and seed, as the Prefect UI lists it."""
    from prefect.runtime import flow_run

    parameters = TrainingParameters.model_validate(flow_run.parameters["parameters"])
    name = f"{parameters.data_name}, seed {parameters.seed}"
    return f"{name}, {parameters.preset}" if parameters.preset else name


@flow(
    name="train",
    flow_run_name=name_the_run,
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
    out = Path(parameters.out)
    with working(), exclusive(out, waiting=lambda: _log.info("waiting for another run")):
        source = fetch(parameters)
        job = prepare(source, parameters)
        published = find_unjudged(job) or make(job)
        judged = came_to(challenge(parameters, published))
    if judged.decision == "undecided" and parameters.when_undecided == "ask":
        from flows.deciding import ask_a_person

        judged = ask_a_person(parameters, judged)  # without the lock: others go on meanwhile
    return came_to(judged)


def make(job: TrainingJob) -> Published:
    """Train, measure and publish; finished steps of a try that was cut short are not done again."""
    with cleared_when_refused(job):
        candidates = read(job)
        accepted = validate(job, candidates)
        if job.parameters.preset:
            replayed = replay(job, accepted)
            parts, rows, trained = replayed.parts, replayed.rows, replayed.trained
        else:
            parts = split(job, accepted)
            rows = oversample(job, accepted, parts)
            trained = fit(job, accepted, parts, rows)
        evaluated = evaluate(job, accepted, parts, rows, trained)
        reported = report(job, accepted, parts, trained, evaluated)
        return publish(job, accepted, parts, trained, evaluated, reported)
