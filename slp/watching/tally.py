"""Rows counted feature by feature on fixed edges: what two sides are compared by.

Tallies of the parts of a table add up to that of the table, so it can be read in pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 50
"""Bins of equal mass that a feature's training rows are counted in."""

COARSE = 10
"""Bins that shares are compared in: five of the others each."""

EDGES = BINS - 1

BEYOND = 10.0
"""Standard deviations beyond the training range that a row is at most."""


@dataclass(frozen=True, eq=False)
class Tally:
    """How many rows lie in each bin, and where in it.

    Attributes
    ----------
    counts : ndarray of shape (n_features, 50), int64
        Rows in each bin; a bin holds its upper edge.
    areas : ndarray of shape (n_features, 50), float64
        Under the number of rows at or below a value, over the width of the bin, in standard
        deviations of the training rows. Of the two outermost bins: the summed distances of the
        rows in them from their inner edge.
    below, above : ndarray of shape (n_features,), int64
        Rows below and above the training range.
    outside : int
        Rows outside it in at least one feature.

    Notes
    -----
    Sums of two tallies are those of all the rows: counts exactly, areas but for rounding.
    """

    counts: NDArray[np.int64]
    areas: NDArray[np.float64]
    below: NDArray[np.int64]
    above: NDArray[np.int64]
    outside: int

    def __add__(self, other: Tally) -> Tally:
        """Give the tally of both lots of rows."""
        return Tally(
            self.counts + other.counts,
            self.areas + other.areas,
            self.below + other.below,
            self.above + other.above,
            self.outside + other.outside,
        )

    @property
    def n_rows(self) -> int:
        """Rows that were counted."""
        return int(self.counts[0].sum())


def count_feature(
    column: NDArray[np.float64],
    edges: NDArray[np.float64],
    *,
    ends: tuple[float, float],
    scale: tuple[float, float],
) -> tuple[NDArray[np.int64], NDArray[np.float64], int, int]:
    """Give what a `Tally` holds of one feature: counts, areas, rows below and above.

    Parameters
    ----------
    column, edges : ndarray of shape (n_samples,) and (49,), float64
        Candidates, and the edges between bins.
    ends, scale : tuple of two float
        Lowest and highest of the training rows, and their mean and standard deviation.
    """
    rows = np.sort(column)  # no last bit of a sum depends on the order of the rows
    (low, high), (mean, std) = ends, scale
    with np.errstate(over="ignore"):  # the bound comes at once
        scaled = (rows - mean) / std
    within = np.clip(scaled, (low - mean) / std - BEYOND, (high - mean) / std + BEYOND)
    below, up_to = np.searchsorted(rows, low), np.searchsorted(rows, high, side="right")
    return (
        count(rows, edges),
        areas(within, (edges - mean) / std),
        int(below),
        len(rows) - int(up_to),
    )


def count(column: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count a sorted feature, (n_samples,), between its edges, (49,)."""
    up_to = np.searchsorted(column, edges, side="right")
    return np.diff(up_to, prepend=0, append=len(column)).astype(np.int64)


def areas(column: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the areas of a `Tally` of a sorted feature, (n_samples,), between its edges, (49,).

    Both in standard deviations. It is the sum of max(edge - x, 0) over the rows at each edge: the
    area up to there.
    """
    sums = np.concatenate([[0.0], np.cumsum(column)])
    at = np.searchsorted(column, edges, side="right")
    up_to = edges * at - sums[at]
    beyond = (sums[-1] - sums[at[-1]]) - edges[-1] * (len(column) - at[-1])
    # A difference of long sums may be less than nothing in its last bits.
    found = np.concatenate([up_to[:1], np.diff(up_to), [beyond]])
    return np.asarray(np.maximum(found, 0.0), dtype=np.float64)
