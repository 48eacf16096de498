"""The scheduled flows of one machine, served by one process without a worker."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from prefect import serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Interval
from prefect.types.entrypoint import EntrypointType

from flows.deciding import decide
from flows.inbox import score_inbox
from flows.training import train
from schemas import InboxParameters, TrainingParameters
from service.automations import have_automations
from service.deployed import NAMES, pause_all_but
from service.kept import changes_kept
from service.leftovers import end_left_runs, end_overtaken_runs
from service.notes import SAID
from service.plan import Plan
from service.prefect_private import close_parameters

OPTIONS = {"train/nightly": "--data", "decide/decide": "--data", "inbox/inbox": "--inbox"}
"""What has each scheduled: what is left out of a plan is known by that."""


def serve_plan(plan: Plan, *, tell: Callable[[], None] | None = None) -> None:
    """Serve until stopped.

    Parameters
    ----------
    plan : Plan
        What runs, and when.
    tell : callable, optional
        Called when all is in place; else Prefect says it on stdout, for a person.
    """
    have_automations(webhook=plan.webhook)
    planned = deployments(plan)
    end_left_runs(NAMES)
    for name in pause_all_but(plan.deployments):
        sys.stderr.write(f"{SAID}{name} is scheduled no more: {OPTIONS[name]} is not named\n")
    with changes_kept(planned):
        end_overtaken_runs(planned)
        if tell:
            tell()
        serve(*planned, limit=2, pause_on_shutdown=False, print_starting_message=tell is None)


def deployments(plan: Plan) -> list[RunnerDeployment]:
    """Describe the deployments of a plan."""
    made: list[Any] = []  # `to_deployment` is typed as if a coroutine might come back
    if plan.training:
        made += [_training(plan, plan.training), _deciding(plan)]
    if plan.inbox:
        made.append(_scoring(plan, plan.inbox))
    for one in made:
        close_parameters(one, out=plan.out)
    return made


def _training(plan: Plan, asked: TrainingParameters) -> Any:
    """Describe the training: one that is due while another runs waits for it."""
    return train.to_deployment(
        name="nightly",
        description="Train on the labelled candidates and challenge the champion.",
        schedule=(
            Cron(plan.train_cron, timezone=plan.time_zone)
            if plan.train_every is None
            else Interval(plan.train_every)
        ),
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
        parameters={"out": plan.out},
        tags=["pulsar", "deciding"],
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _scoring(plan: Plan, asked: InboxParameters) -> Any:
    """Describe the pass over the inbox: one that is due while another runs is dropped.

    The next one takes what it would have taken.
    """
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
