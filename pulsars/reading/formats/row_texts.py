"""Rows as they stand in a file, each rendered only when someone looks at it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray


class Texts(Sequence[str]):
    """Rows that are counted, and rendered by their numbers."""

    @abstractmethod
    def render(self, rows: Sequence[int]) -> list[str]:
        """Render rows, by their numbers from 0."""

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        """Render one row, or several."""
        if isinstance(row, slice):
            return self.render(range(*row.indices(len(self))))
        return self.render([range(len(self))[row]])[0]


class RowTexts(Texts):
    """Rows of a typed table, with commas between the cells."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __len__(self) -> int:
        """Give the number of rows."""
        return int(self._table.num_rows)

    def render(self, rows: Sequence[int]) -> list[str]:
        """Render rows, by their numbers from 0."""
        cells = ((column[row].as_py() for column in self._table.columns) for row in rows)
        return [",".join("" if cell is None else str(cell) for cell in row) for row in cells]


class JoinedTexts(Texts):
    """Rows of several parts of a file, one after another."""

    def __init__(self, parts: Sequence[Sequence[str]]) -> None:
        self._parts = parts
        self._starts = np.cumsum([0, *map(len, parts)])

    def __len__(self) -> int:
        """Give the number of rows."""
        return int(self._starts[-1])

    def render(self, rows: Sequence[int]) -> list[str]:
        """Render rows, by their numbers from 0."""
        found = np.full(len(rows), "", dtype=object)
        for one, at, within in by_part(self._starts, np.asarray(rows, np.int64)):
            found[at] = some_of(self._parts[one], within.tolist())
        return list(found.tolist())


def some_of(texts: Sequence[str], rows: Sequence[int]) -> list[str]:
    """Give some rows, by their numbers from 0: those that have to be rendered at once."""
    return texts.render(rows) if isinstance(texts, Texts) else [texts[row] for row in rows]


def by_part(
    starts: NDArray[np.int64], rows: NDArray[np.int64]
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
    """Give parts that hold some of `rows`: which, where in `rows`, and which rows of the part."""
    of = np.searchsorted(starts, rows, side="right") - 1
    for one in np.unique(of).tolist():
        at = np.flatnonzero(of == one)
        yield one, at, rows[at] - starts[one]
