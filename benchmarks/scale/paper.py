"""What a run would take with more rows and workers than there are here: queues, simulated.

Two things are served one after the other. The client begins tasks, each for a moment of one
processor, and the server records what became of them, in its own time: a run may have ended that
the UI still shows at work. Both times are measured with tasks that do nothing; then the model is
held against tasks that do something, by other numbers of them and of workers.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.audit.line import Line, Size
from benchmarks.served import served

_AGREES = 0.3
"""Relative: what two queues with fixed times can be held to."""

_POINTS = ((100, 1, 0.02), (100, 8, 0.2), (400, 4, 0.05), (300, 8, 0.0))
"""Tasks, workers, and seconds that a task works."""

_FITTED_TO = {"short": 600, "full": 3000}  # tasks that do nothing
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Load:
    """What a task costs, in seconds: on a worker, in the client, and in the server's records."""

    work: float
    begin: float
    record: float


class Times(NamedTuple):
    """Seconds until the last task has ended, and until the server has recorded all."""

    ended: float
    recorded: float


def simulate_map(n_tasks: int, n_workers: int, load: Load) -> Times:
    """Simulate a map of tasks over workers.

    Examples
    --------
    Where nothing but the work costs, only the workers count; the server may need longer:

    >>> simulate_map(10, 2, Load(work=1.0, begin=0.0, record=0.0))
    Times(ended=5.0, recorded=5.0)
    >>> simulate_map(10, 10, Load(work=1.0, begin=0.0, record=0.5))
    Times(ended=1.0, recorded=6.0)
    """
    workers = [0.0] * min(n_workers, n_tasks)  # when each is next free
    begun = ended = recorded = 0.0
    for _ in range(n_tasks):
        begun = max(begun, workers[0]) + load.begin
        done = begun + load.work
        heapq.heapreplace(workers, done)
        ended, recorded = max(ended, done), max(recorded, done) + load.record
    return Times(ended, recorded)


def measure(size: Size) -> list[Line]:
    """Fit what a task costs, and hold the model against what is measured."""
    n_tasks = _FITTED_TO[size]
    with served():
        idle = _mapped(4, 1, 0.0)  # imports, the first connection; and what no task asks for
        many = _mapped(n_tasks, 8, 0.0)
        load = Load(0.0, many.ended / n_tasks, (many.recorded - idle.recorded) / n_tasks)
        lines = [
            Line(
                f"{n_tasks} tasks that do nothing",
                "what the model is fitted to",
                f"{1e3 * load.begin:.1f} ms to begin one, {1e3 * load.record:.1f} to record it",
                holds=True,
            )
        ]
        for n_mapped, workers, work in _POINTS:
            told = simulate_map(n_mapped, workers, Load(work, load.begin, load.record))
            took = _mapped(n_mapped, workers, work)
            lines += _compared(f"{n_mapped} of {work:g} s, {workers} workers", told, took, idle)
        return lines


def _compared(what: str, told: Times, took: Times, idle: Times) -> list[Line]:
    lag = idle.recorded  # the server writes once a second
    pairs = {"ended": (told.ended, took.ended), "recorded": (told.recorded + lag, took.recorded)}
    return [
        Line(
            what=f"{what}: {name}",
            bound=f"within {_AGREES:.0%} of the model, or the second that the server waits",
            measured=f"{found:.2f} s, the model says {said:.2f} s",
            holds=abs(said - found) <= max(_AGREES * found, lag if name == "recorded" else 0.0),
        )
        for name, (said, found) in pairs.items()
    ]


def _mapped(n_tasks: int, workers: int, work: float) -> Times:
    """Map a task that sleeps; give the seconds of the map, and until the server says so."""
    from prefect import flow, task
    from prefect.runtime import flow_run
    from prefect.task_runners import ThreadPoolTaskRunner

    @task
    def sleeps(_number: int) -> None:
        time.sleep(work)

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=workers))  # type: ignore[arg-type]
    def maps() -> tuple[float, float, str]:
        began = time.perf_counter()
        sleeps.map(list(range(n_tasks))).result()
        return began, time.perf_counter(), str(flow_run.id)

    began, ended, run = maps()
    _wait_for(run, n_tasks)
    return Times(ended - began, time.perf_counter() - began)


def _wait_for(run: str, n_tasks: int) -> None:
    """Wait until the server counts so many finished tasks of a run."""
    from prefect.client.orchestration import get_client

    asked = {
        "task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
        "flow_runs": {"id": {"any_": [run]}},
    }
    until = time.monotonic() + _PATIENCE_SECONDS
    with get_client(sync_client=True) as client:
        while client.request("POST", "/task_runs/count", json=asked).json() < n_tasks:
            if time.monotonic() > until:
                raise TimeoutError(f"{n_tasks} tasks are not recorded after {_PATIENCE_SECONDS} s")
            time.sleep(0.02)
