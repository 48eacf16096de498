"""A week of schedule in minutes, on the server that `pulsar up` starts, with a crash in between.

Seven trainings on a file that grows; fifty files arrive, of which some are broken, repeated,
drifting or still being written; in the middle everything is killed. In the end every content is
accounted for exactly once. Not part of `make test`: `make test-week`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest

from schemas.features import FEATURE_NAMES

Pulsar = Callable[..., subprocess.CompletedProcess[str]]

DAYS = 7
CRASH = 3  # the day on which everything is killed
DAY_SECONDS = 25
PASS_SECONDS = 10
SETTLE_SECONDS = 6
ROWS = 600  # of a file that arrives
GROWTH = 250  # labelled rows a day
PATIENCE = 420  # for what a busy machine and a crash may hold up

KINDS = {
    "good": 31,
    "slow": 4,
    "renamed": 1,
    "drifting": 4,
    "binary": 1,
    "empty": 1,
    "short of a column": 1,
    "words": 1,
    "again": 6,
}


@dataclass(frozen=True)
class Post:
    """A file that arrives: how, under which name, with what in it, and whether it is at fault."""

    kind: str
    name: str
    content: bytes

    @property
    def digits(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]

    @property
    def at_fault(self) -> bool:
        return self.kind not in {"good", "slow", "renamed", "again"}

    def arrive(self, inbox: Path) -> threading.Thread | None:
        """Put the file into the inbox; one that is written slowly by a thread of its own."""
        if self.kind == "slow":
            writer = threading.Thread(target=self._trickle, args=(inbox,))
            writer.start()
            return writer
        name = f"{self.name}.part" if self.kind == "renamed" else self.name
        (inbox / name).write_bytes(self.content)
        (inbox / name).rename(inbox / self.name)
        return None

    def _trickle(self, inbox: Path) -> None:
        """Write for longer than two passes, never pausing for as long as a file takes to settle."""
        pieces = 2 * (2 * PASS_SECONDS + SETTLE_SECONDS)
        step = -(-len(self.content) // pieces)
        with (inbox / self.name).open("wb", buffering=0) as file:
            for start in range(0, len(self.content), step):
                file.write(self.content[start : start + step])
                time.sleep(0.5)


def as_csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\n").encode()


def spoilt(kind: str, table: pd.DataFrame) -> bytes:
    """Give the content of a file of a kind."""
    if kind == "binary":
        return bytes(range(256)) * 20
    if kind == "empty":
        return b""
    if kind == "short of a column":
        return as_csv(table.drop(columns="dm_mean"))
    if kind == "words":
        return b"Dear all, the telescope is under maintenance.\n" * 9
    if kind == "drifting":  # a back end that scales its DM curves otherwise
        return as_csv(table.assign(dm_mean=table.dm_mean / 10, dm_stdev=table.dm_stdev / 10))
    return as_csv(table)


def posts(survey: pd.DataFrame) -> list[Post]:
    """Give the fifty files in the order in which they arrive."""
    kinds = [kind for kind, n in KINDS.items() if kind != "again" for _ in range(n)]
    nights = [survey.iloc[i * ROWS : (i + 1) * ROWS] for i in range(len(kinds))]
    first = [
        Post(kind, f"night-{i:02}.csv", spoilt(kind, night))
        for i, (kind, night) in enumerate(zip(kinds, nights, strict=True))
    ]
    np.random.default_rng(1).shuffle(first)  # type: ignore[arg-type]
    repeated = [one for one in first if one.kind == "good"][: KINDS["again"] - 1]
    repeated += [one for one in first if one.kind == "words"]
    again = [Post("again", f"again-{i}.csv", one.content) for i, one in enumerate(repeated)]
    return (
        first[:12]
        + [one for pair in zip(first[12:18], again, strict=True) for one in pair]
        + (first[18:])
    )


@dataclass
class Week:
    """The machine that runs the week, seen from outside."""

    pulsar: Pulsar
    folder: Path
    words: list[Any]
    survey: pd.DataFrame
    writers: list[threading.Thread] = field(default_factory=list)
    up: dict[str, Any] = field(default_factory=dict)

    @property
    def out(self) -> Path:
        return self.folder / "art"

    @property
    def inbox(self) -> Path:
        return self.folder / "in"

    def runs(self) -> list[Path]:
        return sorted(path.parent for path in self.out.glob("runs/*/manifest.json"))

    def states(self) -> set[str]:
        """Say which states of the labelled file were trained on."""
        manifests = [json.loads((run / "manifest.json").read_text()) for run in self.runs()]
        return {manifest["data"]["sha256"] for manifest in manifests}

    def scored(self) -> list[str]:
        return [path.parent.name[:16] for path in self.out.glob("scores/*/manifest.json")]

    def rejected(self) -> list[str]:
        return [path.stem for path in self.out.glob("rejected/*.json")]

    def grow(self, day: int) -> None:
        """Let the labelled file have the rows of a day, in one step."""
        fresh = self.folder / "labelled.part"
        rows = self.survey.iloc[: 6 * GROWTH + day * GROWTH]
        fresh.write_bytes(b"# simulated: rows 500, prevalence 0.1, seed 0\n" + as_csv(rows))
        fresh.rename(self.folder / "labelled.csv")

    def start(self) -> list[str]:
        done = self.pulsar("up", *self.words, "--json", cwd=self.folder)
        assert done.returncode == 0, done.stderr
        self.up = json.loads(done.stdout)
        return list(self.up["started"])

    def stop(self) -> None:
        for writer in self.writers:
            writer.join()
        self.pulsar("down", cwd=self.folder)

    def crash(self) -> None:
        """Kill server, flows and their children, all at once and without a word of warning."""
        family = [pid for name in ("flows", "server") for pid in descent(self.up[name])]
        for pid in family:
            os.kill(pid, signal.SIGKILL)


def descent(pid: int) -> list[int]:
    """Give a process and all its children's children."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [pid] + [one for word in found.stdout.split() for one in descent(int(word))]


