"""Run a flow again where its server was lost and answers once more: every flow goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from prefect.exceptions import Abort

from command.console import Terminal
from service import Server, secret_file
from tasks import lost_server

_TRIES = 3
_ANSWER_SECONDS = 30.0

P = TypeVar("P")
R = TypeVar("R")


def insist(run: Callable[[P], R], parameters: P, *, server: Server, shown: Terminal) -> R:
    """Run a flow, and again when the server was lost in between and is back.

    Parameters
    ----------
    run : callable
        The flow.
    parameters : object
        What it is given.
    server : Server
        Asked whether it answers again.
    shown : Terminal
        Told what happens; it has heard of the outcome of a flow that came to its end.

    Raises
    ------
    ServerError
        If the server is gone for good, or lost each time.
    OSError
        If it is a private one, and nothing can be written where it writes.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            return run(parameters)
        except (Exception, Abort) as raised:  # noqa: BLE001 - raised again, unless it goes on
            error = raised
        lost = lost_server(error, password_in=secret_file())
        if lost is None:
            raise error
        if shown.outcome is not None:  # all is done: only the server did not hear of it
            shown.said("done, but the Prefect server was lost before it heard of that")
            outcome: R = shown.outcome
            return outcome
        if isinstance(error, Abort) or not tries_left or not server.answers(_ANSWER_SECONDS):
            server.require_space()  # here, where no lost server is what led to a full disk
            raise lost from error
        shown.said("the Prefect server was lost and answers again: going on")
    raise AssertionError  # the last try returns or raises
