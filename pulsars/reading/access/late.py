"""Cells and rows as texts, made from the bytes of a file only when somebody asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from pulsars.reading.formats.row_texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pulsars.reading.access.block import Block


class _Holder(Protocol):
    def cells(self, position: int, rows: NDArray[np.int64]) -> list[str]: ...
    def column(self, position: int) -> Any: ...


class _Held:
    """Texts that are there already."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def cells(self, position: int, rows: NDArray[np.int64]) -> list[str]:  # noqa: ARG002 - has one
        return list(self._data.take(pa.array(rows)).to_pylist())

    def column(self, position: int) -> Any:  # noqa: ARG002 - has one
        return self._data


class _Part(NamedTuple):
    """Rows of a holder, from `first` to before `stop`, and which of its columns."""

    holder: _Holder
    position: int
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
        return cls([_Part(block, position, 0, block.n_rows) for block in blocks])

    def __len__(self) -> int:
        """Give the number of rows."""
        return int(self._starts[-1])

    def take(self, rows: Any) -> Any:
        """Texts of the cells in `rows`, as a `pyarrow.ChunkedArray`."""
        wanted = np.asarray(rows, dtype=np.int64)
        found = np.full(len(wanted), "", dtype=object)
        for one, at, within in _by_part(self._starts, wanted):
            part = self._parts[one]
            found[at] = part.holder.cells(part.position, within + part.first)
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
        found = (p.holder.column(p.position).slice(p.first, p.stop - p.first) for p in self._parts)
        return pa.chunked_array([chunk for data in found for chunk in data.chunks], pa.string())


def joined(sources: Sequence[Any]) -> Any:
    """Put sources of a column together: those of `pulsars.reading.cells.Column`, of one type."""
    if not any(isinstance(source, LateCells) for source in sources):
        return pa.chunked_array([chunk for source in sources for chunk in source.chunks])
    parts: list[_Part] = []
    for one in sources:
        late = isinstance(one, LateCells)
        parts += one._parts if late else [_Part(_Held(one), 0, 0, len(one))]  # noqa: SLF001
    return LateCells(parts)


class LateTexts(Texts):
    """Rows of blocks as they stand in the file."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._starts = np.cumsum([0, *(block.n_rows for block in blocks)])

    def __len__(self) -> int:
        """Give the number of rows."""
        return int(self._starts[-1])

    def render(self, rows: Sequence[int]) -> list[str]:
        """Render rows, by their numbers from 0."""
        found = np.full(len(rows), "", dtype=object)
        for one, at, within in _by_part(self._starts, np.asarray(rows, np.int64)):
            found[at] = self._blocks[one].texts(within)
        return list(found.tolist())


def _by_part(
    starts: NDArray[np.int64], rows: NDArray[np.int64]
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
    """Give parts that hold some of `rows`: which, where in `rows`, and which rows of the part."""
    of = np.searchsorted(starts, rows, side="right") - 1
    for one in np.unique(of).tolist():
        at = np.flatnonzero(of == one)
        yield one, at, rows[at] - starts[one]
