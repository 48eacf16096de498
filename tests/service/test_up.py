"""A server and the scheduled flows in the background: up, up again, down, down again."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas import ServerError
from service import background
from service.background import Background, recall, size_of, start, wait_until

Pulsar = Callable[..., subprocess.CompletedProcess[str]]
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample.csv"


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Background]:
    """Give a background process that waits, with a child that waits too."""
    words = ["sh", "-c", "sleep 100 & sleep 100"]
    note = tmp_path / "note.json"
    process = start(words, log=tmp_path / "log", env=dict(os.environ), note=note)
    yield process
    process.stop()


def test_a_process_is_found_again_and_stopped_with_its_children(
    sleeper: Background, tmp_path: Path
) -> None:
    assert recall(tmp_path / "note.json") == sleeper
    sleeper.stop()
    assert recall(tmp_path / "note.json") is None
    left = subprocess.run(["pgrep", "-g", str(sleeper.pid)], capture_output=True, check=False)
    assert left.stdout == b""


def test_a_process_that_could_not_be_written_down_never_begins(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    env = dict(os.environ)
    with pytest.raises(OSError, match="file"):
        start(
            ["touch", str(tmp_path / "one")],
            log=tmp_path / "log",
            env=env,
            note=tmp_path / "file" / "note",
        )
    start(["touch", str(tmp_path / "two")], log=tmp_path / "log", env=env, note=tmp_path / "note")
    deadline = time.monotonic() + 120
    while not (tmp_path / "two").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (tmp_path / "two").exists()
    assert not (tmp_path / "one").exists()


def test_who_does_not_come_up_is_told_of_with_the_time_or_with_its_last_words(
    sleeper: Background, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env, note = dict(os.environ), tmp_path / "note.json"
    for words, told in (("exit 1", "without a word"), ("echo no room; exit 1", "no room")):
        since = size_of(tmp_path / "ends.log")
        ends = start(["sh", "-c", words], log=tmp_path / "ends.log", env=env, note=note)
        with pytest.raises(ServerError, match=rf"the server .*{told} \(.*ends.log\)"):
            wait_until(lambda: False, ends, "the server", since=since)
    monkeypatch.setattr(background, "_START_SECONDS", 0.2)
    with pytest.raises(ServerError, match=r"the server .* not within 0.2 s"):
        wait_until(lambda: False, sleeper, "the server", since=0)
    assert not sleeper.alive()


def test_an_id_that_was_given_to_another_process_is_not_ours(sleeper: Background) -> None:
    other = Background(sleeper.pid, "another moment", sleeper.log)
    assert not other.alive()
    other.stop()
    assert sleeper.alive()


def test_a_process_that_an_earlier_version_wrote_down_is_found_and_ended(
    sleeper: Background, tmp_path: Path
) -> None:
    """Its note is one line of JSON: the start as text, in the ticks that the system counts."""
    ticks = Path(f"/proc/{sleeper.pid}/stat").read_text().rpartition(")")[2].split()[19]
    note = tmp_path / "old.json"
    note.write_text(f'{{"pid": {sleeper.pid}, "started": "{ticks}", "log": "/tmp/server.log"}}')
    found = recall(note)
    assert found
    found.stop()
    assert recall(note) is None
    assert not sleeper.alive()


@pytest.mark.parametrize("note", ["", "{}", "[]", '{"pid": 1}'])
def test_a_broken_note_is_no_process(note: str, tmp_path: Path) -> None:
    (tmp_path / "note.json").write_text(note)
    assert recall(tmp_path / "note.json") is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--data"),
        (["--data", "none.csv"], "none.csv"),
        (["--data", str(SAMPLE), "--train-cron", "at noon"], "at noon"),
        (["--data", str(SAMPLE), "--train-every", "inf"], "--train-every inf"),
        (["--inbox", "in", "--score-every", "1e99"], "--score-every 1e+99"),
        (["--data", str(SAMPLE), "--train-cron", "0 3 31 2 *"], "a date that never comes"),
        (["--inbox", "in", "--webhook", "notaurl"], "--webhook 'notaurl'"),
        (["--inbox", "in", "--webhook", "http://"], "--webhook 'http://'"),
        (["--inbox", "in", "--webhook", "https://h/x?token=S3CRET"], "secret://NAME"),
        (["--inbox", "in", "--webhook", "https://u:S3CRET@h/x"], "secret://NAME"),
        (["--inbox", "in", "--webhook", "https://h/x#S3CRET"], "secret://NAME"),
        (["--inbox", ""], "--inbox is empty"),
        (["--inbox", "file.csv"], "file.csv is no folder"),
        (["--inbox", "file.csv/in"], "file.csv is no folder"),
        (["--inbox", "in", "--settle-seconds", "1e6"], "--settle-seconds 1000000"),
        (["--inbox", ".", "--data", "file.csv"], "--data file.csv lies in the inbox"),
        (["--inbox", ".", "--data", SAMPLE, "--parameters", "best.json"], "--parameters best.json"),
    ],
    ids=str,
)
def test_a_plan_that_cannot_be_is_refused_before_anything_starts(
    words: list[str], said: str, pulsar_here: Pulsar, tmp_path: Path
) -> None:
    (tmp_path / "file.csv").write_text("1\n")
    (tmp_path / "best.json").write_text("{}")
    done = pulsar_here("up", *words, cwd=tmp_path, env={"PREFECT_HOME": str(tmp_path / "home")})
    assert done.returncode in (2, 3)
    assert said in done.stderr
    assert "S3CRET" not in done.stderr
    assert not (tmp_path / "home" / "pulsar-up").exists()
    assert not (tmp_path / "in").exists()


@pytest.mark.slow
def test_a_tilde_after_an_equals_sign_is_the_home_folder(pulsar: Pulsar, tmp_path: Path) -> None:
    words = ["--inbox=~/in", "--out=~/art", "--train-cron", "at noon"]
    pulsar("up", *words, cwd=tmp_path, env={"HOME": str(tmp_path / "me")})
    (tmp_path / "art").mkdir()
    shown = pulsar("runs", "--out=~/art", "--json", cwd=tmp_path, env={"HOME": str(tmp_path)})
    assert shown.returncode == 0
    assert not list(tmp_path.glob("~*"))


@pytest.mark.slow
def test_up_is_idempotent_heals_what_was_killed_and_down_stops_it_all(
    pulsar: Pulsar, environment: dict[str, str], tmp_path: Path
) -> None:
    home = {"PREFECT_HOME": environment["PREFECT_HOME"]}  # migrated already, by other tests
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    words = ["up", "--inbox", "in", "--out", "art", "--port", port, "--json"]
    try:
        first = pulsar(*words, cwd=tmp_path, env=home)
        assert first.returncode == 0, first.stderr
        up = json.loads(first.stdout)
        assert up["started"] == ["server", "flows"]
        with urllib.request.urlopen(up["url"] + "/health") as answer:  # noqa: S310 - loopback
            assert answer.status == 200
        secret = Path(up["secret_file"]).read_text().strip()
        services = asked(f"{up['url']}/admin/settings", secret)["server"]["services"]
        assert sorted(services["db_vacuum"]["enabled"]) == ["events", "flow_runs"]
        (Path(up["secret_file"]).parent / "flows.json").unlink()  # a note that is lost
        again = json.loads(pulsar(*words, cwd=tmp_path, env=home).stdout)
        assert again == {**up, "started": []}
        elsewhere = pulsar(*words, "--port", port + 1, cwd=tmp_path, env=home)
        assert json.loads(elsewhere.stdout) == again
        assert f"already up on {up['url']}; the port asked for, {port + 1}, is not used" in (
            elsewhere.stderr
        )

        changed = refused(pulsar(*words, "--score-every", "7", cwd=tmp_path, env=home))
        assert "up with other options" in changed
        assert "pulsar down" in changed
        serve = ["serve", "--inbox", "new", "--out", "other"]
        spelled = up["url"].replace("127.0.0.1", "localhost")
        for named in (
            {**home, "PREFECT_API_URL": up["url"]},
            {
                "PREFECT_API_URL": spelled,
                "PREFECT_API_AUTH_STRING": secret,
                "PREFECT_HOME": str(tmp_path / "home"),
            },
        ):
            second = refused(pulsar(*serve, cwd=tmp_path, env=named))
            assert f"process {up['flows']}, artifacts in {tmp_path / 'art'}" in second
        assert f"PREFECT_API_URL={up['url']}" in refused(pulsar(*serve, cwd=tmp_path, env=home))
        assert not (tmp_path / "new").exists()

        pause(up["url"], secret)
        paused = refused(pulsar(*words, cwd=tmp_path, env=home))
        assert "inbox/inbox is paused" in paused
        assert "Prefect UI" in paused

        os.kill(up["flows"], signal.SIGKILL)
        healed = json.loads(pulsar(*words, cwd=tmp_path, env=home).stdout)
        assert healed["started"] == ["flows"]
        assert healed["server"] == up["server"]

        os.killpg(up["server"], signal.SIGKILL)
        both = json.loads(pulsar(*words, cwd=tmp_path, env=home).stdout)
        assert both["started"] == ["server", "flows"], "or they would talk to the dead one for ever"
    finally:
        down = pulsar("down", "--json", env=home)
    assert json.loads(down.stdout) == {"stopped": ["flows", "server"]}
    assert json.loads(pulsar("down", "--json", env=home).stdout) == {"stopped": []}
    deadline = time.monotonic() + 120
    while Path(f"/proc/{up['server']}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    with socket.create_server(("127.0.0.1", port)):
        pass  # the port is free again


@pytest.mark.slow
def test_what_a_person_changed_in_the_ui_outlives_a_kill_and_a_stop(
    pulsar: Pulsar, environment: dict[str, str], tmp_path: Path
) -> None:
    home = {"PREFECT_HOME": environment["PREFECT_HOME"]}  # migrated already, by other tests
    words = ["up", "--inbox", "in", "--out", "art", "--json"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        words += ["--port", listener.getsockname()[1]]
    try:
        up = json.loads(pulsar(*words, cwd=tmp_path, env=home).stdout)
        url, secret = up["url"], Path(up["secret_file"]).read_text().strip()
        look_more_often(url, secret)
        pause(url, secret)
        os.kill(up["flows"], signal.SIGKILL)
        healed = pulsar(*words, cwd=tmp_path, env=home)
        found = deployment(url, secret)
        assert found["paused"]
        assert found["schedules"][0]["schedule"]["interval"] == 60.0
        assert found["parameters"]["parameters"]["settle_seconds"] == 5.0
        for kept in ("every 60 s", "settle_seconds 5.0", "stays paused"):
            assert kept in healed.stderr
        resume(url, secret)

        pulsar("down", env=home)
        loud = {**home, "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO"}
        other = pulsar(*words, "--settle-seconds", "7", cwd=tmp_path, env=loud)
        found = deployment(url, secret)
        assert not found["paused"], "it was `down` that paused it"
        assert found["schedules"][0]["schedule"]["interval"] == 60.0
        assert found["parameters"]["parameters"]["settle_seconds"] == 7.0
        assert "every 60 s" in other.stderr
        assert "settle_seconds 7.0 now, not 5.0" in other.stderr
    finally:
        pulsar("down", env=home)
    ends = [line for line in Path(up["logs"][1]).read_text().splitlines() if "SIGTERM" in line]
    assert re.match(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.", ends[-1]), "in months, which day?"


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Give what was said."""
    assert done.returncode == 2
    return done.stderr


