"""What the server tells a webhook, and that it ends runs whose processes were killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pulsars.store.locks import exclusive
from service.automations import have_automations
from tests.hosts import QuietHandler, serving

PULSAR = (sys.executable, "-c", "from command.cli import main; main()")


class Told(list[dict[str, str]]):
    """What a webhook was told."""

    def of(self, event: str) -> list[dict[str, str]]:
        return [one for one in self if one["event"] == event]


@pytest.fixture(scope="module")
def told(sqlite_server: Any) -> Iterator[Told]:
    """A webhook on loopback that the server's automations call."""
    found = Told()

    class Listener(QuietHandler):
        def do_POST(self) -> None:
            found.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

    with serving(Listener) as port:
        address = f"http://127.0.0.1:{port}/told"
        with sqlite_server.settings():
            for _ in range(2):  # the second time brings them up to date
                have_automations(webhook=address)
        yield found


@pytest.fixture(scope="module")
def pulsar(sqlite_server: Any) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Give a function that runs the command on the server."""

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PULSAR, *map(str, words)], env=sqlite_server.env,
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    return run


def test_a_run_that_fails_is_told_with_its_reason(
    told: Told, pulsar: Callable[..., Any], until: Callable[..., Any], tmp_path: Path
) -> None:
    bad = tmp_path / 'a "quoted" name.csv'
    bad.write_text("a,b\n" + "1,2\n" * 40)
    assert pulsar("train", bad, "--out", tmp_path / "out").returncode == 3
    until(lambda: told.of("prefect.flow-run.Failed"), what="the webhook is told")
    (one,) = told.of("prefect.flow-run.Failed")
    assert one["name"] == f"{bad.name}, seed 0"
    assert "eight statistics" in one["because"]


def test_a_verdict_and_files_that_were_refused_or_failed_are_told(
    told: Told, pulsar: Callable[..., Any], until: Callable[..., Any], sky: Path, tmp_path: Path
) -> None:
    out, inbox = tmp_path / "out", tmp_path / "inbox"
    done = pulsar("train", sky, "--out", out)
    assert done.returncode == 0, done.stderr
    until(lambda: told.of("pulsar.challenge.promoted"), what="the verdict is told")
    (run,) = (out / "runs").iterdir()
    assert told.of("pulsar.challenge.promoted")[0]["name"] == run.name
    assert "floor" in told.of("pulsar.challenge.promoted")[0]["because"]

    inbox.mkdir()
    pd.read_csv(sky, comment="#").drop(columns=["label", "dm_mean"]).to_csv(
        inbox / "seven.csv", index=False
    )
    pulsar("inbox", inbox, "--out", out, "--settle-seconds", 0)
    until(lambda: told.of("pulsar.inbox.rejected"), what="the refusal is told")
    (refused,) = told.of("pulsar.inbox.rejected")
    assert refused["name"] == "seven.csv"
    assert (out / "rejected").is_dir()
    assert refused["because"] in next((inbox / "rejected").glob("*.txt")).read_text()
    # What would have told of the run has been heard of before: events come in their order.
    assert [one["event"] for one in told if "seven.csv" in one["name"]] == ["pulsar.inbox.rejected"]

    (inbox / "good.csv").write_text(sky.read_text())
    (out / "downloads").rmdir()
    (out / "downloads").write_text("in the way")
    assert pulsar("inbox", inbox, "--out", out, "--settle-seconds", 0).returncode == 1
    until(lambda: told.of("pulsar.inbox.failed"), what="the failure is told")
    (failed,) = told.of("pulsar.inbox.failed")
    assert failed["name"] == "good.csv"
    assert "File exists" in failed["because"]


def test_what_nobody_can_tell_is_told_with_its_reason(
    told: Told, pulsar: Callable[..., Any], until: Callable[..., Any], sky: Path, tmp_path: Path
) -> None:
    for seed in (0, 1):  # of so few candidates the two tests share no more than a handful
        assert pulsar("train", sky, "--seed", seed, "--out", tmp_path).returncode == 0
    until(lambda: told.of("pulsar.challenge.undecided"), what="the doubt is told")
    (one,) = told.of("pulsar.challenge.undecided")
    assert (tmp_path / "runs" / one["name"]).is_dir()
    assert "candidates that neither has learnt from" in one["because"]


def descendants_of(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    children = [int(word) for word in found.stdout.split()]
    return [*children, *(one for child in children for one in descendants_of(child))]


def test_a_run_whose_processes_were_killed_is_marked_crashed_and_told(
    told: Told, sqlite_server: Any, start: Any, until: Callable[..., Any], sky: Path, tmp_path: Path
) -> None:
    words = ("serve", "--data", str(sky), "--out", str(tmp_path), "--train-cron", "0 3 29 2 *")
    served = start("serve", *PULSAR, *words, env=sqlite_server.env)

    def there() -> bool:
        with sqlite_server.client() as client:
            return any(sky.name in str(one.parameters) for one in client.read_deployments())

    until(there, what="`pulsar serve` has deployed")
    with exclusive(tmp_path, waiting=lambda: None):  # the run waits, and so lives
        run = sqlite_server.ask_for("train/nightly", data=str(sky), out=str(tmp_path))
        sqlite_server.wait(run, "Running")
        beat = ("prefect.flow-run.heartbeat", f"prefect.flow-run.{run}")
        until(lambda: sqlite_server.events(*beat), what="the run says that it lives")
        family = [served.pid, *descendants_of(served.pid)]
        assert len(family) > 1
        for pid in family:  # the runner first, or it would tell the server itself
            os.kill(pid, signal.SIGKILL)
        ended = sqlite_server.wait(run, "Crashed", seconds=200)
    assert "heartbeat" in ended.state.message
    until(lambda: told.of("prefect.flow-run.Crashed"), what="the crash is told")
    with sqlite_server.client() as client:
        nightly = client.read_deployment_by_name("train/nightly")
    assert nightly.global_concurrency_limit.active_slots == 0  # the next training need not wait
