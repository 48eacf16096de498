"""A Prefect server and the scheduled flows as background processes of one machine."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from schemas import ServerError, without_credentials
from service.answering import Server
from service.asked import plan_of_words
from service.background import Background, recall, size_of, start, wait_until
from service.loading import load_prefect
from service.notes import (
    note,
    one_at_a_time,
    plan_file,
    read_plan,
    read_words,
    sentences,
    state,
    write_plan,
    write_url,
)
from service.own_eyes import what_others_could_read
from service.plan import Plan
from service.ports import listen
from service.secret import have_secret, secret_file
from service.server import own_pages
from service.server_of_up import flows_of_up, server_of_up, wait_for_up
from service.settings import FORGET_OLD_RUNS, QUIET, REMEMBER_WHO_RUNS, WITH_DATES, WRITE_IN_BATCHES

PORT = 4200
"""Where the server listens unless told otherwise, as Prefect's own does."""


@dataclass(frozen=True)
class Up:
    """What runs.

    Attributes
    ----------
    url : str
        Of the server's API.
    secret_file : Path
        Holds the server's password.
    server, flows : Background
        The two processes.
    started : tuple of str
        Which of them this call started; the others were there.
    said : tuple of str
        What other users could read until now; what the flows, as they started, kept of changes in
        the Prefect UI, and what they did not.
    """

    url: str
    secret_file: Path
    server: Background
    flows: Background
    started: tuple[str, ...]
    said: tuple[str, ...]


def bring_up(plan: Plan, *, port: int | None) -> Up:
    """Have the server and the scheduled flows running; what runs already is left alone.

    Parameters
    ----------
    plan : Plan
        What the flows go by.
    port : int or None
        Where the server listens, on loopback, if it is started now; by default `PORT`.

    Raises
    ------
    SettingsError
        If Prefect cannot read its settings.
    ServerError
        If the flows are up with another plan or do no work, the port is taken, or a process does
        not come up.
    """
    with one_at_a_time():
        _require_same(plan)
        load_prefect()
        could_read = what_others_could_read()
        process, server, fresh = have_server(port or PORT)
        said = could_read if fresh else ()
        stale = flows_of_up() if fresh else None
        if stale:  # of a server that is gone: they would talk to that for ever
            stale.stop()
        since = size_of(state() / "flows.log")
        flows, also = _flows(server, plan)
        told = sentences(state() / "flows.log", since=since) if also else ()
    names = [name for name, new in (("server", fresh), ("flows", also)) if new]
    return Up(
        server.url,
        secret_file(),
        process,
        flows,
        tuple(names),
        (*said, *told),
    )


def take_down() -> list[str]:
    """Stop what `bring_up` started, the flows first; give the names of what was stopped."""
    stopped = []
    with one_at_a_time():
        for name in ("flows", "server"):
            process = flows_of_up() if name == "flows" else recall(note(name))
            if process:
                process.stop()
                stopped.append(name)
            note(name).unlink(missing_ok=True)
    return stopped


def _require_same(plan: Plan) -> None:
    """Refuse to leave alone what does something else than is asked for."""
    if flows_of_up() is None:
        return
    words = read_words()
    before = read_plan() if words is None else _plan_of(words)
    if before is not None and before != plan:
        raise ServerError(
            f"the scheduled flows are up with other options: {before.differences(plan)}; `pulsar "
            f"down` first, then up as you want them"
        )


def _plan_of(words: list[str]) -> Plan:
    """Read what a version before wrote down."""
    try:
        return plan_of_words(words)
    except ValueError as error:
        raise ServerError(
            f"the scheduled flows are up as a version before started them, with "
            f"{shlex.join(map(without_credentials, words))}, which can no longer be ({error}); "
            f"`pulsar down` first, then up as you want them"
        ) from None


def have_server(port: int) -> tuple[Background, Server, bool]:
    """Find the server, or start it.

    Parameters
    ----------
    port : int
        Where it listens, on loopback, if it is started now.

    Returns
    -------
    process : Background
        Its process.
    server : Server
        Its address and password.
    fresh : bool
        Whether this call started it.

    Raises
    ------
    ServerError
        If it runs and does not answer or is not shut, the port is taken, or it does not come up.
    """
    found, server = recall(note("server")), server_of_up()
    if found and server:
        wait_for_up(server.url)
        _require_shut(server, found)
        return found, server, False
    listen(port).close()
    url = f"http://127.0.0.1:{port}/api"
    server = Server(url, secret=have_secret())
    words = [sys.executable, "-P", "-m", "service.up_server", str(port)]
    env = {**FORGET_OLD_RUNS, **WITH_DATES, **os.environ}
    env |= {**QUIET, **WRITE_IN_BATCHES, **REMEMBER_WHO_RUNS}
    env |= {"PREFECT_UI_API_URL": "/api", **own_pages(url, have_secret())}
    env.pop("PREFECT_API_URL", None)
    write_url(url)
    log = state() / "server.log"
    since = size_of(log)
    made = start(words, log=log, env=env, note=note("server"))
    wait_until(lambda: server.answers(1.0), made, "the Prefect server", since=since)
    return made, server, True


def _require_shut(server: Server, process: Background) -> None:
    """Refuse to leave alone a server that anybody on this machine can use, or nobody."""
    if server.lets_in(None):
        wrong = "was started by an older version, and lets in anybody on this machine"
    elif server.lets_in(server.secret) is False:
        wrong = f"has another password than {secret_file()} holds"
    else:
        return
    raise ServerError(
        f"the Prefect server at {server.url} (process {process.pid}) {wrong}; `pulsar down`, then "
        f"`pulsar up` puts it right"
    )


def _flows(server: Server, plan: Plan) -> tuple[Background, bool]:
    from service.claiming import who_serves
    from service.deployed import asked_for_work, require_schedules

    found = flows_of_up()
    if found:
        require_schedules(server, out=plan.out, names=plan.deployments)
        return found, False
    words = [sys.executable, "-P", "-m", "service.foreground", str(plan_file().absolute())]
    env = {**os.environ, **QUIET, "PREFECT_API_URL": server.url}
    env |= {"PREFECT_API_AUTH_STRING": str(server.secret)}
    env |= {"PYTHONSAFEPATH": "1"}  # for the processes of the runs, which Prefect starts
    write_plan(plan)
    log = state() / "flows.log"
    since, moment = size_of(log), datetime.now(UTC)
    made = start(words, log=log, env=env, note=note("flows"))
    at_work = partial(asked_for_work, server, names=plan.deployments, since=moment)

    def ready() -> bool:  # it, and nobody who serves the same and keeps it out
        claims = who_serves(server) if at_work() else None
        return claims is not None and claims.pid == made.pid

    wait_until(ready, made, "the scheduled flows", since=since)
    return made, True
