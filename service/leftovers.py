"""Runs that a killed process left behind.

To the server they are Running for ever, and each holds the place of the one that its deployment
lets run: no training and no pass over the inbox would ever start again.
"""

from __future__ import annotations

from collections.abc import Iterable

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
from prefect.states import Crashed

_MESSAGE = "The process that served it is gone."
_UNDER_WAY = FlowRunFilterState(
    type=FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING, StateType.CANCELLING])
)


def end_left_runs(names: Iterable[str]) -> int:
    """Mark what is under way of deployments Crashed, by flow/name; give how many runs that were.

    Call it before serving: one process serves them, so that what is under way then is of one that
    was killed. Should it live on after all, its work is safe: locks guard it, not the server.
    """
    with get_client(sync_client=True) as client:
        left = [run for name in names for run in _under_way(client, name)]
        for run in [*_children(client, left), *left]:
            client.set_flow_run_state(run.id, Crashed(message=_MESSAGE))
    return len(left)


def _under_way(client: SyncPrefectClient, name: str) -> list[FlowRun]:
    flow, _, deployment = name.partition("/")
    return client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])),
        flow_run_filter=FlowRunFilter(state=_UNDER_WAY),
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[deployment])),
    )


def _children(client: SyncPrefectClient, runs: list[FlowRun]) -> list[FlowRun]:
    if not runs:
        return []
    parents = FlowRunFilterParentFlowRunId(any_=[run.id for run in runs])
    return client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=_UNDER_WAY, parent_flow_run_id=parents)
    )
