"""The scheduled flows in the foreground."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from schemas.addresses import is_address
from schemas.errors import ParameterError, ServerError
from service.asked import whole, words_for
from service.notes import running_url, state
from service.server import named_server, told_of
from service.settings import QUIET, prefect_home


def serve_here(**asked: Any) -> None:
    """Serve in this process until it is stopped.

    Raises
    ------
    ServerError
        If no server is named, it does not answer, or another process serves it already.
    """
    # Before Prefect is imported, which reads its settings once.
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    if "PREFECT_HOME" in os.environ:  # found again from another folder
        os.environ["PREFECT_HOME"] = str(prefect_home().absolute())
    server = named_server()
    with told_of(server) if server else nullcontext():
        words_for(**asked)
        if server is None:
            raise ServerError(_no_server())
        server.require()
        _serve(**asked)


def _serve(**asked: Any) -> None:
    from service.automations import HEARTBEAT_SECONDS
    from service.claiming import alone_on_server
    from service.serving import Plan, serve_plan

    os.environ.setdefault("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", str(HEARTBEAT_SECONDS))
    plan = Plan(**whole(asked))
    with alone_on_server(plan.out):
        _make_inbox(plan.inbox)
        _go_where_nothing_is()
        serve_plan(plan)


def _go_where_nothing_is() -> None:
    """Leave a folder whose files may be named like ours.

    The processes of the runs, which Prefect starts, look for the flows in their folder first.
    """
    state().mkdir(parents=True, exist_ok=True)
    os.chdir(state())


def _no_server() -> str:
    up = running_url()
    if up is None:
        return (
            "schedules need a Prefect server that stays: `pulsar up` starts one, or name one with "
            "PREFECT_API_URL"
        )
    return (
        f"schedules need a Prefect server that is named: `pulsar up` runs one, with schedules of "
        f"its own until `pulsar down`; name it, PREFECT_API_URL={up}, or another"
    )


def _make_inbox(inbox: str | None) -> None:
    if inbox is None or is_address(inbox):
        return
    try:
        Path(inbox).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ParameterError(
            f"--inbox {inbox} cannot be made ({error.strerror}); name a folder that can"
        ) from None
