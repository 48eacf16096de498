"""A delimited file read quickly: dialect by its ends, numbers by Arrow, block by block.

What comes out is what `pulsars.reading.formats.delimited.read_csv` gives of the same bytes; what
cannot be proved to be the same is left to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa

from pulsars.reading.access.block import Block
from pulsars.reading.access.late import LateCells
from pulsars.reading.access.plan import SAMPLE_BYTES, NotPlainError, TextPlan, prove
from pulsars.reading.access.quick_block import read_block
from pulsars.reading.cells import Column, Status, Table
from pulsars.reading.formats.fitting import fit_header
from pulsars.reading.formats.ragged import join_ragged
from pulsars.reading.formats.row_texts import JoinedTexts
from schemas import Limits, PulsarError

BLOCK_BYTES = 1 << 22

_MAX_THREADS = 4


def read_plain(
    raw: bytes,
    *,
    name: str,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    block_bytes: int = BLOCK_BYTES,
) -> Table | None:
    """Take delimited text apart where it can be done quickly.

    Parameters
    ----------
    raw : bytes
        The file. The table makes the texts of rows and cells from it when somebody asks.
    name : str
        How messages call it.
    limits : Limits
    block_bytes : int
        About how many are read at a time; it changes nothing else.

    Returns
    -------
    Table or None
        The same table, in every value, state, line and text, as the careful reader makes; None
        where that one has to look at the file, and may refuse it.
    """
    try:
        newline = only_newline(raw)
        ends = raw[:SAMPLE_BYTES], raw[-SAMPLE_BYTES:]
        plan = prove(*ends, newline, whole=len(raw) <= SAMPLE_BYTES, name=name)
        table = read_rows(raw, plan.start, plan, plan.first_line, name=name, size=block_bytes)
        n_lines = plan.first_line - 1 + len(table.lines) + table.dialect.skipped
        n_unended = not raw.endswith(plan.newline.encode())
        limits.require_lines(n_lines - n_unended, name=name)
        limits.require_cells(len(table.lines), plan.width, name=name)
        if not len(table.lines):
            return None
    except (NotPlainError, PulsarError):
        return None
    skipped = table.dialect.skipped + plan.skipped
    return replace(table, dialect=replace(table.dialect, skipped=skipped))


def only_newline(raw: bytes) -> str:
    """Say which ends the lines have.

    Raises
    ------
    NotPlainError
        They have several, or there is none.
    """
    if b"\r" not in raw:
        kind = "LF" if b"\n" in raw else None
    elif b"\n" not in raw:
        kind = "CR"
    else:
        n_both = raw.count(b"\r\n")
        kind = "CRLF" if n_both == raw.count(b"\r") == raw.count(b"\n") else None
    if kind is None:
        raise NotPlainError
    return kind


def read_rows(
    raw: bytes, start: int, plan: TextPlan, first_line: int, *, name: str, size: int = BLOCK_BYTES
) -> Table:
    """Read the rows that stand from `start` to the end of `raw`, the first of which is a line's.

    Raises
    ------
    NotPlainError
        The careful reader has to look at the whole file.
    """
    spans = _spans(raw, start, size, plan.newline)
    words: set[int] = set()
    with ThreadPoolExecutor(min(_MAX_THREADS, pa.cpu_count())) as pool:
        blocks = list(pool.map(lambda span: read_block(raw, span[0], span[1], plan, words), spans))
    first = np.cumsum([first_line, *(block.n_lines for block in blocks)]).tolist()
    return join_blocks(blocks, first[:-1], plan, name=name)


def _spans(raw: bytes, start: int, size: int, newline: str) -> Sequence[tuple[int, int]]:
    """Cut at ends of lines into parts of about `size` bytes."""
    end_of_line = newline.encode()
    spans = []
    while start < len(raw):
        found = raw.find(end_of_line, start + size)
        end = len(raw) if found < 0 else found + len(end_of_line)
        spans.append((start, end))
        start = end
    return spans


def join_blocks(
    blocks: Sequence[Block], first_lines: Sequence[int], plan: TextPlan, *, name: str
) -> Table:
    """Make one table of blocks, given the line at which each begins."""
    lines = [
        first + (np.arange(block.n_rows) if block.lines is None else block.lines)
        for block, first in zip(blocks, first_lines, strict=True)
    ]

    names = fit_header(
        list(plan.names),
        plan.width,
        partial(LateCells.of, blocks),
        name=name,
        decimal=plan.dialect.decimal or ".",
    )
    n_blank = sum(block.n_lines - block.n_rows for block in blocks)
    return Table(
        name=name,
        columns=tuple(_column(blocks, place, label) for place, label in enumerate(names)),
        lines=np.concatenate(lines),
        texts=JoinedTexts(blocks),
        ragged=join_ragged((block.n_rows, block.ragged) for block in blocks),
        dialect=replace(plan.dialect, skipped=n_blank),
    )


def _column(blocks: Sequence[Block], place: int, label: str) -> Column:
    """Join the next column; the blocks give it away, or all numbers would be held twice."""
    numbers = np.concatenate([block.numbers.pop(0) for block in blocks])
    found = [(block.n_rows, block.status.pop(0)) for block in blocks]
    parts = (np.full(n, Status.OK, np.uint8) if one is None else one for n, one in found)
    status = np.concatenate([*parts])
    return Column(label or None, place + 1, LateCells.of(blocks, place), numbers, status)