def wait_until(ready: Callable[[], Any], what: str, *, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    """Labelled candidates: of the first the labelled file grows, the others arrive."""
    from pulsars.simulation.populations import simulate

    n_rows = (6 + DAYS) * GROWTH + ROWS * sum(KINDS.values())
    X, y = simulate(n_rows, prevalence=0.1, rng=np.random.default_rng(3))
    return pd.DataFrame(X.round(6), columns=list(FEATURE_NAMES)).assign(label=y)


@pytest.fixture
def week(pulsar: Pulsar, survey: pd.DataFrame, tmp_path: Path) -> Iterator[Week]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    quick = {"n_resamples": 100, "floor": 0.5, "inputs": "standard"}
    (tmp_path / "quick.json").write_text(json.dumps(quick))
    words = ["--data", "labelled.csv", "--parameters", "quick.json", "--train-every", DAY_SECONDS]
    words += ["--inbox", "in", "--score-every", PASS_SECONDS, "--settle-seconds", SETTLE_SECONDS]
    words += ["--out", "art", "--port", port]
    env = {"PREFECT_HOME": str(tmp_path / "home"), "PREFECT_RUNNER_POLL_FREQUENCY": "2"}

    def here(*said: object, **more: Any) -> subprocess.CompletedProcess[str]:
        return pulsar(*said, env=env, **more)

    made = Week(here, tmp_path, words, survey)
    made.inbox.mkdir()
    yield made
    made.stop()


def live_through(week: Week, arrivals: list[Post]) -> None:
    """Let the days pass: a day ends when a training on what is labelled then is published."""
    week.grow(0)
    assert week.start() == ["server", "flows"]
    for day in range(DAYS):
        for post in arrivals[day::DAYS]:
            writer = post.arrive(week.inbox)
            week.writers += [writer] if writer else []
        if day == CRASH:
            wait_until(lambda: under_way(week), "a training under way, to be killed")
            week.crash()
            assert week.start() == ["server", "flows"]
        wait_until(lambda n=day: len(week.states()) > n, f"the training of day {day + 1}")  # type: ignore[misc]
        week.grow(day + 1)


def under_way(week: Week) -> bool:
    """Whether a training has begun in its private directory."""
    jobs = week.out.glob("unfinished/*/job.json")
    return any("n_resamples" in path.read_text(encoding="utf-8") for path in jobs)


def is_intact(folder: Path) -> bool:
    """Whether a published folder holds exactly what its manifest vouches for."""
    files = json.loads((folder / "manifest.json").read_text())["files"]
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "manifest.json"
    }
    return bool(files == found)


