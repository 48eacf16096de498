"""What every test may ask for."""

from __future__ import annotations

import atexit
import gc
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# As `service.collector` says: no search for garbage through all that is imported at collection.
gc.disable()

# Read by Prefect at its first import: tests leave a user's history and settings alone.
for _name in ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "PREFECT_PROFILE"):
    os.environ.pop(_name, None)
os.environ["DO_NOT_TRACK"] = "1"
# As the command does, and before NumPy is imported: the same rows have to give the same bytes.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
# Kept results of steps: a developer's own are left alone.
_STORAGE = "PREFECT_LOCAL_STORAGE_PATH"
os.environ[_STORAGE] = tempfile.mkdtemp(prefix="pulsar-tests-")
atexit.register(shutil.rmtree, os.environ[_STORAGE], ignore_errors=True)
os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"

# What Hypothesis draws for a test that does not say how much: `make test-slow` has it draw as much
# as it does by itself (--hypothesis-profile=thorough). No example has a deadline: how fast a thing
# is, tests of speed say, and on a loaded machine any may take a fifth of a second.
settings.register_profile("quick", settings(), max_examples=20, deadline=None)
settings.register_profile("thorough", settings(), max_examples=100, deadline=None)
settings.load_profile("quick")

Pulsar = Callable[..., "subprocess.CompletedProcess[str]"]
Touched = list[tuple[str, str]]
COMMAND = (sys.executable, "-P", "-c", "from command.cli import main; main()")


