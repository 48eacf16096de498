"""What `pulsar up` has running: found by its notes, the flows also by their claim on the server."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

from schemas import PulsarError, ServerError
from service.answering import Server
from service.background import Background, recall, words_of
from service.loading import load_prefect
from service.notes import note, plan_file, running_url, state
from service.secret import read_secret

_ANSWER_SECONDS = 30.0  # of one that is busy; one that is not there refuses at once
_START_SECONDS = 300.0  # as long as `up` itself waits for what it starts
_POLL_SECONDS = 0.2


def server_of_up() -> Server | None:
    """Find the server that `pulsar up` has running, with its password.

    Raises
    ------
    ServerError
        If others can read the password.
    """
    url = running_url()
    return Server(url, secret=read_secret()) if url else None


def flows_of_up() -> Background | None:
    """Find the scheduled flows that `pulsar up` has running, also where their note is lost.

    They have left a claim on the server then. Who claims it, but goes by another plan, is somebody
    else's: a `pulsar serve` at a terminal, or an `up` of another home.
    """
    found = recall(note("flows"))
    if found:
        return found
    with suppress(PulsarError):  # such as a password that others can read: `up` says that itself
        server = server_of_up()
        if server and server.answers(_ANSWER_SECONDS):
            load_prefect()
            from service.claiming import who_serves

            found = who_serves(server)
    ours = found and str(plan_file().absolute()) in words_of(found.pid)
    return replace(found, log=str(state() / "flows.log")) if found and ours else None


def is_of_up(url: str) -> bool:
    """Tell whether an address leads to the server of `up`, however that is spelled."""
    up = running_url()
    return up is not None and _place(up) == _place(url)


def _place(url: str) -> tuple[str | None, int | None]:
    """Say where an address leads; one host of this machine is as good as the other."""
    try:
        parts = urlsplit(url)
        return {"localhost": "127.0.0.1"}.get(parts.hostname or "", parts.hostname), parts.port
    except ValueError:
        return None, None


def wait_for_up(url: str) -> None:
    """Wait for the server of `up`, which may just have been started, until it answers.

    Parameters
    ----------
    url : str
        Of its API.

    Raises
    ------
    ServerError
        If it ends, or does not answer in time.
    """
    began = time.monotonic()
    while not Server(url).answers(_ANSWER_SECONDS):
        process = recall(note("server"))
        if process is None or time.monotonic() - began > _patience():
            which = f"process {process.pid}, {process.log}" if process else "which has ended"
            raise ServerError(
                f"the Prefect server of `pulsar up` ({which}) does not answer at {url}; `pulsar "
                f"down`, then `pulsar up` starts it anew"
            )
        time.sleep(_POLL_SECONDS)


def _patience() -> float:
    """Say for how many seconds to wait: longer for one that has only just been started."""
    try:
        age = time.time() - note("server").stat().st_mtime
    except OSError:
        return 0.0
    return _START_SECONDS if 0 <= age < _START_SECONDS else _ANSWER_SECONDS
