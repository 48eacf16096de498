"""What a person changed in the Prefect UI stays as it is while the same is asked for.

Prefect puts every deployment back as it is described, each time it is served. So each bears, as its
version, marks of the times and of the parameters that it was asked for with. Where a mark is still
right, what stands on the server is served again; where something else is asked for now, that is
served, and what it takes the place of is said. Who stops serving pauses them, and marks that too:
one that is paused without that mark is so because a person wants it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.deployments.runner import RunnerDeployment
from pydantic import BaseModel, ValidationError

from schemas import (
    InboxParameters,
    TrainingParameters,
    for_log,
    not_whole,
    why_refused,
    without_credentials,
)
from service.deployed import STOPPED, deployment, pause
from service.notes import SAID

_OURS = "asked"
_SCHEDULE = {"schedule", "active", "max_scheduled_runs", "parameters", "slug"}
_CONTRACTS: dict[str | None, type[BaseModel]] = {
    "train": TrainingParameters,
    "inbox": InboxParameters,
}


@contextmanager
def changes_kept(planned: Sequence[RunnerDeployment]) -> Iterator[None]:
    """Have deployments keep what a person changed, say what they do not, and pause them at the end.

    Parameters
    ----------
    planned : sequence of RunnerDeployment
        What is served in the block; each is changed to what it should be served as.
    """
    with get_client(sync_client=True) as client:
        for one in planned:
            for sentence in _keep(one, deployment(client, one.full_name)):
                sys.stderr.write(f"{SAID}{for_log(f'{one.full_name}: {sentence}')}\n")
    try:
        yield
    finally:
        with suppress(httpx.HTTPError), get_client(sync_client=True) as client:
            for one in planned:
                pause(client, one.full_name)


def _keep(one: RunnerDeployment, there: DeploymentResponse | None) -> list[str]:
    """Have one deployment keep what it may; say what it keeps, and what it does not."""
    times, asked = _times(one.schedules), _decisive(one.flow_name, one.parameters)
    due, run = _mark(times), _mark({**asked, "out": None})
    # Of itself Prefect would mark it with the commit of whatever folder this runs in.
    one.version, one.version_type = f"{_OURS} {due} {run}", "prefect:simple"  # type: ignore[assignment]
    if there is None:
        return []
    marks = (there.version or "").split()
    said = _keep_times(one, there, times, asked_again=due in marks)
    said += _keep_parameters(one, there, asked, asked_again=run in marks)
    one.paused = there.paused and _OURS in marks and STOPPED not in marks
    return [*said, "stays paused, until it is resumed in the Prefect UI"] if one.paused else said


def _keep_times(
    one: RunnerDeployment, there: DeploymentResponse, asked: list[str], *, asked_again: bool
) -> list[str]:
    found, failing = _times(there.schedules), list[str]()
    if not asked_again:
        words = f"is due {_words(asked)} now, not {_words(found)}"
    else:
        words = f"is due as the Prefect UI has it, {_words(found)}, not {_words(asked)}"
        one.schedules = [
            DeploymentScheduleCreate(**each.model_dump(include=_SCHEDULE))
            for each in there.schedules
        ]
        failing = _will_fail(one.flow_name, there)
    return [words, *failing] if found != asked else []


def _will_fail(flow: str | None, there: DeploymentResponse) -> list[str]:
    """Say which schedules have parameters of their own for which each run is refused."""
    said, contract = [], _CONTRACTS.get(flow)
    for each in there.schedules:
        if contract is None or not (each.active and each.parameters):
            continue
        with suppress(ValidationError):  # such as those of an earlier version
            given = contract.model_validate(_inner(each.parameters)).model_dump(mode="json")
            why = why_refused(given)
            said += [f"each run that is due {_time(each.schedule)} will fail: {why}"] if why else []
    return said


def _keep_parameters(
    one: RunnerDeployment, there: DeploymentResponse, asked: dict[str, Any], *, asked_again: bool
) -> list[str]:
    # The artifact root is asked for and nobody's to change: one server has one.
    given = {**_inner(there.parameters), "out": _inner(one.parameters)["out"]}
    try:
        found = _decisive(one.flow_name, given)
    except ValidationError:  # such as those of an earlier version
        found, asked_again = given, False
    refused = {name for name in given if asked_again and not_whole({name: given[name]})}
    back = {name: asked[name] for name in refused & asked.keys()}
    kept = {name: given[name] for name in given if name not in refused} | back
    try:
        settled = _decisive(one.flow_name, kept) if asked_again else asked
    except ValidationError:  # such as how near to a catalogue that is put back
        settled, asked_again = asked, False
    if asked_again:
        one.parameters = {"parameters": kept} if "parameters" in one.parameters else kept
    return [
        _settled(name, found, asked, settled)
        + (", which is no whole path" if name in refused else "")
        for name in sorted({*found, *asked})
        if found.get(name) != asked.get(name)
    ]


def _settled(
    name: str, found: dict[str, Any], asked: dict[str, Any], settled: dict[str, Any]
) -> str:
    """Say whether a parameter is as it was found, or as it is asked for."""
    if settled.get(name) == asked.get(name):
        return f"is run with {name} {_value(asked, name)} now, not {_value(found, name)}"
    shown = f"{name} {_value(found, name)}, not {_value(asked, name)}"
    return f"is run as the Prefect UI has it, with {shown}"


def _inner(parameters: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = parameters.get("parameters", parameters)
    return inner


def _decisive(flow: str | None, parameters: dict[str, Any]) -> dict[str, Any]:
    """Give parameters of a flow without those that are as they would be anyway."""
    contract, given = _CONTRACTS.get(flow), _inner(parameters)
    if contract is None:
        return given
    return contract.model_validate(given).model_dump(mode="json", exclude_defaults=True)


def _value(parameters: dict[str, Any], name: str) -> str:
    if name not in parameters:
        return "the default"
    value = parameters[name]
    shown = without_credentials(value) if isinstance(value, str) else value
    return json.dumps(shown, ensure_ascii=False)


def _times(schedules: Sequence[Any] | None) -> list[str]:
    """Say when something is due, but for the moment that an interval is counted from."""
    said = []
    for each in schedules or []:
        off = ", switched off" if each.active is False else ""
        also = f", with {json.dumps(each.parameters, sort_keys=True)}" if each.parameters else ""
        said.append(f"{_time(each.schedule)}{also}{off}")
    return sorted(said)


def _time(when: Any) -> str:
    interval = getattr(when, "interval", None)
    due = (
        f"every {interval.total_seconds():g} s"
        if interval
        else getattr(when, "cron", None) or getattr(when, "rrule", when)
    )
    return f"{due} ({getattr(when, 'timezone', None) or 'UTC'})"


def _words(times: list[str]) -> str:
    return " and ".join(times) or "never"


def _mark(asked: Any) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
