"""A sweep and a scoring by every runner, also while workers are killed: the same bytes."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self
from uuid import UUID, uuid4

import dask
import distributed
import pytest
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.context import FlowRunContext
from prefect.states import Completed

from command.demonstration import write_simulation
from flows.scoring import score
from flows.sweep import sweep
from schemas import RunnerError, ScoreParameters, SweepParameters, WorkerLostError
from tasks import Watcher, watching
from tasks.plumbing.prefect_private import BegunElsewhere
from tasks.plumbing.runners import Runner

RUNNERS = [("threads", 4), ("processes", 2), ("dask", 2)]


class Killer(Watcher):
    """Kills workers once the first step of the nested rounds is done."""

    def __init__(self, pids: Callable[[], list[int]]) -> None:
        super().__init__()
        self.pids, self.killed = pids, 0

    def progressed(self, what: str, done: int, total: int) -> None:
        if what == "score procedure" and 0 < done < total and not self.killed:
            for pid in self.pids():
                os.kill(pid, signal.SIGKILL)
                self.killed += 1


class Plague(Watcher):
    """Kills every worker that there is, from the first step of the nested rounds that is done on.

    While it is entered; a step takes longer than it to come.
    """

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.over = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.kill)

    def progressed(self, what: str, done: int, total: int) -> None:
        if what == "score procedure" and 0 < done < total:
            self.begun.set()

    def kill(self) -> None:
        while not self.over.wait(0.05):
            for pid in children() if self.begun.is_set() else []:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        self.thread.join()


def begin(sky: Path, out: Path, runner: str, **how: object) -> Any:
    asked = {
        "data": str(sky), "out": str(out), "seed": 4, "n_folds": 3, "n_epochs": 2,
        "inputs": ("standard", "quadratic"), "l2": (1e-3, 1e-2), "learning_rate": (0.1,),
        "runner": runner, **how,
    }  # fmt: skip
    return sweep(SweepParameters.model_validate(asked), return_state=True)


def published(state: Any) -> dict[str, Any]:
    """Give what a sweep published: the hash of each file, and what the manifest says of the run."""
    assert state.is_completed(), state.message
    folder = Path(state.result().path)
    found: dict[str, Any] = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "manifest.json"
    }
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["parameters"]["out"]
    told = ("request", "parameters", "rows", "data", "packages", "files")
    return found | {name: manifest[name] for name in told}


@contextmanager
def cluster(*, allowed_failures: int) -> Iterator[Any]:
    """Have a Dask cluster of two workers of one thread each."""
    asked = {"distributed.scheduler.allowed-failures": allowed_failures}
    with (
        dask.config.set(asked),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
            memory_limit=0,
        ) as made,
    ):  # fmt: skip
        yield made


def pids_of(made: Any) -> list[int]:
    return [nanny.pid for nanny in made.workers.values()]


def children() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.pid]


def task_states(run: UUID) -> list[str]:
    asked = FlowRunFilter(id=FlowRunFilterId(any_=[run]))
    with get_client(sync_client=True) as client:
        return [each.state_name for each in client.read_task_runs(flow_run_filter=asked)]


@pytest.fixture(scope="module")
def alone(prefect_server: str, sky: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ARG001 - the flow needs a server
    """What one thread publishes."""
    return published(begin(sky, tmp_path_factory.mktemp("alone"), "threads", workers=1))


N_STEPS = 21
"""Of the sweep, whoever runs them; those that a killed worker was at come on top."""


@pytest.fixture
def ends(until: Callable[..., Any]) -> Callable[..., None]:
    """Give a function that holds the server to how every step of a run ended.

    A worker may be killed between telling the server that a step is done and giving back what it
    gave: the second run of that step is done as well, from what is kept.
    """

    def require(state: Any, *also: str, n_killed: int = 0) -> None:
        states: list[str] = []

        def all_final() -> bool:
            states[:] = task_states(state.state_details.flow_run_id)
            done = states.count("Completed") + states.count("Cached")
            final = {*states} <= {"Completed", "Cached", *also}
            return final and N_STEPS <= done <= N_STEPS + n_killed

        try:
            until(all_final, what=f"{N_STEPS} steps are done, and the others {also}")
        except pytest.fail.Exception as late:
            pytest.fail(f"{late}; they are {Counter(states)}")

    return require


@pytest.mark.parametrize(("runner", "workers"), RUNNERS)
def test_every_runner_publishes_the_same_bytes(
    runner: str, workers: int, alone: Any, sky: Path, tmp_path: Path, ends: Any
) -> None:
    state = begin(sky, tmp_path, runner, workers=workers)
    assert published(state) == alone
    ends(state)


@pytest.fixture(scope="module", params=["night.parquet", "nights"])
def in_partitions(
    request: pytest.FixtureRequest,
    prefect_server: str,  # noqa: ARG001 - the flow needs a server
    championed: Callable[[], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., dict[str, str]]:
    """Give a function that scores 700 candidates in partitions, and says what was published.

    They are in one file, or in a folder of a large CSV and a small one.
    """
    data = tmp_path_factory.mktemp("night") / request.param
    if data.suffix:
        write_simulation(data, rows=700, prevalence=0.1, seed=5)
    else:
        data.mkdir()
        for number, rows in enumerate((650, 50)):
            write_simulation(data / f"{number}.csv", rows=rows, prevalence=0.1, seed=5 + number)

    def run(runner: str, **how: object) -> dict[str, str]:
        asked = {"data": str(data), "out": str(championed()), "despite_drift": True, **how}
        with pytest.MonkeyPatch.context() as patched:
            for module in ("access.opening", "partitions"):
                patched.setattr(f"pulsars.reading.{module}.PARTITION_ROWS", 150)
            done = score(ScoreParameters.model_validate({**asked, "runner": runner}))
        folder, found = Path(done.path), dict[str, str]()
        for path in folder.rglob("*"):
            if path.is_file() and path.name != "manifest.json":  # which has times, and the root
                raw = path.read_bytes().replace(str(folder.parent.parent).encode(), b"root")
                found[str(path.relative_to(folder))] = hashlib.sha256(raw).hexdigest()
        return found

    return run


@pytest.fixture(scope="module")
def scored_alone(in_partitions: Callable[..., dict[str, str]]) -> dict[str, str]:
    """What one thread publishes of a scoring."""
    return in_partitions("threads", workers=1)


@pytest.mark.parametrize(("runner", "workers"), RUNNERS)
def test_every_runner_publishes_the_same_bytes_of_a_scoring_in_partitions(
    runner: str,
    workers: int,
    scored_alone: dict[str, str],
    in_partitions: Callable[..., dict[str, str]],
) -> None:
    parts = {f"scores.parquet/part-{number:05d}.parquet" for number in range(5)}
    assert parts | {"scores.csv", "report.html", "drift.json"} <= set(scored_alone)
    assert in_partitions(runner, workers=workers) == scored_alone


def test_a_dask_worker_that_is_killed_half_way_changes_nothing(
    alone: Any, sky: Path, tmp_path: Path, ends: Any
) -> None:
    with cluster(allowed_failures=3) as made:
        killer = Killer(lambda: pids_of(made)[:1])
        with watching(killer):
            state = begin(sky, tmp_path, "dask", dask_address=made.scheduler_address)
    assert killer.killed == 1
    assert published(state) == alone
    ends(state, "Crashed", n_killed=1)


def test_steps_that_dask_gives_up_with_their_workers_are_run_again(
    alone: Any, sky: Path, tmp_path: Path, ends: Any
) -> None:
    with cluster(allowed_failures=0) as made:
        killer = Killer(lambda: pids_of(made))
        with watching(killer):
            state = begin(sky, tmp_path, "dask", dask_address=made.scheduler_address)
    assert killer.killed == 2
    assert published(state) == alone
    ends(state, "Crashed", n_killed=2)


def test_a_process_that_is_killed_half_way_changes_nothing(
    alone: Any, sky: Path, tmp_path: Path, ends: Any
) -> None:
    killer = Killer(lambda: children()[:1])
    with watching(killer):
        state = begin(sky, tmp_path, "processes", workers=2)
    assert killer.killed == 1
    assert published(state) == alone
    ends(state, "Crashed", n_killed=2)  # the other is stopped as well


@pytest.mark.usefixtures("prefect_server")
def test_workers_that_die_each_time_end_the_run_in_one_sentence_and_it_goes_on_later(
    sky: Path, tmp_path: Path, until: Callable[..., Any]
) -> None:
    long = {"n_epochs": 100}  # so that steps are under way whenever one is done
    with Plague() as plague, watching(plague):
        state = begin(sky, tmp_path, "processes", workers=2, **long)
    assert state.is_failed()
    with pytest.raises(WorkerLostError, match="--workers"):
        state.result()
    run = state.state_details.flow_run_id
    until(lambda: {*task_states(run)} <= {"Completed", "Crashed"}, what="no step is left running")
    again = begin(sky, tmp_path, "threads", workers=1, **long)  # what one runner kept is kept
    assert again.is_completed()
    run = again.state_details.flow_run_id
    until(lambda: task_states(run).count("Cached") > 5, what="steps served again")


def two_are_begun(run: UUID) -> None:
    """Wait until the server has heard of two steps that run."""
    deadline = time.monotonic() + 300
    while task_states(run).count("Running") < 2:
        if time.monotonic() > deadline:
            raise TimeoutError("no two steps run at a time")
        time.sleep(0.1)


class SentLast:
    """What is sent once what was asked for after it has begun."""

    def __init__(self, run: UUID) -> None:
        self.run = run

    def __reduce__(self) -> Any:
        two_are_begun(self.run)
        return SentLast, (self.run,)


@task(name="die")
def die(what: object, run: UUID) -> None:  # noqa: ARG001 - when it is sent is the point
    """Be killed once another has begun, too."""
    two_are_begun(run)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.usefixtures("prefect_server")
def test_steps_that_were_begun_in_another_order_than_asked_for_are_not_left_running(
    until: Callable[..., Any],
) -> None:
    @flow
    def deadly() -> None:
        run = FlowRunContext.get().flow_run.id  # type: ignore[union-attr]
        with Runner("processes", 2, None) as runner:
            runner.map(die, [{"what": what, "run": run} for what in (SentLast(run), 1, 2, 3)])

    state = deadly(return_state=True)
    with pytest.raises(WorkerLostError):
        state.result()
    run = state.state_details.flow_run_id
    until(lambda: {*task_states(run)} == {"Crashed"}, what="no step is left running")


TELLING = """
import gc, os, signal
from multiprocessing.queues import Queue
from prefect import flow, task
from tasks.plumbing.runners import Runner

