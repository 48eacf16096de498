"""Every metric of every part, with its interval, as plain numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp import Interval, intervals

Measured = dict[str, dict[str, float | None]]
Metrics = dict[str, Measured]
Part = tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.int64]]

RANKING = ("roc_auc", "average_precision")
"""Metrics that rest on the order alone."""


def measure_parts(
    y: ArrayLike,
    probability: ArrayLike,
    parts: dict[str, NDArray[np.integer]],
    *,
    threshold: float,
    by: ArrayLike | None = None,
    on_part: Callable[[int, int], None] | None = None,
) -> Metrics:
    """Give every metric of every part with its interval; undefined values are None.

    Parameters
    ----------
    y, probability : array-like of shape (n_rows,)
        Label and probability, each in its place: an index of pandas is not looked at.
    parts : dict
        Places of rows, from 0 on, by part.
    threshold : float
        From which probability on a row is called a pulsar.
    by : array-like of shape (n_rows,), optional
        What orders the rows, as a rule the logits: of `slp.intervals`.
    on_part : callable, optional
        Called with how many parts are done, and of how many.

    Returns
    -------
    dict
        part → metric → ``{"value", "low", "high"}``, plain numbers.

    Raises
    ------
    ValueError
        When a part names a row that is not there, or as `slp.intervals`.
    """
    metrics: Metrics = {}
    for done, (name, rows) in enumerate(parts.items()):
        if on_part:
            on_part(done, len(parts))
        own = (_of_part(name, rows, values) for values in (y, probability))
        order = None if by is None else _of_part(name, rows, by)
        metrics[name] = measure_rows(*own, threshold=threshold, by=order)
    if on_part:
        on_part(len(parts), len(parts))
    return metrics


def _of_part(name: str, rows: NDArray[np.integer], values: ArrayLike) -> NDArray[Any]:
    try:
        own: NDArray[Any] = np.asanyarray(values)[rows]  # masked ones stay so, to be refused
    except IndexError as error:
        raise ValueError(f"part {name!r}: {error}") from None
    return own


def measure_rows(
    y: ArrayLike, probability: ArrayLike, *, threshold: float, by: ArrayLike | None = None
) -> Measured:
    """Give every metric of rows as `measure_parts` does of a part."""
    found = intervals(y, probability, threshold=threshold, by=by)
    return {metric: plain_interval(interval) for metric, interval in found.items()}


def plain_interval(interval: Interval) -> dict[str, float | None]:
    """Give ``value``, ``low`` and ``high`` for JSON: what is undefined or has no bound is None."""
    return {
        name: float(value) if math.isfinite(value) else None
        for name, value in asdict(interval).items()
    }


def measure_ranking(y: np.ndarray, score: np.ndarray) -> Measured:
    """Measure an order by labels, with intervals.

    Parameters
    ----------
    y, score : ndarray of shape (n_rows,)
        Labels, and what the rows are ordered by: any finite numbers.

    Returns
    -------
    dict
        Each of `RANKING` → ``{"value", "low", "high"}``; None where undefined.
    """
    # Places instead of scores: far out, probabilities would round to 1 and tie.
    values, place = np.unique(score, return_inverse=True)
    score = (place + 0.5) / len(values)
    found = measure_rows(y, score, threshold=0.5)
    return {name: found[name] for name in RANKING}
