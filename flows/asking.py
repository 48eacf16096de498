"""Ask a person who is to be champion: in the run that trained, or in one of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect.context import FlowRunContext
from prefect.deployments import run_deployment
from prefect.exceptions import FlowPauseTimeout, ObjectNotFound
from prefect.flow_runs import pause_flow_run
from prefect.input import RunInput
from pydantic import Field

from schemas.parameters import TrainingParameters
from schemas.records import Judged
from tasks.by_hand import settle
from tasks.champions import champion_name
from tasks.observing import announce, say
from tasks.runs import PublishedRun, load_run
from tasks.verdicts import Verdict

DECIDE = "decide/decide"  # as `pulsar serve` and prefect.yaml deploy `flows.deciding`
_PATIENCE_SECONDS = 3 * 3600  # within the time that the flow has


class Answer(RunInput):
    """What the form in the Prefect UI asks for."""

    promote: bool = Field(default=False, description="Make this run the champion.")
    because: str = Field(default="", description="Why, for those who come after.")


def form(run: str, *, against: str | None, because: str) -> type[Answer]:
    """Make the form that asks of a run whether it takes the place of the champion."""
    place = f" in place of {against}" if against else ""
    return Answer.with_initial_data(
        description=f"Shall {run} become champion{place}? The gate left it open: {because}"
    )


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
        _leave_it_to_another_run(parameters, judged)
        return judged
    say("waiting for a person: %s", judged.because)
    run = load_run(Path(judged.path))
    against = (run.verdict() or {}).get("against")
    question = form(run.name, against=against, because=judged.because)
    try:
        answer = pause_flow_run(wait_for_input=question, timeout=_PATIENCE_SECONDS)
    except FlowPauseTimeout:
        say("nobody answered; the champion stays")
        return judged
    verdict = settle_as_answered(Path(parameters.out), run, answer)
    return judged.model_copy(update={"decision": verdict.decision, "because": verdict.because})


def settle_as_answered(out: Path, run: PublishedRun, answer: Answer) -> Verdict:
    """Do what was answered, and tell of it."""
    because = answer.because.strip() or "no reason given"
    verdict = settle(out, run, promote=answer.promote, because=because)
    say("%s: %s", verdict.decision, verdict.because)
    announce(f"pulsar.challenge.{verdict.decision}", run.name, {"because": verdict.because})
    return verdict


def _leave_it_to_another_run(parameters: TrainingParameters, judged: Judged) -> None:
    try:
        asks: Any = run_deployment(
            DECIDE,
            parameters={"run": judged.run, "out": parameters.out},
            flow_run_name=f"decide on {judged.run}",
            timeout=0,
            as_subflow=False,
            idempotency_key=_question(parameters.out, judged),
        )
    except ObjectNotFound:
        say("undecided, and the server has no deployment %s to ask a person; the champion stays, "
            "unless you say `pulsar promote %s --because WHY`", DECIDE, judged.run)  # fmt: skip
    else:
        say("undecided; the champion stays until the form of `%s` is answered", asks.name)


def _question(out: str, judged: Judged) -> str:
    """Name a question. The same candidates make the same model every night: once a week is enough.

    Prefect knows such a name for a flow, on whichever deployment.
    """
    year, week, _ = datetime.now(UTC).isocalendar()
    against = champion_name(Path(out))
    return f"{Path(out).resolve()}: {judged.model_sha256} against {against} in {year}-{week}"


def _holds_a_slot() -> bool:
    """Whether this run's deployment has a concurrency limit."""
    context = FlowRunContext.get()
    state = context.flow_run.state if context and context.flow_run else None
    return bool(state and state.state_details.deployment_concurrency_lease_id)
