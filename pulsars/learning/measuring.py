"""Every metric of every part, with its interval, as plain numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict

import numpy as np

from slp import Interval, intervals


def measure_parts(
    y: np.ndarray,
    probability: np.ndarray,
    parts: dict[str, np.ndarray],
    *,
    threshold: float,
    on_part: Callable[[int, int], None] | None = None,
) -> Metrics:
    """Give every metric of every part with its interval; undefined values are None.

    Parameters
    ----------
    y, probability : ndarray of shape (n_rows,)
        Label and probability.
    parts : dict
        Indices of rows, by part.
    threshold : float
        From which probability on a row is called a pulsar.
    on_part : callable, optional
        Called with how many parts are done, and of how many.

    Returns
    -------
    dict
        part → metric → ``{"value", "low", "high"}``, plain numbers.
    """
    metrics: Metrics = {}
    for done, (name, rows) in enumerate(parts.items()):
        if on_part:
            on_part(done, len(parts))
        metrics[name] = measure_rows(y[rows], probability[rows], threshold=threshold)
    if on_part:
        on_part(len(parts), len(parts))
    return metrics


def measure_rows(
    y: np.ndarray, probability: np.ndarray, *, threshold: float
) -> dict[str, dict[str, float | None]]:
    """Give every metric of rows as `measure_parts` does of a part."""
    found = intervals(y, probability, threshold=threshold)
    return {metric: plain_interval(interval) for metric, interval in found.items()}


def plain_interval(interval: Interval) -> dict[str, float | None]:
    """Give ``value``, ``low`` and ``high`` for JSON: what is undefined or has no bound is None."""
    return {
        name: float(value) if math.isfinite(value) else None
        for name, value in asdict(interval).items()
    }


Metrics = dict[str, dict[str, dict[str, float | None]]]
