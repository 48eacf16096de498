"""Rows as they stand in a file, each rendered only when someone looks at it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, overload


class RowTexts(Sequence[str]):
    """Rows of a typed table, with commas between the cells."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __len__(self) -> int:
        """Give the number of rows."""
        return int(self._table.num_rows)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        """Render one row, or several."""
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        cells = (column[int(row)].as_py() for column in self._table.columns)
        return ",".join("" if cell is None else str(cell) for cell in cells)


class JoinedTexts(Sequence[str]):
    """Rows of several tables of one file, one after another."""

    def __init__(self, parts: Sequence[Sequence[str]]) -> None:
        self._parts = parts
        self._ends: list[int] = []
        for part in parts:
            self._ends.append(len(part) + len(self))

    def __len__(self) -> int:
        """Give the number of rows."""
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        """Render one row, or several."""
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        if not -len(self) <= row < len(self):
            raise IndexError(row)
        row = int(row) % len(self)
        at = bisect_right(self._ends, row)
        return self._parts[at][row - self._ends[at]]
