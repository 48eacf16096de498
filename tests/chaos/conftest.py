"""Counts what is tried to break the project, and prints the table when all is done."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from command.demonstration import write_simulation
from tests.chaos.kinds import KINDS, make_template
from tests.chaos.lanes import Lanes
from tests.chaos.tally import Tallies, Tally, table, write
from tests.chaos.trials import Trial, Trials
from tests.chaos.trials import undisturbed as trial_undisturbed

_TALLIES = pytest.StashKey[Tallies]()


def pytest_configure(config: pytest.Config) -> None:
    """Have a place for the counts."""
    config.stash[_TALLIES] = {}


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Tally]]:
    """Give a function that hands out the counts of a kind of fault, such as ``kill: training``.

    A test that asks for a kind and then makes no fault of it happen has proved nothing: it fails.
    """
    tallies, before = request.config.stash[_TALLIES], dict[str, int]()

    def give(kind: str) -> Tally:
        found = tallies.setdefault(kind, Tally())
        before.setdefault(kind, found.tried)
        return found

    yield give
    untried = [kind for kind, tried in before.items() if tallies[kind].tried == tried]
    assert not untried, f"no fault was made to happen: {', '.join(untried)}"


@pytest.fixture(scope="session")
def size(pytestconfig: pytest.Config) -> Callable[[int, int, int], int]:
    """Give a function that picks a number for `make test`, `make chaos` or `make chaos-long`."""
    chosen = ("short", "full", "long").index(pytestconfig.getoption("--size"))
    return lambda short, full, long: (short, full, long)[chosen]


@pytest.fixture(scope="session")
def lanes(served_environment: dict[str, str]) -> Iterator[Lanes]:
    """Give two processes that fork commands, as fast as they run and without their imports."""
    opened = Lanes(served_environment)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def template(lanes: Lanes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with an artifact root, an inbox and candidates, to be copied."""
    return make_template(tmp_path_factory.mktemp("template"), lanes)


@pytest.fixture(scope="session")
def trials(lanes: Lanes, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Trials:
    """Give a function that runs kinds of commands once undisturbed, for faults to be held to."""
    known: dict[str, Trial] = {}

    def make(name: str) -> None:
        work = tmp_path_factory.mktemp(name)
        known[name] = trial_undisturbed(name, KINDS[name], template, lanes, work)

    def give(names: list[str]) -> list[Trial]:
        lanes.each(make, [name for name in names if name not in known])
        for name in names:
            known[name].complaints.clear()
        return [known[name] for name in names]

    return give


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sky") / "sky.csv"
    write_simulation(path, rows=600, prevalence=0.2, seed=3)
    return path


@pytest.fixture(scope="module")
def undisturbed(
    train_here: Callable[..., dict[str, Any]], sky: Path, tmp_path_factory: pytest.TempPathFactory
) -> str:
    return str(train_here(sky, tmp_path_factory.mktemp("undisturbed"))["model_sha256"])


@pytest.fixture
def is_whole(
    undisturbed: str, tally: Callable[[str], Any]
) -> Callable[[Path, dict[str, Any]], bool]:
    """Give a function that says whether a root holds one run, judged, like the undisturbed."""

    def check(out: Path, found: dict[str, Any]) -> bool:
        model = Path(found["path"]) / "model.json"
        whole = (
            [path.name for path in (out / "runs").iterdir()] == [found["run"]]
            and hashlib.sha256(model.read_bytes()).hexdigest() == undisturbed
            and found["verdict"]["decision"] == "promoted"
            and not list((out / "unfinished").iterdir())
        )
        tally("cut off: server").count(lost=int(not whole))
        return whole

    return check


@pytest.fixture(scope="session")
def only_full(size: Callable[[int, int, int], int]) -> None:
    """Skip, before anything is made that the test would need."""
    if not size(0, 1, 1):
        pytest.skip("the short form leaves this to `make chaos`")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was tried and what became of it."""
    tallies = config.stash[_TALLIES]
    if not tallies:
        return
    terminalreporter.section("faults")
    for line in table(tallies):
        terminalreporter.line(line)
    if path := config.getoption("--tallies"):
        write(tallies, Path(path))
