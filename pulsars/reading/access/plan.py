"""How a delimited file is written, proved on its first and last lines for a quick reading.

All that `pulsars.reading.formats.delimited.read_csv` takes from the first and the last two hundred
rows is found here by the same functions from the same rows; what it takes from all rows is proved
block by block in `pulsars.reading.access.quick_block`. Whatever is in doubt raises
`NotPlainError`: then the careful reader has the file.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from pulsars.reading.cells import MISSING_WORDS, Dialect
from pulsars.reading.formats.arff import is_arff
from pulsars.reading.formats.decimals import find_decimal
from pulsars.reading.formats.dialect import (
    SAMPLE_LINES,
    Line,
    find_delimiter,
    is_comment,
    is_number,
    says_simulated,
    split_line,
)
from pulsars.reading.formats.encodings import Text, refuse_foreign, unmarked
from pulsars.reading.formats.header import HEADER_ROWS, split_header
from schemas import PulsarError

SAMPLE_BYTES = 1 << 18
"""Of the start of a file and of its end, in which the lines that are looked at stand."""

NEWLINES = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}

_MAX_WIDTH = 90
"""Cells that make no line of 100,000 characters as long as none has 1,000."""

_FEW = 3
_LOOKED_AT = 100


class NotPlainError(Exception):
    """The file has to be read by the careful reader, as a whole."""


@dataclass(frozen=True)
class TextPlan:
    """What the ends of a file prove; it may be pickled.

    Attributes
    ----------
    start : int
        Byte of the file at which its rows begin.
    first_line : int
        Number of the line there, from 1.
    skipped : int
        Blank lines before it.
    names : tuple of str
        As in the header; empty without one.
    header : (int, str) or None
        The line that holds them.
    width : int
        Cells of a sound row.
    words : frozenset of int
        Columns, from 0, of whose cells some are no numbers.
    named : frozenset of int
        Columns whose name cannot be taken for a cell of numbers.
    dialect : Dialect
        Without `skipped`.
    """

    start: int
    first_line: int
    skipped: int
    names: tuple[str, ...]
    header: Line | None
    width: int
    words: frozenset[int]
    named: frozenset[int]
    dialect: Dialect

    @property
    def delimiter(self) -> str:
        """Character between cells."""
        return self.dialect.delimiter or ","

    @property
    def newline(self) -> str:
        """Characters at the end of a line."""
        return NEWLINES[self.dialect.newline or "LF"]

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return {**asdict(self), "words": sorted(self.words), "named": sorted(self.named)}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """Restore what `to_dict` gave."""
        sets = {key: frozenset(kept[key]) for key in ("words", "named")}
        names, header = tuple(kept["names"]), kept["header"] and tuple(kept["header"])
        dialect = Dialect(**kept["dialect"])
        return cls(**{**kept, **sets, "names": names, "header": header, "dialect": dialect})


def prove(head: bytes, tail: bytes, newline: str, *, whole: bool, name: str) -> TextPlan:
    """Find out how a file is written.

    Parameters
    ----------
    head, tail : bytes
        Its first and its last `SAMPLE_BYTES`.
    newline : str
        ``LF``, ``CRLF`` or ``CR``: the only end of line that the file has.
    whole : bool
        Whether `head` is all of the file.
    name : str
        How messages call it.

    Raises
    ------
    NotPlainError
        The careful reader has to look at all of it.
    """
    try:
        refuse_foreign(head, name=name)
        return _prove(head, tail, newline, whole=whole, name=name)
    except (PulsarError, UnicodeDecodeError):  # which the careful reader says better
        raise NotPlainError from None


def _prove(head: bytes, tail: bytes, newline: str, *, whole: bool, name: str) -> TextPlan:
    n_mark, end = len(codecs.BOM_UTF8) * head.startswith(codecs.BOM_UTF8), NEWLINES[newline]
    _require(unmarked(head) == "utf-8" and b"\0" not in head)
    _require(codecs.BOM_UTF8 not in head[n_mark:])
    cut = end.encode()
    above = _lines((head if whole else head[: head.rfind(cut)])[n_mark:], end)
    below = None if whole else _lines(tail[tail.find(cut) + len(cut) :], end)
    _require(not is_arff(Text(above, newline, "utf-8", bool(n_mark))))
    comments, rows = _apart(above, below)
    delimiter, width = find_delimiter([line for _, line in rows], name=name)
    _require(delimiter != " " and width <= _MAX_WIDTH)
    first = rows[0][0]
    names, header, rows = split_header(comments, rows, delimiter, width, name=name)
    _require(not any(names[width:]))  # of cells that rows leave out
    commented = header is not None and header[0] < first
    _require(not commented or len(names) >= width)  # a comment may leave the label out
    _require(bool(rows) and bool(rows[-1][1].strip(f'{delimiter}"\t ')))
    _require(header is None or all(line != header[1] for _, line in rows))
    dialect = Dialect(
        format="csv",
        newline=newline,
        encoding="utf-8",
        bom=bool(n_mark),
        delimiter=delimiter,
        header=bool(names),
        simulated=says_simulated(line for _, line in comments),
        decimal=find_decimal(rows, delimiter, name=name),
    )
    return TextPlan(
        start=n_mark + sum(len(line.encode()) + len(end) for line in above[: rows[0][0] - 1]),
        first_line=rows[0][0],
        skipped=sum(not line.strip() for line in above[: rows[0][0] - 1]),
        names=tuple(names),
        header=header,
        width=width,
        words=_with_words(rows, delimiter, width),
        named=frozenset(i for i, cell in enumerate(names) if not _may_be_number(cell)),
        dialect=dialect,
    )


def _require(is_so: bool) -> None:  # noqa: FBT001 - reads like assert
    if not is_so:
        raise NotPlainError


def _lines(raw: bytes, end: str) -> list[str]:
    """Take text apart, as `pulsars.reading.formats.encodings.decode` does."""
    found = raw.decode().split(end)
    return found[:-1] if found[-1] == "" else found


def _apart(
    above: Sequence[str], below: Sequence[str] | None
) -> tuple[Sequence[Line], Sequence[Line]]:
    """Comments on top, and the rows below them that stand for all."""
    numbered = [(n, line) for n, line in enumerate(above, start=1) if line.strip()]
    n_comments = next((i for i, (_, line) in enumerate(numbered) if not is_comment(line)), -1)
    _require(n_comments >= 0)
    rows = numbered[n_comments:]
    if below is not None:
        rows = _ends(rows, [(0, line) for line in below if line.strip()])
    _require(len(rows) >= _FEW and not any("%" in line for _, line in rows[1:]))
    _require(2 * sum("#" in line for _, line in rows) <= len(rows))  # comments behind most rows
    return numbered[:n_comments], rows


def _ends(first: Sequence[Line], last: Sequence[Line]) -> list[Line]:
    """Rows of the start and of the end that stand for all, for whoever looks at 200 of each."""
    n_first = 1 + SAMPLE_LINES + HEADER_ROWS
    _require(len(first) >= n_first and len(last) >= SAMPLE_LINES)
    return [*first[:n_first], *last[-SAMPLE_LINES:]]


def _with_words(rows: Sequence[Line], delimiter: str, width: int) -> frozenset[int]:
    """Columns that hold more than numbers, by some rows; only the speed depends on that."""
    cells = [split_line(line, delimiter) for _, line in [*rows[:_LOOKED_AT], *rows[-_LOOKED_AT:]]]
    return frozenset(
        i
        for row in cells
        for i, cell in enumerate(row[:width])
        if cell and not _may_be_number(cell)
    )


def _may_be_number(cell: str) -> bool:
    """Tell what stands for a number, or for none, in a column of numbers."""
    word = cell.lower().lstrip("+-")
    return is_number(cell) or word in MISSING_WORDS or word.startswith(("inf", "nan"))
