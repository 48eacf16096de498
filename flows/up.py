"""A Prefect server and the scheduled flows as background processes of one machine."""

from __future__ import annotations

import os
import shlex
import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flows.background import Background, last_words, recall, start
from flows.server import (
    FORGET_OLD_RUNS,
    QUIET,
    REMEMBER_WHO_RUNS,
    WRITE_IN_BATCHES,
    Server,
)
from flows.up_notes import (
    note,
    one_at_a_time,
    running_url,
    running_words,
    state,
    write_url,
    write_words,
)
from schemas.errors import ServerError
from schemas.outside import without_credentials

PORT = 4200
"""Where the server listens unless told otherwise, as Prefect's own does."""

_START_SECONDS = 120.0
_ANSWER_SECONDS = 30.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Up:
    """What runs.

    Attributes
    ----------
    url : str
        Of the server's API.
    server, flows : Background
        The two processes.
    started : tuple of str
        Which of them this call started; the others were there.
    """

    url: str
    server: Background
    flows: Background
    started: tuple[str, ...]


def bring_up(*, port: int | None, serve_words: list[str]) -> Up:
    """Have the server and the scheduled flows running; what runs already is left alone.

    Parameters
    ----------
    port : int or None
        Where the server listens, on loopback, if it is started now; by default `PORT`.
    serve_words : list of str
        What comes after `pulsar serve`.

    Raises
    ------
    ServerError
        If the flows are up with other words or do no work, the port is taken, or a process does
        not come up.
    """
    with one_at_a_time():
        _require_same_words(serve_words)
        server, url, fresh = _server(port or PORT)
        if fresh:
            _stop_flows()  # of a server that is gone: they would talk to that for ever
        flows, also = _flows(url, serve_words)
    names = [name for name, new in (("server", fresh), ("flows", also)) if new]
    return Up(url, server, flows, tuple(names))


def take_down() -> list[str]:
    """Stop what `bring_up` started, the flows first; give the names of what was stopped."""
    stopped = []
    with one_at_a_time():
        for name in ("flows", "server"):
            process = recall(note(name))
            if process:
                process.stop()
                stopped.append(name)
            note(name).unlink(missing_ok=True)
    return stopped


def _require_same_words(serve_words: list[str]) -> None:
    """Refuse to leave alone what does something else than is asked for."""
    before = running_words()
    if before is not None and before != serve_words:
        raise ServerError(
            f"the scheduled flows are up with other options: "
            f"{shlex.join(map(without_credentials, before))}; `pulsar down` "
            f"first, then up as you want them"
        )


def _require_at_work(url: str, serve_words: list[str]) -> None:
    """Refuse to leave alone what somebody has paused or changed on the server."""
    from flows.deployed import require_schedules

    given = dict(zip(serve_words[::2], serve_words[1::2], strict=True))
    trained = ["train/nightly", "decide/decide"] if "--data" in given else []
    scored = ["inbox/inbox"] if "--inbox" in given else []
    require_schedules(url, out=given["--out"], names=[*trained, *scored])


def _server(port: int) -> tuple[Background, str, bool]:
    found, url = recall(note("server")), running_url()
    if found and url:
        _require_answer(url, found)
        return found, url, False
    _require_free(port)
    url = f"http://127.0.0.1:{port}/api"
    words = [sys.executable, "-m", "prefect", "server", "start"]
    words += ["--host", "127.0.0.1", "--port", str(port)]
    env = {**FORGET_OLD_RUNS, **os.environ, **QUIET, **WRITE_IN_BATCHES, **REMEMBER_WHO_RUNS}
    env["PREFECT_UI_API_URL"] = url
    env.pop("PREFECT_API_URL", None)
    write_url(url)
    log = state() / "server.log"
    since = _size(log)
    made = start(words, log=log, env=env, note=note("server"))
    _wait_until(lambda: Server(url).answers(1.0), made, "the Prefect server", since=since)
    return made, url, True


def _require_answer(url: str, server: Background) -> None:
    """Wait for a server that may just have been started by a call that was cut short."""
    deadline = time.monotonic() + _ANSWER_SECONDS
    while not Server(url).answers(1.0):
        if time.monotonic() > deadline:
            raise ServerError(
                f"the Prefect server (process {server.pid}) does not answer at {url}; `pulsar "
                f"down`, then up again ({server.log})"
            )
        time.sleep(_POLL_SECONDS)


def _stop_flows() -> None:
    flows = recall(note("flows"))
    if flows:
        flows.stop()


def _flows(url: str, serve_words: list[str]) -> tuple[Background, bool]:
    found = recall(note("flows"))
    if found:
        _require_at_work(url, serve_words)
        return found, False
    words = [sys.executable, "-c", "from flows.cli import main; main()", "serve", *serve_words]
    port = _free_port()
    env = {
        **os.environ,
        **QUIET,
        "PREFECT_API_URL": url,
        # The runner tells here that it polls: what a health check can ask.
        "PREFECT_RUNNER_SERVER_ENABLE": "true",
        "PREFECT_RUNNER_SERVER_HOST": "127.0.0.1",
        "PREFECT_RUNNER_SERVER_PORT": str(port),
    }
    write_words(serve_words)
    log = state() / "flows.log"
    since = _size(log)
    made = start(words, log=log, env=env, note=note("flows"))
    health = f"http://127.0.0.1:{port}/health"
    _wait_until(lambda: _answers(health), made, "the scheduled flows", since=since)
    return made, True


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _wait_until(ready: Callable[[], bool], process: Background, what: str, *, since: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if not process.alive() or time.monotonic() > deadline:
            process.stop()
            said = last_words(Path(process.log), since=since)
            raise ServerError(f"{what} did not come up: {said} ({process.log})")
        time.sleep(_POLL_SECONDS)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1.0):  # noqa: S310 - loopback
            return True
    except (OSError, ValueError):
        return False


def _require_free(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise ServerError(
            f"port {port} on 127.0.0.1 is taken ({error.strerror}); stop what listens there, or "
            f"name another with --port"
        ) from None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
