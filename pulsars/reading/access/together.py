"""Tables of several files as one: the same format, the same columns, one file after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pulsars.reading.access.late import joined
from pulsars.reading.cells import Column, Dialect, Table
from schemas import ColumnsError, for_name


def require_alike(table: Table, first: Table) -> None:
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


def join_columns(parts: Sequence[Column]) -> Column:
    """Put a column together, whose parts have one type."""
    numbers = np.concatenate([part.numbers for part in parts])
    status = np.concatenate([part.status for part in parts])
    numbers.setflags(write=False)
    status.setflags(write=False)
    source = joined([part.source for part in parts])
    return replace(parts[0], source=source, numbers=numbers, status=status)


def joined_dialect(dialects: Sequence[Dialect]) -> Dialect:
    """How the first is written; where others have other ends of line, that is said."""
    first = dialects[0]
    return replace(
        first,
        newline=first.newline if len({one.newline for one in dialects}) == 1 else "mixed",
        skipped=sum(one.skipped for one in dialects),
        simulated=any(one.simulated for one in dialects),
    )


def joined_notes(tables: Sequence[Table], files: Sequence[str]) -> tuple[str, ...]:
    """Say of each file what is to be known of it."""
    said = zip(files, tables, strict=True)
    return tuple(f"{for_name(file)}: {note}" for file, table in said for note in table.notes)
