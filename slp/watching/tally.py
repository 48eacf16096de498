"""Rows counted feature by feature on fixed edges: what two sides are compared by.

Tallies of the parts of a table add up to that of the table, so it can be read in pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from slp.checks import Floats

BINS = 50
"""Bins of equal mass that a feature's training rows are counted in."""

COARSE = 10
"""Bins that shares are compared in: five of the others each."""

EDGES = BINS - 1


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


def ordered(rows: Floats) -> NDArray[np.float64]:
    """Give the columns of rows, (n_samples, n_features), each sorted: (n_features, n_samples).

    Whatever is counted or summed of them then depends on no order of the rows, and is looked up at
    a few edges instead of row by row.
    """
    columns = np.array(rows.T, dtype=np.float64, order="C")
    columns.sort(axis=1)
    return columns


def count(columns: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count `ordered` columns between edges, (n_features, 49)."""
    n_rows = columns.shape[1]
    found = [
        np.diff(np.searchsorted(column, cut, side="right"), prepend=0, append=n_rows)
        for column, cut in zip(columns, edges, strict=True)
    ]
    return np.array(found, dtype=np.int64)


def areas(
    columns: Iterable[NDArray[np.float64]], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the areas of a `Tally` of `ordered` columns between (n_features, 49) edges.

    Both in standard deviations.
    """
    found = [_areas(*pair) for pair in zip(columns, edges, strict=True)]
    return np.array(found, dtype=np.float64)


def _areas(column: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the sum of max(edge - x, 0) over the rows at each edge: the area up to there."""
    sums = np.concatenate([[0.0], np.cumsum(column)])
    at = np.searchsorted(column, edges, side="right")
    up_to = edges * at - sums[at]
    beyond = (sums[-1] - sums[at[-1]]) - edges[-1] * (len(column) - at[-1])
    # A difference of long sums may be less than nothing in its last bits.
    found = np.concatenate([up_to[:1], np.diff(up_to), [beyond]])
    return np.asarray(np.maximum(found, 0.0), dtype=np.float64)
