"""A block: whole lines of a file, their numbers, and their texts for whoever asks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from pulsars.reading.cells import MISSING_WORDS
from pulsars.reading.formats.row_texts import Texts, some_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from pulsars.reading.access.plan import TextPlan

_FEW = 8
_NULLS = sorted({way(word) for word in MISSING_WORDS for way in (str, str.upper, str.title)})
_NULLS += ["NaN", "-NaN", "N/a"]


class Block(Texts):
    """Rows of a part of a file, as texts too.

    Attributes
    ----------
    n_rows, n_lines : int
    numbers, status : list of ndarray of shape (n_rows,)
        As of `pulsars.reading.cells.Column`; a status is None where every cell is a number.
    lines : ndarray of shape (n_rows,), dtype int64, or None
        Line of each row, from 0; None where every line is a row.
    ragged : dict of str to ndarray of int64
    """

    def __init__(self, raw: bytes, start: int, end: int, plan: TextPlan) -> None:
        self.raw, self.start, self.end, self.plan = raw, start, end, plan
        self.n_rows = self.n_lines = 0
        self.numbers: list[NDArray[np.float64]] = []
        self.status: list[NDArray[np.uint8] | None] = []
        self.kept: dict[int, Any] = {}
        self.lines: NDArray[np.int64] | None = None
        self.ragged: dict[str, NDArray[np.int64]] = {}
        self.row_texts: Sequence[str] | None = None

    def holds(self, char: bytes) -> bool:
        """Tell whether the bytes hold some others."""
        return self.raw.find(char, self.start, self.end) >= 0

    def longest(self) -> int:
        """Bytes of the longest line: characters or more."""
        return int(np.diff(self._starts).max())

    def __len__(self) -> int:
        """Give the number of rows."""
        return self.n_rows

    def render(self, rows: Sequence[int]) -> list[str]:
        """Rows as they stand in the file."""
        if self.row_texts is not None:
            return some_of(self.row_texts, rows)
        at, n_end = np.asarray(rows, np.int64), len(self.plan.newline)
        spans = zip(self._starts[at].tolist(), self._starts[at + 1].tolist(), strict=True)
        return [self.raw[first : last - n_end].decode() for first, last in spans]

    def column(self, position: int) -> Any:
        """Trimmed texts of a column, from 0."""
        if position in self.kept:
            return self.kept[position]
        table = parse(self, words={position}, only=[position])
        return pc.utf8_trim_whitespace(table.column(0))

    def cells(self, position: int, rows: NDArray[np.int64]) -> list[str]:
        """Trimmed texts of some cells."""
        if position in self.kept or len(rows) * _FEW > self.n_rows:
            return list(self.column(position).take(pa.array(rows)).to_pylist())
        lines = self.render(rows.tolist())
        return [line.split(self.plan.delimiter)[position].strip() for line in lines]

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """First byte of each line, and where one more would begin."""
        content = np.frombuffer(self.raw, np.uint8, self.end - self.start, self.start)
        end = ord(self.plan.newline[-1])
        starts = self.start + 1 + np.flatnonzero(content == end)
        if content[-1] != end:  # the file ends without an end of line
            starts = np.append(starts, self.end + len(self.plan.newline))
        return np.concatenate([[self.start], starts])


def parse(block: Block, words: Collection[int], only: Sequence[int] | None = None) -> Any:
    """Take the lines apart; None where some have not as many cells, or cells are no numbers."""
    plan = block.plan
    names = [str(i) for i in range(plan.width)]
    kinds = {str(i): pa.string() if i in words else pa.float64() for i in range(plan.width)}
    size = block.end - block.start
    try:
        return pacsv.read_csv(
            pa.py_buffer(block.raw).slice(block.start, size),
            read_options=pacsv.ReadOptions(
                column_names=names, use_threads=False, block_size=size + 1
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=plan.delimiter, quote_char=False, ignore_empty_lines=False
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=kinds,
                null_values=_NULLS,
                strings_can_be_null=False,
                decimal_point=plan.dialect.decimal or ".",
                include_columns=[str(i) for i in only] if only else [],
            ),
        )
    except pa.ArrowInvalid:
        return None
