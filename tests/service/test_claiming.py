"""One process gives a server its schedules, from wherever and however the server is called."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import DeploymentStatus
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.variables import Variable

from schemas.errors import ServerError
from schemas.score_parameters import InboxParameters
from service import deployed
from service import up as service_up
from service.answering import Server
from service.background import Background, start, started_at
from service.claiming import alone_on_server
from service.deployed import pause_all_but, require_schedules
from service.notes import note, plan_file, write_url
from service.plan import Plan
from service.server_of_up import flows_of_up
from service.serving import deployments
from service.up import bring_up, take_down
from tests.hosts import QuietHandler, serving

pytestmark = pytest.mark.usefixtures("prefect_server")
HERE = socket.gethostname()


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client
        if client.read_variable_by_name("pulsar_serve"):
            client.delete_variable_by_name("pulsar_serve")


@pytest.fixture
def inbox(client: SyncPrefectClient, tmp_path: Path) -> Iterator[Any]:
    """Give the id of a deployment that is on the server for the length of the test."""
    asked = InboxParameters(inbox=str(tmp_path / "in"), out=str(tmp_path / "art"))
    (made,) = deployments(Plan(inbox=asked))
    deployment = made.apply()
    yield deployment
    client.delete_deployment(deployment)


def ask_for_work(client: SyncPrefectClient, deployment: Any) -> None:
    """Do what a process that serves does every ten seconds; the server notes it in its own time."""
    client.get_scheduled_flow_runs_for_deployments([deployment])
    deadline = time.monotonic() + 120
    while client.read_deployment(deployment).status != DeploymentStatus.READY:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def claimed(host: str, pid: int, started: str) -> None:
    claim: Any = {"host": host, "pid": pid, "started": started, "out": "/art"}
    Variable.set("pulsar_serve", claim, overwrite=True)


@pytest.mark.usefixtures("client")
def test_a_server_has_one_that_serves_until_that_one_stops(tmp_path: Path) -> None:
    with (
        alone_on_server(tmp_path / "one"),
        pytest.raises(
            ServerError, match=rf"process {os.getpid()}, artifacts in {tmp_path}/one, on {HERE}"
        ),
        alone_on_server(tmp_path / "two"),
    ):
        pass
    with alone_on_server(tmp_path / "two"):
        pass
    assert Variable.get("pulsar_serve") is None


@pytest.mark.usefixtures("client")
def test_a_process_that_was_killed_keeps_nobody_from_starting_again(tmp_path: Path) -> None:
    claimed(HERE, os.getpid(), "another moment")
    with alone_on_server(tmp_path):
        kept: Any = Variable.get("pulsar_serve")
        assert kept["started"] == started_at(os.getpid())


def test_another_machine_has_the_server_while_it_asks_for_work(
    client: SyncPrefectClient, inbox: Any, tmp_path: Path
) -> None:
    claimed("elsewhere", os.getpid(), "a moment")
    with alone_on_server(tmp_path):
        pass  # nobody asks for work: that machine is gone
    claimed("elsewhere", os.getpid(), "a moment")
    ask_for_work(client, inbox)
    with pytest.raises(ServerError, match=r"on elsewhere.*in a minute"), alone_on_server(tmp_path):
        pass


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("kept", [{"host": HERE}, ["who"], "who", {"by": "a later version"}])
def test_a_claim_that_cannot_be_read_is_none(kept: Any, tmp_path: Path) -> None:
    Variable.set("pulsar_serve", kept)
    with alone_on_server(tmp_path):
        found: Any = Variable.get("pulsar_serve")
        assert found["pid"] == os.getpid()


Start = Callable[..., Background]


@pytest.fixture
def up(
    prefect_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Background, Start]]:
    """Note down a process as the server of `up`; give it, and what starts more that only wait."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "my home"))
    begun: list[Background] = []

    def start_one(name: str, *words: str) -> Background:
        waits = [sys.executable, "-c", "import time; time.sleep(500)", *words]
        env, log = dict(os.environ), tmp_path / name
        begun.append(start(waits, log=log, env=env, note=note(name)))
        return begun[-1]

    server = start_one("server")
    write_url(prefect_server)
    yield server, start_one
    for one in begun:
        one.stop()


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("left", [None, "{", "null", '{"pid": 1, "started": "", "log": ""}'])
def test_flows_whose_note_is_lost_are_found_by_their_claim_and_stopped(
    left: str | None, up: tuple[Background, Start]
) -> None:
    server, start_one = up
    flows = start_one("flows", str(plan_file()))
    if left is None:
        note("flows").unlink()
    else:
        note("flows").write_text(left)
    assert flows_of_up() is None
    claimed(HERE, flows.pid, "another moment")
    assert flows_of_up() is None
    claimed("elsewhere", flows.pid, flows.started)
    assert flows_of_up() is None
    claimed(HERE, flows.pid, flows.started)
    assert take_down() == ["flows", "server"]
    assert not flows.alive()
    assert not server.alive()


