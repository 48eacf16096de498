"""Who gives a Prefect server its schedules: written on the server itself.

The deployments have fixed names. A second process would take over those of the first, end its runs
as left behind and, when it stops, pause its schedules without a word. So the one that serves leaves
a claim where the deployments are: no spelling of the address and no other home gets past it.

Runs that a process left behind which served them before are ended. To the server those of a killed
one are Running for ever, and each holds the place of the one that its deployment lets run: no
training and no pass over the inbox would ever start again. And those that were due and waited begin
as soon as somebody serves, with what was asked for then: into another artifact root than now, of
other data.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import VariableCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.objects import DeploymentStatus, Variable
from prefect.exceptions import ObjectAlreadyExists

from pulsars.store import exclusive
from schemas import ServerError
from service.answering import Server
from service.background import Background, started_at
from service.deployed import client_of
from service.settings import ANOTHER_HOME, prefect_home

_CLAIM = "pulsar_serve"
_OURS = DeploymentFilter(tags=DeploymentFilterTags(all_=["pulsar"]))


@dataclass(frozen=True)
class Claim:
    """Who serves: a process of a machine, known by its start, and its artifact root."""

    host: str
    pid: int
    started: str | None
    out: str


@contextmanager
def alone_on_server(out: Path) -> Iterator[None]:
    """Be the one process that gives the server of the settings its schedules.

    Parameters
    ----------
    out : Path
        Artifact root, which the others are told.

    Raises
    ------
    ServerError
        If there is another: a process of this machine that lives, or one of another machine whose
        deployments are still asked for work.
    """
    mine = Claim(socket.gethostname(), os.getpid(), started_at(os.getpid()), str(out))
    # The server cannot compare and swap; two that start at once here take turns.
    home, name = prefect_home(), "pulsar-serve.lock"
    with exclusive(home, waiting=lambda: None, name=name, remedy=ANOTHER_HOME):
        _claim(mine)
    try:
        yield
    finally:
        # Where the server is gone the claim stays, of a process that is gone too: no harm.
        with suppress(httpx.HTTPError), get_client(sync_client=True) as client:
            kept = client.read_variable_by_name(_CLAIM)
            if kept and _read(kept) == mine:
                _delete(client, kept)


def who_serves(server: Server) -> Background | None:
    """Give the process of this machine that claims a server, while it runs.

    Parameters
    ----------
    server : Server
        With its password.
    """
    with suppress(httpx.HTTPError), client_of(server) as client:
        kept = client.read_variable_by_name(_CLAIM)
        claim = _read(kept) if kept else None
        if claim and claim.host == socket.gethostname():
            found = Background(claim.pid, claim.started or "", log="")
            return found if found.alive() else None
    return None


def _claim(mine: Claim) -> None:
    with get_client(sync_client=True) as client:
        kept = client.read_variable_by_name(_CLAIM)
        if kept:
            _require_gone(client, _read(kept))
            _delete(client, kept)
        try:
            client.create_variable(VariableCreate(name=_CLAIM, value=asdict(mine), tags=["pulsar"]))
        except ObjectAlreadyExists:
            raise ServerError(
                f"another `pulsar serve` has just begun on {client.api_url}; stop that first, or "
                f"use another server"
            ) from None


def _read(kept: Variable) -> Claim | None:
    """Read a claim; None when it is none, such as that of another version."""
    try:
        return Claim(**kept.value)  # type: ignore[arg-type]
    except TypeError:
        return None


def _delete(client: SyncPrefectClient, kept: Variable) -> None:
    # By its id: of two that take over a dead claim, the second must not delete the first one's.
    try:
        client.request("DELETE", "/variables/{id}", path_params={"id": kept.id})
    except httpx.HTTPStatusError as error:
        if error.response.status_code != HTTPStatus.NOT_FOUND:
            raise


def _require_gone(client: SyncPrefectClient, theirs: Claim | None) -> None:
    if theirs is None:
        return
    who = f"process {theirs.pid}, artifacts in {theirs.out}, on {theirs.host}"
    begun = f"another `pulsar serve` gives {client.api_url} its schedules: {who}; stop that first"
    if theirs.host == socket.gethostname():
        if Background(theirs.pid, theirs.started or "", log="").alive():
            raise ServerError(
                f"{begun} (`pulsar down`, where `pulsar up` started it), or use another server"
            )
        return
    # Whether somebody polls: by the server's own clock, up to a minute after the last time.
    ours = client.read_deployments(deployment_filter=_OURS)
    if any(one.status == DeploymentStatus.READY for one in ours):
        raise ServerError(f"{begun}, or, if it was killed there, try again in a minute")
