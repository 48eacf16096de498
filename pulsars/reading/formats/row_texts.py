"""Rows as they stand in a file, each rendered only when someone looks at it."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, overload


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
    """Rows of several tables of one file, one after another."""

    def __init__(self, parts: Sequence[Sequence[str]]) -> None:
        self._parts = parts
        self._ends: list[int] = []
        for part in parts:
            self._ends.append(len(part) + len(self))

    def __len__(self) -> int:
        """Give the number of rows."""
        return self._ends[-1] if self._ends else 0

    def render(self, rows: Sequence[int]) -> list[str]:
        """Render rows, by their numbers from 0."""
        at = [bisect_right(self._ends, row) for row in rows]
        return [self._parts[one][row - self._ends[one]] for one, row in zip(at, rows, strict=True)]
