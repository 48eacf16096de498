"""Who runs the steps that do not wait for each other: threads, processes, or a Dask cluster.

A runner is opened around the part of a flow that maps, by the flow's parameters, and starts nothing
before there are two calls to share out. Handles travel, never tables. What comes back stands in the
order of the calls, and the error that is raised is that of the first call that failed, so neither
depends on who was quicker.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from typing import Any, Self, TypeAlias

from prefect import Task
from prefect.futures import PrefectFuture
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

from schemas import FileParameters, InboxParameters, RunnerKind, WorkerLostError
from tasks.plumbing.prefect_private import (
    BegunElsewhere,
    crashed,
    given_back,
    inputs_of,
    interrupt,
    kill,
)
from tasks.plumbing.worker_processes import n_cores, prepare_process, prepare_worker

_log = logging.getLogger(__name__)

_TRIES = 2
"""A step whose worker died is run once more: a machine goes down, or memory was short."""

Pool: TypeAlias = TaskRunner[Any]
Call: TypeAlias = Mapping[str, Any]


class Runner:
    """Runs a step for each of many calls.

    Attributes
    ----------
    kind : str
        Who runs them.
    n_workers : int
        How many at a time, where no address of a cluster is given.
    dask_address : str or None
        Of a cluster that is there.
    opened : bool
        Whether there was anything to share out yet.
    """

    def __init__(self, kind: RunnerKind, n_workers: int, dask_address: str | None) -> None:
        self.kind, self.n_workers, self.dask_address = kind, n_workers, dask_address
        self._exits = ExitStack()
        self._pool: Pool | None = None
        self._begun = BegunElsewhere()
        self.opened = False

    def map(
        self,
        step: Task[..., Any],
        calls: Sequence[Call],
        *,
        done: Callable[[int], None] = lambda _at: None,
    ) -> list[Any]:
        """Run a step once for each call.

        Parameters
        ----------
        step : Task
            One that is kept by content, so that a second try costs only what was not finished.
        calls : sequence of mapping
            Its arguments by name: records and plain values.
        done : callable, optional
            Called with the place of each call, in order, once it and all before it are done.

        Returns
        -------
        list
            What each call gave, in the order of the calls.

        Raises
        ------
        WorkerLostError
            If workers died under the same steps twice.
        RunnerError
            If there is no such runner here.
        Exception
            What the first call that failed raised.
        """
        if len(calls) < 2 or (self.kind == "threads" and self.n_workers == 1):  # noqa: PLR2004
            return [_told(done, at, step(**call)) for at, call in enumerate(calls)]
        found: dict[int, Any] = {}
        for tries_left in reversed(range(_TRIES)):
            lost = self._try(step, calls, found, done)
            if lost is None:
                return [found[at] for at in range(len(calls))]
            if tries_left:
                _log.info("%s; what is not finished is run again", lost)
        raise WorkerLostError(
            f"workers died twice under the step {step.name} ({lost}); where memory was short, ask "
            f"for fewer by --workers; what is finished is kept, and the same command goes on there"
        )

    def _try(
        self,
        step: Task[..., Any],
        calls: Sequence[Call],
        found: dict[int, Any],
        done: Callable[[int], None],
    ) -> str | None:
        """Run what has not been found yet; say how workers were lost, or None."""
        pool = self._open()
        sent = {
            at: self._send(pool, step, calls[at]) for at in range(len(calls)) if at not in found
        }
        lost: dict[int, BaseException] = {}
        try:
            for at, future in sent.items():
                try:
                    found[at] = given_back(future)
                except Exception as error:
                    is_gone = isinstance(error, BrokenProcessPool) or type(error).__name__ in _GONE
                    if not (is_gone or _never_arrived(error, future)):
                        raise
                    lost[at] = error
                    continue
                done(at)
        except BaseException as error:
            self._close(at_once=not isinstance(error, Exception))
            self._tell_unfinished(step, sent, found, [at for at in sent if not _is_done(sent[at])])
            raise
        if not lost:
            return None
        self._close(at_once=True)
        self._tell_unfinished(step, sent, found, [*lost])
        kind = type(next(iter(lost.values()))).__name__
        return f"{_GONE.get(kind, 'a worker')} died ({kind})"

    def _send(self, pool: Pool, step: Task[..., Any], call: Call) -> PrefectFuture[Any]:
        # Elsewhere nobody knows which steps gave what the call holds.
        known = None if self.kind == "threads" else inputs_of(call)
        if self.kind != "processes":  # a thread cannot be stopped: Prefect warns of each limit
            step = step.with_options(timeout_seconds=0)
        sent: PrefectFuture[Any] = pool.submit(step, dict(call), dependencies=known)
        return sent

    def _tell_unfinished(
        self,
        step: Task[..., Any],
        sent: Mapping[int, PrefectFuture[Any]],
        found: Collection[int],
        left: Sequence[int],
    ) -> None:
        """Have the server told of steps whose process is gone: nobody else can end them there."""
        why = "its worker process died"
        if self.kind == "processes":
            self._begun.end(step, [future for at, future in sent.items() if at in found], why)
        if self.kind == "dask":
            # Begun in order: those that had are among the first; two a worker, which may tell of
            # its next before the scheduler knows of its last.
            for at in left[: 2 * self.n_workers]:
                crashed(step, sent[at].task_run_id, why)

    def _open(self) -> Pool:
        if self._pool is None:
            self.opened = True
            self._pool = self._exits.enter_context(self._made())
        return self._pool

    def _made(self) -> Any:
        if self.kind == "threads":
            return ThreadPoolTaskRunner(max_workers=self.n_workers)
        if self.kind == "processes":
            heard = (lambda: self._begun.hear,)
            return ProcessPoolTaskRunner(self.n_workers, heard, prepare_process)
        from tasks.plumbing.clusters import dask_pool

        return dask_pool(self.n_workers, self.dask_address, prepare=prepare_worker)

    def _close(self, *, at_once: bool = False) -> None:
        """Let go of the workers; `at_once`, without waiting for what they are at."""
        if at_once and self.kind == "processes":
            kill(self._pool)
        if at_once and self.kind == "threads" and self._pool is not None:
            interrupt(self._pool)
        self._pool = None
        self._exits.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()


_GONE = {"KilledWorker": "a worker", "FutureCancelledError": "the Dask scheduler"}
"""Who is, by the name of the error: nobody imports distributed to ask."""


def _never_arrived(error: BaseException, future: PrefectFuture[Any]) -> bool:
    """Whether a step came to no process: one that dies as another starts closes what both use."""
    # A disk that is full has a number, and is told of as what it is.
    if not isinstance(error, OSError) or error.errno is not None or not _is_done(future):
        return False
    # What a step itself fails of is in the state that comes back.
    failed: bool = future.wrapped_future.exception() is error  # type: ignore[attr-defined]
    return failed


def _is_done(future: PrefectFuture[Any]) -> bool:
    return bool(future.wrapped_future.done())  # type: ignore[attr-defined] # all of ours wrap one


def _told(done: Callable[[int], None], at: int, result: Any) -> Any:
    done(at)
    return result


@contextmanager
def runner_of(parameters: FileParameters | InboxParameters) -> Iterator[Runner]:
    """Have the runner that a flow was asked for, for the length of the block.

    Parameters
    ----------
    parameters : FileParameters or InboxParameters
        Those of the flow: a job does not know how it is run.

    Raises
    ------
    RunnerError
        If what it needs is not installed.
    """
    if parameters.runner == "dask":
        from tasks.plumbing.clusters import require_dask

        require_dask()  # said at once, and not after the hours before the first map
    n_workers = parameters.workers or n_cores()
    with Runner(parameters.runner, n_workers, parameters.dask_address) as runner:
        yield runner
        if runner.dask_address and not runner.opened:  # so a mistyped address would not show
            _log.info("Dask at %s was not asked: nothing was to be shared out", runner.dask_address)
