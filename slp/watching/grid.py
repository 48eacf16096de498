"""Fixed edges that rows are counted between, and the exact sums of what lies there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slp.scaling import Scale

BINS = 50
"""Bins of equal mass that a feature's training rows are counted in."""

EDGES = BINS - 1

BEYOND = 10.0
"""Standard deviations beyond the training range that a row is at most."""

BLOCK = 2**15
"""Rows that are counted at once: a feature of them stays in the cache."""

_HALF = 37
"""Bits of a value that are summed at once: the sum of a block has 15 more, and is exact."""

Counted = tuple["NDArray[np.int64]", "NDArray[np.object_]"]


@dataclass(frozen=True, eq=False)
class Grid:
    """Where rows are counted.

    Attributes
    ----------
    scale : Scale
        Of the training rows.
    edges : ndarray of shape (n_features, 49), float64
        Between the bins, in the units of the features.
    nearest, farthest : ndarray of shape (n_features,), float64
        In standard deviations of the training rows: what lies beyond counts as these.
    step : float
        What values are rounded to before they are summed, in standard deviations; a power of 2,
        and about 10^-22 of the farthest value. So sums are whole numbers, and the order that rows
        came in leaves no trace.
    """

    scale: Scale
    edges: NDArray[np.float64]
    nearest: NDArray[np.float64]
    farthest: NDArray[np.float64]
    step: float

    @classmethod
    def of(
        cls,
        scale: Scale,
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        edges: NDArray[np.float64],
    ) -> Grid:
        """Take edges and the training range, in the units of the features."""
        nearest, farthest = scale.transform(np.array([low, high]))
        nearest, farthest = nearest - BEYOND, farthest + BEYOND
        size = max(float(np.abs(nearest).max()), float(np.abs(farthest).max()))
        return cls(scale, edges, nearest, farthest, 2.0 ** (math.ceil(math.log2(size)) - 2 * _HALF))

    @property
    def scaled_edges(self) -> NDArray[np.float64]:
        """Edges in standard deviations from the mean, (n_features, 49)."""
        return self.scale.transform(self.edges.T).T

    def count(self, rows: NDArray[np.float64]) -> Counted:
        """Count rows, (n_samples, n_features), and sum their values.

        Returns
        -------
        counts, sums
            As of `slp.watching.tally.Tally`.
        """
        shape = len(self.edges), BINS
        counts, sums = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=object)
        for first in range(0, len(rows), BLOCK):
            for feature, edges in enumerate(self.edges):
                # Sorted, so that few edges are looked for among many values, and not the reverse.
                column = np.sort(rows[first : first + BLOCK, feature])
                ends = np.array([*np.searchsorted(column, edges, side="right"), len(column)])
                counts[feature] += np.diff(ends, prepend=0)
                sums[feature] += _sums(self._scaled(feature, column) / self.step, ends)
        return counts, sums

    def _scaled(self, feature: int, column: NDArray[np.float64]) -> NDArray[np.float64]:
        low, high = float(self.nearest[feature]), float(self.farthest[feature])
        with np.errstate(over="ignore"):  # the bound comes next
            scaled: NDArray[np.float64] = column - self.scale.mean[feature]
            scaled /= self.scale.std[feature]
        return scaled if low <= scaled[0] and scaled[-1] <= high else np.clip(scaled, low, high)

    def areas(self, counts: NDArray[np.int64], sums: NDArray[np.object_]) -> NDArray[np.float64]:
        """Give the area under the number of rows at or below a value, over the width of each bin.

        Parameters
        ----------
        counts, sums
            As of `slp.watching.tally.Tally`.

        Returns
        -------
        ndarray of shape (n_features, 50), float64
            In standard deviations of the training rows. Of the two outermost bins: the summed
            distances of the rows in them from their inner edge.
        """
        edges, held = self.scaled_edges, counts.astype(np.float64)
        summed = sums.astype(np.float64) * self.step
        up_to = held[:, :-1] * edges - summed[:, :-1]
        up_to[:, 1:] += np.cumsum(held, axis=1)[:, :-2] * np.diff(edges, axis=1)
        beyond = summed[:, -1:] - held[:, -1:] * edges[:, -1:]
        # Where all lie at an edge, a difference may be less than nothing in its last bits.
        return np.asarray(np.maximum(np.hstack([up_to, beyond]), 0.0), dtype=np.float64)


def _sums(steps: NDArray[np.float64], ends: NDArray[np.intp]) -> NDArray[np.object_]:
    """Sum sorted values of a block between ends, exactly: the upper half of their bits apart."""
    upper = steps / 2.0**_HALF
    np.rint(upper, out=upper)
    lower = steps - upper * 2.0**_HALF
    np.rint(lower, out=lower)
    starts = np.concatenate([[0], ends[:-1]])
    held = ends > starts
    high, low = np.zeros((2, len(ends)), dtype=np.int64)
    high[held] = np.add.reduceat(upper, starts[held])
    low[held] = np.add.reduceat(lower, starts[held])
    return np.asarray(high.astype(object) * 2**_HALF + low, dtype=object)
