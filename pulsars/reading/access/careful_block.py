"""A block of lines by the careful reader's own functions, its dialect being known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pulsars.reading.access.plan import NotPlainError
from pulsars.reading.formats.between import repeats
from pulsars.reading.formats.decimals import refuse_thousands
from pulsars.reading.formats.delimited import build_table
from pulsars.reading.formats.dialect import Line, is_comment, is_quoted_comment
from schemas import PulsarError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulsars.reading.access.block import Block
    from pulsars.reading.access.plan import Plan


def read_carefully(block: Block) -> Block:
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


def _is_marked(line: str) -> bool:
    return is_comment(line) or is_quoted_comment(line)


def _is_told_as_a_whole(text: str, rows: Sequence[Line], plan: Plan) -> bool:
    """Tell whether a line may be none of the table, or may not stand in it."""
    if "%" in text or ("#" in text and any(_is_marked(line) for _, line in rows)):
        return True
    try:
        refuse_thousands(rows, plan.delimiter, name="")
        return any(repeats(rows, plan.header, plan.delimiter, plan.width, name=""))
    except PulsarError:
        return True
