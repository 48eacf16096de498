"""Percentile bootstrap (부트스트랩) intervals of every measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from slp.measures.interval import Interval
from slp.measures.metrics import METRICS, Ranking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

MAX_CELLS = 100_000_000
"""Rows times resamples above which fewer resamples are taken: a few seconds of work."""

MIN_RESAMPLES = 100
"""Resamples that are taken however many rows there are."""

_CHUNK_CELLS = 100_000  # rows times resamples at once: arrays that stay in a cache


def intervals(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    threshold: float,
    rng: np.random.Generator,
    n_resamples: int = 1000,
    level: float = 0.95,
) -> dict[str, Interval]:
    """Give every measure with its percentile bootstrap interval.

    Whole rows are drawn with replacement, not class by class, so that the number of pulsars
    varies as it would in another sample. The threshold stays as it is.

    Parameters
    ----------
    y_true, y_score, threshold
        As for `slp.measures.metrics.measure`.
    rng : numpy.random.Generator
        Draws the rows of one resample after the other.
    n_resamples : int
        At least 1. With more than 100,000 rows fewer are taken, so that rows times resamples
        stay at 1e8; never fewer than 100, or than asked for.
    level : float
        Share of the resamples inside the interval, in (0, 1).

    Returns
    -------
    dict of str to Interval
        The names of `METRICS`, in their order. Resamples of one class have no ranking and are
        left out of `roc_auc` and `average_precision`; with none left, both ends are NaN.

    Raises
    ------
    ValueError
        When `n_resamples` or `level` is out of bounds, or as for `measure`.

    References
    ----------
    Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.
    """
    if n_resamples < 1:
        raise ValueError(f"n_resamples {n_resamples} is below 1")
    if not 0 < level < 1:
        raise ValueError(f"level {level} is outside (0, 1)")
    ranking = Ranking.of(y_true, y_score, threshold=threshold)
    n_rows = len(ranking.order)
    values = ranking.measure(np.ones((1, n_rows)))
    chunks = [ranking.measure(counts) for counts in resamples(n_rows, n_resamples, rng=rng)]
    ends = {
        name: middle_share(np.concatenate([chunk[name] for chunk in chunks]), level)
        for name in METRICS
    }
    return {name: Interval(float(values[name][0]), *ends[name]) for name in METRICS}


def resamples(
    n_rows: int, n_resamples: int, *, rng: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """Draw resamples of rows with replacement, some at a time.

    Parameters
    ----------
    n_rows : int
        At least 1.
    n_resamples : int
        As for `intervals`, which says when fewer are drawn.
    rng : numpy.random.Generator
        Draws the rows of one resample after the other.

    Yields
    ------
    ndarray of shape (n_some, n_rows), float64
        How often each row is drawn in each of the next resamples.
    """
    n_drawn = min(n_resamples, max(MIN_RESAMPLES, MAX_CELLS // n_rows))
    size = max(1, _CHUNK_CELLS // n_rows)
    for start in range(0, n_drawn, size):
        yield _draw_counts(n_rows, min(size, n_drawn - start), rng)


def middle_share(values: NDArray[np.float64], level: float) -> tuple[float, float]:
    """Give the ends between which the middle `level` of the values lies; NaN values are left out.

    Parameters
    ----------
    values : ndarray of shape (n_resamples,), float64
        A measure of each resample.
    level : float
        In (0, 1).

    Returns
    -------
    tuple of float
        Lower and upper end; both NaN when no value is known.
    """
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return np.nan, np.nan
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _draw_counts(n_rows: int, n_resamples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """How often each row is drawn in each resample, shape (n_resamples, n_rows)."""
    drawn = rng.integers(n_rows, size=(n_resamples, n_rows))
    drawn += np.arange(0, n_resamples * n_rows, n_rows)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=n_resamples * n_rows)
    return counts.reshape(n_resamples, n_rows).astype(np.float64)
