"""A clock that was set back by a year, and then put right: all stays in its own order."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from command.demonstration import write_simulation
from pulsars.store.champions import read_reigns
from pulsars.store.reigns import Reign, succession
from pulsars.store.runs import read_runs
from tests.chaos.kinds import TRAIN
from tests.chaos.lanes import Lanes
from tests.chaos.roots import state
from tests.conftest import Pulsar

Size = Callable[[int, int, int], int]
Tallies = Callable[[str], Any]

pytestmark = pytest.mark.slow  # `make chaos` runs it too


@pytest.fixture(scope="session")
def year_back() -> dict[str, str]:
    """Give the environment of a process whose clock is a year late."""
    found = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]
    if not found and os.environ.get("CI"):
        pytest.fail("CI has to have libfaketime")
    if not found:
        pytest.skip("libfaketime is not installed")
    return {
        "LD_PRELOAD": str(found[0]),
        "FAKETIME": "-365d",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # Or it takes a deadline by the monotonic clock for one by the other, and CPython's threads
        # spin for the interpreter's lock in place of waiting: all is some twenty times slower.
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "NO_FAKE_STAT": "1",  # what the true clock wrote is to lie in the future
    }


@pytest.fixture(scope="module")
def late(served_environment: dict[str, str], year_back: dict[str, str]) -> Iterator[Lanes]:
    """Give a process that forks commands with a late clock; the server has the true one."""
    opened = Lanes({**served_environment, **year_back}, 1)
    yield opened
    opened.close()


@dataclass
class Root:
    """An artifact root, and what has to hold after every command on it."""

    folder: Path
    tally: Tallies
    names: list[str]
    reigns: list[Reign]

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def do(self, lanes: Lanes, *words: object, prunes: bool = False) -> Any:
        """Run a command; give what it printed for machines."""
        done = lanes.run(self.folder, [*words, "--json", "--out", "out"])
        names, reigns = [run.name for run in read_runs(self.out)[0]], read_reigns(self.out)
        lost = [name for name in self.names if name not in names]
        kept = [name for name in names if name in self.names]
        new = [name for name in names if name not in self.names]
        as_it_has_to_be = (
            done.returncode in {0, 3}
            and (prunes or not lost)
            and names == [*kept, *new]  # whatever is new is the newest
            and reigns[: len(self.reigns)] == self.reigns
            and {one.run for one in succession(reigns)} <= {*names}
        )
        self.names, self.reigns = names, reigns
        state(self.folder)  # every hash
        self.tally("clock").count(wrong=not as_it_has_to_be)
        assert as_it_has_to_be, (words, done.err, lost, new)
        return json.loads(done.out)


@pytest.fixture
def root(template: Path, tmp_path: Path, tally: Tallies) -> Root:
    folder = Path(shutil.copytree(template, tmp_path / "root"))
    out = folder / "out"
    return Root(folder, tally, [run.name for run in read_runs(out)[0]], read_reigns(out))


def train(root: Root, lanes: Lanes, seed: int) -> str:
    root.do(lanes, *TRAIN[:-2], "--seed", seed)
    return root.names[-1]


def look(root: Root, lanes: Lanes) -> tuple[list[str], list[str]]:
    """Pass over the inbox; give what was scored, and what waits."""
    said = root.do(lanes, "inbox", "box", "--settle-seconds", "0")
    return [one["name"] for one in said["scored"]], said["waiting"]


def test_a_run_made_by_a_late_clock_is_the_newest_and_no_file_waits_for_ever(
    root: Root, late: Lanes
) -> None:
    before = root.names
    newest = train(root, late, 9)
    assert root.names == [*before, newest]
    first, last = read_runs(root.out)[0][0], read_runs(root.out)[0][-1]
    assert last.manifest["created"] < first.manifest["created"], "the clock was not late"
    assert look(root, late) == ([], ["3.csv", "4.csv", "bad.csv"])
    assert look(root, late) == (["3.csv", "4.csv"], [])


def by_hand(root: Root, lanes: Lanes) -> None:
    """Give the place to somebody else, take it back, and prune to the newest."""
    champion = root.reigns[-1].run
    other = next(name for name in root.names[::-1] if name != champion)
    root.do(lanes, "promote", other, "--because", "it is another")
    assert root.reigns[-1].run == other
    root.do(lanes, "rollback", "--because", "it was better")
    assert root.reigns[-1].run == champion
    newest = root.names[-1]
    root.do(lanes, "prune", "--keep", "1", "--yes", prunes=True)
    assert newest in root.names


def test_a_clock_that_was_set_back_and_put_right_loses_nothing_and_repeats_nothing(
    root: Root, late: Lanes, lanes: Lanes, size: Size
) -> None:
    if not size(0, 1, 1):
        pytest.skip("takes twenty commands; `make chaos` runs it")
    look(root, late)
    look(root, late)
    for lane, seed in ((late, 9), (lanes, 10), (late, 11), (lanes, 12)):
        train(root, lane, seed)
        root.do(lane, "score", "night.csv")
        write_simulation(root.folder / "box" / f"{seed}.csv", rows=200, prevalence=0.15, seed=seed)
        passes = [look(root, lane) for _ in range(2)]
        assert [name for scored, _ in passes for name in scored] == [f"{seed}.csv"]
        by_hand(root, lane)
        root.do(lane, "history")


@pytest.mark.parametrize("home", ["fresh", "made with the true clock"])
def test_a_newcomer_with_a_late_clock_trains_with_a_private_server(
    home: str,
    pulsar: Pulsar,
    yesterday: Path,
    year_back: dict[str, str],
    size: Size,
    tally: Tallies,
) -> None:
    if not size(0, 1, 1):
        pytest.skip("starts a server; `make chaos` runs it")
    out, kept = yesterday / "artifacts", "prefect" if home != "fresh" else "fresh"
    before = [run.name for run in read_runs(out)[0]]
    env = {**year_back, "PREFECT_HOME": str(yesterday / kept)}
    done = pulsar("train", "survey.csv", "--seed", "9", "--json", cwd=yesterday, env=env)
    names = [run.name for run in read_runs(out)[0]]
    tally("clock").count(lost=names[:-1] != before)
    assert done.returncode == 0, done.stderr
    assert names[:-1] == before
