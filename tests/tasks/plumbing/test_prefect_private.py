"""What tasks and flows need of Prefect that Prefect does not promise, name by name."""

from __future__ import annotations

import importlib
import inspect
import threading
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect import tags, task
from prefect.context import TagsContext
from prefect.task_runners import ProcessPoolTaskRunner, ThreadPoolTaskRunner

from tasks.plumbing.prefect_private import BegunElsewhere, holds_a_slot, interrupt, untagged

TAGS = (
    "each task asks the server twice for a place, for each tag of its flow: a training takes half "
    "as long again"
)
LEASE = (
    "a scheduled training that nobody can judge would pause instead of leaving the question to "
    "another run, and Prefect would end it, for a pause gives its place back"
)
LOST = [
    ("prefect.context", "TagsContext", "current_tags", TAGS),
    ("prefect.client.schemas.objects", "StateDetails", "deployment_concurrency_lease_id", LEASE),
]


FUNCTIONS = [
    (
        "prefect.utilities.engine", "collect_task_run_inputs_sync",
        "the graph of a run by processes or Dask has no arrows to its mapped steps",
    ),
    (
        "prefect.utilities.engine", "link_state_to_task_run_result",
        "the graph of a run by processes or Dask has no arrows from its mapped steps",
    ),
    (
        "prefect.utilities.engine", "emit_task_run_state_change_event",
        "a step whose worker was killed stays Running in the server for ever",
    ),
]  # fmt: skip


WORKERS = [
    (
        "prefect.events.worker.EventsWorker",
        "steps that a Dask worker did last before its cluster ended stay Running in the server",
    ),
    (
        "prefect.logging.handlers.APILogWorker",
        "what a Dask worker logged last before its cluster ended is not with the run",
    ),
]
"""Each sends what a process has to tell, and can be waited for."""

POOLS: list[tuple[type[Any], str, str]] = [
    (
        ThreadPoolTaskRunner, "_worker_thread_ids",
        "after Ctrl-C a command goes on until the steps are done that its threads are at",
    ),
    (
        ProcessPoolTaskRunner, "_subprocess_message_queue",
        "a command whose worker was killed while it told of something never ends",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "lost"), WORKERS)
def test_prefect_can_still_be_waited_for_until_all_is_sent(name: str, lost: str) -> None:
    module, _, kind = name.rpartition(".")
    drain_all = getattr(getattr(importlib.import_module(module), kind, None), "drain_all", None)
    assert callable(drain_all), f"this Prefect has no {name}.drain_all; without it: {lost}"
    taken = set(inspect.signature(drain_all).parameters)
    assert {"timeout", "at_exit"} <= taken, f"{name}.drain_all takes only {taken}: {lost}"


@pytest.mark.parametrize(("kind", "name", "lost"), POOLS)
def test_a_pool_still_has_what_it_does_not_promise(kind: type[Any], name: str, lost: str) -> None:
    with kind(max_workers=1) as pool:
        found = getattr(pool, name, None)
        assert found is not None, f"a {kind.__name__} has no {name}; without it: {lost}"


@pytest.mark.parametrize(("module", "name", "lost"), FUNCTIONS)
def test_prefect_still_has_the_functions_that_it_does_not_promise(
    module: str, name: str, lost: str
) -> None:
    found = getattr(importlib.import_module(module), name, None)
    assert callable(found), f"this Prefect has no {module}.{name}; without it: {lost}"


@task
def step() -> None:
    """Be told of."""


def message(run_id: UUID, kind: str) -> Any:
    return SimpleNamespace(
        event=f"prefect.task-run.{kind.title()}",
        resource=SimpleNamespace(id=f"prefect.task-run.{run_id}"),
        payload={
            "validated_state": {"type": kind},
            "task_run": {"name": "step", "task_key": "step", "dynamic_key": "0"},
        },
    )


def test_the_end_of_a_step_is_told_once_whether_it_was_heard_begun_or_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[tuple[UUID, str]] = []
    monkeypatch.setattr(
        "tasks.plumbing.prefect_private._tell_end",
        lambda run, state, _why: told.append((run.id, state or "crashed")),
    )
    ended, begun, unheard, lost = (uuid4() for _ in range(4))
    elsewhere = BegunElsewhere()
    for run_id, kind in (
        (ended, "RUNNING"),
        (ended, "COMPLETED"),
        (begun, "RUNNING"),
        (lost, "RUNNING"),
    ):
        elsewhere.hear("event", message(run_id, kind))
    back: Any = [SimpleNamespace(task_run_id=one, state="done") for one in (ended, begun, unheard)]
    for _ in range(2):
        elsewhere.end(step, back, "its process died")
    assert sorted(told) == sorted([(begun, "done"), (unheard, "done"), (lost, "crashed")])


def test_ctrl_c_reaches_the_threads_of_a_pool() -> None:
    began, ended = threading.Event(), threading.Event()

    def loop() -> None:
        began.set()
        try:
            while not ended.wait(0.01):
                pass
        except KeyboardInterrupt:
            ended.set()
            raise

    with ThreadPoolTaskRunner(max_workers=2) as pool:
        waiting = pool._executor.submit(loop)  # type: ignore[union-attr] # noqa: SLF001
        try:
            assert began.wait(120)
            interrupt(pool)
            assert isinstance(waiting.exception(timeout=120), KeyboardInterrupt)
        finally:
            ended.set()


@pytest.mark.parametrize(("module", "name", "field", "lost"), LOST)
def test_prefect_still_has_what_it_does_not_promise(
    module: str, name: str, field: str, lost: str
) -> None:
    thing = getattr(importlib.import_module(module), name, None)
    assert thing is not None, f"this Prefect has no {module}.{name}; without it: {lost}"
    assert field in thing.model_fields, f"{module}.{name} has no {field}; without it: {lost}"


def test_tags_around_a_flow_are_kept_from_its_tasks_and_come_back() -> None:
    with tags("pulsar"):
        with untagged():
            assert TagsContext.get().current_tags == set()
        assert TagsContext.get().current_tags == {"pulsar"}


def test_what_is_no_run_holds_no_place() -> None:
    assert not holds_a_slot()