@task(name="die")
def die(at):
    if at:
        return
    [told] = [each for each in gc.get_objects() if type(each) is Queue]
    told._wlock.acquire()
    os.kill(os.getpid(), signal.SIGKILL)

@flow
def deadly():
    with Runner("processes", 2, None) as runner:
        runner.map(die, [{"at": at} for at in range(2)])

if __name__ == "__main__":
    print(deadly(return_state=True).message)
"""
"""A process that is killed while it tells of something, with the lock that all share for it."""


def test_a_command_ends_though_a_process_was_killed_while_it_told_of_something(
    served_environment: dict[str, str], tmp_path: Path
) -> None:
    script = tmp_path / "telling.py"
    script.write_text(TELLING)
    done = subprocess.run(
        [sys.executable, str(script)], env={**served_environment, "PYTHONPATH": str(Path.cwd())},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert "WorkerLostError" in done.stdout, done.stderr


@pytest.mark.usefixtures("prefect_server")
def test_a_step_whose_result_came_back_is_told_of_though_no_message_of_its_process_did(
    until: Callable[..., Any],
) -> None:
    given: Any = SimpleNamespace(task_run_id=uuid4(), state=Completed())

    @flow
    def telling() -> None:
        BegunElsewhere().end(die, [given], "its worker process died")

    run = telling(return_state=True).state_details.flow_run_id
    until(lambda: task_states(run) == ["Completed"], what="the step is done")


def started(command: tuple[str, ...], env: dict[str, str], *words: object) -> Any:
    """Start the command in a process group of its own, as a terminal does, until it maps."""
    begun = subprocess.Popen(
        [*command, *map(str, words)], env=env, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert begun.stderr
    assert any(line.startswith("split") for line in begun.stderr)
    return begun


@pytest.mark.parametrize(("runner", "workers"), [("threads", 2), *RUNNERS[1:]])
def test_ctrl_c_ends_every_runner_in_one_sentence(
    runner: str, workers: int, sky: Path, tmp_path: Path, command: tuple[str, ...],
    served_environment: dict[str, str],
) -> None:  # fmt: skip
    begun = started(
        command, served_environment, "sweep", sky, "--out", tmp_path, "--n-epochs", "5000",
        "--runner", runner, "--workers", workers,
    )  # fmt: skip
    os.killpg(begun.pid, signal.SIGINT)
    _, said = begun.communicate(timeout=300)
    assert begun.returncode == 130
    assert said.splitlines()[-1].startswith("pulsar: interrupted")
    assert "Traceback" not in said


def test_processes_end_with_a_flow_that_is_killed(
    sky: Path, tmp_path: Path, command: tuple[str, ...], served_environment: dict[str, str],
    until: Callable[..., Any],
) -> None:  # fmt: skip
    begun = started(
        command, served_environment, "sweep", sky, "--out", tmp_path, "--n-epochs", "5000",
        "--runner", "processes", "--workers", "2",
    )  # fmt: skip

    def group() -> set[int]:
        found = set()
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                state, _parent, of = stat.read_text().rpartition(")")[2].split()[:3]
                if int(of) == begun.pid and state != "Z":
                    found.add(int(stat.parent.name))
        return found

    until(lambda: len(group()) > 2, what="processes of the pool are there")
    begun.kill()
    begun.communicate(timeout=300)
    until(lambda: not group(), what="none is left")


CLUSTER = """
import asyncio
from distributed import Scheduler, Worker

