"""What every task of the pipeline has in common."""

from __future__ import annotations

from typing import Any

from prefect.tasks import exponential_backoff

from pulsars.store.code_version import PAGES
from tasks.caching import ByContent, SealedJSON

STEP: dict[str, Any] = {
    "persist_result": True,
    "result_serializer": SealedJSON(),
    "cache_policy": ByContent(),
    "timeout_seconds": 3600,
    "retries": 0,
}
"""A step that computes: kept by content, never retried, for the same input fails the same way."""

PAGE: dict[str, Any] = {**STEP, "cache_policy": ByContent(also=(PAGES,))}
"""The same, where what is made has words or pictures in it that are made for a person."""


def can_heal(_task: object, _run: object, state: Any) -> bool:
    """Whether trying again may help: hosts and disks recover, data and parameters do not."""
    try:
        state.result()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
        return False
    except OSError:
        return True
    except Exception:  # noqa: BLE001 - whatever else it is, it is the same the next time
        return False
    return False


IO: dict[str, Any] = {
    "timeout_seconds": 600,
    "retries": 3,
    "retry_delay_seconds": exponential_backoff(0.5),
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": can_heal,
}
"""A step that moves bytes: retried with back-off and jitter, when that can heal."""

LONG_IO: dict[str, Any] = {**IO, "timeout_seconds": 4 * 3600}
"""The same, where it may read files of any size from anywhere."""
