"""Counts what is tried to break the project, and prints the table when all is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest


@dataclass
class Tally:
    """What became of the faults of one kind.

    Attributes
    ----------
    tried, survived : int
        Faults that were made to happen, and those after which all was as it has to be.
    lost : int
        Results that were there, or due, and are not.
    wrong : int
        Results, readings or messages that are not the truth.
    """

    tried: int = 0
    survived: int = 0
    lost: int = 0
    wrong: int = 0

    def count(self, *, lost: int = 0, wrong: int = 0) -> None:
        """Note one fault, and what it did."""
        self.tried += 1
        self.survived += not (lost or wrong)
        self.lost += lost
        self.wrong += wrong


_TALLIES = pytest.StashKey[dict[str, Tally]]()


def pytest_configure(config: pytest.Config) -> None:
    """Have a place for the counts."""
    config.stash[_TALLIES] = {}


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Callable[[str], Tally]:
    """Give a function that hands out the counts of a kind of fault, such as ``kill: training``."""
    tallies = request.config.stash[_TALLIES]
    return lambda kind: tallies.setdefault(kind, Tally())


@pytest.fixture
def size(pytestconfig: pytest.Config) -> Callable[[int, int, int], int]:
    """Give a function that picks a number for `make test`, `make chaos` or `make chaos-long`."""
    chosen = ("short", "full", "long").index(pytestconfig.getoption("--size"))
    return lambda short, full, long: (short, full, long)[chosen]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was tried and what became of it."""
    tallies = config.stash[_TALLIES]
    if not tallies:
        return
    terminalreporter.section("faults")
    row = "{:<44} {:>8} {:>9} {:>6} {:>6}".format
    terminalreporter.line(row("fault", "tried", "survived", "lost", "wrong"))
    total = Tally()
    for kind, tally in sorted(tallies.items()):
        terminalreporter.line(row(kind, tally.tried, tally.survived, tally.lost, tally.wrong))
        for name in vars(total):
            setattr(total, name, getattr(total, name) + getattr(tally, name))
    terminalreporter.line(row("all", *vars(total).values()))
