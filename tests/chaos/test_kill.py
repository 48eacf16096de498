"""SIGKILL at every step and at any moment: the same command goes on, and nobody sees a half."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pytest

from tests.chaos.kinds import KINDS
from tests.chaos.lanes import Fault, Lanes
from tests.chaos.tally import Tally
from tests.chaos.trials import Trial, Trials

pytestmark = pytest.mark.slow  # `make chaos` runs it too

Counts = Mapping[str, tuple[int, int, int]]
Size = Callable[[int, int, int], int]
ALL = 1_000
"""More steps than any command has."""

EDGES: Counts = {
    "training": (1, ALL, ALL),
    "challenge": (0, 6, ALL),
    "scoring": (0, ALL, ALL),
    "inbox": (0, 10, ALL),
    "sweep": (0, 8, ALL),
    "training in partitions": (0, 8, ALL),
    "scoring in partitions": (0, 12, ALL),
}
WRITES: Counts = {
    "training": (1, 26, ALL),
    "challenge": (0, 8, ALL),
    "scoring": (1, 16, ALL),
    "inbox": (0, 20, ALL),
    "sweep": (0, 10, ALL),
    "promotion": (1, ALL, ALL),
    "rollback": (0, ALL, ALL),
    "pruning": (1, ALL, ALL),
    "training in partitions": (0, 16, ALL),
    "scoring in partitions": (1, 16, ALL),
}
MOMENTS: Counts = {
    "training": (1, 20, 100),
    "challenge": (0, 8, 100),
    "scoring": (0, 16, 100),
    "inbox": (0, 16, 100),
    "sweep": (0, 12, 100),
    "promotion": (1, 10, 100),
    "rollback": (0, 8, 100),
    "pruning": (1, 10, 100),
    "training in partitions": (0, 8, 100),
    "scoring in partitions": (0, 8, 100),
}


@pytest.fixture
def killed(trials: Trials, lanes: Lanes, size: Size, tally: Callable[[str], Tally]) -> Killed:
    """Give a function that kills each kind as often as its counts say, and gives the complaints."""

    def kill(counts: Counts, what: str, faults: Faults) -> list[str]:
        numbers = {name: size(*each) for name, each in counts.items()}
        chosen = trials([name for name, n in numbers.items() if n])
        jobs = [
            (trial, fault, tally(f"kill {what}: {trial.name}"))
            for trial in chosen
            for fault in faults(trial, numbers[trial.name])
        ]
        assert jobs
        lanes.each(lambda job: job[0].kill(job[1], job[2]), jobs)
        return [one for trial in chosen for one in trial.complaints]

    return kill


Faults = Callable[[Trial, int], Iterator[Fault]]
Killed = Callable[[Counts, str, Faults], list[str]]


def evenly(trial: Trial, n: int, *, tasks: bool) -> Iterator[Fault]:
    """Take so many steps, the first and the last included."""
    steps = [i for i, step in enumerate(trial.undisturbed.steps) if is_edge(step) == tasks]
    count = min(n, len(steps))
    places = (round(i * (len(steps) - 1) / max(count - 1, 1)) for i in range(count))
    return (Fault(at=steps[place]) for place in places)


def is_edge(step: str) -> bool:
    return step.startswith("task ")


def at_edges(trial: Trial, n: int) -> Iterator[Fault]:
    return evenly(trial, n, tasks=True)


def at_writes(trial: Trial, n: int) -> Iterator[Fault]:
    return evenly(trial, n, tasks=False)


def at_moments(trial: Trial, n: int) -> Iterator[Fault]:
    rng = np.random.default_rng(list(trial.name.encode()))
    return (Fault(after=rng.uniform(0, trial.undisturbed.seconds)) for _ in range(n))


def test_an_undisturbed_command_leaves_the_same_bytes_twice(
    trials: Trials, size: Size, tally: Callable[[str], Tally]
) -> None:
    names = ["training", "scoring", *list(KINDS)[: size(0, len(KINDS), len(KINDS))]]
    for trial in trials(sorted(set(names))):
        folder = trial.folder()
        trial.lanes.run(folder, trial.kind.words_in(folder))
        trial.judge(folder, None, tally("no fault"), where="undisturbed", seen=[])
        assert not trial.complaints


def test_a_command_killed_at_the_edge_of_a_task_goes_on(killed: Killed) -> None:
    assert not killed(EDGES, "at the edge of a task", at_edges)


def test_a_command_killed_before_or_in_a_write_goes_on(killed: Killed) -> None:
    assert not killed(WRITES, "at a write or rename", at_writes)


def test_a_command_killed_at_any_moment_goes_on(killed: Killed) -> None:
    assert not killed(MOMENTS, "at a random moment", at_moments)
