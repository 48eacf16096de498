"""What can heal is tried again, whoever meets it, and nothing else is."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from prefect import Flow, Task
from prefect.task_engine import TaskRunTimeoutError

from pulsars.store.stored import read_record
from pulsars.store.workplace import RESUMABLE
from schemas.errors import DamagedRecordError, DownloadError, QuarantineRateError
from tasks.plumbing.steps import can_heal
from tests.rooms import imports_of, listed, module_of, tracked
from tests.tasks.house import in_the_house


def test_every_task_is_tried_again_by_the_kind_of_the_error_and_has_a_limit() -> None:
    tasks = in_the_house(Task, "tasks", "flows", "service", "command")
    assert len(tasks) > 25
    for name, one in tasks.items():
        assert one.retries == 3, name
        assert one.retry_condition_fn is can_heal, name
        assert one.retry_jitter_factor, name
        delays = one.retry_delay_seconds
        assert isinstance(delays, list), name
        assert len(delays) == len(set(delays)) == 3, name
        assert sorted(delays) == delays, f"{name} does not back off"
        assert one.timeout_seconds, name


def test_what_a_step_came_to_is_kept_for_as_long_as_it_can_be_gone_on_with() -> None:
    tasks = in_the_house(Task, "tasks")
    kept = {name: one for name, one in tasks.items() if one.persist_result}
    assert len(kept) > 10
    for name, one in kept.items():
        assert one.cache_expiration == RESUMABLE, name


def test_no_flow_has_a_limit_that_waiting_for_another_would_use_up() -> None:
    flows = in_the_house(Flow, "flows")
    assert len(flows) >= 5
    assert {name: one.timeout_seconds for name, one in flows.items()} == dict.fromkeys(flows)


MOVES = {"crown", "keep_verdict", "promote_by_hand", "roll_back", "roll_back_by_hand", "settle"}


def test_nothing_that_moves_the_pointer_stands_outside_a_task() -> None:
    flows = [path for path in tracked() if module_of(path).startswith("flows.")]
    assert flows
    faces = listed().faces
    assert {*faces["pulsars.store"], *faces["pulsars.gate"]} >= MOVES, "one has another name now"
    for path in flows:
        names = {name.rpartition(".")[2] for name in imports_of(path, module_of(path))}
        assert not names & MOVES, path


class Ended:
    """A state that ended in an error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def result(self) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "heals"),
    [
        *((OSError(number, "x"), True) for number in (
            errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.ESTALE, errno.ETIMEDOUT, errno.ECONNRESET,
        )),
        *((OSError(number, "x"), False) for number in (
            errno.ENOENT, errno.EACCES, errno.EPERM, errno.EEXIST, errno.ENOTDIR, errno.EROFS,
        )),
        (DownloadError("x"), True), (ConnectionResetError(), True), (TimeoutError(), True),
        (TaskRunTimeoutError("x"), False), (QuarantineRateError("x"), False),
        (ValueError("x"), False), (KeyError("x"), False),
    ],
    ids=repr,
)  # fmt: skip
def test_only_what_can_heal_is_tried_again(error: Exception, heals: bool) -> None:  # noqa: FBT001
    assert can_heal(None, None, Ended(error)) is heals


@pytest.mark.parametrize(("number", "heals"), [(errno.EIO, True), (errno.ENOENT, False)])
def test_a_record_that_the_disk_would_not_give_may_be_given_the_next_time(
    number: int,
    heals: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise OSError(number, "x")

    (tmp_path / "a.json").write_text("{}")
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DamagedRecordError) as refused:
        read_record(tmp_path / "a.json", dict[str, Any])
    assert can_heal(None, None, Ended(refused.value)) is heals


def test_a_record_that_is_damaged_stays_so(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(DamagedRecordError) as refused:
        read_record(tmp_path / "a.json", dict[str, Any])
    assert can_heal(None, None, Ended(refused.value)) is False
