"""Rows counted feature by feature on fixed edges: what two sides are compared by.

Tallies of the parts of a table add up to that of the table, to the last bit, so it can be read in
pieces of any size and in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slp.watching.grid import BinGrid

COARSE = 10
"""Bins that shares are compared in: five of the others each."""


@dataclass(frozen=True, eq=False)
class Tally:
    """How many rows lie in each bin, and where in it.

    Attributes
    ----------
    grid : BinGrid
        What they were counted on.
    counts : ndarray of shape (n_features, 50), int64
        Rows in each bin; a bin holds its upper edge.
    sums : ndarray of shape (n_features, 50), of Python's int
        Of the rows' values in each bin, in steps of the grid.
    below, above : ndarray of shape (n_features,), int64
        Rows below and above the training range.
    outside : int
        Rows outside it in at least one feature.
    """

    grid: BinGrid
    counts: NDArray[np.int64]
    sums: NDArray[np.object_]
    below: NDArray[np.int64]
    above: NDArray[np.int64]
    outside: int

    def __add__(self, other: Tally) -> Tally:
        """Give the tally of both lots of rows, exactly.

        Raises
        ------
        ValueError
            When the other was counted on another grid.
        """
        other.check_grid(self.grid)
        return replace(
            self,
            counts=self.counts + other.counts,
            sums=self.sums + other.sums,
            below=self.below + other.below,
            above=self.above + other.above,
            outside=self.outside + other.outside,
        )

    def check_grid(self, grid: BinGrid) -> None:
        """Raise ValueError unless these rows were counted on that grid, or on one like it."""
        if not self.grid.is_like(grid):
            raise ValueError(
                "the tally is of rows that were counted on the edges of another reference; count "
                "them anew with this one's .tally(X)"
            )

    @property
    def n_rows(self) -> int:
        """Rows that were counted."""
        return int(self.counts[0].sum())

    @cached_property
    def areas(self) -> NDArray[np.float64]:
        """Area of each bin, shape (n_features, 50), as of `BinGrid.areas`."""
        return self.grid.areas(self.counts, self.sums)

    def to_dict(self) -> dict[str, Any]:
        """Give plain numbers and lists, ready for JSON; `from_dict` restores every bit."""
        return {
            "counts": self.counts.tolist(),
            "sums": self.sums.tolist(),
            "below": self.below.tolist(),
            "above": self.above.tolist(),
            "outside": self.outside,
        }

    @classmethod
    def from_dict(cls, grid: BinGrid, record: Mapping[str, Any]) -> Tally:
        """Restore a tally on the grid that it was counted on."""
        counts, below, above = (
            np.array(record[name], dtype=np.int64) for name in ("counts", "below", "above")
        )
        sums = np.array(record["sums"], dtype=object)
        return cls(grid, counts, sums, below, above, int(record["outside"]))