def asked(address: str, secret: str, data: bytes | None = None, method: str | None = None) -> Any:
    token = base64.b64encode(secret.encode()).decode()
    owner = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(address, data, owner, method=method)  # noqa: S310 - loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
        return json.loads(answer.read() or b"null")


def deployment(url: str, secret: str) -> dict[str, Any]:
    found: dict[str, Any] = asked(f"{url}/deployments/name/inbox/inbox", secret)
    return found


def pause(url: str, secret: str) -> None:
    """Do what the switch in the Prefect UI does."""
    asked(f"{url}/deployments/{deployment(url, secret)['id']}/pause_deployment", secret, b"")


def resume(url: str, secret: str) -> None:
    asked(f"{url}/deployments/{deployment(url, secret)['id']}/resume_deployment", secret, b"")


def look_more_often(url: str, secret: str) -> None:
    """Do what the forms for a schedule and for parameters in the Prefect UI do."""
    found = deployment(url, secret)
    (schedule,) = found["schedules"]
    changed = {"schedule": {**schedule["schedule"], "interval": 60.0}}
    place = f"{url}/deployments/{found['id']}"
    asked(f"{place}/schedules/{schedule['id']}", secret, json.dumps(changed).encode(), "PATCH")
    inner = {**found["parameters"]["parameters"], "settle_seconds": 5.0}
    changed = {"parameters": {"parameters": inner}}
    asked(place, secret, json.dumps(changed).encode(), "PATCH")
