"""Cells as they stand in a file: text or numbers column by column, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schemas import MAX_CELL, for_name, shown

NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
"""What `float` takes, but underscores, foreign digits, nan and inf; there is one way to read any
text, for two would be tried at every digit."""

MISSING_WORDS = ("", "?", "na", "n/a", "nan", "-nan", "null", "none")


class Status(IntEnum):
    """What became of a cell that should hold a number."""

    OK = 0
    MISSING = 1
    TEXT = 2
    INFINITE = 3
    LONG = 4

    @property
    def why(self) -> str:
        """End of the sentence that starts with the cell's column and value."""
        return _WHY[self]


_WHY = (
    "is a number",
    "is missing",
    "is not a number",
    "is not finite",
    f"has more than {MAX_CELL:,} characters",
)


@dataclass(frozen=True)
class Dialect:
    """How a file is written, as far as that can be seen in it.

    Attributes
    ----------
    format : str
        ``csv``, ``arff`` or ``parquet``.
    newline : str or None
        ``LF``, ``CRLF``, ``CR``, ``mixed`` or, for a single line without end, ``none``.
    encoding : str or None
        Encoding of the text; ``latin-1`` when only header or comments are not UTF-8.
    bom, header : bool
        Byte order mark present; columns have names.
    simulated : bool or str
        The file says of itself that it is simulated; if in part, how much: ``10 of 11``.
    delimiter : str or None
        Character between cells; a blank stands for any run of blanks.
    decimal : str or None
        ``,`` where numbers are written 140,5625; else ``.``; None where numbers are no text.
    packed : str or None
        ``gzip`` or ``zip`` when the file was packed.
    skipped : int
        Lines that are no candidates: blank ones, comments and repeated headers below the first
        row, and empty rows at the end.
    label_encoding : str or None
        Spelling of the label, such as ``0/1``; None without a label.
    """

    format: str
    newline: str | None = None
    encoding: str | None = None
    bom: bool = False
    delimiter: str | None = None
    header: bool = False
    skipped: int = 0
    simulated: bool | str = False
    label_encoding: str | None = None
    decimal: str | None = None
    packed: str | None = None


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a file.

    Attributes
    ----------
    name : str or None
        Name in the header, stripped.
    position : int
        Place in the file, from 1.
    source : pyarrow.ChunkedArray or pulsars.reading.access.late.LateCells
        Cells as they stand there: trimmed text, or numbers when the file is typed; or what makes
        the texts when somebody asks.
    numbers : ndarray of shape (n_rows,), dtype float64
        Finite numbers; NaN where `status` is not ``Status.OK``.
    status : ndarray of shape (n_rows,), dtype uint8
        A `Status` for each cell.
    """

    name: str | None
    position: int
    source: Any
    numbers: NDArray[np.float64]
    status: NDArray[np.uint8]

    @classmethod
    def of(cls, name: str | None, position: int, data: Any, *, decimal: str = ".") -> Column:
        """Read every cell of `data` as a number as far as that goes."""
        if pa.types.is_string(data.type):
            data = pc.utf8_trim_whitespace(data)
            values, status = _parse(with_points(data) if decimal == "," else data)
        else:
            values = data.cast(pa.float64(), safe=False).to_numpy()
            status = np.isnan(values).astype(np.uint8) * np.uint8(Status.MISSING)
        if (infinite := np.isinf(values)).any():
            status[infinite] = Status.INFINITE
            values = np.where(infinite, np.nan, values)
        return cls(name, position, data, values, status)

    def __post_init__(self) -> None:
        """Have nobody write to what others look at too."""
        self.numbers.setflags(write=False)
        self.status.setflags(write=False)

    @property
    def data(self) -> Any:
        """All cells as they stand in the file, a `pyarrow.ChunkedArray`; texts are made anew."""
        return self.source if isinstance(self.source, pa.ChunkedArray) else self.source.whole()

    @property
    def is_text(self) -> bool:
        """Whether the cells are texts; in a typed file they may be numbers."""
        return bool(pa.types.is_string(self.source.type))

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Any:
        """Cells of some rows, as `data` has them."""
        return self.source.take(pa.array(rows, type=pa.int64()))

    def cut(self, start: int, stop: int) -> Column:
        """Give the rows from `start` to before `stop`."""
        numbers, status = self.numbers[start:stop], self.status[start:stop]
        source = self.source.slice(start, stop - start)
        return replace(self, source=source, numbers=numbers, status=status)

    def __str__(self) -> str:
        """Say which column this is, for a message."""
        return f"column {self.position}" + (f" '{for_name(self.name)}'" if self.name else "")

    def cells(self, rows: Sequence[int] | NDArray[np.int64]) -> list[str]:
        """Text of the cells in `rows`, shortened where it is long; empty for a missing one."""
        return [shown(cell) for cell in self.take(rows).to_pylist()]

    def coded(self, *, limit: int) -> tuple[list[str], NDArray[np.int64]] | None:
        """Distinct texts and, for each cell, which of them it holds; None for more than `limit`.

        Cells without content hold the last text, which is empty.
        """
        first = self.numbers[: 8 * limit]
        if len(np.unique(first[np.isfinite(first)])) > limit:  # then the texts are more, too
            return None
        codes = pc.dictionary_encode(self.data.combine_chunks())
        if len(codes.dictionary) > limit:
            return None
        texts = [str(text) for text in codes.dictionary.to_pylist()]
        where = codes.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
        return [*texts, ""], where.astype(np.int64)


@dataclass(frozen=True, eq=False)
class Table:
    """A file taken apart, before anyone has said what its columns mean.

    Attributes
    ----------
    name : str
        How messages call the file.
    columns : tuple of Column
    lines : ndarray of shape (n_rows,), dtype int64
        Line of each row in the file, from 1; for Parquet the row's number.
    texts : sequence of str
        Each row as it stands in the file; the beginning of one that is too long to be a row.
    ragged : dict of str to ndarray of int64
        Rows that are none, such as those with too many or too few cells, by the reason.
    dialect : Dialect
    notes : tuple of str
        What a person should know about how it was read, and what was passed over.
    beside : tuple of Column
        What stands beside the table, such as comments behind its rows: never feature or label.
    unread : tuple of str
        Columns of a typed file that hold neither numbers nor texts, and their types.
    """

    name: str
    columns: tuple[Column, ...]
    lines: NDArray[np.int64]
    texts: Sequence[str]
    ragged: dict[str, NDArray[np.int64]]
    dialect: Dialect
    notes: tuple[str, ...] = ()
    beside: tuple[Column, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Number of cells in a sound row."""
        return len(self.columns)


