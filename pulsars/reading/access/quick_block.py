"""A block of whole lines: its numbers by Arrow's CSV reader where they prove themselves.

A cell that Arrow takes for a float64 is spelled as a number is (or is one of a few words), so the
conversion itself proves that no quote, comment mark, NUL, foreign byte or header stands in it.
What Arrow does not take is read as text and judged as the careful reader does; a block with a
ragged row, a blank line or a quote is read by the careful reader's own functions.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pulsars.reading.access.block import Block, parse
from pulsars.reading.access.plan import NotPlainError, TextPlan
from pulsars.reading.cells import Column, Status
from pulsars.reading.formats.between import repeats
from pulsars.reading.formats.decimals import GROUPED, refuse_thousands
from pulsars.reading.formats.delimited import build_table
from pulsars.reading.formats.dialect import Line, is_comment, is_quoted_comment
from schemas import MAX_LINE, ColumnsError, PulsarError

WINDOW = 500
"""Bytes; where each window holds a delimiter, no cell is longer than two of them."""

_GLANCE = 32
_NUMBERED = r"^[ \t\"'+.-]{0,4}[0-9]"
"""As `pulsars.reading.formats.between.repeats` tells a row of numbers by its cells."""


def read_block(raw: bytes, start: int, end: int, plan: TextPlan, words: set[int]) -> Block:
    """Read the whole lines between two bytes.

    Parameters
    ----------
    raw : bytes
    start, end : int
    plan : TextPlan
    words : set of int
        Columns in which other blocks have cells that are no numbers; more may be added. It saves
        trying, and changes nothing else.

    Raises
    ------
    NotPlainError
        Something stands there that only a reading of the whole file can judge.
    """
    block = Block(raw, start, end, plan)
    every = set(range(plan.width))
    for texts in ({*plan.words, *words}, every):
        table = parse(block, words=texts)
        if table is not None and _fill(block, table, texts):
            if texts == every:
                words |= {i for i in every if _has_words(block.status[i])}
            return block
    return _read_carefully(block)


def _has_words(status: NDArray[np.uint8] | None) -> bool:
    return status is not None and bool(np.isin(status, (Status.TEXT, Status.LONG)).any())


def _fill(block: Block, table: Any, words: set[int]) -> bool:
    """Take the columns over; False where they prove too little."""
    block.numbers, block.status, block.kept = [], [], {}
    block.n_rows = block.n_lines = table.num_rows
    typed = [i for i in range(block.plan.width) if i not in words]
    if typed and not (_is_short(block) and _is_close(block)):
        return False
    if words and not _is_sound(block, table, words):
        return False
    for i, data in enumerate(table.columns):
        if i in words:
            column = Column.of(None, i + 1, data, decimal=block.plan.dialect.decimal or ".")
            block.numbers.append(column.numbers)
            block.status.append(column.status if column.status.any() else None)
            if i in block.plan.words:
                block.kept[i] = column.source
        elif not _take_numbers(block, data):
            return False
    header = block.plan.header  # if it stands once more, the careful reader has the whole file
    if header and not block.plan.named & set(typed) and block.holds(header[1].encode()):
        raise NotPlainError
    return _are_rows(block, table, typed)


def _take_numbers(block: Block, data: Any) -> bool:
    """Take a column of float64 over; False where a cell is a word that we do not know."""
    (chunk,) = data.chunks
    values = chunk.to_numpy(zero_copy_only=False)  # a view where no cell is missing
    status = None
    if not np.isfinite(values).all():
        values = values.copy()
        missing, infinite = np.isnan(values), np.isinf(values)
        if np.count_nonzero(missing) != data.null_count:
            return False
        status = np.where(missing, Status.MISSING, Status.OK).astype(np.uint8)
        status[infinite], values[infinite] = Status.INFINITE, np.nan
    block.numbers.append(values)
    block.status.append(status)
    return True


def _is_short(block: Block) -> bool:
    """Prove that no cell is too long for a number: a delimiter stands in every window."""
    n_windows = (block.end - block.start) // WINDOW
    content = np.frombuffer(block.raw, np.uint8, n_windows * WINDOW, block.start)
    windows, delimiter = content.reshape(n_windows, WINDOW), ord(block.plan.delimiter)
    rest = windows[~(windows[:, :_GLANCE] == delimiter).any(axis=1)]
    return bool((rest == delimiter).any(axis=1).all())


def _is_close(block: Block) -> bool:
    """Prove that at most two blanks stand before a number, so that its row is known by it."""
    if block.plan.delimiter != "\t" and block.holds(b"\t"):
        return False
    return not block.holds(b" ") or not block.holds(b"   ")


def _is_sound(block: Block, table: Any, words: set[int]) -> bool:
    """Prove what numbers prove of themselves of columns of text; False for the careful reader."""
    if any(map(block.holds, (b"\0", b"%", BOM_UTF8))):
        raise NotPlainError
    if 0 in words and pc.any(pc.match_substring(table.column(0), "#")).as_py():
        raise NotPlainError
    if block.holds(b'"') or not (_is_short(block) or block.longest() <= MAX_LINE):
        return False
    if block.plan.delimiter == ",":
        return True
    grouped = (pc.match_substring_regex(table.column(i), GROUPED.pattern) for i in words)
    return not any(pc.any(one).as_py() for one in grouped)


def _are_rows(block: Block, table: Any, typed: Sequence[int]) -> bool:
    """Look at lines without a number: False where one is blank, which Arrow takes for a row.

    Raises
    ------
    NotPlainError
        One may be a header.
    """
    plan = block.plan
    if any(block.status[i] is None for i in typed):  # a number in every row
        return True
    rest = np.ones(block.n_rows, dtype=bool)
    for i, data in enumerate(table.columns):
        if i in typed:
            rest &= block.status[i] != Status.OK
        elif rest.any():
            rest &= ~pc.match_substring_regex(data, _NUMBERED).to_numpy()
    rows = [(0, text) for text in block.render(np.flatnonzero(rest).tolist())]
    if not all(text.strip() for _, text in rows):
        return False
    try:
        again = any(repeats(rows, plan.header, plan.delimiter, plan.width, name=""))
    except ColumnsError:
        again = True
    if again:
        raise NotPlainError
    return True


def _read_carefully(block: Block) -> Block:
    """Fill a block whose lines are not all alike: ragged, blank or quoted ones.

    Raises
    ------
    NotPlainError
        A comment, a header or what is no text stands in it.
    """
    plan = block.plan
    try:
        text = block.raw[block.start : block.end].decode()
    except UnicodeDecodeError:
        raise NotPlainError from None
    lines = text.split(plan.newline)
    if lines[-1] == "":
        lines.pop()
    numbered = [(n, line) for n, line in enumerate(lines) if line.strip()]
    if "\0" in text or _is_told_as_a_whole(text, numbered, plan):
        raise NotPlainError
    block.n_lines, block.n_rows = len(lines), len(numbered)
    if not numbered:
        block.kept = dict.fromkeys(range(plan.width), pa.chunked_array([], pa.string()))
        block.numbers = [np.empty(0)] * plan.width
        block.status = [None] * plan.width
        block.lines = np.empty(0, np.int64)
        block.row_texts = []
        return block
    table = build_table(numbered, [], plan.width, plan.dialect, name="")
    block.numbers = [column.numbers for column in table.columns]
    block.status = [column.status if column.status.any() else None for column in table.columns]
    block.kept = {place: column.source for place, column in enumerate(table.columns)}
    block.lines, block.ragged, block.row_texts = table.lines, table.ragged, table.texts
    return block


def _is_told_as_a_whole(text: str, rows: Sequence[Line], plan: TextPlan) -> bool:
    """Tell whether a line may be none of the table, or may not stand in it."""
    marked = (is_comment(line) or is_quoted_comment(line) for _, line in rows)
    if "%" in text or "\ufeff" in text or ("#" in text and any(marked)):
        return True
    try:
        refuse_thousands(rows, plan.delimiter, name="")
        return any(repeats(rows, plan.header, plan.delimiter, plan.width, name=""))
    except PulsarError:
        return True