async def work():
    async with Scheduler(host="127.0.0.1", dashboard=False) as made, Worker(made.address):
        print(made.address, flush=True)
        await made.finished()

asyncio.run(work())
"""
"""A Dask scheduler and its worker in one process."""


@pytest.mark.usefixtures("prefect_server")
def test_a_scheduler_that_goes_away_half_way_is_one_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @task(name="wait")
    def wait(at: int) -> None:
        time.sleep(60 * at)

    def end(_at: int) -> None:
        made.kill()
        made.wait()
        monkeypatch.setattr("tasks.plumbing.clusters._SECONDS_TO_ANSWER", 2)

    with subprocess.Popen(
        [sys.executable, "-c", CLUSTER], stdout=subprocess.PIPE, text=True
    ) as made:
        try:
            assert made.stdout
            address = made.stdout.readline().strip()
            with (
                Runner("dask", 2, address) as runner,
                pytest.raises(RunnerError, match=f"no Dask scheduler answers at {address}"),
            ):
                runner.map(wait, [{"at": at} for at in range(3)], done=end)
            assert made.poll() == -signal.SIGKILL, "it answered, and was too slow"
        finally:
            made.kill()


LATE = """
import asyncio, sys
from distributed import Worker
from pulsars.store import versions

versions.PACKAGES = {packages}  # of which the version is part of this project's

