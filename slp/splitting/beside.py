"""Rows that may be near-identical to some known ones, told at a glance: most are not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slp.splitting.names import Names

_WIDTH = np.int64(45)
"""Bits of a mantissa that a cell leaves out: it is 0.4 to 0.8 % wide; few rows are near an edge."""

_REACH = np.int64(2.6e-4 * 2**52)
"""As far as near-identical rows can be apart, in these bits, where units are the same."""

_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class Beside:
    """Where known rows lie.

    Attributes
    ----------
    units : ndarray of shape (n_features,), float64
        As of `slp.splitting.near.units_of`: what is smaller counts as so large.
    cells : Names
        Of the cells that hold a row.
    """

    units: NDArray[np.float64]
    cells: Names

    @classmethod
    def of(cls, X: NDArray[np.float64], units: NDArray[np.float64]) -> Beside:
        """Take known rows, shape (n_rows, n_features), at least one."""
        names = np.zeros(len(X), dtype=np.uint64)
        for place, step in zip(_places(X, units), _steps(len(units)), strict=True):
            names += (place >> _WIDTH).view(np.uint64) * step
        return cls(units, Names.of(names))

    def suspects(self, X: NDArray[np.float64]) -> NDArray[np.int64]:
        """Give the numbers of the rows that may be near-identical to a known one, rising."""
        row, names = np.arange(len(X)), np.zeros(len(X), dtype=np.uint64)
        for place, step in zip(_places(X, self.units), _steps(len(self.units)), strict=True):
            names += ((place >> _WIDTH).view(np.uint64) * step)[row]
            inside = place & np.int64((1 << _WIDTH) - 1)
            low, high = inside < _REACH, inside >= (1 << _WIDTH) - _REACH
            at_low, at_high = np.flatnonzero(low[row]), np.flatnonzero(high[row])
            names = np.concatenate([names, names[at_low] - step, names[at_high] + step])
            row = np.concatenate([row, row[at_low], row[at_high]])
        return np.unique(row[self.cells.find(names)])


def _places(X: NDArray[np.float64], units: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Lay features out as the bits of 1 + their size: these rise as its logarithm does."""
    one = np.float64(1).view(np.int64)
    places = []
    for column, unit in zip(X.T, units, strict=True):
        with np.errstate(over="ignore"):
            place = (1 + np.minimum(np.abs(column) / unit, 1e300)).view(np.int64) - one
        places.append(np.where(column < 0, -place, place))
    return places


def _steps(n_features: int) -> NDArray[np.uint64]:
    """Give by how much a name changes from cell to cell, feature by feature."""
    return np.cumprod(np.full(n_features, _ODD), dtype=np.uint64)
