"""One step for each of many partitions, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prefect import Task
from prefect.futures import wait

_AT_ONCE = 2
"""Steps: each has a partition in memory."""


def mapped(step: Task[..., Any], calls: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Run a step once for each call.

    Parameters
    ----------
    step : Task
    calls : sequence of mapping
        Its arguments by name: records and plain values.

    Returns
    -------
    list
        What each call gave, in the order of the calls. The error that is raised is that of the
        first call that failed.
    """
    found: list[Any] = []
    for at in range(0, len(calls), _AT_ONCE):
        futures = [step.submit(**call) for call in calls[at : at + _AT_ONCE]]
        wait(futures)
        found += [future.result() for future in futures]
    return found
