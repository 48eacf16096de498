"""Comments behind rows: there the surveys' tools write the candidate's file, after a ``%``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from pulsars.reading.cells import Column
from schemas import FEATURE_NAMES, MAX_LINE, PLACE_LIMIT, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulsars.reading.cells import Table
    from pulsars.reading.dialect import Line

_BEHIND = re.compile(r"""([^%"']*[0-9A-Za-z]\s*)%([^\s,;|%][^"]*)""")
"""A last cell, a ``%`` and a text: ``50%`` is a cell, and what a delimiter or a blank
follows is part of one."""


_MARKS = len(FEATURE_NAMES) - 1


def comment_column(comments: Sequence[str], position: int) -> tuple[Column, ...]:
    """Make a column of the comments behind the rows, cut where they are long; none without any."""
    if not any(comments):
        return ()
    texts = [shortened(comment, PLACE_LIMIT) for comment in comments]
    return (Column.of("comment", position, pa.chunked_array([pa.array(texts, pa.string())])),)


@dataclass(frozen=True)
class Behind:
    """Rows as they stood, and the comments behind them, by line number; empty where none has one.

    Attributes
    ----------
    lines, comments : dict of int to str
    """

    lines: dict[int, str]
    comments: dict[int, str]

    def beside(self, table: Table) -> Table:
        """Give a table its rows' whole texts again, and their comments as a column beside it."""
        if not self.comments:
            return table
        numbers = table.lines.tolist()
        texts = [
            self.lines.get(number, text) for number, text in zip(numbers, table.texts, strict=True)
        ]
        comments = [self.comments.get(number, "") for number in numbers]
        beside = comment_column(comments, len(table.columns) + 1)
        return replace(table, texts=texts, beside=beside)


def without_comments(rows: Sequence[Line]) -> tuple[Sequence[Line], Behind]:
    """Take comments off the ends of delimited rows, where most rows have one."""
    if sum("%" in line for _, line in rows) * 2 <= len(rows):
        return rows, Behind({}, {})
    found = {number: _BEHIND.fullmatch(line) for number, line in rows if len(line) <= MAX_LINE}
    behind = {number: one for number, one in found.items() if one}
    if len(behind) * 2 <= len(rows):
        return rows, Behind({}, {})
    first = rows[0][1]
    if rows[0][0] not in behind and not any(
        first.count(mark) == next(iter(behind.values()))[1].count(mark) >= _MARKS
        for mark in ",;\t|"
    ):  # the header names what follows the first %: a cell of text
        return rows, Behind({}, {})
    cut = [(n, behind[n][1].rstrip() if n in behind else line) for n, line in rows]
    whole = {number: line for number, line in rows if number in behind}
    return cut, Behind(whole, {number: one[2].strip() for number, one in behind.items()})
