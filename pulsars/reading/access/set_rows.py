"""Rows of several files by ranges, as if they stood in one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from pulsars.reading.access.in_common import InCommon
from pulsars.reading.cells import Dialect, Table
from pulsars.reading.several import file_column
from schemas import ColumnsError, for_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from pulsars.reading.access.ranges import Ranges


@dataclass(frozen=True)
class LaterRows:
    """Rows of a file that is opened when somebody wants them, and no longer.

    Attributes
    ----------
    opening : callable
        Opens the file for the length of a block.
    n_rows, part_starts
        As of `pulsars.reading.access.ranges.Ranges`.
    kept : dict
        What its `again` gave.
    """

    opening: Callable[[], AbstractContextManager[Ranges]] = field(repr=False)
    n_rows: int
    part_starts: Sequence[int]
    kept: dict[str, Any] | None

    def tables(self, *spans: tuple[int, int]) -> Iterator[Table]:
        """Give the rows of stretches, in order."""
        if spans:
            with self.opening() as ranges:
                yield from ranges.tables(*spans)

    def with_gaps(self) -> frozenset[int]:
        """Tell the places of columns of whole numbers of which some cells are missing."""
        with self.opening() as ranges:
            return ranges.with_gaps()

    def again(self) -> dict[str, Any] | None:
        """Plain values that spare who opens the file once more a look at all of it."""
        return self.kept


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
    dialect : Dialect
    notes : tuple of str
        What is said of them.
    common : InCommon

    Attributes
    ----------
    n_rows : int
    part_starts : tuple of int
        Rows at which reading may start without reading what stands before.
    """

    def __init__(
        self,
        members: Sequence[Ranges],
        files: Sequence[str],
        *,
        name: str,
        dialect: Dialect,
        notes: tuple[str, ...],
        common: InCommon,
    ) -> None:
        self._members, self._files, self._name = members, files, name
        self._dialect, self._notes, self._common = dialect, notes, common
        self._starts = np.cumsum([0, *(member.n_rows for member in members)]).tolist()
        self.n_rows: int = self._starts[-1]
        self.part_starts = tuple(
            start + part
            for member, start in zip(members, self._starts, strict=False)
            for part in member.part_starts
        )

    @classmethod
    def alike(
        cls, members: Sequence[Ranges], firsts: Sequence[Table], files: Sequence[str], *, name: str
    ) -> Self:
        """Put files together, of each of which `firsts` has the first row.

        Raises
        ------
        ColumnsError
            One has another format or other columns than the first, by its first row.
        """
        for table in firsts[1:]:
            _require_alike(table, firsts[0])
        dialects = [table.dialect for table in firsts]
        ends = [one.newline for one in dialects]
        return cls(
            members,
            files,
            name=name,
            dialect=replace(
                dialects[0],
                newline=dialects[0].newline if len({*ends}) == 1 else "mixed",
                skipped=sum(one.skipped for one in dialects),
                simulated=any(one.simulated for one in dialects),
            ),
            notes=tuple(
                f"{for_name(file)}: {note}"
                for file, table in zip(files, firsts, strict=True)
                for note in table.notes
            ),
            common=InCommon.of(firsts),
        )

    @classmethod
    def reopened(
        cls, kept: Mapping[str, Any], openings: Mapping[str, Callable[..., Any]], *, name: str
    ) -> Self:
        """Have the files of which `again` was told, by who opens each as it was `kept`."""
        members = [
            LaterRows(partial(opening, kept=one["kept"]), **one)
            for one, opening in zip(kept["members"], openings.values(), strict=True)
        ]
        return cls(
            members,
            [*openings],
            name=name,
            dialect=Dialect(**kept["dialect"]),
            notes=tuple(kept["notes"]),
            common=InCommon.from_dict(kept["common"]),
        )

    def tables(self, *spans: tuple[int, int]) -> Iterator[Table]:
        """Give the rows of stretches, in order; none holds rows of two files."""
        for member, file, first in zip(self._members, self._files, self._starts, strict=False):
            own = [
                (max(start - first, 0), min(stop - first, member.n_rows)) for start, stop in spans
            ]
            for rows in member.tables(*(span for span in own if span[0] < span[1])):
                table = self._common.given_to(rows)
                yield replace(
                    table,
                    name=self._name,
                    dialect=self._dialect,
                    notes=self._notes,
                    beside=(*table.beside, file_column(file, len(rows.lines))),
                )

    def with_gaps(self) -> frozenset[int]:
        """Tell the places of columns of whole numbers of which some cells are missing."""
        return frozenset().union(*(member.with_gaps() for member in self._members))

    def again(self) -> dict[str, Any]:
        """Plain values that spare who opens the files once more a look at all of them."""
        return {
            "members": [
                {"n_rows": one.n_rows, "part_starts": one.part_starts, "kept": one.again()}
                for one in self._members
            ],
            "dialect": asdict(self._dialect),
            "notes": self._notes,
            "common": asdict(self._common),
        }


def _require_alike(table: Table, first: Table) -> None:
    """Raise `ColumnsError` for a table of another format or other columns than the first."""
    kinds = [one.dialect.format for one in (table, first)]
    if kinds[0] != kinds[1]:
        raise ColumnsError(
            f"{table.name} is {kinds[0]} and {first.name} is {kinds[1]}; files that are read as "
            "one table have one format."
        )
    if len(table.columns) != len(first.columns):
        raise ColumnsError(
            f"{table.name} has {len(table.columns)} columns and {first.name} has "
            f"{len(first.columns)}; files that are read as one table have the same columns."
        )
    for one, other in zip(table.columns, first.columns, strict=True):
        if (one.name, one.position) != (other.name, other.position):
            raise ColumnsError(
                f"{table.name} has {one} where {first.name} has {other}; files that are read as "
                "one table have the same columns in the same order."
            )
        if one.is_text != other.is_text:
            kind = ("texts", "numbers") if one.is_text else ("numbers", "texts")
            raise ColumnsError(
                f"{table.name} has {kind[0]} in {one} and {first.name} {kind[1]}; write both with "
                "one type."
            )
