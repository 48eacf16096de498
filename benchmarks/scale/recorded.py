"""What a Prefect server recorded of the runs on it: how many task runs, and how long one took."""

from __future__ import annotations

import time
from typing import Any

_PATIENCE_SECONDS = 60.0
_EVERY_SECONDS = 1.5
"""The server writes once a second."""


def n_task_runs(url: str) -> int:
    """Count the task runs of a server, once it has recorded all."""
    found, before = int(_asked(url, "count", {})), -1
    while found != before:
        time.sleep(_EVERY_SECONDS)
        before, found = found, int(_asked(url, "count", {}))
    return found


def seconds_of(url: str, name: str) -> float:
    """Give the seconds of the task run of this name that ended last.

    Raises
    ------
    TimeoutError
        If none is recorded.
    """
    asked = {
        "task_runs": {"name": {"any_": [name]}, "state": {"type": {"any_": ["COMPLETED"]}}},
        "sort": "END_TIME_DESC",
        "limit": 1,
    }
    until = time.monotonic() + _PATIENCE_SECONDS
    while not (found := _asked(url, "filter", asked)):
        if time.monotonic() > until:
            raise TimeoutError(f"no task run {name} is recorded after {_PATIENCE_SECONDS:.0f} s")
        time.sleep(_EVERY_SECONDS)
    return float(found[0]["total_run_time"])


def _asked(url: str, what: str, body: dict[str, Any]) -> Any:
    import httpx

    return httpx.post(f"{url}/task_runs/{what}", json=body, timeout=30).raise_for_status().json()
