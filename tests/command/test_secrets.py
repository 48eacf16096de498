"""A password in an address, or in netrc, is nowhere to be found after a run."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pulsars.credentials import request_for
from pulsars.inbox.arrivals import open_inbox
from pulsars.reading import fetching
from schemas.errors import ParameterError
from service.answering import Server
from service.settings import QUIET
from tasks.plumbing.blocks import opened
from tests.hosts import QuietHandler, serving

pytestmark = pytest.mark.slow

Pulsar = Callable[..., subprocess.CompletedProcess[str]]
PASSWORD, TOKEN = "s3cretWORD", "tOpSecretTOKEN"
BASIC = base64.b64encode(f"anna:{PASSWORD}".encode()).decode()
NEVER = [PASSWORD.encode(), TOKEN.encode(), BASIC.encode(), b"anna:"]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A host that gives candidates to whoever knows the password."""
    from command.demonstration import write_simulation

    sky = tmp_path_factory.mktemp("host") / "sky.csv"
    write_simulation(sky, rows=1200, prevalence=0.2, seed=4)

    class Host(QuietHandler):
        def do_GET(self) -> None:
            opened = self.headers.get("Authorization") == f"Basic {BASIC}"
            self.send_response(200 if opened else 401)
            body = sky.read_bytes() if opened else b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with serving(Host) as port:
        yield f"127.0.0.1:{port}"


@pytest.fixture(scope="module")
def shown(host: str, pulsar: Pulsar, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Train by a password in the address, score by netrc, and be refused, on a private server."""
    home = tmp_path_factory.mktemp("secrets")
    netrc = home / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login anna password {PASSWORD}\n")
    netrc.chmod(0o600)
    few = home / "few.json"
    few.write_text(json.dumps({"n_resamples": 100, "floor": 0.1}))
    bare = {"PREFECT_HOME": str(home / "prefect"), "HOME": str(home / "nobody")}
    knows = {**bare, "HOME": str(home)}
    root = ("--out", home / "out")
    whole = f"http://anna:{PASSWORD}@{host}/sky.csv?token={TOKEN}#{TOKEN}"
    said = {
        "train": pulsar("train", whole, *root, "--parameters", few, env=bare),
        "score": pulsar("score", f"http://{host}/sky.csv", *root, "--json", env=knows),
        "validate": pulsar("validate", whole, "--json", env=bare),
        "refused": pulsar("train", f"http://anna:x{PASSWORD}@{host}/x?{TOKEN}", *root, env=bare),
        "no schedule": pulsar("serve", "--inbox", f"s3://anna:{PASSWORD}@box/in?{TOKEN}", env=bare),
        "no inbox": pulsar("inbox", f"s3://anna:{PASSWORD}@box/in?{TOKEN}", *root, env=bare),
    }
    return {"said": said, "home": home, "host": host}


def test_a_run_is_opened_by_its_address_or_by_netrc(shown: dict[str, Any]) -> None:
    codes = {word: done.returncode for word, done in shown["said"].items()}
    assert codes == {
        "train": 0, "score": 0, "validate": 0, "refused": 3, "no schedule": 2, "no inbox": 2,
    }  # fmt: skip
    for word in ("no schedule", "no inbox"):
        assert "AWS_ACCESS_KEY_ID" in shown["said"][word].stderr


def test_no_terminal_shows_what_opened_it(shown: dict[str, Any]) -> None:
    for word, done in shown["said"].items():
        for never in NEVER:
            assert never.decode() not in done.stdout + done.stderr, word
    assert f"http://{shown['host']}/sky.csv" in shown["said"]["train"].stderr


def test_no_file_of_the_run_and_of_prefect_holds_what_opened_it(shown: dict[str, Any]) -> None:
    home: Path = shown["home"]
    files = [
        path for root in ("out", "prefect") for path in (home / root).rglob("*") if path.is_file()
    ]
    assert any(path.name == "prefect.db" for path in files)
    for path in files:
        content = path.read_bytes()
        assert not [never for never in NEVER if never in content], path
    (manifest,) = (home / "out" / "runs").rglob("manifest.json")
    written = json.loads(manifest.read_text())
    address = f"http://{shown['host']}/sky.csv"
    assert written["data"]["origin"] == written["parameters"]["data"] == address


@pytest.mark.usefixtures("prefect_server")
def test_a_secret_block_holds_a_whole_address(host: str, tmp_path: Path) -> None:
    from prefect.blocks.system import Secret

    Secret(value=f"http://anna:{PASSWORD}@{host}/sky.csv?token={TOKEN}").save("night-survey")
    with opened("secret://night-survey"):
        source = fetching.obtain("secret://night-survey", tmp_path, patience=5)
    assert source.origin == f"http://{host}/sky.csv"
    assert request_for(source.origin)["auth"] is None


@pytest.mark.usefixtures("prefect_server")
def test_an_inbox_may_be_a_secret_block(tmp_path: Path) -> None:
    from prefect.blocks.system import Secret

    Secret(value=f"local://{tmp_path}").save("the-inbox")
    with opened("secret://the-inbox"):
        assert open_inbox("secret://the-inbox")[1] == str(tmp_path)


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize("name", ["nobody", "", "No Name!"])
def test_a_block_that_is_not_there_is_a_sentence(name: str, tmp_path: Path) -> None:
    address = f"secret://{name}"
    with pytest.raises(ParameterError, match="no such block"), opened(address):
        fetching.obtain(address, tmp_path, patience=5)


def test_a_block_is_asked_for_at_a_server_that_is_shut_and_sends_nothing(
    pulsar_here: Pulsar, empty_history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.blocks.system import Secret

    shutil.copy(empty_history, tmp_path / "prefect.db")
    asked: list[tuple[bool | None, bool | None, dict[str, str | None]]] = []

    def load(_name: str) -> None:
        server = Server(os.environ["PREFECT_API_URL"])
        password = os.environ["PREFECT_API_AUTH_STRING"]
        told = {name: os.environ.get(name) for name in QUIET}
        asked.append((server.lets_in(None), server.lets_in(password), told))
        raise ValueError

    monkeypatch.setattr(Secret, "load", load)
    for name in QUIET:
        monkeypatch.delenv(name, raising=False)
    done = pulsar_here("validate", "secret://nope", env={"PREFECT_HOME": str(tmp_path)})
    assert (done.returncode, asked) == (2, [(False, True, QUIET)]), done.stderr
    assert "secret://nope: there is no such block" in done.stderr


def test_only_a_secret_has_a_server_started(
    pulsar_here: Pulsar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("command.launching.prefect_server", lambda _warn: pytest.fail("started"))
    assert pulsar_here("validate", tmp_path / "nothing.csv").returncode == 3
