"""Nobody but their owner uses our Prefect servers: no stranger of this machine, no foreign page."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from service.answering import Server

Pulsar = Callable[..., subprocess.CompletedProcess[str]]

JSON = {"Content-Type": "application/json"}
STRANGERS: dict[str, dict[str, str]] = {
    "another user": JSON,
    "another user without a type": {},
    "a page": {**JSON, "Origin": "http://evil.example"},
    "a page without a type": {"Origin": "http://evil.example"},
    "a page of another port": {"Origin": "http://127.0.0.1:8000"},
    "a page in a file": {"Origin": "null"},
    "a name that leads here": {**JSON, "Host": "evil.example", "Origin": "http://evil.example"},
    "another password": {**JSON, "Authorization": "Basic eDp5"},
}
EVIL = {"script": "touch pwned"}
PULL = {"pull_steps": [{"prefect.deployments.steps.run_shell_script": EVIL}]}


def ask(
    url: str, method: str, body: object = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """Ask as a stranger's program would, without this project or Prefect; give status and JSON.

    No header is added: JSON without a type is what a browser sends abroad without asking first.
    """
    place = urlsplit(url)
    connection = HTTPConnection(place.netloc, timeout=120)
    data = None if body is None else json.dumps(body)
    connection.request(method, place.path, data, headers or {})
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    return answer.status, json.loads(read or b"null") if answer.status < 300 else None


def attack(
    api: str, deployment: str, headers: dict[str, str], *, patience: float = 0.0
) -> list[int]:
    """Give the deployment a step of the stranger's and have it run.

    Who is let in asks again for some seconds while the database is busy (503), as Prefect does.
    """
    place, until = f"{api}/deployments/{deployment}", time.monotonic() + patience
    said = []
    for url, method, body in ((place, "PATCH", PULL), (f"{place}/create_flow_run", "POST", {})):
        while (status := ask(url, method, body, headers)[0]) == 503 and time.monotonic() < until:
            time.sleep(1)
        said.append(status)
    return said


def let_in(secret: str) -> dict[str, str]:
    import base64

    return {**JSON, "Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module", params=[pytest.param("up", marks=pytest.mark.slow), "private"])
def shut(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, empty_history: Path
) -> Iterator[dict[str, Any]]:
    """Give a server of each kind: its address, password and process, and a deployment."""
    from service import server, up

    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        shutil.copy(empty_history, home / "prefect.db")
        patch.setenv("PREFECT_HOME", str(home))
        if request.param == "private":
            with server.prefect_server() as made:
                made.wait()
                assert made.process
                yield baited(made, made.process.pid)
            return
        try:
            process, made, _ = up.have_server(free_port())
            yield baited(made, process.pid)
        finally:
            up.take_down()


def baited(made: Server, pid: int) -> dict[str, Any]:
    """Have a deployment there, for strangers to want."""
    assert made.secret
    owner = let_in(made.secret)
    flow = done(f"{made.url}/flows/", {"name": "bait"}, owner)
    bait = done(f"{made.url}/deployments/", {"name": "bait", "flow_id": flow["id"]}, owner)
    about = {"url": made.url, "secret": made.secret, "pid": pid}
    return {**about, "owner": owner, "bait": bait["id"]}


def done(place: str, body: object, headers: dict[str, str]) -> Any:
    """Ask until it is done: a server that has just started may be busy."""
    deadline = time.monotonic() + 120
    while (found := ask(place, "POST", body, headers))[0] not in {200, 201}:
        assert time.monotonic() < deadline, f"{place} answered {found[0]}"
        time.sleep(0.5)
    return found[1]


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_changes_and_starts_nothing(
    headers: dict[str, str], shut: dict[str, Any]
) -> None:
    answers = attack(shut["url"], shut["bait"], headers)
    assert set(answers) <= {400, 401, 403}
    _, bait = ask(f"{shut['url']}/deployments/{shut['bait']}", "GET", None, shut["owner"])
    assert not bait["pull_steps"]
    _, runs = ask(f"{shut['url']}/flow_runs/filter", "POST", {}, shut["owner"])
    assert runs == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:8000"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 400),
        ({"Host": "127.0.0.1.evil.example"}, 400),
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_foreign_page_is_turned_away_even_with_the_password(
    method: str, headers: dict[str, str], status: int, shut: dict[str, Any]
) -> None:
    place = f"{shut['url']}/admin/version"
    body = {} if method == "POST" else None
    assert ask(place, method, body, {**shut["owner"], **headers})[0] == status


def test_a_page_of_the_server_itself_is_answered_and_no_other_named(shut: dict[str, Any]) -> None:
    own = shut["url"].removesuffix("/api")
    headers = {**shut["owner"], "Origin": own}
    asked = urllib.request.Request(f"{shut['url']}/admin/version", headers=headers)  # noqa: S310
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 - loopback
        assert answer.headers["Access-Control-Allow-Origin"] == own
    by_name = own.replace("127.0.0.1", "localhost")
    headers = {**shut["owner"], "Origin": by_name}
    assert ask(f"{by_name}/api/admin/version", "GET", None, headers)[0] == 200


def test_only_its_health_is_told_without_the_password(shut: dict[str, Any]) -> None:
    _, described = ask(f"{shut['url']}/openapi.json", "GET", None, shut["owner"])
    asked = [
        (path, method.upper()) for path, methods in described["paths"].items() for method in methods
    ]
    assert len(asked) > 150
    places = [*asked, ("/docs", "GET"), ("/openapi.json", "GET"), ("/health", "POST")]
    told = {
        path
        for path, method in places
        if ask(shut["url"] + path.replace("{", "").replace("}", ""), method)[0] != 401
    }
    assert told == {"/health", "/ready"}


@pytest.mark.parametrize("path", ["/events/in", "/events/out", "/logs/out"])
def test_no_socket_opens_without_the_password_or_to_a_foreign_page(
    path: str, shut: dict[str, Any]
) -> None:
    place = shut["url"].replace("http", "ws") + path
    with connect(place, subprotocols=["prefect"]) as asked:  # type: ignore[list-item]
        asked.send(json.dumps({"type": "auth", "token": "another"}))
        with pytest.raises(ConnectionClosed, match="1008"):
            asked.recv(timeout=120)
    with connect(place, subprotocols=["prefect"]) as asked:  # type: ignore[list-item]
        asked.send(json.dumps({"type": "auth", "token": shut["secret"]}))
        assert json.loads(asked.recv(timeout=120)) == {"type": "auth_success"}
    with pytest.raises(InvalidStatus, match="403"):
        connect(place, subprotocols=["prefect"], origin="http://evil.example")  # type: ignore[list-item, arg-type]
    with pytest.raises(InvalidStatus, match="403"):
        connect(place)


def test_the_password_is_on_no_command_line(shut: dict[str, Any]) -> None:
    told = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert "service." in told.stdout
    assert shut["secret"] not in told.stdout


def test_it_listens_to_this_machine_only(shut: dict[str, Any]) -> None:
    port = int(shut["url"].split(":")[2].split("/")[0])
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()
    lines += Path("/proc/net/tcp6").read_text(encoding="ascii").splitlines()
    listening = {line.split()[1] for line in lines if line.split()[3] == "0A"}
    assert {one for one in listening if one.endswith(f":{port:04X}")} == {f"0100007F:{port:04X}"}


@pytest.mark.slow
def test_at_rest_it_takes_next_to_no_processor(shut: dict[str, Any]) -> None:
    """An interval that Prefect rounded down to nothing once kept one busy all year."""
    deadline = time.monotonic() + 60  # it may still write down what other tests asked for
    while share_taken_by(shut["pid"]) >= 0.5:
        assert time.monotonic() < deadline


def share_taken_by(pid: int, *, seconds: float = 2.0) -> float:
    before = taken_by(pid)
    time.sleep(seconds)
    return (taken_by(pid) - before) / seconds


def taken_by(pid: int) -> float:
    """Seconds of a processor that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
