"""What every task of the pipeline has in common."""

from __future__ import annotations

import errno
from typing import Any

from prefect.task_engine import TaskRunTimeoutError
from prefect.tasks import exponential_backoff

from pulsars.store import PAGES, RESUMABLE
from schemas import DamagedRecordError
from tasks.plumbing.caching import ByContent, SealedJSON

_WILL_NOT = (
    FileExistsError,
    FileNotFoundError,
    IsADirectoryError,
    NotADirectoryError,
    PermissionError,
    TaskRunTimeoutError,  # whoever used up its time would use it up again
)


def can_heal(_task: object, _run: object, state: Any) -> bool:
    """Whether trying again may help: hosts and disks recover, data and parameters do not."""
    try:
        state.result()
    except DamagedRecordError as error:  # of a record that the disk would not give
        return _heals(error.__context__)
    except Exception as error:  # noqa: BLE001 - whatever else it is, it is the same the next time
        return _heals(error)
    return False


def _heals(error: BaseException | None) -> bool:
    will = isinstance(error, OSError) and not isinstance(error, _WILL_NOT)
    return will and getattr(error, "errno", None) != errno.EROFS


_TRIED_AGAIN: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": exponential_backoff(0.5),
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": can_heal,
}
"""Up to three times, with back-off and jitter, and by the kind of the error alone."""

STEP: dict[str, Any] = {
    **_TRIED_AGAIN,
    "persist_result": True,
    "result_serializer": SealedJSON(),
    "cache_policy": ByContent(),
    "cache_expiration": RESUMABLE,
    "timeout_seconds": 3600,
}
"""A step that computes: kept by content, for as long as an interrupted run can be gone on with."""

PAGE: dict[str, Any] = {**STEP, "cache_policy": ByContent(also=(PAGES,))}
"""The same, where what is made has words or pictures in it that are made for a person."""

IO: dict[str, Any] = {**_TRIED_AGAIN, "timeout_seconds": 600}
"""A step that moves bytes."""

LONG_IO: dict[str, Any] = {**IO, "timeout_seconds": 4 * 3600}
"""The same, where it may read files of any size from anywhere."""