async def work():
    async with Worker(sys.argv[1], nthreads=1) as worker:
        await worker.finished()

asyncio.run(work())
"""
"""A Dask worker."""


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize(
    ("packages", "works"), [("versions.PACKAGES", True), ("('numpy',)", False)]
)
def test_a_dask_worker_that_comes_later_works_if_its_version_is_this_one(
    packages: str,
    works: bool,  # noqa: FBT001
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    until: Callable[..., Any],
) -> None:
    known = tmp_path / "known"
    late: list[subprocess.Popen[bytes]] = []

    @task(name="who")
    def who(at: int, first: Sequence[int]) -> int:
        if os.getpid() not in first:
            known.touch()
        deadline = time.monotonic() + 300
        while at and not known.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        return os.getpid()

    def is_refused() -> list[str]:
        return [line for line in caplog.messages if "another version" in line]

    def join(at: int) -> None:
        if at == 0:
            code = LATE.format(packages=packages)
            late.append(subprocess.Popen([sys.executable, "-c", code, made.scheduler_address]))
            with distributed.Client(made, set_as_default=False) as client:
                client.wait_for_workers(3, timeout=300)
            if not works:  # it was offered what waits for it to be known
                until(is_refused, what="it is refused")
                known.touch()

    with cluster(allowed_failures=3) as made, caplog.at_level("INFO", "tasks"):
        try:
            with Runner("dask", 2, made.scheduler_address) as runner:
                calls = [{"at": at, "first": pids_of(made)} for at in range(30)]
                pids = runner.map(who, calls, done=join)
            assert {*pids} - {*pids_of(made)} == ({late[0].pid} if works else set())
        finally:
            late[0].kill()
            late[0].wait()
    assert len(is_refused()) == (0 if works else 1)


@pytest.mark.parametrize("listens", [False, True])
def test_a_scheduler_that_is_not_there_or_says_nothing_is_refused_with_exit_code_2(
    sky: Path,
    tmp_path: Path,
    command: tuple[str, ...],
    served_environment: dict[str, str],
    listens: bool,  # noqa: FBT001
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1] if listens else 9}"
        done = subprocess.run(
            [*command, "sweep", sky, "--out", tmp_path, "--runner", "dask", "--dask-address",
             address],
            env=served_environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert f"no Dask scheduler answers at {address}" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
