"""Which Prefect server a command talks to: the one it is told of, or a private one.

Starting a server costs seconds of imports, and so do the flows; the private server is therefore
started first, as a process of its own, and loads while this process imports. It listens on
loopback, keeps its history where Prefect keeps it (PREFECT_HOME), and ends with the command.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from schemas.errors import ServerError

QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
}
"""No call leaves this machine on Prefect's behalf."""

WRITE_IN_BATCHES = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "0.5",
}
"""Fewer, larger writes: SQLite answers 503 when many small ones queue up."""

REMEMBER_WHO_RUNS = {
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
        "prefect.server.concurrency.lease_storage.filesystem"
    ),
}
"""In memory, the default, a restart forgets who holds the one place that a deployment has."""

FORGET_OLD_RUNS = {"PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs"}
"""By default only events are forgotten; a pass every five minutes is 100,000 flow runs a year."""

_ONLY_WHAT_A_RUN_NEEDS = {
    **WRITE_IN_BATCHES,
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_UI_ENABLED": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
}

_START_SECONDS = 120.0
_ANSWER_SECONDS = 5.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Server:
    """A Prefect server that answers, or will.

    Attributes
    ----------
    url : str
        Address of its API.
    process : Popen or None
        The private server; None when the user named one.
    """

    url: str
    process: subprocess.Popen[bytes] | None = None

    def wait(self) -> None:
        """Wait until it answers; call it when there is nothing else to do.

        Raises
        ------
        ServerError
            If it ended while it started, or does not answer in time.
        """
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers(_START_SECONDS):
            if self.process and self.process.poll() is not None:
                raise ServerError(
                    f"the private Prefect server ended while it started; {_log()} has its words"
                )
            if time.monotonic() > deadline:
                raise ServerError(f"no Prefect server answers at {self.url}; {_log()} may say why")
            time.sleep(_POLL_SECONDS)

    def require(self) -> None:
        """Have an answer at once.

        Raises
        ------
        ServerError
            If there is none.
        """
        if not self.answers(_ANSWER_SECONDS):
            raise ServerError(
                f"no Prefect server answers at {self.url}; start one with `prefect server "
                f"start`, or unset PREFECT_API_URL to use a private one"
            )

    def answers(self, seconds: float) -> bool:
        """Whether it answers within so many seconds."""
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=seconds):  # noqa: S310 - the user's own server
                return True
        except (OSError, ValueError):
            return False


def prefect_home() -> Path:
    """Where Prefect keeps its settings and history."""
    return Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser()


def configured_api_url() -> str | None:
    """Find the server that the user's Prefect settings name, without importing Prefect.

    Returns
    -------
    str or None
        From PREFECT_API_URL, else `prefect.toml` here, else the active Prefect profile.
    """
    if "PREFECT_API_URL" in os.environ:
        return os.environ["PREFECT_API_URL"] or None
    url = _table(Path("prefect.toml")).get("api", {}).get("url")
    if url:
        return str(url)
    path = os.environ.get("PREFECT_PROFILES_PATH", prefect_home() / "profiles.toml")
    profiles = _table(Path(path))
    active = os.environ.get("PREFECT_PROFILE", profiles.get("active"))
    url = profiles.get("profiles", {}).get(active, {}).get("PREFECT_API_URL")
    return str(url) if url else None


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        return {}


@contextmanager
def prefect_server() -> Iterator[Server]:
    """Have a Prefect server for the length of the block.

    Enter it before importing Prefect: it sets environment variables that Prefect reads once.

    Yields
    ------
    Server
        A private one may not be ready yet.

    Raises
    ------
    ServerError
        If the server that the settings name does not answer.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    from flows.up_notes import running_url

    url = configured_api_url() or running_url()
    if url is not None:
        server = Server(url)
        server.require()
        os.environ["PREFECT_API_URL"] = url
        yield server
        return
    with _private_server() as server:
        os.environ["PREFECT_API_URL"] = server.url
        try:
            yield server
        finally:
            del os.environ["PREFECT_API_URL"]


@contextmanager
def _private_server() -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as listener, _open_log() as log:
        port = listener.getsockname()[1]
        process = subprocess.Popen(  # noqa: S603 - this interpreter, this project's own module
            [sys.executable, "-m", "flows.private_server", str(listener.fileno())],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=[listener.fileno()],
            env={**os.environ, **_ONLY_WHAT_A_RUN_NEEDS},
            # Ctrl-C is for the command; the server must outlive it to take the last messages.
            start_new_session=True,
        )
    try:
        yield Server(f"http://127.0.0.1:{port}/api", process)
    finally:
        _stop(process)


def _open_log() -> BinaryIO:
    try:
        _log().parent.mkdir(parents=True, exist_ok=True)
        return _log().open("wb")
    except OSError as error:
        raise ServerError(
            f"Prefect cannot keep its history in {prefect_home()} ({error.strerror}); set "
            f"PREFECT_HOME to a folder that can be written"
        ) from None


def _log() -> Path:
    return prefect_home() / "pulsar-private-server.log"


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
