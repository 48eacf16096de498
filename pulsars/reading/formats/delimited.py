"""From lines of text to columns: the CSV reader, and the table that it and the ARFF reader make."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from pulsars.reading.cells import Column, Dialect, Status, Table
from pulsars.reading.formats.between import set_apart
from pulsars.reading.formats.comments import beside_rows, without_comments
from pulsars.reading.formats.decimals import find_decimal
from pulsars.reading.formats.dialect import (
    Line,
    find_delimiter,
    is_comment,
    refuse_foreign_bytes,
    says_simulated,
    split_line,
)
from pulsars.reading.formats.fitting import fit_header
from pulsars.reading.formats.header import split_header
from pulsars.reading.formats.ragged import find_ragged, lacks_last, with_last
from schemas import MAX_LINE, Limits, TableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from pulsars.reading.formats.encodings import Text


_SHOWN = 1000
_CELL_MARK = "\x1f"  # ASCII's unit separator: no cell holds it, so quoted cells need no quotes


def read_csv(text: Text, *, name: str, limits: Limits = Limits()) -> Table:  # noqa: B008 - frozen
    """Take delimited text apart.

    Raises
    ------
    UnreadableFileError
        No delimiter makes cells of the lines, or a row of data is not UTF-8.
    ColumnsError
        There are cells, fewer than eight a row, or the header does not match the rows.
    TableError
        There is a header and no row.
    """
    numbered = [(n, line) for n, line in enumerate(text.lines, start=1) if line.strip()]
    n_comments = next((i for i, (_, line) in enumerate(numbered) if not is_comment(line)), None)
    if n_comments is None:
        raise TableError(f"{name} holds comments only and no candidate.")
    comments = numbered[:n_comments]
    rows, behind = without_comments(comments, numbered[n_comments:])
    delimiter, width = find_delimiter([line for _, line in rows], name=name)
    header, line, rows = split_header(comments, rows, delimiter, width, name=name)
    width += (lacking := lacks_last(header, rows, width, delimiter))
    n_rows_and_tail = len(rows)
    rows, more, notes = set_apart(rows, line, delimiter, width, name=name)
    end = len(rows)
    while end and not rows[end - 1][1].strip(f'{delimiter}"\t '):
        end -= 1
    rows = rows[:end]
    if text.encoding == "latin-1":
        refuse_foreign_bytes(rows or numbered, name=name)
    if not rows:
        raise TableError(f"{name} has a header and no row; a candidate table needs rows.")
    limits.require_cells(len(rows), width, name=name)
    dialect = Dialect(
        format="csv",
        newline=text.newline,
        encoding=text.encoding,
        bom=text.bom,
        delimiter=delimiter,
        header=bool(header),
        skipped=len(text.lines) - len(numbered) + n_rows_and_tail - len(rows),
        simulated=says_simulated(line for _, line in [*comments, *more]),
        decimal=find_decimal(rows, delimiter, name=name),
    )
    if lacking:
        rows, whole = with_last(rows, width, delimiter)
        behind = {**whole, **behind}
    table = build_table(rows, header, width, dialect, name=name)
    if comments and line and line[0] <= comments[-1][0]:
        table = _named_above(table)
    return replace(beside_rows(behind, table), notes=notes)


def _named_above(table: Table) -> Table:
    """Say that a table has no header where a comment names the first of its columns.

    The last of them may be the label, as in a file without header.
    """
    last = table.columns[-1]
    if last.name or (last.status == Status.MISSING).all():
        return table
    return replace(table, dialect=replace(table.dialect, header=False))


def build_table(
    rows: Sequence[Line],
    names: Sequence[str],
    width: int,
    dialect: Dialect,
    *,
    name: str,
    split: Callable[[str], list[str]] | None = None,
) -> Table:
    """Make columns of numbered lines; a row with another number of cells is kept as ragged.

    Parameters
    ----------
    rows : sequence of (int, str)
        Line numbers and lines.
    names : sequence of str
        Of the columns, as a header has them; may be empty.
    width : int
        Cells of a sound row.
    dialect : Dialect
    name : str
        How messages call the file.
    split : callable, optional
        Takes a line apart; by default lines are split at the delimiter, within quotes not.
    """
    delimiter = dialect.delimiter or ","
    lines = [line for _, line in rows]
    long = np.flatnonzero(np.fromiter(map(len, lines), np.int64, len(lines)) > MAX_LINE)
    begin = (f"{lines[row][:_SHOWN]}… ({len(lines[row]):,} characters)" for row in long.tolist())
    texts = _with(lines, long, begin)
    lines = _with(lines, long, repeat(""))
    if split is None and (delimiter == " " or any('"' in line for line in lines)):
        split = partial(split_line, delimiter=delimiter)
    if split is not None:
        lines = [_marked(split(line)) for line in lines]
        delimiter = _CELL_MARK
    counts = np.fromiter((line.count(delimiter) + 1 for line in lines), np.int64, len(lines))
    ragged = np.flatnonzero(counts != width)
    data = _columns_of(_with(lines, ragged, repeat(delimiter * (width - 1))), delimiter, width)
    del lines
    decimal = dialect.decimal or "."
    padded = fit_header(list(names), width, data.__getitem__, name=name, decimal=decimal)
    return Table(
        name=name,
        columns=tuple(
            Column.of(label or None, position, cells, decimal=decimal)
            for position, (label, cells) in enumerate(zip(padded, data, strict=True), start=1)
        ),
        lines=np.array([number for number, _ in rows], dtype=np.int64),
        texts=texts,
        ragged=find_ragged(texts, counts, long, width),
        dialect=dialect,
    )


def _marked(cells: Sequence[str]) -> str:
    """Cells with a mark between them that is in none."""
    line = _CELL_MARK.join(cells)
    if line.count(_CELL_MARK) < len(cells):
        return line
    return _CELL_MARK.join(cell.replace(_CELL_MARK, "\ufffd") for cell in cells)


def _with(lines: list[str], rows: NDArray[np.int64], others: Iterable[str]) -> list[str]:
    """Give the lines with other ones in some rows."""
    if not len(rows):
        return lines
    lines = lines.copy()
    for row, line in zip(rows.tolist(), others, strict=False):
        lines[row] = line
    return lines


def _columns_of(lines: Sequence[str], delimiter: str, width: int) -> list[Any]:
    """Text columns of lines that all have `width` cells."""
    names = [str(i) for i in range(width)]
    block = max(2**20, 8 * max(map(len, lines)))  # a line has to fit in one
    table = pacsv.read_csv(
        pa.py_buffer("\n".join(lines).encode()),
        read_options=pacsv.ReadOptions(column_names=names, block_size=block),
        parse_options=pacsv.ParseOptions(
            delimiter=delimiter, quote_char=False, ignore_empty_lines=False
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    return list(table.columns)
