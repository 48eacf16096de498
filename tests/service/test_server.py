"""Which server a command talks to, and that the private one never outlives it."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from schemas.errors import ServerError
from service import server, server_of_up
from service.answering import Server
from service.background import started_at
from service.notes import note, write_url
from service.secret import have_secret
from service.settings import configured, kept_results
from service.up import have_server
from tests.hosts import QuietHandler, serving

NAMED = 'active = "ours"\n[profiles.ours]\nPREFECT_API_URL = "http://127.0.0.1:4200/api"\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Prefect home without settings, in an empty folder."""
    for name in ("API_URL", "API_AUTH_STRING", "API_KEY", "PROFILE", "PROFILES_PATH"):
        monkeypatch.delenv(f"PREFECT_{name}", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("home")
def test_without_settings_no_server_is_named() -> None:
    assert configured("url") is None


def test_the_active_profile_names_a_server(home: Path) -> None:
    (home / "profiles.toml").write_text(NAMED)
    assert configured("url") == "http://127.0.0.1:4200/api"


def test_a_profile_that_is_not_active_names_none(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "profiles.toml").write_text(NAMED)
    monkeypatch.setenv("PREFECT_PROFILE", "another")
    assert configured("url") is None


def test_the_environment_goes_before_the_profile(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "profiles.toml").write_text(NAMED)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:5000/api")
    assert configured("url") == "http://127.0.0.1:5000/api"


@pytest.mark.parametrize("name", ["LOCAL_STORAGE_PATH", "RESULTS_LOCAL_STORAGE_PATH"])
def test_results_are_looked_for_where_prefect_keeps_them(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for known in ("LOCAL_STORAGE_PATH", "RESULTS_LOCAL_STORAGE_PATH"):
        monkeypatch.delenv(f"PREFECT_{known}", raising=False)
    assert kept_results() == home / "storage"
    (home / "profiles.toml").write_text(f'{NAMED}PREFECT_{name} = "/of/a/profile"\n')
    assert kept_results() == Path("/of/a/profile")
    monkeypatch.setenv(f"PREFECT_{name}", "/of/the/environment")
    assert kept_results() == Path("/of/the/environment")


def test_a_settings_file_here_goes_before_the_profile(home: Path) -> None:
    (home / "profiles.toml").write_text(NAMED)
    (home / "prefect.toml").write_text('[api]\nurl = "http://127.0.0.1:6000/api"\n')
    assert configured("url") == "http://127.0.0.1:6000/api"


def test_broken_settings_name_none(home: Path) -> None:
    (home / "profiles.toml").write_text("active = [")
    assert configured("url") is None


@pytest.fixture
def unready() -> Iterator[tuple[str, list[str]]]:
    """Give the address of a server that is never ready, and the paths that it is asked for."""
    asked: list[str] = []

    class Unready(QuietHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(503)
            self.end_headers()

    with serving(Unready) as port:
        yield f"http://127.0.0.1:{port}/api", asked


@pytest.mark.usefixtures("home")
def test_a_named_server_that_does_not_answer_is_said_at_once(
    unready: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = unready
    for named in ("http://127.0.0.1:9/api", url):
        monkeypatch.setenv("PREFECT_API_URL", named)
        with pytest.raises(ServerError, match=re.escape(named)), server.prefect_server():
            pytest.fail("went on without a server")
    assert asked == ["/api/health", "/api/api/health"], "each place once: it is not waited for"


def test_the_password_is_found_wherever_the_address_can_stand(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert configured("auth_string") is None
    (home / "profiles.toml").write_text(NAMED + 'PREFECT_API_AUTH_STRING = "of a profile"\n')
    assert configured("auth_string") == "of a profile"
    (home / "pyproject.toml").write_text('[tool.prefect.api]\nauth_string = "of a project"\n')
    assert configured("auth_string") == "of a project"
    (home / "prefect.toml").write_text('[api]\nauth_string = "of this folder"\n')
    assert configured("auth_string") == "of this folder"
    (home / ".env").write_text("PREFECT_API_AUTH_STRING=of a file\n")
    assert configured("auth_string") == "of a file"
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "of the environment")
    assert configured("auth_string") == "of the environment"


class Door(QuietHandler):
    """A server that lets in who says `open sesame`, and lets everybody know that it is well."""

    secret: str | None = "open sesame"  # noqa: S105 - of a fairy tale
    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        given = self.headers["Authorization"]
        self.asked.append(given)
        wanted = self.secret and f"Basic {base64.b64encode(self.secret.encode()).decode()}"
        health = self.path == "/api/health"
        self.send_response(200 if health or wanted in (None, given) else 401)
        self.end_headers()


class Babel(QuietHandler):
    """Something that answers, and speaks another protocol."""

    def handle(self) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")


@pytest.mark.parametrize("path", ["api", "a pi"])
def test_whatever_speaks_no_http_is_no_server(path: str) -> None:
    with serving(Babel) as port:
        assert not Server(f"http://127.0.0.1:{port}/{path}").answers(1)


@pytest.fixture
def door() -> Iterator[tuple[type[Door], str]]:
    """Give a server and its address."""

    class Mine(Door):
        asked: ClassVar[list[str | None]] = []

    with serving(Mine) as port:
        yield Mine, f"http://127.0.0.1:{port}/api"


@pytest.mark.parametrize("known", [None, "another"])
def test_a_server_that_wants_a_password_is_refused_by_the_file_that_holds_it(
    known: str | None,
    door: tuple[type[Door], str],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", door[1])
    if known:
        monkeypatch.setenv("PREFECT_API_AUTH_STRING", known)
    with pytest.raises(ServerError) as refused, server.prefect_server():
        pytest.fail("went on without the password")
    assert str(home / "pulsar-up" / "secret") in str(refused.value)
    assert "PREFECT_API_AUTH_STRING" in str(refused.value)
    assert refused.value.exit_code == 2


def test_the_password_of_the_settings_opens_and_is_told_to_prefect_only_meanwhile(
    door: tuple[type[Door], str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", door[1])
    (home / "profiles.toml").write_text(
        'active = "a"\n[profiles.a]\nPREFECT_API_AUTH_STRING = "open sesame"\n'
    )
    with server.prefect_server() as found:
        assert "open sesame" not in repr(found)
        assert os.environ["PREFECT_API_AUTH_STRING"] == "open sesame"
    assert "PREFECT_API_AUTH_STRING" not in os.environ
    assert os.environ["PREFECT_API_URL"] == door[1]


@pytest.fixture
def up(door: tuple[type[Door], str], home: Path) -> tuple[type[Door], str]:
    """Note down the server as `pulsar up` does, and this process as the one it started."""
    (home / "pulsar-up").mkdir()
    me = {"pid": os.getpid(), "started": started_at(os.getpid()), "log": "log"}
    note("server").write_text(json.dumps(me))
    write_url(door[1])
    return door


@pytest.mark.parametrize("named", [False, True])
def test_the_password_of_up_is_used_for_its_server_however_that_is_spelled(
    named: bool,  # noqa: FBT001 - a parameter of the test
    up: tuple[type[Door], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    up[0].secret = have_secret()
    if named:
        monkeypatch.setenv("PREFECT_API_URL", up[1].replace("127.0.0.1", "localhost"))
    with server.prefect_server() as found:
        assert found.secret == up[0].secret
        assert os.environ["PREFECT_API_AUTH_STRING"] == up[0].secret


def test_the_password_of_up_is_told_to_no_other_server(
    up: tuple[type[Door], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "my home"))
    have_secret()
    write_url("http://127.0.0.1:9/api")
    monkeypatch.setenv("PREFECT_API_URL", up[1])
    quoted = r"wants its password.*\$\(cat '/.*/my home/.*'\)"
    with pytest.raises(ServerError, match=quoted), server.prefect_server():
        pytest.fail("went on without the password")
    assert up[0].asked == [None, None]


def test_a_server_that_an_older_up_started_is_used_and_said_to_be_open(
    up: tuple[type[Door], str],
) -> None:
    up[0].secret = None
    said: list[str] = []
    with server.prefect_server(said.append) as found:
        assert found == Server(up[1])
    assert f"anybody on this machine can use the Prefect server at {up[1]}" in said[0]
    assert "`pulsar down`, then `pulsar up`" in said[0]


@pytest.mark.parametrize(
    ("secret", "said"), [(None, "older version"), ("another", "has another password than")]
)
def test_up_leaves_no_server_alone_that_others_can_use_or_nobody(
    secret: str | None, said: str, up: tuple[type[Door], str]
) -> None:
    have_secret()
    up[0].secret = secret
    with pytest.raises(ServerError, match=said) as refused:
        have_server(4200)
    assert "`pulsar down`, then `pulsar up`" in str(refused.value)


class Waking(QuietHandler):
    """A server that is not ready when it is first asked."""

    asked: ClassVar[list[float]] = []

    def do_GET(self) -> None:
        self.asked.append(time.monotonic())
        self.send_response(200 if time.monotonic() - self.asked[0] > 1.5 else 503)
        self.end_headers()


@pytest.mark.usefixtures("up")
def test_the_server_of_up_is_waited_for_while_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_of_up, "_ANSWER_SECONDS", 0.5)  # of one that is up for longer
    with serving(Waking) as port:
        write_url(f"http://127.0.0.1:{port}/api")
        with server.prefect_server() as found:
            assert found.url == f"http://127.0.0.1:{port}/api"


@pytest.mark.usefixtures("up")
@pytest.mark.parametrize("named", [None, "http://localhost:9/api", "http://127.0.0.1:9"])
def test_of_the_server_of_up_that_does_not_answer_it_is_said_how_to_start_that_one_anew(
    named: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_of_up, "_ANSWER_SECONDS", 0.3)
    os.utime(note("server"), (0, 0))
    write_url("http://127.0.0.1:9/api")
    if named:
        monkeypatch.setenv("PREFECT_API_URL", named)
    with pytest.raises(ServerError, match=f"process {os.getpid()}") as refused:
        server.prefect_server().__enter__()
    assert "`pulsar down`, then `pulsar up`" in str(refused.value)
    assert "prefect server start" not in str(refused.value), "which asks for no password"
    assert "PREFECT_API_URL" not in str(refused.value)


@pytest.mark.usefixtures("home")
def test_the_server_of_up_that_has_ended_is_not_waited_for(
    unready: tuple[str, list[str]],
) -> None:
    url, asked = unready
    with pytest.raises(ServerError, match=re.escape(url)):
        server_of_up.wait_for_up(url)
    assert asked == ["/api/health"]


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
        "from command.process import open_standard_streams; open_standard_streams()\n"
        "from service.server import prefect_server\n"
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
    deadline = time.monotonic() + 120
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    alive = Path(f"/proc/{child}").exists()
    if alive:
        os.kill(child, signal.SIGKILL)
    assert not alive
