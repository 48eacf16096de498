"""Fixed edges that rows are counted between, and the exact sums of what lies there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from slp.scaling import Scale

BINS = 50
"""Bins of equal mass that a feature's training rows are counted in."""

EDGES = BINS - 1

BEYOND = 10.0
"""Standard deviations beyond the training range that a row is at most."""

BLOCK = 2**15
"""Rows that are counted at once: a feature of them stays in the cache."""

_CELLS = 2**12
"""Stretches of equal width that a feature is cut into to find its bins."""

_HALF = 37
"""Bits of a value that are summed at once: the sum of a block has 15 more, and is exact."""

Counted = tuple["NDArray[np.int64]", "NDArray[np.object_]"]


@dataclass(frozen=True, eq=False)
class BinGrid:
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
    ) -> BinGrid:
        """Take edges and the training range, in the units of the features."""
        nearest, farthest = scale.transform(np.array([low, high]))
        nearest, farthest = nearest - BEYOND, farthest + BEYOND
        size = max(float(np.abs(nearest).max()), float(np.abs(farthest).max()))
        return cls(scale, edges, nearest, farthest, 2.0 ** (math.ceil(math.log2(size)) - 2 * _HALF))

    def is_like(self, other: BinGrid) -> bool:
        """Tell whether rows that are counted here and there can be added and compared."""
        of_both = (
            (g.scale.mean, g.scale.std, g.edges, g.nearest, g.farthest) for g in (self, other)
        )
        return all(map(np.array_equal, *of_both))

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
            for feature, bins in enumerate(self._bins):
                column = np.ascontiguousarray(rows[first : first + BLOCK, feature])
                places = bins.of(column)
                counts[feature] += np.bincount(places, minlength=BINS)
                sums[feature] += _sums(self._steps(feature, column), places)
        return counts, sums

    @cached_property
    def _bins(self) -> list[_Bins]:
        return [_Bins.between(edges) for edges in self.edges]

    def _steps(self, feature: int, column: NDArray[np.float64]) -> NDArray[np.float64]:
        low, high = float(self.nearest[feature]), float(self.farthest[feature])
        with np.errstate(over="ignore"):  # the bound comes next
            scaled: NDArray[np.float64] = column - self.scale.mean[feature]
            scaled /= self.scale.std[feature]
        np.clip(scaled, low, high, out=scaled)
        scaled /= self.step
        return scaled

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


@dataclass(frozen=True, eq=False)
class _Bins:
    """Finds bins: a number's place among cells of equal width tells, but for cells with an edge.

    A cell is found by arithmetic that never falls where numbers rise, however it is rounded.

    Attributes
    ----------
    edges : ndarray of shape (49,), float64
    per_unit : float
        Cells; any number above 0 gives the same bins.
    below : ndarray of shape (4096,), int64
        Edges in lower cells.
    is_cut : ndarray of shape (4096,), bool
        Whether there is an edge in a cell.
    """

    edges: NDArray[np.float64]
    per_unit: float
    below: NDArray[np.int64]
    is_cut: NDArray[np.bool_]

    @classmethod
    def between(cls, edges: NDArray[np.float64]) -> _Bins:
        """Cut what lies between the outermost edges into cells."""
        with np.errstate(over="ignore", divide="ignore"):  # of edges that are all but one, or far
            per_unit = float((_CELLS - 2) / (edges[-1] - edges[0]))
        per_unit = per_unit if 0 < per_unit < math.inf else 1.0
        n_edges = np.bincount(_cells(edges, edges[0], per_unit), minlength=_CELLS)
        return cls(edges, per_unit, np.cumsum(n_edges) - n_edges, n_edges > 0)

    def of(self, column: NDArray[np.float64]) -> NDArray[np.int64]:
        """Give the bin of each number, shape (n_rows,): how many edges it is above."""
        cells = _cells(column, self.edges[0], self.per_unit)
        bins = self.below.take(cells)
        unsure = np.flatnonzero(self.is_cut.take(cells))
        bins[unsure] = np.searchsorted(self.edges, column[unsure])
        return bins


def _cells(column: NDArray[np.float64], first: float, per_unit: float) -> NDArray[np.uint16]:
    """Give the cell of each number: 0 below the first edge, the last one far above it."""
    with np.errstate(over="ignore"):  # the bounds come next
        places = column - first
        places *= per_unit
    np.clip(places, -1, _CELLS - 2, out=places)
    places += 1
    return places.astype(np.uint16)


def _sums(steps: NDArray[np.float64], bins: NDArray[np.int64]) -> NDArray[np.object_]:
    """Sum the values of a block in each bin, exactly: the upper half of their bits apart."""
    upper = steps / 2.0**_HALF
    np.rint(upper, out=upper)
    lower = steps - upper * 2.0**_HALF
    np.rint(lower, out=lower)
    high, low = (
        np.bincount(bins, weights=half, minlength=BINS).astype(np.int64) for half in (upper, lower)
    )
    return np.asarray(high.astype(object) * 2**_HALF + low, dtype=object)
