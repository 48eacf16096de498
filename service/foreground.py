"""The scheduled flows in the foreground, of `pulsar serve` or, as a child, of `pulsar up`.

The child is run as ``python -P -m service.foreground PLAN.json``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from schemas import (
    SERVED,
    ExitCode,
    InboxParameters,
    ParameterError,
    PulsarError,
    ServerError,
    for_log,
    is_address,
)
from service.answering import Server
from service.loading import load_prefect
from service.notes import SAID, running_url, state
from service.plan import Plan
from service.secret import secret_file
from service.server import named_server, require, told_of
from service.settings import QUIET, WITH_DATES

_ANSWER_SECONDS = 10.0  # of one that has not answered for minutes

Tell = Callable[[dict[str, Any]], None]


def serve_here(plan: Plan, *, tell: Tell | None = None) -> None:
    """Serve in this process until it is stopped.

    Parameters
    ----------
    plan : Plan
        What runs, and when.
    tell : callable, optional
        Told what is served, and where, once it is; else a person reads it on stdout.

    Raises
    ------
    SettingsError
        If Prefect cannot read its settings.
    ServerError
        If no server is named, it does not answer, another process serves it already, or it is gone
        for minutes: who looks after this process can start it again.
    """
    # Before Prefect is imported, which reads its settings once.
    for name, value in {**QUIET, **WITH_DATES}.items():
        os.environ.setdefault(name, value)
    server = named_server()
    if server is None:
        raise ServerError(_no_server())
    with told_of(server):
        require(server)
        with naming_a_lost(server):
            _serve(plan, url=server.url, tell=tell)


@contextmanager
def naming_a_lost(server: Server) -> Iterator[None]:
    """Say in a sentence that a server is gone, where Prefect ends with what it tried in vain."""
    try:
        yield
    except Exception as error:
        ours = isinstance(error, PulsarError)
        if ours or not _may_be_of_a_lost(error) or server.answers(_ANSWER_SECONDS):
            raise
        raise ServerError(
            f"the Prefect server at {server.url} answers no more, and nothing is scheduled; "
            f"nothing is lost: `pulsar up` as before starts its server and the flows anew; "
            f"`pulsar serve` has ended: start it again once a server of yours answers"
        ) from error


def _may_be_of_a_lost(error: Exception) -> bool:
    """Whether all in it is what Prefect's client meets, or its poller gives up with."""
    import httpx

    def met(one: Exception) -> bool:
        return type(one) is RuntimeError or isinstance(one, httpx.HTTPError | ConnectionError)

    return ExceptionGroup("", [error]).split(met)[1] is None


def _serve(plan: Plan, *, url: str, tell: Tell | None) -> None:
    load_prefect()
    from service.automations import HEARTBEAT_SECONDS
    from service.claiming import alone_on_server
    from service.serving import serve_plan

    os.environ.setdefault("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", str(HEARTBEAT_SECONDS))
    with alone_on_server(Path(plan.out)):
        if plan.inbox:
            _make_inbox(plan.inbox)
        _go_where_nothing_is()
        serve_plan(plan, tell=tell and (lambda: tell({"url": url, **plan.summary()})))


def _go_where_nothing_is() -> None:
    """Leave a folder whose files may be named like ours.

    The processes of the runs, which Prefect starts, look for the flows in their folder first. They
    inherit a word that it is this one, where a path that is not whole leads nobody anywhere.
    """
    os.environ[SERVED] = "1"
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


def _make_inbox(parameters: InboxParameters) -> None:
    from pulsars.inbox import count_remembered

    inbox = parameters.inbox
    if is_address(inbox):
        return
    if not Path(inbox).exists():  # it may be one that is yet to be mounted, or a slip
        if n := count_remembered(parameters):
            raise ParameterError(
                f"--inbox {inbox} is not there, and held {n:,} file{'s' if n > 1 else ''} when a "
                "pass last looked: mount its share first, or make the folder if it is to begin anew"
            )
        sys.stderr.write(f"{SAID}{for_log(f'the inbox {inbox} was not there and is made')}\n")
    try:
        Path(inbox).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ParameterError(
            f"--inbox {inbox} cannot be made ({error.strerror}); name a folder that can"
        ) from None


def main() -> None:
    """Serve the plan that `pulsar up` wrote down; what it is refused for is its last word."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # until Prefect takes it itself
    try:
        serve_here(Plan.model_validate_json(Path(sys.argv[1]).read_bytes()))
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except PulsarError as error:
        sys.exit(f"pulsar: {error}")
    except Exception as error:
        from tasks import lost_server

        lost = lost_server(error, password_in=secret_file())
        if lost is None:
            raise
        sys.exit(f"pulsar: {lost}")


if __name__ == "__main__":
    main()
