"""A fault: for which rows which column is wrong, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Fault:
    """One reason, and every row that it holds for.

    Attributes
    ----------
    column : str
        Canonical name, or `ROW`.
    why : str
        End of a sentence that the column begins.
    rows : ndarray of shape (n_faults,), dtype int64
        From 0, ascending.
    cells : pyarrow.ChunkedArray, ndarray of shape (n_faults,), or None
        The cells at fault as the file has them, or as texts and numbers to be shown; None where
        there is nothing to show.
    """

    column: str
    why: str
    rows: NDArray[np.int64]
    cells: Any = None

    def texts(self, at: NDArray[np.int64]) -> list[str]:
        """Say what stands in the cells at some places of `rows`."""
        if self.cells is None:
            return [""] * len(at)
        if isinstance(self.cells, np.ndarray):
            return [str(value) for value in self.cells[at].tolist()]
        return [shown(cell) for cell in self.cells.take(at).to_pylist()]


_SHOWN = 100
"""Characters of a cell that a reason or a message quotes."""


def shown(cell: object) -> str:
    """Text of a cell, shortened where it is long; empty for a missing one."""
    text = "" if cell is None else str(cell)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text):,} characters)"
