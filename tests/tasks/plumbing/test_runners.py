"""What a runner makes of its pool: order, errors, lost workers, and how it is chosen."""

from __future__ import annotations

import sys
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Self
from uuid import uuid4

import pytest
from distributed import LocalCluster
from distributed.client import FutureCancelledError
from prefect.futures import PrefectConcurrentFuture
from prefect.states import Completed, Failed, State
from pydantic import ValidationError

from pulsars.store.workplace import open_job
from schemas import (
    FileRef,
    InboxParameters,
    RunnerError,
    ScoreParameters,
    Source,
    SweepJob,
    SweepParameters,
    TrainingParameters,
    WorkerLostError,
)
from tasks.plumbing import clusters
from tasks.plumbing.runners import Runner, runner_of
from tasks.plumbing.worker_processes import n_cores
from tasks.sweep_rounds import make_passes

CALLS = [{"turn": turn} for turn in range(4)]
LOST = BrokenProcessPool("killed")
NO_SCHEDULER = FutureCancelledError("key", "scheduler-connection-lost")
NEVER_ARRIVED = OSError("handle is closed")  # what a worker that dies as another starts leaves


class Pool:
    """A pool whose calls end as they are told, each time anew; the last of all goes on."""

    def __init__(self, *ends: dict[int, Any]) -> None:
        self.ends, self.sent = list(ends), []

    def __enter__(self) -> Self:
        self.now = self.ends.pop(0) if len(self.ends) > 1 else self.ends[0]
        return self

    def __exit__(self, *_error: object) -> None: ...

    def submit(self, _step: Any, call: dict[str, int], dependencies: Any) -> Any:  # noqa: ARG002
        self.sent.append(call["turn"])
        future: Future[Any] = Future()
        end = self.now.get(call["turn"], f"made {call['turn']}")
        if isinstance(end, Exception):
            future.set_exception(end)
        else:
            future.set_result(end if isinstance(end, State) else Completed(data=end))
        return PrefectConcurrentFuture(task_run_id=uuid4(), wrapped_future=future)


def runner_with(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setattr(Runner, "_made", lambda _runner: pool)
    return Runner("processes", 2, None)


def test_what_comes_back_stands_in_the_order_of_the_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    with runner_with(Pool({}), monkeypatch) as runner:
        found = runner.map(make_passes, CALLS, done=told.append)
    assert found == ["made 0", "made 1", "made 2", "made 3"]
    assert told == [0, 1, 2, 3]


def test_the_first_call_that_failed_is_the_one_that_is_told_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = Pool({3: ValueError("late"), 1: ValueError("early")})
    with runner_with(pool, monkeypatch) as runner, pytest.raises(ValueError, match="early"):
        runner.map(make_passes, CALLS)


@pytest.mark.parametrize("lost", [LOST, NEVER_ARRIVED, NO_SCHEDULER])
def test_only_what_a_lost_worker_left_is_run_again(
    lost: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Pool({1: lost, 3: LOST}, {})
    told: list[int] = []
    with runner_with(pool, monkeypatch) as runner:
        assert runner.map(make_passes, CALLS, done=told.append)[1] == "made 1"
    assert pool.sent == [0, 1, 2, 3, 1, 3]
    assert sorted(told) == [0, 1, 2, 3]


FULL = OSError(28, "No space left on device")


@pytest.mark.parametrize("end", [FULL, Failed(data=FULL)])
def test_a_disk_that_fails_a_step_is_no_lost_worker(
    end: Exception | State[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Pool({1: end})
    with runner_with(pool, monkeypatch) as runner, pytest.raises(OSError, match="No space"):
        runner.map(make_passes, CALLS)
    assert pool.sent == [0, 1, 2, 3]


def test_a_step_whose_worker_dies_each_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool({2: LOST})
    with runner_with(pool, monkeypatch) as runner, pytest.raises(WorkerLostError, match="twice"):
        runner.map(make_passes, CALLS)
    assert pool.sent == [0, 1, 2, 3, 2]


@pytest.mark.parametrize("kind", [SweepParameters, ScoreParameters, TrainingParameters])
def test_how_a_thing_is_run_is_no_part_of_its_request(kind: Any, tmp_path: Any) -> None:
    file = tmp_path / "sky.csv"
    file.write_text("1")
    source = Source(origin=str(file), name="sky.csv", file=FileRef.of(file))
    if kind is not SweepParameters:
        from pulsars.store.workplace import _request as request_of

        one, other = (
            request_of(source, kind(data=str(file), **how), {})
            for how in ({}, {"runner": "dask", "workers": 7})
        )
        assert one == other
        return
    first, _ = open_job(source, kind(data=str(file), out=str(tmp_path)), SweepJob)
    again, found = open_job(
        source, kind(data=str(file), out=str(tmp_path), runner="processes", workers=3), SweepJob
    )
    assert found
    assert again == first


@pytest.mark.parametrize(
    ("how", "word"),
    [
        ({"dask_address": "tcp://host:8786"}, "runner dask"),
        ({"runner": "dask", "dask_address": "tcp://host:8786", "workers": 2}, "workers"),
        ({"runner": "dask", "dask_address": "the cluster"}, "no address"),
        ({"runner": "dask", "dask_address": "tcp://me:secret@host:1"}, "no address"),
        ({"runner": "slurm"}, "threads"),
        ({"workers": 0}, "greater"),
    ],
)
@pytest.mark.parametrize("of", [lambda h: ScoreParameters(data="a.csv", **h),
                                lambda h: InboxParameters(inbox="in", **h)])  # fmt: skip
def test_what_contradicts_itself_is_refused(of: Any, how: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        of(how)


def test_an_inbox_hands_its_runner_on_to_each_file() -> None:
    asked = InboxParameters(inbox="in", runner="processes", workers=3)
    assert asked.for_file("a.csv", origin="in/a.csv").workers == 3


def test_there_are_as_many_workers_as_cores_unless_it_is_said() -> None:
    with runner_of(SweepParameters(data="a.csv")) as runner:
        assert (runner.kind, runner.n_workers) == ("threads", n_cores())
    with runner_of(SweepParameters(data="a.csv", runner="processes", workers=3)) as runner:
        assert (runner.kind, runner.n_workers) == ("processes", 3)


def test_a_missing_extra_is_told_of_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prefect_dask", None)
    asked = SweepParameters(data="a.csv", runner="dask")
    with pytest.raises(RunnerError, match=r"pulsar-perceptron\[dask\]"), runner_of(asked):
        pytest.fail("it is not there")


def test_an_address_that_nobody_asked_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    address = "tcp://127.0.0.1:1"
    asked = SweepParameters(data="x", runner="dask", dask_address=address)
    with caplog.at_level("INFO"), runner_of(asked) as runner:
        assert not runner.opened
    assert address in caplog.text


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_SECONDS_TO_ANSWER", 0.3)
    with (
        pytest.raises(RunnerError, match=r"tcp://127\.0\.0\.1:9") as refused,
        clusters.dask_pool(2, "tcp://127.0.0.1:9", prepare=lambda: None),
    ):
        pytest.fail("nobody is there")
    assert refused.value.exit_code == 2


def test_a_cluster_without_a_worker_is_waited_for_and_then_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clusters, "_SECONDS_TO_JOIN", 1)
    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=None) as made,
        pytest.raises(RunnerError, match=f"{made.scheduler_address} has no worker"),
        clusters.dask_pool(2, made.scheduler_address, prepare=lambda: None),
    ):
        pytest.fail("it has none")