def with_points(data: Any) -> Any:
    """Write decimal points for decimal commas; a cell that has a point is then no number."""
    pointed = pc.match_substring(data, ".")
    return pc.replace_substring(pc.if_else(pointed, pa.scalar("1.2.3"), data), ",", ".")


def _parse(data: Any) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Numbers of a text column, bit for bit as `float` reads them, and the state of each cell."""
    status = np.zeros(len(data), dtype=np.uint8)
    long = pc.greater(pc.utf8_length(data), MAX_CELL)
    if pc.any(long).as_py():
        data = pc.if_else(long, pa.scalar("long"), data)
    blank = pc.equal(data, "").to_numpy()
    if blank.any():
        data = pc.if_else(pa.array(blank), pa.scalar(None, pa.string()), data)
    try:
        values = pc.cast(data, pa.float64()).to_numpy().copy()
    except pa.ArrowInvalid:
        number = pc.match_substring_regex(data, NUMBER).fill_null(False)  # noqa: FBT003
        known = pc.if_else(number, data, pa.scalar(None, pa.string()))
        values = pc.cast(known, pa.float64()).to_numpy().copy()
        status[~number.to_numpy()] = Status.TEXT
    values[blank], status[blank] = np.nan, Status.MISSING
    odd = np.flatnonzero(np.isnan(values) & ~blank)
    words = pc.utf8_lower(data.take(pa.array(odd)))
    missing = pc.is_in(words, value_set=pa.array(MISSING_WORDS)).to_numpy()
    infinite = pc.match_substring_regex(words, r"^[+-]?inf(inity)?$").to_numpy()
    # The cast takes the words nan and inf, and nan(1), nobody's word for a missing number.
    values[odd] = np.where(infinite, np.inf, np.nan)  # one NaN, whatever its word
    status[odd[missing]] = Status.MISSING
    status[odd[~missing & ~infinite]] = Status.TEXT
    status[long.to_numpy()] = Status.LONG
    return values, status
