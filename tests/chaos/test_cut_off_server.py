"""A real server that stops, dies or locks up in the middle of a command."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

Whole = Callable[[Path, dict[str, Any]], bool]

SERVE = (
    "import sys, uvicorn\n"
    "from prefect.server.api.server import create_app\n"
    "uvicorn.run(create_app(), host='127.0.0.1', port=int(sys.argv[1]), log_level='error')"
)


class OwnServer:
    """A Prefect server of this module's own, with a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/api"
        self.start()

    def start(self) -> None:
        env = {**os.environ, "PREFECT_HOME": str(self.home), "PREFECT_UI_ENABLED": "false"}
        self.process = subprocess.Popen([sys.executable, "-c", SERVE, str(self._port)], env=env)

    def wait(self) -> None:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/health", timeout=5):  # noqa: S310 - its own
                return
            time.sleep(0.2)
        raise TimeoutError(self.url)

    def end(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()

    def stop_for(self, seconds: float) -> None:
        self.process.send_signal(signal.SIGSTOP)
        threading.Timer(seconds, self.process.send_signal, [signal.SIGCONT]).start()

    def restart(self) -> None:
        self.end()
        self.start()

    def lock_for(self, seconds: float) -> None:
        """Lock the database, as a backup or another process may."""
        locked = threading.Event()

        def hold() -> None:
            with closing(sqlite3.connect(self.home / "prefect.db", timeout=60)) as database:
                database.execute("BEGIN EXCLUSIVE")
                locked.set()
                time.sleep(seconds)

        threading.Thread(target=hold, daemon=True).start()
        assert locked.wait(90)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    server = OwnServer(tmp_path_factory.mktemp("own-home"))
    try:
        server.wait()
        yield server
    finally:
        server.end()


@pytest.fixture
def cut_during(
    own_server: OwnServer,
    command: tuple[str, ...],
    environment: dict[str, str],
    sky: Path,
    tmp_path: Path,
) -> Callable[[Callable[[OwnServer], None]], tuple[int, float, str]]:
    """Give a function that does something to the server of a training.

    It gives the exit code, how many seconds that took from then on, and what was said.
    """
    if own_server.process.poll() is not None:
        own_server.start()
    own_server.wait()
    env, log = {**environment, "PREFECT_API_URL": own_server.url}, tmp_path / "said"

    def run(fault: Callable[[OwnServer], None]) -> tuple[int, float, str]:
        words = [*command, "train", str(sky), "--out", str(tmp_path / "out")]
        with log.open("wb") as file:
            process = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=file)
        try:
            while "working in" not in log.read_text() and process.poll() is None:
                time.sleep(0.02)
            fault(own_server)
            since = time.monotonic()
            code = process.wait(500)
        finally:
            process.kill()
            process.wait()
        return code, time.monotonic() - since, log.read_text()

    return run


Cut = Callable[[Callable[[OwnServer], None]], tuple[int, float, str]]
FAULTS: dict[str, Callable[[OwnServer], None]] = {
    "stopped for 20 s": lambda server: server.stop_for(20),
    "killed and started again": OwnServer.restart,
    "its database locked for 15 s": lambda server: server.lock_for(15),
}


@pytest.mark.usefixtures("only_full")
@pytest.mark.parametrize("fault", FAULTS)
def test_the_command_survives_a_server_that_was(
    fault: str, request: pytest.FixtureRequest, is_whole: Whole, tmp_path: Path
) -> None:
    cut_during: Cut = request.getfixturevalue("cut_during")  # no server where this is skipped
    code, _, said = cut_during(FAULTS[fault])
    assert code == 0, said
    from pulsars.store.runs import read_runs

    (run,) = read_runs(tmp_path / "out")[0]
    assert is_whole(tmp_path / "out", run.summary())


@pytest.mark.usefixtures("only_full")
def test_the_command_says_within_minutes_that_its_server_died_for_good(
    request: pytest.FixtureRequest,
    train_here: Callable[..., dict[str, Any]],
    sky: Path,
    is_whole: Whole,
    tmp_path: Path,
) -> None:
    cut_during: Cut = request.getfixturevalue("cut_during")
    code, took, said = cut_during(OwnServer.end)
    assert code == 2, said
    assert said.splitlines()[-1].endswith("the same command goes on where it was")
    for raw in ("Error logging", "Event(", "Traceback", "internal"):
        assert raw not in said
    assert took < 300
    assert is_whole(tmp_path / "out", train_here(sky, tmp_path / "out"))