def pytest_collection_finish() -> None:
    """Search for garbage again, but not in what was imported."""
    gc.freeze()
    gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make chaos` ask for more of the same tests."""
    parser.addoption("--size", choices=("short", "full", "long"), default="short")
    parser.addoption("--tallies", help="where to write what became of the faults, as JSON")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Give the directory of the real files; without PULSAR_DATA_DIR the test is skipped.

    With the variable set a missing file fails the test that opens it, so CI cannot pass by
    not looking.
    """
    value = os.environ.get("PULSAR_DATA_DIR")
    if not value:
        pytest.skip("PULSAR_DATA_DIR is not set")
    return Path(value).resolve()


@pytest.fixture(scope="session")
def empty_history(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database of Prefect's with nothing in it, to be copied.

    It is that of an earlier commit, emptied: from nothing Prefect takes six seconds to make one.
    """
    made = tmp_path_factory.mktemp("history") / "prefect.db"
    shutil.copy(unpacked / "prefect" / "prefect.db", made)
    with closing(sqlite3.connect(made)) as database:
        found = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        for (table,) in found.fetchall():
            if table != "alembic_version":
                database.execute(f'DELETE FROM "{table}"')  # noqa: S608 - a name of its own
        database.commit()
    return made


@pytest.fixture(scope="session")
def prefect_server(empty_history: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run one real Prefect server, as a command has it, for the whole session; give its address.

    Prefect's own harness would import the server into this process as well, which takes seconds.
    """
    from prefect.context import _temporary_global_settings_context, get_settings_context
    from prefect.events.worker import EventsWorker
    from prefect.settings import (
        PREFECT_API_URL,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        temporary_settings,
    )

    from service.answering import Server
    from service.prefect_private import send_last_lines
    from service.settings import WRITE_IN_BATCHES

    home = tmp_path_factory.mktemp("server-home")
    shutil.copy(empty_history, home / "prefect.db")
    env = {**os.environ, **WRITE_IN_BATCHES, "PREFECT_HOME": str(home)}
    env["PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED"] = "false"  # no automation is waited for
    with socket.create_server(("127.0.0.1", 0)) as listener, (home / "log").open("wb") as log:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        words = [sys.executable, "-P", "-m", "service.private_server", str(listener.fileno())]
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=log, stderr=log, env=env,
            pass_fds=[listener.fileno()],
        )  # fmt: skip
    with (
        process,  # it ends when its standard input is closed
        temporary_settings({PREFECT_API_URL: url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
        _temporary_global_settings_context(get_settings_context()),
    ):
        Server(url, process).wait()
        yield url
        send_last_lines(seconds=5)
        EventsWorker.drain_all(timeout=5)


@pytest.fixture(scope="session")
def object_store() -> Iterator[Any]:
    """Run an imitation of S3 on loopback, and give the fsspec file system that talks to it."""
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    told = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }
    with patch.dict(os.environ, told):
        import fsspec

        files = fsspec.filesystem("s3")
        files.mkdir("survey")
        yield files
    server.stop()


@pytest.fixture(scope="session")
def command() -> tuple[str, ...]:
    """Give the words that call `pulsar` in this interpreter, for tests that kill it."""
    return COMMAND


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give the environment of a newcomer: no server named, a Prefect home of its own."""
    home = tmp_path_factory.mktemp("prefect-home")
    mine = {name: value for name, value in os.environ.items() if name != _STORAGE}
    return {**mine, "PREFECT_HOME": str(home), "COLUMNS": "200"}


@pytest.fixture(scope="session")
def pulsar(environment: dict[str, str]) -> Pulsar:
    """Give a function that runs the command without a server, as a newcomer does."""

    def run(*words: object, **more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *map(str, words)],
            env={**environment, **more.pop("env", {})},
            stdout=more.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            text=True,
            timeout=600,
            check=False,
            **more,
        )

    return run


@pytest.fixture
def pulsar_here(
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Pulsar:
    """Give a function that runs the command in this process: refusals cost no imports then."""
    from command.cli import app
    from command.process import run_command

    def run(
        *words: object, cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        spelled = [str(word) for word in words]
        told = {name: environment[name] for name in ("PREFECT_HOME", "COLUMNS")}
        with monkeypatch.context() as there, patch.dict(os.environ, {**told, **(env or {})}):
            there.chdir(cwd or Path.cwd())
            code = run_command(partial(app, spelled), as_json="--json" in spelled)
        return subprocess.CompletedProcess(spelled, code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def served(pulsar: Pulsar, prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Pulsar:
    """Give a function that runs the command against the session's server."""
    env = {
        "PREFECT_API_URL": prefect_server,
        "PREFECT_HOME": str(tmp_path_factory.mktemp("served-home")),
    }
    return lambda *words, **more: pulsar(*words, env={**env, **more.pop("env", {})}, **more)


@pytest.fixture(scope="session")
def served_environment(
    environment: dict[str, str], prefect_server: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Give the environment that names the session's server, for tests that start and kill."""
    home = str(tmp_path_factory.mktemp("killed-home"))
    return {**environment, "PREFECT_API_URL": prefect_server, "PREFECT_HOME": home}


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the artifact root that the session's published runs share."""
    return tmp_path_factory.mktemp("artifacts")


@pytest.fixture(scope="session")
def published(served: Pulsar, data_dir: Path, artifacts: Path) -> dict[str, Any]:
    """Train once on the real file, seed 0, and give what the command printed for machines."""
    done = served("train", data_dir / "HTRU_2.csv", "--out", artifacts, "--json")
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack what an earlier commit left on disk; `fixtures/make_yesterday.sh` says how."""
    import tarfile

    made = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(ROOT / "tests" / "fixtures" / "yesterday.tar.xz") as archive:
        archive.extractall(made, filter="data")
    return made


@pytest.fixture
def yesterday(unpacked: Path, tmp_path: Path) -> Path:
    """Give a copy of what an earlier commit left on disk: `artifacts`, `prefect`, `inbox`."""
    return Path(shutil.copytree(unpacked, tmp_path / "yesterday"))


@pytest.fixture(scope="session")
def train_here(prefect_server: str) -> Callable[..., dict[str, Any]]:  # noqa: ARG001 - the flow needs it
    """Give a function that runs the flow in this process: no imports to wait for again."""
    from flows.training import train
    from pulsars.store.runs import load_run
    from schemas.parameters import TrainingParameters

    def run(data: Path, out: Path, **parameters: object) -> dict[str, Any]:
        asked = {"data": str(data), "out": str(out), **parameters}
        return load_run(Path(train(TrainingParameters.model_validate(asked)).path)).summary()

    return run


DRAWING = (
    "charts", "compare_plots", "heat", "history_chart", "overlays", "plots", "roc", "trust_plots",
)  # fmt: skip


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave pictures out where nobody looks at them: drawing is half of a small training."""
    for name in DRAWING:
        monkeypatch.setattr(f"pulsars.report.{name}.draw_svg", lambda *_, **__: "<svg></svg>")


@pytest.fixture(scope="session")
def championed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Give a function that makes an artifact root with a champion and another run."""
    from pulsars.store.champions import crown
    from pulsars.store.runs import load_run
    from tests.published import published_as

    made = tmp_path_factory.mktemp("championed")
    champion = published_as(made, "20260101-000000-000-champion")
    published_as(made, "20260102-000000-000-another0", of=12)
    crown(made, load_run(champion), how="person", because="a test needs one")
    return lambda: Path(
        shutil.copytree(made, tmp_path_factory.mktemp("out"), dirs_exist_ok=True)
    ).resolve()


@pytest.fixture(scope="session")
def listener() -> Iterator[list[Touched]]:
    """Have a list that the interpreter tells of every file opened and every folder listed.

    While it is empty nobody listens; a hook of the interpreter cannot be taken out again.
    """
    heard: list[Touched] = []

    def hear(event: str, args: tuple[Any, ...]) -> None:
        if heard and event in {"open", "os.listdir", "os.scandir"}:
            heard[-1].append((event, str(args[0])))

    sys.addaudithook(hear)
    yield heard
    heard.clear()


@pytest.fixture
def touched(listener: list[Touched]) -> Iterator[Callable[[Path], Touched]]:
    """Give a function that says what was opened or listed below a folder since last asked."""
    listener.append([])

    def since(folder: Path) -> Touched:
        found = [one for one in listener[-1] if one[1].startswith(str(folder))]
        listener[-1].clear()
        return found

    yield since
    listener.clear()