def test_a_stranger_runs_no_command_through_what_up_started_and_its_owner_can(
    pulsar: Pulsar, environment: dict[str, str], tmp_path: Path
) -> None:
    """The owner's own try shows that the attack would have left its file."""
    home = Path(environment["PREFECT_HOME"])
    up = pulsar("up", "--inbox", "in", "--port", free_port(), "--json", cwd=tmp_path)
    try:
        assert up.returncode == 0, up.stderr
        told = json.loads(up.stdout)
        api, secret = told["url"], Path(told["secret_file"]).read_text().strip()
        assert secret not in up.stdout + up.stderr
        _, found = ask(f"{api}/deployments/name/inbox/inbox", "GET", None, let_in(secret))
        for headers in STRANGERS.values():
            assert set(attack(api, found["id"], headers)) <= {400, 401, 403}
        assert attack(api, found["id"], let_in(secret), patience=120) == [204, 201]
        deadline = time.monotonic() + 120
        while not left(tmp_path, home) and time.monotonic() < deadline:
            time.sleep(0.5)
        assert len(left(tmp_path, home)) == 1
        _, runs = ask(f"{api}/flow_runs/filter", "POST", {}, let_in(secret))
        ours = [run for run in runs if run["deployment_id"] == found["id"]]
        assert len([run for run in ours if not run["auto_scheduled"]]) == 1
        assert listeners_of(told["flows"]) == set(), "such as the runner's, which anybody can stop"
        assert holders(secret, home, tmp_path) == [told["secret_file"]]
    finally:
        pulsar("down")


def left(*folders: Path) -> list[Path]:
    """Find what the stranger's command leaves, wherever the flows are."""
    return [file for folder in folders for file in folder.rglob("pwned")]


def listeners_of(pid: int) -> set[str]:
    """Say where a process takes HTTP."""
    found = set()
    inodes = {str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir() if one.is_symlink()}
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines():
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
            address = f"http://127.0.0.1:{int(fields[1].split(':')[1], 16)}/health"
            try:
                urllib.request.urlopen(address, timeout=3).close()
            except urllib.error.HTTPError:
                pass
            except (OSError, ValueError):
                continue  # the runner's channel to its children, which speaks no HTTP
            found.add(address)
    return found


def holders(secret: str, *folders: Path) -> list[str]:
    """Name the files that hold the password."""
    files = (file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file())
    return [str(file) for file in files if secret.encode() in file.read_bytes()]
