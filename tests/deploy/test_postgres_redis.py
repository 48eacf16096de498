"""Past one process: PostgreSQL, Redis, a server, its services apart, and two workers."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import redis

PASSWORD = "of a test"  # noqa: S105
ROOT = Path(__file__).resolve().parent.parent.parent
ENDED = ("Completed", "Failed", "Crashed", "Cancelled")
N_RUNS = 10
AS_POSTGRES = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()


@pytest.fixture(scope="module")
def start(
    processes: Callable[[Path], AbstractContextManager[Any]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Any]:
    with processes(tmp_path_factory.mktemp("logs")) as given:
        yield given


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user, which may not be root, can reach."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        if AS_POSTGRES:
            shutil.chown(name, "postgres")
        yield Path(name)


def postgres_program(name: str) -> str:
    """Find a program where the path or Debian has it."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(debian[-1]) if debian else None)
    assert found, f"{name} is not here; `make test-deploy` needs postgresql and redis-server"
    return found


@pytest.fixture(scope="module")
def postgres(
    folder: Path, start: Any, port: Callable[[], int], until: Callable[..., Any]
) -> dict[str, str]:
    """A new PostgreSQL on loopback; gives what its clients read from the environment."""
    number, password, data = str(port()), secrets.token_hex(16), str(folder / "data")
    (folder / "password").write_text(password)
    made = (postgres_program("initdb"), "-D", data, "-U", "prefect", "--no-sync")
    access = ("-A", "scram-sha-256", "--pwfile", str(folder / "password"))
    subprocess.run([*AS_POSTGRES, *made, *access], cwd=folder, check=True, capture_output=True)
    settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")
    options = [word for setting in settings for word in ("-c", setting)]
    words = (postgres_program("postgres"), "-D", data, "-p", number, *options)
    start("postgres", *AS_POSTGRES, *words, env=dict(os.environ))
    env = {"PGHOST": "127.0.0.1", "PGPORT": number, "PGUSER": "prefect", "PGPASSWORD": password}
    ready = [postgres_program("pg_isready"), "-q"]
    until(
        lambda: subprocess.run(ready, env={**os.environ, **env}, check=False).returncode == 0,
        what="PostgreSQL answers",
    )
    return env


@pytest.fixture(scope="module")
def broker(start: Any, folder: Path, port: Callable[[], int], until: Callable[..., Any]) -> Any:
    """A new Redis on loopback that keeps nothing."""
    program = shutil.which("redis-server")
    assert program, "redis-server is not here; `make test-deploy` needs postgresql and redis-server"
    number = port()
    words = ("--port", str(number), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
    start("redis", program, *words, "--dir", str(folder), env=dict(os.environ))
    client = redis.Redis(port=number)

    def answers() -> bool:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False

    until(answers, what="Redis answers")
    return client


@pytest.fixture(scope="module")
def server(
    start: Any,
    server_on: Callable[..., Any],
    worker_on: Callable[..., None],
    postgres: dict[str, str],
    broker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """A server on both, its services as a process of their own, and two workers."""
    login = f"{postgres['PGUSER']}:{postgres['PGPASSWORD']}"
    host = f"{postgres['PGHOST']}:{postgres['PGPORT']}"
    messages = f"redis://127.0.0.1:{broker.connection_pool.connection_kwargs['port']}"
    env = {
        **committed_settings(),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://{login}@{host}/postgres",
        "PREFECT_REDIS_MESSAGING_URL": f"{messages}/0",
        "PREFECT_SERVER_DOCKET_URL": f"{messages}/1",
        "PREFECT_SERVER_API_AUTH_STRING": PASSWORD,
    }
    found = server_on(
        start,
        tmp_path_factory.mktemp("home"),
        "--no-services",
        **env,
        PREFECT_API_AUTH_STRING=PASSWORD,
    )
    services = (sys.executable, "-m", "prefect", "server", "services", "start")
    start("services", *services, env={**found.env, **env})
    found("work-pool", "create", "--type", "process", "pulsar")
    found("deploy", "flows/training.py:train", "--name", "many", "--pool", "pulsar")
    for name in ("one", "two"):
        worker_on(start, found, name, "--limit", str(N_RUNS // 2))  # or the first takes them all
    return found


def committed_settings() -> dict[str, str]:
    """Settings that `deploy/server.env` holds."""
    lines = (ROOT / "deploy" / "server.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def online(server: Any) -> set[str]:
    with server.client() as client:
        workers = client.request("POST", "/work_pools/pulsar/workers/filter", json={}).json()
    return {worker["name"] for worker in workers if worker["status"] == "ONLINE"}


def published(out: Path) -> list[Path]:
    return sorted((out / "runs").iterdir())


def test_ten_runs_at_once_on_two_workers_all_complete_and_none_twice(
    server: Any,
    postgres: dict[str, str],
    broker: Any,
    sky: Path,
    tmp_path: Path,
    until: Callable[..., Any],
) -> None:
    until(lambda: online(server) == {"one", "two"}, what="both workers are there to share")
    # Six to themselves, and four that take turns below one artifact root.
    outs = [tmp_path / (f"own-{n}" if n < 6 else "shared") for n in range(N_RUNS)]
    runs = [
        server.ask_for("train/many", data=str(sky), out=str(out), seed=seed, n_resamples=100)
        for seed, out in enumerate(outs)
    ]
    ended = [server.wait(run, *ENDED, seconds=400) for run in runs]
    assert [run.state.name for run in ended] == ["Completed"] * N_RUNS
    assert [run.run_count for run in ended] == [1] * N_RUNS
    for run in runs:
        history = Counter(server.history(run))
        assert (history["Pending"], history["Running"], history["Completed"]) == (1, 1, 1)
        assert not {"Crashed", "Failed", "AwaitingRetry"} & set(history)
    for out, asked in Counter(outs).items():
        assert len(published(out)) == asked
    names = [path.name for out in set(outs) for path in published(out)]
    assert len(names) == len({name.rsplit("-", 1)[-1] for name in names}) == N_RUNS

    def both_submitted() -> bool:
        taken = server.events("prefect.worker.submitted-flow-run")
        return {event["resource"]["prefect.resource.name"] for event in taken} == {"one", "two"}

    until(both_submitted, what="each worker has taken some")
    # And it was these that the server used, not its defaults.
    sql = "SELECT count(*) FROM flow_run WHERE state_type = 'COMPLETED'"
    told = subprocess.run(
        [postgres_program("psql"), "-At", "-d", "postgres", "-c", sql],
        env={**os.environ, **postgres}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(told.stdout) == N_RUNS
    assert broker.dbsize()
