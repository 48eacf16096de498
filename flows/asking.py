"""Pause a flow run until a person says who is to be champion."""

from __future__ import annotations

from pathlib import Path

from prefect.context import FlowRunContext
from prefect.exceptions import FlowPauseTimeout
from prefect.flow_runs import pause_flow_run
from prefect.input import RunInput
from pydantic import Field

from schemas.parameters import TrainingParameters
from schemas.records import Judged
from tasks.challenging import settle
from tasks.observing import announce, say
from tasks.runs import load_run

_PATIENCE_SECONDS = 3 * 3600  # within the time that the flow has


class Answer(RunInput):
    """What the form in the Prefect UI asks for."""

    promote: bool = Field(default=False, description="Make this run the champion.")
    because: str = Field(default="", description="Why, for those who come after.")


def ask_a_person(parameters: TrainingParameters, judged: Judged) -> Judged:
    """Pause until the form is answered; unanswered, or where it cannot be, the champion stays.

    Parameters
    ----------
    parameters : TrainingParameters
        Of the run.
    judged : Judged
        An undecided one.
    """
    if _holds_a_slot():
        # A pause gives the slot back, and Prefect ends a run that can no longer renew it.
        say("undecided, and a deployment with a limit cannot wait for a person; the champion stays")
        return judged
    say("waiting for a person: %s", judged.because)
    question = Answer.with_initial_data(description=f"{judged.run}: {judged.because}")
    try:
        answer = pause_flow_run(wait_for_input=question, timeout=_PATIENCE_SECONDS)
    except FlowPauseTimeout:
        say("nobody answered; the champion stays")
        return judged
    because = answer.because.strip() or "no reason given"
    run = load_run(Path(judged.path))
    verdict = settle(Path(parameters.out), run, promote=answer.promote, because=because)
    say("%s: %s", verdict.decision, verdict.because)
    announce(f"pulsar.challenge.{verdict.decision}", run.name, {"because": verdict.because})
    return judged.model_copy(update={"decision": verdict.decision, "because": verdict.because})


def _holds_a_slot() -> bool:
    """Whether this run's deployment has a concurrency limit."""
    context = FlowRunContext.get()
    state = context.flow_run.state if context and context.flow_run else None
    return bool(state and state.state_details.deployment_concurrency_lease_id)
