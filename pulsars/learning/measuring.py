"""Every metric with its interval, as plain numbers: of a run, and of scores that have labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pulsars.learning.predicting import Predicted
from pulsars.learning.scoring import Scorer
from pulsars.store import in_threads
from slp import Interval, intervals, intervals_in_blocks

Measured = dict[str, dict[str, float | None]]
Metrics = dict[str, Measured]
Part = tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.int64]]

RANKING = ("roc_auc", "average_precision")
"""Metrics that rest on the order alone."""

AT_ONCE = 1 << 21
"""Rows up to which labels and logits are measured in memory, which takes some 120 bytes a row."""


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


def measure_scores(
    scorer: Scorer, labels: NDArray[np.int8] | None, logits: NDArray[np.float64]
) -> Measured | None:
    """Give every metric of rows, or of a companion's those of an order; None without labels.

    Parameters
    ----------
    scorer : Scorer
        Who gave the logits.
    labels : ndarray of shape (n_rows,) or None
    logits : ndarray of shape (n_rows,)
    """
    if labels is None:
        return None
    if not scorer.decides:
        return measure_ranking(labels, logits)
    probability = Predicted.by(scorer.model, logits).probability
    return measure_rows(labels, probability, threshold=scorer.model.threshold, by=logits)


def measure_in_parts(scorer: Scorer, parts: Iterable[Part], *, n_rows: int) -> Measured | None:
    """Give the same of a table in partitions, in bounded memory however many rows there are.

    Parameters
    ----------
    scorer : Scorer
        Who gave the logits.
    parts : iterable of tuple
        Labels, logits and ranks of each partition, in the order of the table.
    n_rows : int
        Of all of them. Of more than `AT_ONCE` rows the ranking is measured as of
        `slp.measures.in_blocks`.
    """
    if n_rows <= AT_ONCE:
        labels, logits, _ = (np.concatenate(each) for each in zip(*parts, strict=True))
        return measure_scores(scorer, labels, logits)
    said = (
        (labels, Predicted.by(scorer.model, logits).probability, ranks)
        for labels, logits, ranks in parts
    )
    threshold, mapped = scorer.model.threshold, in_threads()
    found = intervals_in_blocks(said, n_rows=n_rows, threshold=threshold, mapped=mapped)
    names = found if scorer.decides else RANKING
    return {name: plain_interval(found[name]) for name in names}
