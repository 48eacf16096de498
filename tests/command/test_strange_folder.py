"""The command in a folder full of files that are named like what it imports."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command.listed import COMMANDS
from tests.rooms import OUTSIDE, ROOT, tracked

FOLDERS = (
    "command",
    "service",
    "flows",
    "tasks",
    "pulsars",
    "encodings",
    "fastapi",
    "matplotlib",
    "prefect.settings",
)
FILES = (
    "tasks", "schemas", "slp", "interop", "prefect", "numpy", "pandas", "pandera", "pyarrow",
    "json", "secrets", "socket", "typing", "random", "uvicorn", "starlette", "httpx", "typer",
    "rich", "jinja2", "sitecustomize", "usercustomize", "multiprocessing", "sqlite3", "platform",
)  # fmt: skip
TRAP = """
from os import path
with open(__file__ + ".left", "w") as left:
    left.write(__name__)
raise RuntimeError("a stranger's " + __name__ + " was imported")
"""
Pulsar = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the folder."""
    folder = tmp_path_factory.mktemp("strange")
    for name in FOLDERS:
        package = folder.joinpath(*name.split("."))
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(TRAP)
        (package / "cli.py").write_text(TRAP)
    for name in FILES:
        (folder / f"{name}.py").write_text(TRAP)
    return folder


@pytest.fixture(scope="module")
def here(strange: Path, environment: dict[str, str]) -> Pulsar:
    """Give a function that runs the installed command there, as a person would."""
    command = Path(sys.executable).with_name("pulsar")

    def run(*words: object, **more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, *map(str, words)], cwd=strange, env={**environment, **more.pop("env", {})},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    return run


def require_unharmed(done: subprocess.CompletedProcess[str], strange: Path) -> None:
    assert [path.name for path in strange.rglob("*.left")] == []
    assert done.returncode == 0, done.stderr


def test_every_process_that_we_start_leaves_its_folder_out_of_the_search_path() -> None:
    files = [path for path in tracked() if path.relative_to(ROOT).parts[0] not in OUTSIDE]
    started = [
        option
        for file in files
        for option in re.findall(r"sys\.executable,\s*(\S+)", file.read_text(encoding="utf-8"))
    ]
    assert len(started) == 4
    assert set(started) == {'"-P",'}


def test_nobody_adds_the_folder_to_the_search_path_of_a_server_later(strange: Path) -> None:
    script = (
        "import os, sys\n"
        "from service.search_path import keep_out_the_current_folder\n"
        "keep_out_the_current_folder()\n"
        "before = list(sys.path)\n"
        "sys.path[:0] = ['.', os.getcwd(), 'elsewhere']\n"
        "sys.path.insert(0, '')\n"
        "assert sys.path == ['elsewhere', *before], sys.path\n"
        "import uvicorn\n"
    )
    words = [sys.executable, "-P", "-c", script]
    require_unharmed(
        subprocess.run(words, cwd=strange, capture_output=True, text=True, check=False), strange
    )


@pytest.mark.parametrize(
    "change",
    [
        "append('')", "append(os.getcwd())", "extend(['', 'elsewhere'])", "insert(0, '.')",
        "__iadd__([os.getcwd()])", "__setitem__(0, '')", "__setitem__(-1, os.getcwd())",
        "__setitem__(slice(0, 0), ['.'])",
    ],
)  # fmt: skip
def test_no_change_of_the_search_path_puts_the_folder_in(change: str, strange: Path) -> None:
    script = (
        "import os, sys\n"
        "from service.search_path import keep_out_the_current_folder\n"
        "keep_out_the_current_folder()\n"
        "before = [*sys.path]\n"
        f"sys.path.{change}\n"
        "sys.path += [os.getcwd(), 'further']\n"
        "assert [one for one in sys.path if one != 'elsewhere'] == [*before, 'further'], sys.path\n"
        "sys.path[0] = 'first'\n"
        "assert sys.path[0] == 'first'\n"
        "import uvicorn\n"
    )
    words = [sys.executable, "-P", "-c", script]
    require_unharmed(
        subprocess.run(words, cwd=strange, capture_output=True, text=True, check=False), strange
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_what_it_does(command: str, here: Pulsar, strange: Path) -> None:
    require_unharmed(here(command, "--help"), strange)


@pytest.mark.slow
def test_a_training_and_a_scoring_are_published(here: Pulsar, strange: Path) -> None:
    """With the private server, and the fresh process that repeats the scores."""
    require_unharmed(here("simulate", "sky.csv", "--rows", 1200), strange)
    require_unharmed(here("validate", "sky.csv"), strange)
    require_unharmed(here("train", "sky.csv", "--json"), strange)
    require_unharmed(here("score", "sky.csv", "--json"), strange)
    assert len(list((strange / "artifacts" / "runs").iterdir())) == 1
    assert len([one for one in (strange / "artifacts" / "scores").iterdir() if one.is_dir()]) == 1


@pytest.mark.slow
def test_what_looks_after_runs_does_so_there(here: Pulsar, strange: Path) -> None:
    require_unharmed(here("simulate", "other.csv", "--rows", 1200, "--seed", 5), strange)
    for seed in (6, 7):
        require_unharmed(here("train", "other.csv", "--out", "two", "--seed", seed), strange)
    first, second = sorted(one.name for one in (strange / "two" / "runs").iterdir())
    for words in (
        ("runs",), ("show", first), ("compare", first, second), ("history", "--html"),
        ("promote", second, "--because", "a test"), ("rollback", "--because", "a test"),
        ("prune", "--keep", 1, "--yes"),
    ):  # fmt: skip
        require_unharmed(here(*words, "--out", "two"), strange)
    (strange / "in").mkdir()
    (strange / "in" / "new.csv").write_bytes((strange / "other.csv").read_bytes())
    require_unharmed(here("inbox", "in", "--out", "two", "--settle-seconds", 0), strange)
    sweep = ("sweep", "other.csv", "--out", "two", "--n-epochs", 1, "--n-folds", 2, "--no-nested")
    require_unharmed(here(*sweep), strange)


@pytest.mark.slow
def test_scheduled_flows_run_there(
    here: Pulsar, strange: Path, environment: dict[str, str]
) -> None:
    """In processes that Prefect starts, not we."""
    home = {"PREFECT_HOME": environment["PREFECT_HOME"]}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    require_unharmed(here("simulate", "new.csv", "--rows", 1200, "--seed", 8), strange)
    require_unharmed(here("train", "new.csv", "--out", "sched", env=home), strange)
    words = ["--inbox", "box", "--out", "sched", "--settle-seconds", 0, "--score-every", 3]
    up = here("up", *words, "--port", port, "--json", env=home)
    try:
        require_unharmed(up, strange)
        assert json.loads(up.stdout)["started"] == ["server", "flows"]
        (strange / "box" / "new.csv").write_bytes((strange / "new.csv").read_bytes())
        deadline = time.monotonic() + 300
        while not list(strange.glob("sched/scores/*/scores.csv")):
            assert time.monotonic() < deadline, "nothing was scored"
            time.sleep(0.5)
    finally:
        down = here("down", env=home)
    require_unharmed(down, strange)
