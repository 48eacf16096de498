"""From a file of labelled candidates to a published perceptron."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from schemas.parameters import TrainingParameters
from schemas.records import Judged
from tasks.challenging import challenge
from tasks.evaluating import evaluate
from tasks.files import exclusive
from tasks.fitting import fit
from tasks.observing import say, untagged_tasks
from tasks.oversampling import oversample
from tasks.publishing import publish
from tasks.reading import read
from tasks.replaying import replay
from tasks.reporting import report
from tasks.splitting import split
from tasks.validating import validate
from tasks.workplace import fetch, prepare


def name_the_run() -> str:
    """Name a flow run after its data and seed, as the Prefect UI lists it."""
    from prefect.runtime import flow_run

    parameters = TrainingParameters.model_validate(flow_run.parameters["parameters"])
    name = f"{parameters.data_name}, seed {parameters.seed}"
    return f"{name}, {parameters.preset}" if parameters.preset else name


@flow(
    name="train",
    flow_run_name=name_the_run,
    timeout_seconds=4 * 3600,
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
    with exclusive(out, waiting=lambda: say("waiting for another run")), untagged_tasks():
        source = fetch(parameters)
        job = prepare(source, parameters)
        candidates = read(job)
        accepted = validate(job, candidates)
        if parameters.preset:
            trained = replay(job, accepted)
        else:
            parts = split(job, accepted)
            rows = oversample(job, parts)
            trained = fit(job, rows)
        evaluated = evaluate(job, trained)
        reported = report(job, evaluated)
        published = publish(job, reported)
        judged = challenge(parameters, published)
    if judged.decision == "undecided" and parameters.when_undecided == "ask":
        from flows.asking import ask_a_person  # what it imports is heavy, and seldom asked for

        return ask_a_person(parameters, judged)  # without the lock: others go on meanwhile
    return judged
