"""Comments behind rows: there the surveys' tools write the candidate's file, after a mark."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from pulsars.reading.cells import Column, Table
from pulsars.reading.formats.complete import are_behind_cells, row_of, said_in
from schemas import MAX_LINE, PLACE_LIMIT, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulsars.reading.formats.dialect import Line

_BEHIND = re.compile(
    r"""(?P<row>[^%#"']*[\s,;|][-+.?\deE]+\s*)(?:%|\#(?![A-Z/0]+[A!?]\s*$))\s*(?P<said>[^\s,;|%#][^"]*)
    |(?P<words>[^%"']*[0-9A-Za-z]\s*)%(?P<place>[^\s,;|%][^"]*)""",
    re.VERBOSE,
)
"""What may be a last cell, a mark and a text. Behind a number either mark is one, but in a
spreadsheet's #N/A; behind a word a ``%`` that no delimiter or blank follows: ``50%`` is a cell."""

_LOOKED_AT = 1000
"""Rows by which it is told what stands behind the marks."""


def comment_column(comments: Sequence[str], position: int) -> tuple[Column, ...]:
    """Make a column of the comments behind the rows, cut where they are long; none without any."""
    if not any(comments):
        return ()
    texts = [shortened(comment, PLACE_LIMIT) for comment in comments]
    return (Column.of("comment", position, pa.chunked_array([pa.array(texts, pa.string())])),)


def beside_rows(behind: Mapping[int, tuple[str, str]], table: Table) -> Table:
    """Give a table its rows' whole texts again, and their comments as a column beside it.

    Parameters
    ----------
    behind : mapping of int to (str, str)
        As of `without_comments`.
    table : Table
        Made of the rows without them.
    """
    if not behind:
        return table
    rows = zip(table.lines.tolist(), table.texts, strict=True)
    found = [behind.get(number, (text, "")) for number, text in rows]
    beside = comment_column([comment for _, comment in found], len(table.columns) + 1)
    return replace(table, texts=[text for text, _ in found], beside=beside)


def without_comments(
    comments: Sequence[Line], rows: Sequence[Line]
) -> tuple[Sequence[Line], dict[int, tuple[str, str]]]:
    """Take comments off the ends of delimited rows, where most rows have one.

    Parameters
    ----------
    comments : sequence of (int, str)
        Lines above the rows: they may name the columns.
    rows : sequence of (int, str)

    Returns
    -------
    rows : sequence of (int, str)
    behind : dict of int to (str, str)
        By line number the row as it stood, and its comment; of those that have one.
    """
    if sum("%" in line or "#" in line for _, line in rows) * 2 <= len(rows):
        return rows, {}
    found = {number: _BEHIND.fullmatch(line) for number, line in rows if len(line) <= MAX_LINE}
    behind = {number: one for number, one in found.items() if one}
    if len(behind) * 2 <= len(rows):
        return rows, {}
    cut = [(n, row_of(behind[n]).rstrip() if n in behind else line) for n, line in rows]
    some = [*behind.values()][:_LOOKED_AT]
    unmarked = [line for n, line in rows[1:] if n not in behind]
    table = [rows[0], *cut[1:]]
    if not are_behind_cells(some, unmarked, comments, table, [line for _, line in cut]):
        return rows, {}
    return cut, {n: (one[0], said_in(one)) for n, one in behind.items()}