@pytest.mark.usefixtures("client")
def test_who_claims_the_server_of_up_without_its_plan_is_not_stopped(
    up: tuple[Background, Start], tmp_path: Path
) -> None:
    other = up[1]("other", str(tmp_path / "plan.json"))
    claimed(HERE, other.pid, other.started)
    assert take_down() == ["server"]
    assert other.alive()


@pytest.mark.usefixtures("client")
def test_flows_that_are_kept_out_have_not_started_though_others_ask_for_the_same_work(
    up: tuple[Background, Start],
    prefect_server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = up[1]("other")
    claimed(HERE, other.pid, other.started)
    monkeypatch.setattr(deployed, "asked_for_work", lambda *_, **__: True)
    monkeypatch.setattr(service_up, "have_server", lambda _: (up[0], Server(prefect_server), False))
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    asked = InboxParameters(inbox=str(tmp_path / "in"), out=str(tmp_path / "art"))
    with pytest.raises(ServerError, match=f"did not come up: .* process {other.pid}, "):
        bring_up(Plan(inbox=asked), port=None)


SERVES = """
import sys
from pathlib import Path
from service.claiming import alone_on_server
with alone_on_server(Path("/quicker")):
    print("serves", flush=True)
    sys.stdin.read()
"""


@contextmanager
def way(to: str, *, before: str, first: Callable[[], None]) -> Iterator[str]:
    """Pass requests on to a server, and have something happen before the first of some kind."""
    waiting = [first]

    class Way(QuietHandler):
        def passed_on(self) -> None:
            if waiting and f"{self.command} {self.path}".startswith(before):
                waiting.pop()()
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told = {"Content-Type": "application/json"}
            answer = httpx.request(self.command, to + self.path, content=body, headers=told)
            self.send_response(answer.status_code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_DELETE = passed_on

    with serving(Way) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.slow
@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("before", ["DELETE /variables/", "POST /variables/"])
def test_of_two_that_take_over_a_dead_claim_one_is_refused(
    before: str, prefect_server: str, tmp_path: Path
) -> None:
    """The other one is a process of another home, and does all of it between two steps of ours."""
    claimed(HERE, os.getpid(), "another moment")
    others: list[subprocess.Popen[str]] = []

    def quicker() -> None:
        env = {**os.environ, "PREFECT_HOME": str(tmp_path), "PREFECT_API_URL": prefect_server}
        words = [sys.executable, "-c", SERVES]
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        others.append(subprocess.Popen(words, env=env, text=True, **pipes))
        assert others[0].stdout
        assert others[0].stdout.readline() == "serves\n"

    try:
        with (
            way(prefect_server, before=before, first=quicker) as url,
            temporary_settings({PREFECT_API_URL: url}),
            pytest.raises(ServerError, match="has just begun"),
            alone_on_server(tmp_path),
        ):
            pass
        kept: Any = Variable.get("pulsar_serve")
        assert (kept["out"], kept["pid"]) == ("/quicker", others[0].pid)
    finally:
        for other in others:
            other.communicate("")
    assert Variable.get("pulsar_serve") is None


def test_what_is_no_longer_planned_is_paused(client: SyncPrefectClient, inbox: Any) -> None:
    pause_all_but(["inbox/inbox"])
    assert not client.read_deployment(inbox).paused
    pause_all_but(["train/nightly", "decide/decide"])
    assert client.read_deployment(inbox).paused


@pytest.mark.usefixtures("client")
def test_what_somebody_else_claimed_meanwhile_is_left_to_them(tmp_path: Path) -> None:
    with alone_on_server(tmp_path):
        Variable.unset("pulsar_serve")
        claimed("elsewhere", 1, "a moment")
    assert Variable.get("pulsar_serve") is not None


def test_schedules_that_do_not_run_or_write_elsewhere_are_named(
    client: SyncPrefectClient, inbox: Any, tmp_path: Path, prefect_server: str
) -> None:
    require_schedules(Server(prefect_server), out=str(tmp_path / "art"), names=["inbox/inbox"])
    with pytest.raises(ServerError, match=rf"inbox/inbox writes to {tmp_path}/art.*pulsar down"):
        require_schedules(Server(prefect_server), out="/other", names=["inbox/inbox"])
    client.pause_deployment(inbox)
    with pytest.raises(ServerError, match=r"inbox/inbox is paused.*Prefect UI"):
        require_schedules(Server(prefect_server), out=str(tmp_path / "art"), names=["inbox/inbox"])
    with pytest.raises(ServerError, match="inbox/nobody is not there"):
        require_schedules(Server(prefect_server), out=str(tmp_path / "art"), names=["inbox/nobody"])
