"""From a file of new candidates to a ranked list."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import flow
from prefect.states import Failed

from pulsars.inbox import is_rejection
from pulsars.store import champion_name, cleared_when_refused, exclusive, find_scores
from schemas import ScoreJob, ScoreParameters, ScoresPublished, for_log
from tasks import (
    check_drift,
    choose_model,
    compare_parts,
    copy_scores,
    find_catalogue,
    have_candidates,
    named,
    plan_marks,
    prepare_scoring,
    publish_scores,
    read_candidates,
    report_scores,
    runner_of,
    score_rows,
    validate,
    working,
)

_log = logging.getLogger(__name__)

REJECTED = "Rejected"
"""What the state of a run is called that was at no fault: a failed one by its type."""


def _name(asked: ScoreParameters) -> str:
    """Name a flow run after its file and the run that scores it."""
    return f"{asked.data_name} by {asked.run or champion_name(Path(asked.out)) or 'nobody yet'}"


@flow(
    name="score",
    flow_run_name=named(ScoreParameters, _name),
    persist_result=True,
    result_serializer="json",
)
def score(parameters: ScoreParameters) -> ScoresPublished:
    """Score a file of candidates, once for each model.

    Parameters
    ----------
    parameters : ScoreParameters
        The file, and who scores it.

    Returns
    -------
    ScoresPublished
        Where the scores are, and whether they were there before.
    """
    try:
        return score_once(parameters)
    except Exception as error:
        if parameters.origin is None or not is_rejection(error):
            raise
        # Under a name of its own: the pass tells of the file, whether a run was needed to refuse it
        # or not; a run that ends as Failed is told of by itself. Whoever calls gets the error.
        said = for_log(f"{type(error).__name__}: {error}")
        return Failed(name=REJECTED, message=said, data=error)  # type: ignore[return-value]


def score_once(parameters: ScoreParameters) -> ScoresPublished:
    """Score a file of candidates, unless the same model has."""
    # Not the lock of the trainings, which may take hours: nothing is shared with them.
    scores = Path(parameters.out) / "scores"
    with working(), exclusive(scores, waiting=lambda: _log.info("waiting for another scoring")):
        chosen = choose_model(parameters.out, parameters.run)
        catalogue = find_catalogue(parameters.known) if parameters.known else None
        source = have_candidates(parameters)
        published = find_scores(parameters, source, chosen, catalogue)
        if published is None:
            published = make(prepare_scoring(source, parameters, chosen, catalogue), parameters)
        if parameters.copy_to:
            copy_scores(published, parameters.copy_to)
        return published


def make(job: ScoreJob, parameters: ScoreParameters) -> ScoresPublished:
    """Read, compare, score and publish; finished steps of a try that was cut short stay done."""
    with cleared_when_refused(job):
        with runner_of(parameters) as runner:
            candidates = read_candidates(job, runner)
            accepted = validate(job, candidates)
            parts = compare_parts(job, accepted, runner)
            compared = check_drift(job, accepted, parts)
            marking = plan_marks(job, accepted) if job.catalogue else None
            scored = score_rows(job, accepted, compared, parts, runner, marking=marking)
        reported = report_scores(job, accepted, compared, scored)
        return publish_scores(job, accepted, compared, scored, reported)