def test_after_a_week_every_file_is_accounted_for_exactly_once(
    week: Week, survey: pd.DataFrame
) -> None:
    arrivals = posts(survey.iloc[(6 + DAYS) * GROWTH :].drop(columns="label"))
    distinct = {post.digits for post in arrivals}
    at_fault = {post.digits for post in arrivals if post.at_fault}
    assert (len(arrivals), len(distinct), len(at_fault)) == (50, 44, 8)

    live_through(week, arrivals)
    for writer in week.writers:
        writer.join()
    wait_until(lambda: distinct <= {*week.scored(), *week.rejected()}, "a fate for every file")
    last = json.loads(last_pass(week).stdout)
    assert (last["scored"], last["rejected"], last["failed"]) == ([], [], [])
    assert failed_passes(week) == [], "nor before there was a champion"
    week.stop()

    assert Counter(week.scored() + week.rejected()) == Counter(distinct)
    assert set(week.rejected()) == at_fault
    drifted = [json.loads(path.read_text()) for path in week.out.glob("rejected/*.json")]
    assert sum(one["error"] == "DriftError" for one in drifted) == KINDS["drifting"]
    here = [path for path in week.inbox.iterdir() if path.is_file()]
    aside = [*(week.inbox / "rejected").glob("*.csv")]
    assert len(here) + len(aside) == len(arrivals)
    assert list(week.out.glob("downloads/*.arrived")) == []

    folders = [path.parent for path in week.out.glob("*/*/manifest.json")]
    assert len(folders) == len(week.runs()) + len(week.scored())
    assert all(is_intact(folder) for folder in folders)
    assert len(week.states()) >= DAYS, "each day's training saw another state of the labelled file"
    champion = json.loads((week.out / "champion.json").read_text())["run"]
    assert champion in {run.name for run in week.runs()}

    done = week.pulsar("history", "--html", "--out", week.out, "--json")
    assert done.returncode == 0, done.stderr
    told, page = json.loads(done.stdout), (week.out / "history.html").read_text()
    assert told["champion"] == champion
    assert (len(told["scored"]), len(told["rejected"])) == (36, 8)
    assert [one["run"] for one in told["runs"]] == [run.name for run in week.runs()]
    names = [one["name"] for one in told["scored"] + told["rejected"]]
    assert all(name in page for name in [*names, *(run.name for run in week.runs())])


def failed_passes(week: Week) -> list[str]:
    """Ask the server which passes over the inbox failed, and why."""
    asked = {"flows": {"name": {"any_": ["inbox"]}},
             "flow_runs": {"state": {"type": {"any_": ["FAILED"]}}}}  # fmt: skip
    secret = Path(week.up["secret_file"]).read_text().strip()
    owner = {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}
    place = f"{week.up['url']}/flow_runs/filter"
    answer = httpx.post(place, json=asked, headers=owner).raise_for_status()
    return [run["state"]["message"] for run in answer.json()]


def last_pass(week: Week) -> subprocess.CompletedProcess[str]:
    """Look once more into the inbox, when no other pass is under way."""

    def idle() -> bool:
        nonlocal done
        done = week.pulsar("inbox", week.inbox, "--out", week.out, "--settle-seconds", 0, "--json")
        return done.stdout != "" and not json.loads(done.stdout)["busy"]

    done: subprocess.CompletedProcess[str]
    wait_until(idle, "an inbox that nobody looks into")
    return done
