"""A flow that asks a person who is to be champion, and holds nothing while it waits."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.deployments import run_deployment
from prefect.exceptions import FlowPauseTimeout, ObjectNotFound
from prefect.flow_runs import pause_flow_run, suspend_flow_run
from prefect.input import RunInput
from pydantic import ConfigDict, Field

from pulsars.store import PATIENCE, champion_name, find_run, load_run, require_verdict
from schemas import (
    DamagedRecordError,
    Judged,
    ParameterError,
    RunNotFoundError,
    TrainingParameters,
    for_name,
    require_whole_paths,
    what_was_short,
)
from tasks import forward_log, holds_a_slot, settle_as_answered

_log = logging.getLogger(__name__)


@flow(
    name="decide",
    flow_run_name="decide on {run}",
    persist_result=True,
    result_serializer="json",
)
def decide(run: str, out: str = "artifacts") -> dict[str, str]:
    """Ask whether an undecided run is to be champion, and do what is answered.

    At the question the process ends. The answer starts another one, which runs this from its
    start and gets the answer where the question was.

    Parameters
    ----------
    run : str
        A run's name, or the start or end of it.
    out : str
        Artifact root.

    Returns
    -------
    dict
        `run`, `decision` as of a verdict, and `because`.
    """
    require_whole_paths({"out": out, "run": run})
    forward_log()
    root = Path(out)
    try:
        challenger = find_run(root, run)
    except DamagedRecordError:  # what can be mended is no answer
        raise
    except OSError as error:
        said = what_was_short(error, elsewhere=out, then="start this run again")
        raise ParameterError(said) from None
    except RunNotFoundError as gone:
        return _decided(run, "undecided", f"there is nothing to decide: {gone}")
    asked = require_verdict(root, challenger.name)
    if asked is None:
        return _decided(run, "undecided", "nobody was asked: it never challenged a champion")
    if asked.decision != "undecided":
        return _decided(run, asked.decision, f"it was decided before: {asked.because}")
    if champion_name(root) == challenger.name:  # by hand, or by an answer that was cut short
        answer = Answer(promote=True, because="it reigns already")
    else:
        words = form(challenger.name, against=asked.against, because=asked.because)
        answer = suspend_flow_run(wait_for_input=words, timeout=int(PATIENCE.total_seconds()))
    verdict = settle_as_answered(
        out, challenger.name, promote=answer.promote, because=answer.why, who=answer.who
    )
    return {"run": challenger.name, "decision": verdict.decision, "because": verdict.because}


def _decided(run: str, decision: str, because: str) -> dict[str, str]:
    _log.info("%s: %s", decision, because)
    return {"run": run, "decision": decision, "because": because}


DECIDE = "decide/decide"  # as `pulsar serve` and prefect.yaml deploy `flows.deciding`

_QUESTIONS = 50  # about one model, of which all but the last were cancelled or have failed

_PATIENCE_SECONDS = 3 * 3600


def _required(schema: dict[str, Any]) -> None:
    """Have the form ask for what a question of an earlier version may be answered without."""
    schema["required"] = [*_ASKED]
    for name in _ASKED:
        schema["properties"][name] |= {"minLength": 1, "pattern": r"\S"}
        schema["properties"][name].pop("default", None)


_ASKED = ("name", "because")


class Answer(RunInput):
    """What the form in the Prefect UI asks for: the server takes none without name and reason."""

    model_config = ConfigDict(json_schema_extra=_required)

    promote: bool = Field(default=False, description="Make this run the champion.")
    name: str = Field(default="", title="Your name", description="Kept with the decision.")
    because: str = Field(default="", description="Why, for those who come after.")

    @property
    def why(self) -> str:
        """What was given as the reason, if anything was."""
        return self.because.strip() or "no reason given"

    @property
    def who(self) -> str | None:
        """Who answered, if that was given."""
        return for_name(self.name.strip()) or None


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
    if holds_a_slot():
        # A pause gives the slot back, and Prefect ends a run that can no longer renew it.
        _leave_it_to_another_run(parameters, judged)
        return judged
    _log.info("waiting for a person: %s", judged.because)
    run = load_run(Path(judged.path))
    said = run.verdict()
    question = form(run.name, against=said.against if said else None, because=judged.because)
    try:
        answer = pause_flow_run(wait_for_input=question, timeout=_PATIENCE_SECONDS)
    except FlowPauseTimeout:
        _log.info("nobody answered; the champion stays")
        return judged
    verdict = settle_as_answered(
        parameters.out, run.name, promote=answer.promote, because=answer.why, who=answer.who
    )
    return judged.model_copy(update={"decision": verdict.decision, "because": verdict.because})


def _leave_it_to_another_run(parameters: TrainingParameters, judged: Judged) -> None:
    by_hand = f"`pulsar promote {judged.run} --because WHY` makes it champion"
    try:
        asks = _question_about(judged, out=parameters.out)
    except ObjectNotFound:
        _log.info(
            "undecided, and the server has no deployment %s to ask a person; %s", DECIDE, by_hand
        )
    except Exception as error:  # noqa: BLE001 - what is published must not fail for a question
        _log.info("undecided, and a person could not be asked (%s); %s", error, by_hand)
    else:
        _log.info("undecided; the champion stays until the form of `%s` is answered", asks.name)


def _question_about(judged: Judged, *, out: str) -> Any:
    """Start the run that asks, or find the one that asks about the same model already.

    The same candidates make the same model every night; one question at a time is enough. Prefect
    knows a question by its key; where the run with that key has ended, by the next one.
    """
    said = load_run(Path(judged.path)).verdict()
    against = said.against if said else None
    key = f"{Path(out).resolve()}: {judged.model_sha256} against {against}"
    for _ in range(_QUESTIONS):
        asks: Any = run_deployment(
            DECIDE,
            parameters={"run": judged.run, "out": out},
            flow_run_name=f"decide on {judged.run}",
            timeout=0,
            as_subflow=False,
            idempotency_key=key,
        )
        if not asks.state or not asks.state.is_final():
            break
        key = f"{key}, after {asks.id}"
    return asks
