"""What a Prefect server says of the deployments that should be at work on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from schemas import ServerError
from service.answering import Server

NAMES = ("train/nightly", "decide/decide", "inbox/inbox")
"""What `pulsar serve` and prefect.yaml deploy, as flow/name."""

STOPPED = "stopped"
"""Stands in the version of a deployment that is paused because nobody serves it."""

_LEFT = "left"
"""Stands there of one that was scheduled until a plan left it out: it was said."""

_AGAIN = "`pulsar down` and then `pulsar up` puts it right"


def pause_all_but(planned: Iterable[str]) -> list[str]:
    """Pause what an earlier plan deployed and nobody serves any more: its runs would pile up late.

    Parameters
    ----------
    planned : iterable of str
        Those of `NAMES` that are served from now on.

    Returns
    -------
    list of str
        Those of the others that were scheduled until now.
    """
    with get_client(sync_client=True) as client:
        return [name for name in NAMES if name not in {*planned} and _leave(client, name)]


def _leave(client: SyncPrefectClient, name: str) -> bool:
    """Pause a deployment; say whether it was scheduled until now, a stop in between or none."""
    pause(client, name)
    found = deployment(client, name)
    marks = (found.version or "").split() if found else []
    if found is None or not found.schedules or STOPPED not in marks or _LEFT in marks:
        return False
    client.update_deployment(found.id, DeploymentUpdate(version=" ".join([*marks, _LEFT])))
    return True


def pause(client: SyncPrefectClient, name: str) -> None:
    """Pause a deployment because nobody serves it, and mark that it was not paused by a person."""
    found = deployment(client, name)
    if found and not found.paused:
        marks = f"{found.version or ''} {STOPPED}".strip()
        client.update_deployment(found.id, DeploymentUpdate(paused=True, version=marks))


def require_schedules(server: Server, *, out: str, names: Sequence[str]) -> None:
    """Make sure that deployments are on a server, not paused, and write where they should.

    Parameters
    ----------
    server : Server
        With its password.
    out : str
        Artifact root that they should have.
    names : sequence of str
        Theirs, each after the name of its flow and a slash.

    Raises
    ------
    ServerError
        If one is missing, paused, or has another artifact root.
    """
    with client_of(server) as client:
        for name in names:
            wrong = _wrong(deployment(client, name), out)
            if wrong:
                raise ServerError(f"the scheduled flows are up, but on {server.url} {name} {wrong}")


def asked_for_work(server: Server, *, names: Sequence[str], since: datetime) -> bool:
    """Whether a process has asked a server, since some moment, for work of all these deployments.

    Parameters
    ----------
    server : Server
        With its password.
    names : sequence of str
        Of the deployments, each after the name of its flow and a slash.
    since : datetime
        By this machine's clock, which is the server's too.
    """
    try:
        with client_of(server) as client:
            found = [deployment(client, name) for name in names]
    except httpx.HTTPError:  # a busy server
        return False
    times = [one.last_polled for one in found if one]
    return len(times) == len(names) and all(time and time >= since for time in times)


@contextmanager
def client_of(server: Server) -> Iterator[SyncPrefectClient]:
    """Have a client of a server that no setting names.

    Parameters
    ----------
    server : Server
        With its password.
    """
    told = {PREFECT_API_URL: server.url, PREFECT_API_AUTH_STRING: server.secret}
    with temporary_settings(told), get_client(sync_client=True) as client:
        yield client


def deployment(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    """Find a deployment by flow/name."""
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None


def _wrong(found: DeploymentResponse | None, out: str) -> str | None:
    """Say what keeps a deployment from doing its work, and what to do about it."""
    if found is None:
        return f"is not there; {_AGAIN}"
    if found.paused:
        return "is paused, so that nothing starts; resume it in the Prefect UI"
    there = found.parameters.get("parameters", found.parameters).get("out")
    return None if there == out else f"writes to {there}, not {out}; {_AGAIN}"
