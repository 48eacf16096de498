"""Cells and rows as texts, made from the bytes of a file only when somebody asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pulsars.reading.block import Block


class _Late:
    """Rows of several blocks, one after the other."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._starts = np.cumsum([0, *(block.n_rows for block in blocks)])

    def __len__(self) -> int:
        """Give the number of rows."""
        return int(self._starts[-1])

    def _by_block(
        self, rows: NDArray[np.int64]
    ) -> Iterator[tuple[Block, NDArray[np.int64], NDArray[np.int64]]]:
        """Blocks that hold some of `rows`, where in `rows`, and where in the block."""
        of = np.searchsorted(self._starts, rows, side="right") - 1
        for one in np.unique(of).tolist():
            at = np.flatnonzero(of == one)
            yield self._blocks[one], at, rows[at] - self._starts[one]


class LateCells(_Late):
    """Cells of one column, trimmed; see `pulsars.reading.cells.Column`."""

    type = pa.string()

    def __init__(self, blocks: Sequence[Block], position: int) -> None:
        super().__init__(blocks)
        self._position = position

    def take(self, rows: Any) -> Any:
        """Texts of the cells in `rows`, as a `pyarrow.ChunkedArray`."""
        wanted = np.asarray(rows, dtype=np.int64)
        found = np.full(len(wanted), "", dtype=object)
        for block, at, within in self._by_block(wanted):
            found[at] = block.cells(self._position, within)
        return pa.chunked_array([pa.array(found.tolist(), pa.string())])

    def whole(self) -> Any:
        """Texts of all cells, as a `pyarrow.ChunkedArray`."""
        parts = [block.column(self._position) for block in self._blocks]
        return pa.chunked_array([chunk for part in parts for chunk in part.chunks], pa.string())


class LateTexts(_Late, Sequence[str]):
    """Rows as they stand in the file."""

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        """Give one row, or several."""
        if isinstance(row, slice):
            return self.take(np.arange(len(self))[row])
        if not -len(self) <= row < len(self):
            raise IndexError(row)
        return self.take(np.array([row % len(self)]))[0]

    def take(self, rows: NDArray[np.int64]) -> list[str]:
        """Give some rows."""
        found = np.full(len(rows), "", dtype=object)
        for block, at, within in self._by_block(rows):
            found[at] = block.texts(within)
        return found.tolist()
