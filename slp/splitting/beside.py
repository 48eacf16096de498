"""Rows that may be near-identical to some known ones, told at a glance: most are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from slp.splitting.keys import mix_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WIDTH = 0.02
"""Of a cell, relative: so wide that few rows are near an edge of theirs."""

_REACH = 4e-4
"""Three times as far as near-identical rows are apart: sizes of the known rows stand for all."""


@dataclass(frozen=True, eq=False)
class Beside:
    """Where known rows lie.

    Attributes
    ----------
    units : ndarray of shape (n_features,), float64
        About an eighth of each feature's median size: what is smaller counts as so large.
    cells : ndarray of shape (n_cells,), uint64
        Names of the cells that hold a row, rising.
    """

    units: NDArray[np.float64]
    cells: NDArray[np.uint64]

    @classmethod
    def of(cls, X: NDArray[np.float64]) -> Beside:
        """Take known rows, shape (n_rows, n_features), at least one."""
        sizes = np.median(np.abs(X), axis=0) / 8
        units = np.where(sizes > 0, sizes, 1.0)
        cells = np.floor(_places(X, units)).astype(np.int64)
        return cls(units, np.unique(_names(cells)))

    def suspects(self, X: NDArray[np.float64]) -> NDArray[np.int64]:
        """Give the numbers of the rows that may be near-identical to a known one, rising."""
        places = _places(X, self.units)
        own = np.floor(places)
        row, cells = np.arange(len(X)), own.astype(np.int64)
        for feature, inside in enumerate((places - own).T):
            for edge, step in ((inside < _REACH / _WIDTH, -1), (inside > 1 - _REACH / _WIDTH, 1)):
                near = np.flatnonzero(edge[row])
                beyond = cells[near]
                beyond[:, feature] += step
                row, cells = np.concatenate([row, row[near]]), np.concatenate([cells, beyond])
        names = _names(cells)
        at = np.searchsorted(self.cells, names).clip(max=len(self.cells) - 1)
        return np.unique(row[self.cells[at] == names])


def _places(X: NDArray[np.float64], units: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay features out in cells, logarithmically where they are large."""
    with np.errstate(over="ignore"):
        sizes = np.clip(X / units, -1e300, 1e300)
    places: NDArray[np.float64] = np.arcsinh(sizes) / _WIDTH
    return places


def _names(cells: NDArray[np.int64]) -> NDArray[np.uint64]:
    columns = [np.ascontiguousarray(column).view(np.uint64) for column in cells.T]
    return mix_columns(columns, n_rows=len(cells), seed=0)
