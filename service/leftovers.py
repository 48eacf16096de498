"""Runs that a process left behind which served the same deployments before.

To the server those of a killed one are Running for ever, and each holds the place of the one that
its deployment lets run: no training and no pass over the inbox would ever start again. And those
that were due and waited begin as soon as somebody serves, with what was asked for then: into
another artifact root than now, of other data.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Cancelled, Crashed

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

_GONE = "The process that served it is gone."


_OVERTAKEN = "It waited with parameters that are not asked for any more."


_UNDER_WAY = FlowRunFilterState(
    type=FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING, StateType.CANCELLING])
)


_WAITING = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))


def end_left_runs(names: Iterable[str]) -> int:
    """Mark what is under way of deployments Crashed, by flow/name; give how many runs that were.

    Call it before serving: one process serves them, so that what is under way then is of one that
    was killed. Should it live on after all, its work is safe: locks guard it, not the server.
    """
    with get_client(sync_client=True) as client:
        left = [run for name in names for run in _runs(client, name, _UNDER_WAY)]
        for run in [*_children(client, left), *left]:
            client.set_flow_run_state(run.id, Crashed(message=_GONE))
    return len(left)


def end_overtaken_runs(planned: Iterable[RunnerDeployment]) -> int:
    """Cancel what was due, waits, and would run with other parameters than are served now.

    What a person asked for waits on. What is not due yet Prefect plans anew.

    Parameters
    ----------
    planned : iterable of RunnerDeployment
        As they are to be served.
    """
    now = datetime.now(UTC)
    with get_client(sync_client=True) as client:
        overtaken = [
            run
            for one in planned
            for run in _runs(client, one.full_name, _WAITING)
            if run.auto_scheduled and run.parameters != one.parameters
            if run.expected_start_time and run.expected_start_time <= now
        ]
        for run in overtaken:
            client.set_flow_run_state(run.id, Cancelled(message=_OVERTAKEN))
    return len(overtaken)


def _runs(client: SyncPrefectClient, name: str, state: FlowRunFilterState) -> list[FlowRun]:
    flow, _, deployment = name.partition("/")
    return client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])),
        flow_run_filter=FlowRunFilter(state=state),
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[deployment])),
    )


def _children(client: SyncPrefectClient, runs: list[FlowRun]) -> list[FlowRun]:
    if not runs:
        return []
    parents = FlowRunFilterParentFlowRunId(any_=[run.id for run in runs])
    return client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=_UNDER_WAY, parent_flow_run_id=parents)
    )
