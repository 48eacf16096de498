"""What was cut short anywhere goes on where it was: nothing is made, or published, twice."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect import flow, task

from command.demonstration import write_simulation
from flows.scoring import score
from flows.sweep import sweep
from pulsars.store import publishing
from pulsars.store.champions import champion_name, read_reigns
from pulsars.store.files import write_text
from schemas.handles import FileRef
from schemas.score_parameters import ScoreParameters
from schemas.sweep_parameters import SweepParameters
from tasks.plumbing.steps import STEP

pytestmark = pytest.mark.usefixtures("undrawn")

KilledAt = Callable[..., None]
DIE = (
    "import os, sys\n"
    "event, word = sys.argv[1:3]\n"
    "def hear(heard, args):\n"
    "    if heard == event and word in str(args[0]):\n"
    "        os.kill(os.getpid(), 9)\n"
    "sys.addaudithook(hear)\n"
    "del sys.argv[1:3]\n"
    "from command.cli import main\n"
    "main()\n"
)


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sky") / "sky.csv"
    write_simulation(path, rows=600, prevalence=0.2, seed=3)
    return path


@pytest.fixture
def killed_at(served_environment: dict[str, str]) -> KilledAt:
    """Give a function that runs the command and kills it as it does something to some path."""

    def run(event: str, word: str, *words: object) -> None:
        done = subprocess.run(
            [sys.executable, "-c", DIE, event, word, *map(str, words)],
            env=served_environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr

    return run


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("event", "word"),
    [
        pytest.param("shutil.rmtree", "/unfinished/", id="before the clean-up"),
        pytest.param("open", "/.champion.lock", id="after the clean-up"),
    ],
)
def test_a_run_killed_between_publication_and_verdict_is_judged_and_not_made_again(
    event: str,
    word: str,
    killed_at: KilledAt,
    train_here: Callable[..., dict[str, Any]],
    sky: Path,
    tmp_path: Path,
) -> None:
    killed_at(event, word, "train", sky, "--out", tmp_path)
    (published,) = names(tmp_path / "runs")
    assert not (tmp_path / "verdicts").exists()
    found = train_here(sky, tmp_path)
    assert found["run"] == published
    assert names(tmp_path / "runs") == [published]
    assert names(tmp_path / "verdicts") == [f"{published}.json"]
    assert found["verdict"]["decision"] == "promoted"
    assert names(tmp_path / "unfinished") == []


@pytest.mark.slow
@pytest.mark.parametrize("word", ["/.champion.json.part", "/verdicts/"])
def test_a_run_killed_before_pointer_or_verdict_takes_its_place(
    word: str,
    killed_at: KilledAt,
    train_here: Callable[..., dict[str, Any]],
    sky: Path,
    tmp_path: Path,
) -> None:
    killed_at("open", word, "train", sky, "--out", tmp_path)
    (published,) = names(tmp_path / "runs")
    assert champion_name(tmp_path) == (published if word == "/verdicts/" else None)
    found = train_here(sky, tmp_path)
    assert (found["run"], found["verdict"]["decision"]) == (published, "promoted")
    assert names(tmp_path / "runs") == [published]
    assert names(tmp_path / "verdicts") == [f"{published}.json"]
    assert [reign.run for reign in read_reigns(tmp_path)] == [published]


@pytest.mark.slow
def test_a_sweep_killed_as_it_was_published_is_not_made_again(
    killed_at: KilledAt, sky: Path, tmp_path: Path
) -> None:
    words = ("--solver", "newton", "--l2", "1e-3", "--no-nested")
    killed_at("shutil.rmtree", "/unfinished/", "sweep", sky, "--out", tmp_path, *words)
    (published,) = names(tmp_path / "sweeps")
    asked = {"data": str(sky), "out": str(tmp_path), "solver": ["newton"], "nested": False}
    done = sweep(SweepParameters.model_validate({**asked, "l2": [1e-3]}))
    assert done.sweep == published
    assert names(tmp_path / "sweeps") == [published]
    assert names(tmp_path / "unfinished") == []
    assert sweep(SweepParameters.model_validate({**asked, "l2": [1e-3]})).sweep != published


@pytest.mark.slow
def test_scores_killed_as_they_were_published_leave_nothing_behind(
    killed_at: KilledAt, championed: Callable[[], Path], sky: Path
) -> None:
    out = championed()
    killed_at("shutil.rmtree", "/unfinished/", "score", sky, "--out", out)
    assert len(names(out / "unfinished")) == 1
    done = score(ScoreParameters(data=str(sky), out=str(out)))
    assert not done.anew
    assert [path.name for path in (out / "scores").glob("*-*")] == [Path(done.path).name]
    assert names(out / "unfinished") == []


@pytest.fixture(params=["runs", pytest.param("sweeps", marks=pytest.mark.slow), "scores"])
def publishes(
    request: pytest.FixtureRequest,
    train_here: Callable[..., dict[str, Any]],
    championed: Callable[[], Path],
    sky: Path,
    tmp_path: Path,
) -> tuple[Path, Callable[[], str]]:
    """Give a folder of what is published, and what publishes one there and says its name."""
    kind = request.param
    out = championed() if kind == "scores" else tmp_path
    asked = {"data": str(sky), "out": str(out)}
    grid = {"solver": ["newton"], "l2": [1e-3], "nested": False}

    def publish() -> str:
        if kind == "runs":
            return str(train_here(sky, out, solver="newton", n_resamples=100)["run"])
        if kind == "sweeps":
            return sweep(SweepParameters.model_validate({**asked, **grid})).sweep
        return Path(score(ScoreParameters.model_validate(asked)).path).name

    return out / kind, publish


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(OSError(errno.EIO, "Input/output error"), id="and heals"),
        pytest.param(RuntimeError("cut short"), id="and ends the flow", marks=pytest.mark.slow),
    ],
)
def test_a_publication_that_fails_after_its_rename_is_found_by_the_next_try(
    error: Exception, publishes: tuple[Path, Callable[[], str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, publish = publishes
    failures = [error]

    def fail_once(synced: Path) -> bool:
        if synced.name == folder.name and failures:
            raise failures.pop()
        return True

    monkeypatch.setattr(publishing, "sync_folder", fail_once)
    if isinstance(error, RuntimeError):
        with pytest.raises(RuntimeError, match="cut short"):
            publish()
    name = publish()
    assert not failures
    assert [path.name for path in folder.glob("[!.]*")] == [name], "it was made, and made once"
    assert names(folder.parent / "unfinished") == []
    if folder.name == "runs":
        assert champion_name(folder.parent) == name, "it was judged"


@pytest.mark.slow
def test_a_damaged_run_without_a_verdict_is_made_anew(
    train_here: Callable[..., dict[str, Any]], sky: Path, tmp_path: Path
) -> None:
    first = train_here(sky, tmp_path)
    (tmp_path / "verdicts" / f"{first['run']}.json").unlink()
    (tmp_path / "champion.json").unlink()
    assert train_here(sky, tmp_path)["run"] == first["run"]
    (tmp_path / "verdicts" / f"{first['run']}.json").unlink()
    (tmp_path / "champion.json").unlink()
    (tmp_path / "runs" / first["run"] / "model.json").write_text(json.dumps({}))
    assert train_here(sky, tmp_path)["run"] != first["run"]


@pytest.mark.usefixtures("prefect_server")
def test_a_step_is_not_run_again_while_its_file_is_intact(tmp_path: Path) -> None:
    runs: list[str] = []

    @task(name="writes", **STEP)
    def writes(folder: str, word: str) -> FileRef:
        runs.append(word)
        return write_text(Path(folder) / f"{word}.txt", word)

    @flow
    def twice(*words: str) -> list[FileRef]:
        return [writes(str(tmp_path), word) for word in words]

    first = twice("a")[0]
    assert twice("a")[0] == first
    assert runs == ["a"]
    twice("b")
    assert runs == ["a", "b"]

    Path(first.path).write_text("changed")
    assert twice("a")[0].matches()
    assert runs == ["a", "b", "a"], "a changed file was trusted"
    Path(first.path).unlink()
    assert twice("a")[0].matches()
    assert runs == ["a", "b", "a", "a"], "a missing file was trusted"
    assert twice("a")[0].matches()
    assert runs == ["a", "b", "a", "a"]
