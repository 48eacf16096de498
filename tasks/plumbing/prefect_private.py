"""The parts of Prefect that tasks and flows use and Prefect's documentation does not promise.

No other module of `flows` or `tasks` uses such a part; those of the service stand in
`service.prefect_private`. `tests/tasks/plumbing/test_prefect_private.py` says of each what it is
for.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect.context import FlowRunContext, TagsContext

if TYPE_CHECKING:
    from prefect import Task
    from prefect.client.schemas.objects import RunInput, State, TaskRun
    from prefect.futures import PrefectFuture

_SECONDS_TO_SEND = 10


def untagged() -> AbstractContextManager[object]:
    """Keep the tags of a flow run from its tasks: `prefect.tags` can only add some."""
    return TagsContext(current_tags=set())


def holds_a_slot() -> bool:
    """Whether the run under way holds a place of its deployment, which has a limit then."""
    context = FlowRunContext.get()
    state = context.flow_run.state if context and context.flow_run else None
    return bool(state and state.state_details.deployment_concurrency_lease_id)


def inputs_of(call: Mapping[str, Any]) -> dict[str, set[RunInput]]:
    """Say which steps gave what a call holds, which only the process of the flow knows."""
    from prefect.utilities.engine import collect_task_run_inputs_sync

    return {name: {*collect_task_run_inputs_sync(value)} for name, value in call.items()}


def given_back(future: PrefectFuture[Any]) -> Any:
    """Wait for what a step gave, and remember that it did, wherever it ran."""
    from prefect.utilities.engine import link_state_to_task_run_result

    result = future.result()
    link_state_to_task_run_result(future.state, result)
    return result


class BegunElsewhere:
    """What the processes of a pool told of steps that they began, until they told of their end.

    A process that is killed takes the messages with it that are still on their way, also those of
    steps whose result has come back.
    """

    def __init__(self) -> None:
        self._runs: dict[UUID, TaskRun] = {}
        self._ended: set[UUID] = set()

    def hear(self, message_type: str, message_payload: Any) -> tuple[str, Any]:
        """Take note of a message of a process, and hand it on."""
        from prefect.client.schemas.objects import TERMINAL_STATES, StateType, TaskRun

        if getattr(message_payload, "event", "").startswith("prefect.task-run."):
            run_id = UUID(message_payload.resource.id.removeprefix("prefect.task-run."))
            told = message_payload.payload
            if StateType(told["validated_state"]["type"]) in TERMINAL_STATES:
                self._runs.pop(run_id, None)
                self._ended.add(run_id)
            else:
                self._runs[run_id] = TaskRun(id=run_id, **told["task_run"])
        return message_type, message_payload

    def end(self, step: Task[..., Any], futures: Iterable[PrefectFuture[Any]], why: str) -> None:
        """Tell the server how each of them ended, in place of its process, which could not.

        Parameters
        ----------
        step : Task
        futures : iterable of PrefectFuture
            Those of the step's runs that gave something back: what is not known to have told its
            end is told of, also where nobody heard that it began.
        why : str
            Those that gave nothing back ended.
        """
        ended = {future.task_run_id: future.state for future in futures}
        for run_id in ended.keys() - self._ended:
            self._runs.setdefault(run_id, _run_of(step, run_id))
        while self._runs:
            run_id, run = self._runs.popitem()
            self._ended.add(run_id)
            _tell_end(run, ended.get(run_id), why)


def crashed(step: Task[..., Any], task_run_id: UUID, why: str) -> None:
    """Tell the server that a step ended, in place of its process, which could not."""
    _tell_end(_run_of(step, task_run_id), None, why)


def _run_of(step: Task[..., Any], task_run_id: UUID) -> TaskRun:
    from prefect.client.schemas.objects import TaskRun

    key = {"task_key": step.task_key, "dynamic_key": str(task_run_id)}
    return TaskRun(id=task_run_id, name=step.name, **key)


def _tell_end(run: TaskRun, state: State[Any] | None, why: str) -> None:
    # By the same messages as the step's own: they are ordered by their time, so one that is late
    # does not make it run again, and one that arrives twice is one.
    from prefect.states import Crashed
    from prefect.utilities.engine import emit_task_run_state_change_event

    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return
    run.flow_run_id = context.flow_run.id
    if state is None:
        state = Crashed(message=why)
        state.state_details.task_run_id = run.id
        state.state_details.flow_run_id = run.flow_run_id
    emit_task_run_state_change_event(run, initial_state=None, validated_state=state)


def interrupt(pool: Any) -> None:
    """Raise Ctrl-C in each thread of a pool, as Prefect does with a time limit.

    A thread hears of it once the call that it is in is over.
    """
    import ctypes

    logging.getLogger("concurrent.futures").disabled = True  # it would tell of idle threads
    for thread in pool._worker_thread_ids:  # noqa: SLF001 - nothing else knows them
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt)
        )


def kill(pool: Any) -> None:
    """Kill the processes of a pool, and have the command not wait at its end for what they told.

    One that is killed while it tells of something keeps the lock that all of them tell with.
    """
    for process in multiprocessing.active_children():
        process.kill()
    told = getattr(pool, "_subprocess_message_queue", None)
    if told is not None:
        told.cancel_join_thread()


async def send_all() -> None:
    """Send what this process has yet to tell the server of states and log lines."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for kind in (EventsWorker, APILogWorker):
        waited: Any = kind.drain_all(timeout=_SECONDS_TO_SEND, at_exit=False)
        if waited is not None:
            await waited
