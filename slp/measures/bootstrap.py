"""Resamples of rows (부트스트랩), behind the comparison of two models on the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

MAX_CELLS = 100_000_000
"""Rows times resamples above which fewer resamples are taken: a few seconds of work."""

MIN_RESAMPLES = 100
"""Resamples that are taken however many rows there are."""

_CHUNK_CELLS = 100_000  # rows times resamples at once: arrays that stay in a cache


def resamples(
    n_rows: int, n_resamples: int, *, rng: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """Draw resamples of rows with replacement, some at a time.

    Parameters
    ----------
    n_rows : int
        At least 1.
    n_resamples : int
        At least 1. With more than 100,000 rows fewer are drawn, so that rows times resamples
        stay at 1e8; never fewer than 100, or than asked for.
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
