"""A Prefect server and the scheduled flows as background processes of one machine."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flows.background import Background, last_words, recall, remember, start
from flows.server import (
    FORGET_OLD_RUNS,
    QUIET,
    REMEMBER_WHO_RUNS,
    WRITE_IN_BATCHES,
    Server,
    prefect_home,
)
from schemas.errors import ServerError

_START_SECONDS = 120.0
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


def bring_up(*, port: int, serve_words: list[str]) -> Up:
    """Have the server and the scheduled flows running; what runs already is left alone.

    Parameters
    ----------
    port : int
        Where the server listens, on loopback, if it is started now.
    serve_words : list of str
        What comes after `pulsar serve`.

    Raises
    ------
    ServerError
        If the flows are up with other words, the port is taken, or a process does not come up.
    """
    with _one_at_a_time():
        _require_same_words(serve_words)
        server, url, fresh = _server(port)
        flows, also = _flows(url, serve_words)
    names = [name for name, new in (("server", fresh), ("flows", also)) if new]
    return Up(url, server, flows, tuple(names))


def take_down() -> list[str]:
    """Stop what `bring_up` started, the flows first; give the names of what was stopped."""
    stopped = []
    with _one_at_a_time():
        for name in ("flows", "server"):
            process = recall(_note(name))
            if process:
                process.stop()
                stopped.append(name)
            _note(name).unlink(missing_ok=True)
    return stopped


def running_url() -> str | None:
    """Give the address of the server that `bring_up` started, while it runs."""
    if recall(_note("server")) is None:
        return None
    try:
        return (_state() / "url").read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def _require_same_words(serve_words: list[str]) -> None:
    """Refuse to leave alone what does something else than is asked for."""
    if recall(_note("flows")) is None:
        return
    try:
        before = json.loads(_words().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if before != serve_words:
        raise ServerError(
            f"the scheduled flows are up with other options: {shlex.join(before)}; `pulsar down` "
            f"first, then up as you want them"
        )


def _server(port: int) -> tuple[Background, str, bool]:
    found, url = recall(_note("server")), running_url()
    if found and url:
        return found, url, False
    _require_free(port)
    url = f"http://127.0.0.1:{port}/api"
    words = [sys.executable, "-m", "prefect", "server", "start"]
    env = {**FORGET_OLD_RUNS, **os.environ, **QUIET, **WRITE_IN_BATCHES, **REMEMBER_WHO_RUNS}
    env["PREFECT_UI_API_URL"] = url
    env.pop("PREFECT_API_URL", None)
    made = start(
        [*words, "--host", "127.0.0.1", "--port", str(port)], log=_state() / "server.log", env=env
    )
    remember(_note("server"), made)
    (_state() / "url").write_text(url, encoding="utf-8")
    _wait_until(lambda: Server(url).answers(1.0), made, "the Prefect server")
    return made, url, True


def _flows(url: str, serve_words: list[str]) -> tuple[Background, bool]:
    found = recall(_note("flows"))
    if found:
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
    _words().write_text(json.dumps(serve_words), encoding="utf-8")
    made = start(words, log=_state() / "flows.log", env=env)
    remember(_note("flows"), made)
    _wait_until(lambda: _answers(f"http://127.0.0.1:{port}/health"), made, "the scheduled flows")
    return made, True


def _wait_until(ready: Callable[[], bool], process: Background, what: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if not process.alive() or time.monotonic() > deadline:
            process.stop()
            raise ServerError(
                f"{what} did not come up: {last_words(Path(process.log))} ({process.log})"
            )
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


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    _state().mkdir(parents=True, exist_ok=True)
    with (_state() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _note(name: str) -> Path:
    return _state() / f"{name}.json"


def _words() -> Path:
    return _state() / "words.json"


def _state() -> Path:
    return prefect_home() / "pulsar-up"
