"""Real servers, workers and databases, as children that end with the tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from service import background
from service.settings import QUIET, WRITE_IN_BATCHES

ROOT = Path(__file__).resolve().parent.parent.parent
PREFECT = (sys.executable, "-m", "prefect", "--no-prompt")
PATIENCE = 300.0  # for what a busy machine may hold up


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until(true: Callable[[], Any], *, what: str, seconds: float = PATIENCE) -> Any:
    """Ask again and again; give the first answer that counts as true."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.25)
    return found


@dataclass(frozen=True)
class Prefect:
    """A server, and who talks to it."""

    url: str
    env: dict[str, str]

    def __call__(self, *words: str) -> str:
        """Run the `prefect` command in the project's root."""
        done = subprocess.run(
            [*PREFECT, *words], cwd=ROOT, env=self.env,
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def settings(self) -> Iterator[None]:
        from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

        password = self.env.get("PREFECT_API_AUTH_STRING")
        with temporary_settings({PREFECT_API_URL: self.url, PREFECT_API_AUTH_STRING: password}):
            yield

    @contextmanager
    def client(self) -> Iterator[Any]:
        from prefect.client.orchestration import get_client

        with self.settings(), get_client(sync_client=True) as client:
            yield client

    def stop_schedules(self) -> None:
        """Leave the deployments to the tests alone."""
        with self.client() as client:
            for deployment in client.read_deployments():
                for schedule in deployment.schedules:
                    client.update_deployment_schedule(deployment.id, schedule.id, active=False)

    def ask_for(self, deployment: str, **parameters: object) -> UUID:
        """Ask for a run of a deployment."""
        with self.client() as client:
            found = client.read_deployment_by_name(deployment)
            made = client.create_flow_run_from_deployment(
                found.id, parameters={"parameters": parameters}
            )
        return UUID(str(made.id))

    def read(self, run: UUID) -> Any:
        with self.client() as client:
            return client.read_flow_run(run)

    def wait(self, run: UUID, *states: str, seconds: float = PATIENCE) -> Any:
        """Wait for a run's state to have one of these names."""

        def there() -> Any:
            found = self.read(run)
            return found if found.state.name in states else None

        return wait_until(there, seconds=seconds, what=f"{run} is {' or '.join(states)}")

    def history(self, run: UUID) -> list[str]:
        """Names of the states that a run went through, in order."""
        with self.client() as client:
            states = client.read_flow_run_states(run)
        return [state.name for state in sorted(states, key=lambda state: state.timestamp)]

    def events(self, name: str, resource: str = "") -> list[dict[str, Any]]:
        """Events of a name, about a resource whose identifier starts so."""
        asked = {
            "event": {"name": [name]},
            "resource": {"id_prefix": [resource]} if resource else None,
        }
        with self.client() as client:
            heard = client.request("POST", "/events/filter", json={"filter": asked})
        found: list[dict[str, Any]] = heard.json()["events"]
        return found


Start = Callable[..., background.Background]


@contextmanager
def starting(folder: Path) -> Iterator[Start]:
    """Give a function that starts processes; those, and only those, are ended with the block."""
    running: list[background.Background] = []

    def start(name: str, *words: str, env: dict[str, str]) -> background.Background:
        paths = {"log": folder / f"{name}.log", "note": folder / f"{name}.json"}
        running.append(background.start(words, env=env, **paths))
        return running[-1]

    try:
        yield start
    finally:
        for process in reversed(running):
            process.stop()


def start_worker(start: Start, server: Prefect, name: str, *more: str) -> None:
    """Start a worker of the pool `pulsar`."""
    words = ("worker", "start", "--pool", "pulsar", "--name", name, *more)
    start(name, *PREFECT, *words, env=server.env)


def environment_of(home: Path, **more: str) -> dict[str, str]:
    own = {
        "PREFECT_HOME": str(home),
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "PREFECT_RUNNER_POLL_FREQUENCY": "2",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    }
    return {**os.environ, **QUIET, **WRITE_IN_BATCHES, **own, **more}


def start_server(start: Start, home: Path, *words: str, **more: str) -> Prefect:
    """Start a Prefect server on a free port, and wait for it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    env = environment_of(home, **more)
    asked = ("server", "start", "--host", "127.0.0.1", "--port", str(port), *words)
    process = start("server", *PREFECT, *asked, env={**env, "PREFECT_UI_API_URL": url})

    def answers() -> bool:
        from service.answering import Server

        assert process.alive(), background.last_words(Path(process.log), 20)
        return Server(url).answers(1.0)

    wait_until(answers, what="the server answers")
    return Prefect(url, {**env, "PREFECT_API_URL": url})


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with starting(tmp_path_factory.mktemp("logs")) as given:
        yield given


@pytest.fixture(scope="session")
def sqlite_server(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Prefect:
    """A Prefect server on SQLite with all its services, for the whole session."""
    return start_server(start, tmp_path_factory.mktemp("sqlite-home"))


@pytest.fixture(scope="session")
def server_on() -> Callable[..., Prefect]:
    return start_server


@pytest.fixture(scope="session")
def worker_on() -> Callable[..., None]:
    return start_worker


@pytest.fixture(scope="session")
def port() -> Callable[[], int]:
    return free_port


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    return wait_until


@pytest.fixture(scope="session")
def processes() -> Callable[[Path], AbstractContextManager[Start]]:
    return starting


@pytest.fixture(scope="session")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small simulated file of labelled candidates."""
    from command.demonstration import write_simulation

    path = tmp_path_factory.mktemp("sky") / "sky.csv"
    write_simulation(path, rows=800, prevalence=0.1, seed=3)
    return path
