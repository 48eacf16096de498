"""The scheduled flows of one machine, served by one process without a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.types.entrypoint import EntrypointType

from flows.deciding import decide
from flows.inbox import score_inbox
from flows.training import train
from pulsars.reading.parameters_file import training_parameters
from schemas.score_parameters import InboxParameters
from service.automations import have_automations
from service.deployed import NAMES, pause_all_but
from service.kept import changes_kept
from service.leftovers import end_left_runs

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to run, and when.

    Attributes
    ----------
    out : Path
        Artifact root, absolute.
    data : Path or None
        Labelled candidates; trained on at `train_cron` (UTC), or every `train_every` seconds.
    parameters : Path or None
        JSON object of parameters to train by; else the defaults.
    inbox : str or None
        Folder or address whose new files are scored every `score_every` seconds.
    webhook : str or None
        Address that is told of failures, refusals and verdicts.
    """

    out: Path
    data: Path | None
    inbox: str | None
    train_cron: str
    score_every: float
    settle_seconds: float
    webhook: str | None
    parameters: Path | None = None
    train_every: float | None = None


def serve_plan(plan: Plan) -> None:
    """Serve until stopped."""
    have_automations(webhook=plan.webhook)
    planned = deployments(plan)
    end_left_runs(NAMES)
    pause_all_but(f"{one.flow_name}/{one.name}" for one in planned)
    with changes_kept(planned):
        serve(*planned, limit=2, pause_on_shutdown=False, print_starting_message=True)


def deployments(plan: Plan) -> list[RunnerDeployment]:
    """Describe the deployments of a plan."""
    made: list[Any] = []  # `to_deployment` is typed as if a coroutine might come back
    if plan.data is not None:
        made += [_training(plan), _deciding(plan)]
    if plan.inbox is not None:
        made.append(_scoring(plan, plan.inbox))
    return made


def _training(plan: Plan) -> Any:
    """Describe the training: one that is due while another runs waits for it."""
    given = {"data": str(plan.data), "out": str(plan.out)}
    asked = training_parameters(given, file=plan.parameters)
    if "when_undecided" not in asked.model_fields_set:
        asked = asked.model_copy(update={"when_undecided": "ask"})
    return train.to_deployment(
        name="nightly",
        description="Train on the labelled candidates and challenge the champion.",
        **_training_times(plan),
        parameters={"parameters": asked.model_dump(mode="json", exclude_defaults=True)},
        tags=["pulsar", "training"],
        concurrency_limit=_one_at_a_time(ConcurrencyLimitStrategy.ENQUEUE),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _deciding(plan: Plan) -> Any:
    """Describe the question, which a training calls when it is due."""
    return decide.to_deployment(
        name="decide",
        description="Ask a person about a run that the gate left undecided.",
        parameters={"out": str(plan.out)},
        tags=["pulsar", "deciding"],
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _scoring(plan: Plan, inbox: str) -> Any:
    """Describe the pass over the inbox: one that is due while another runs is dropped.

    The next one takes what it would have taken.
    """
    asked = InboxParameters(inbox=inbox, out=str(plan.out), settle_seconds=plan.settle_seconds)
    return score_inbox.to_deployment(
        name="inbox",
        description="Score every new file of the inbox once.",
        interval=timedelta(seconds=plan.score_every),
        parameters={"parameters": asked.model_dump(mode="json")},
        tags=["pulsar", "scoring"],
        concurrency_limit=_one_at_a_time(ConcurrencyLimitStrategy.CANCEL_NEW),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _one_at_a_time(when_another_runs: ConcurrencyLimitStrategy) -> ConcurrencyLimitConfig:
    return ConcurrencyLimitConfig(limit=1, collision_strategy=when_another_runs)


def _training_times(plan: Plan) -> dict[str, Any]:
    if plan.train_every is None:
        return {"cron": plan.train_cron}
    return {"interval": timedelta(seconds=plan.train_every)}
