"""Rows of several files by ranges, as if they stood in one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.together import file_column, joined_dialect, joined_notes, require_alike

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pulsars.reading.cells import Table
    from pulsars.reading.ranges import Ranges


class SetRows:
    """Rows of several files, one after another.

    Parameters
    ----------
    members : sequence
        Files whose rows can be had range by range, each with a row at least.
    files : sequence of str
        How a row says which it is of.
    name : str
        How messages call them together.

    Attributes
    ----------
    n_rows, width : int
        Rows, and columns of the first file.
    part_starts : tuple of int
        Rows at which reading may start without reading what stands before.

    Raises
    ------
    ColumnsError
        One has another format or other columns than the first, by its first row.
    """

    def __init__(self, members: Sequence[Ranges], files: Sequence[str], *, name: str) -> None:
        firsts = [next(iter(member.tables((0, 1)))) for member in members]
        for table in firsts[1:]:
            require_alike(table, firsts[0])
        self._members, self._files, self._name = members, files, name
        self._dialect = joined_dialect([table.dialect for table in firsts])
        self._notes = joined_notes(firsts, files)
        self._starts = np.cumsum([0, *(member.n_rows for member in members)]).tolist()
        self.n_rows: int = self._starts[-1]
        self.width = len(firsts[0].columns)
        self.part_starts = tuple(
            start + part
            for member, start in zip(members, self._starts, strict=False)
            for part in member.part_starts
        )

    def tables(self, *spans: tuple[int, int]) -> Iterator[Table]:
        """Give the rows of stretches, in order; none holds rows of two files."""
        for member, file, first in zip(self._members, self._files, self._starts, strict=False):
            own = [
                (max(start - first, 0), min(stop - first, member.n_rows)) for start, stop in spans
            ]
            for table in member.tables(*(span for span in own if span[0] < span[1])):
                n_rows = np.array([len(table.lines)])
                yield replace(
                    table,
                    name=self._name,
                    dialect=self._dialect,
                    notes=self._notes,
                    beside=(*table.beside, file_column([file], n_rows)),
                )

    def with_gaps(self) -> frozenset[int]:
        """Tell the places of columns of whole numbers of which some cells are missing."""
        return frozenset().union(*(member.with_gaps() for member in self._members))
