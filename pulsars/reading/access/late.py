"""Cells as texts, made from the bytes of a file only when somebody asks for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from pulsars.reading.formats.row_texts import by_part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from pulsars.reading.access.block import Block


class _Part(NamedTuple):
    """Rows from `first` to before `stop` of what can give some of its cells, or all of them."""

    cells: Callable[[NDArray[np.int64]], list[str]]
    column: Callable[[], Any]
    first: int
    stop: int


class LateCells:
    """Cells of one column, trimmed; see `pulsars.reading.cells.Column`."""

    type = pa.string()
    null_count = 0

    def __init__(self, parts: Sequence[_Part]) -> None:
        self._parts = parts
        self._starts = np.cumsum([0, *(part.stop - part.first for part in parts)])

    @classmethod
    def of(cls, blocks: Sequence[Block], position: int) -> LateCells:
        """Take the column at a position, from 0, of blocks that follow one another."""
        return cls(
            [
                _Part(partial(one.cells, position), partial(one.column, position), 0, one.n_rows)
                for one in blocks
            ]
        )

    def __len__(self) -> int:
        """Give the number of rows."""
        return int(self._starts[-1])

    def take(self, rows: Any) -> Any:
        """Texts of the cells in `rows`, as a `pyarrow.ChunkedArray`."""
        wanted = np.asarray(rows, dtype=np.int64)
        found = np.full(len(wanted), "", dtype=object)
        for one, at, within in by_part(self._starts, wanted):
            part = self._parts[one]
            found[at] = part.cells(within + part.first)
        return pa.chunked_array([pa.array(found.tolist(), pa.string())])

    def slice(self, start: int, length: int) -> LateCells:
        """Cells of `length` rows from `start` on."""
        parts, ends = [], self._starts[1:].tolist()
        for part, at, end in zip(self._parts, self._starts.tolist(), ends, strict=False):
            first, stop = max(start, at) - at, min(start + length, end) - at
            if first < stop:
                parts.append(part._replace(first=part.first + first, stop=part.first + stop))
        return LateCells(parts)

    def whole(self) -> Any:
        """Texts of all cells, as a `pyarrow.ChunkedArray`."""
        found = (part.column().slice(part.first, part.stop - part.first) for part in self._parts)
        return pa.chunked_array([chunk for data in found for chunk in data.chunks], pa.string())


def joined(sources: Sequence[Any]) -> Any:
    """Put sources of a column together: those of `pulsars.reading.cells.Column`, of one type."""
    if not any(isinstance(source, LateCells) for source in sources):
        return pa.chunked_array([chunk for source in sources for chunk in source.chunks])
    parts = (one._parts if isinstance(one, LateCells) else [_held(one)] for one in sources)  # noqa: SLF001
    return LateCells([part for some in parts for part in some])


def _held(data: Any) -> _Part:
    """Give texts that are there already."""
    return _Part(lambda rows: data.take(pa.array(rows)).to_pylist(), lambda: data, 0, len(data))
