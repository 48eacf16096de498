"""Which server a command talks to, and that the private one never outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows import server
from schemas.errors import ServerError

NAMED = 'active = "ours"\n[profiles.ours]\nPREFECT_API_URL = "http://127.0.0.1:4200/api"\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Prefect home without settings, in an empty folder."""
    for name in ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("home")
def test_without_settings_no_server_is_named() -> None:
    assert server.configured_api_url() is None


def test_the_active_profile_names_a_server(home: Path) -> None:
    (home / "profiles.toml").write_text(NAMED)
    assert server.configured_api_url() == "http://127.0.0.1:4200/api"


def test_a_profile_that_is_not_active_names_none(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "profiles.toml").write_text(NAMED)
    monkeypatch.setenv("PREFECT_PROFILE", "another")
    assert server.configured_api_url() is None


def test_the_environment_goes_before_the_profile(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "profiles.toml").write_text(NAMED)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:5000/api")
    assert server.configured_api_url() == "http://127.0.0.1:5000/api"


def test_a_settings_file_here_goes_before_the_profile(home: Path) -> None:
    (home / "profiles.toml").write_text(NAMED)
    (home / "prefect.toml").write_text('[api]\nurl = "http://127.0.0.1:6000/api"\n')
    assert server.configured_api_url() == "http://127.0.0.1:6000/api"


def test_broken_settings_name_none(home: Path) -> None:
    (home / "profiles.toml").write_text("active = [")
    assert server.configured_api_url() is None


@pytest.mark.usefixtures("home")
def test_a_named_server_that_does_not_answer_is_said_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    since = time.monotonic()
    with pytest.raises(ServerError, match=r"127\.0\.0\.1:9"), server.prefect_server():
        pytest.fail("went on without a server")
    assert time.monotonic() - since < 6


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in found.stdout.split()]


@pytest.mark.slow
def test_the_private_server_ends_with_its_parent_however_that_ends(
    environment: dict[str, str],
) -> None:
    """And it starts where standard input is closed, as daemons may have it."""
    script = (
        "import os, time; os.close(0)\n"
        "from flows.process import open_standard_streams; open_standard_streams()\n"
        "from flows.server import prefect_server\n"
        "with prefect_server() as server:\n"
        "    server.wait()\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(100)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], env=environment, text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert parent.stdout
    assert parent.stdout.readline() == "ready\n"
    (child,) = children_of(parent.pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    alive = Path(f"/proc/{child}").exists()
    if alive:
        os.kill(child, signal.SIGKILL)
    assert not alive
