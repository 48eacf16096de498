"""From lines of text to columns: the CSV reader, and the table that it and the ARFF reader make."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from schemas.between import set_apart, uncommented
from schemas.cells import Column, Dialect, Table
from schemas.dialect import (
    find_delimiter,
    is_comment,
    is_header,
    refuse_decimal_commas,
    refuse_foreign_bytes,
    says_simulated,
    split_line,
)
from schemas.errors import ColumnsError, TableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.sources import Text

Line = tuple[int, str]
"""Number in the file, from 1, and text."""

HEADER_ROWS = 50
"""Rows below the first that tell whether that one holds names."""

_CELL_MARK = "\x1f"  # ASCII's unit separator: no cell holds it, so quoted cells need no quotes


def read_csv(text: Text, *, name: str) -> Table:
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
    comments, rows = numbered[:n_comments], numbered[n_comments:]
    delimiter, width = find_delimiter([line for _, line in rows], name=name)
    header, line, rows = _split_header(comments, rows, delimiter, width)
    n_rows_and_tail = len(rows)
    rows, more, notes = set_apart(rows, line, delimiter, width, name=name)
    while rows and not rows[-1][1].strip(f'{delimiter}"\t '):
        rows = rows[:-1]
    if text.encoding == "latin-1":
        refuse_foreign_bytes(rows or numbered, name=name)
    if not rows:
        raise TableError(f"{name} has a header and no row; a candidate table needs rows.")
    if delimiter != ",":
        refuse_decimal_commas(rows, delimiter, name=name)
    dialect = Dialect(
        format="csv",
        newline=text.newline,
        encoding=text.encoding,
        bom=text.bom,
        delimiter=delimiter,
        header=bool(header),
        skipped=len(text.lines) - len(numbered) + n_rows_and_tail - len(rows),
        simulated=says_simulated(line for _, line in [*comments, *more]),
    )
    return replace(build_table(rows, header, width, dialect, name=name), notes=notes)


def _split_header(
    comments: Sequence[Line], rows: list[Line], delimiter: str, width: int
) -> tuple[list[str], Line | None, list[Line]]:
    """Names, the line that holds them and the rows below; no names when there are none."""
    number, line = rows[0]
    header = split_line(line, delimiter)
    below = [split_line(text, delimiter) for _, text in rows[1 : HEADER_ROWS + 1]]
    if is_header(header, below):
        return header, (number, line), rows[1:]
    # NumPy and Astropy write the header as the last comment.
    number, line = comments[-1] if comments else (0, "")
    line = uncommented(line)
    header = split_line(line, delimiter) if line else []
    if len(header) == width and is_header(header):
        return header, (number, line), rows
    return [], None, rows


def build_table(
    rows: Sequence[Line],
    names: Sequence[str],
    width: int,
    dialect: Dialect,
    *,
    name: str,
    quote: str = '"',
) -> Table:
    """Make columns of numbered lines; a row with another number of cells is kept as ragged."""
    lines = [line for _, line in rows]
    delimiter = dialect.delimiter or ","
    if delimiter == " " or any(quote in line for line in lines):
        lines = [_CELL_MARK.join(split_line(line, delimiter, quote=quote)) for line in lines]
        delimiter = _CELL_MARK
    ragged = {
        row: n_marks + 1
        for row, line in enumerate(lines)
        if (n_marks := line.count(delimiter)) != width - 1
    }
    for row in ragged:
        lines[row] = delimiter * (width - 1)
    data = _columns_of(lines, delimiter, width)
    padded = _fit_header(list(names), data, name=name)
    return Table(
        name=name,
        columns=tuple(
            Column.of(label or None, position, cells)
            for position, (label, cells) in enumerate(zip(padded, data, strict=True), start=1)
        ),
        lines=np.array([number for number, _ in rows], dtype=np.int64),
        texts=[line for _, line in rows],
        ragged=ragged,
        dialect=dialect,
    )


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


def _fit_header(names: list[str], data: Sequence[Any], *, name: str) -> list[str]:
    """One name a column: R leaves out that of row names, spreadsheets that of a trailing cell."""
    width = len(data)
    if not names:
        return [""] * width
    while len(names) > width and not names[-1]:
        names = names[:-1]
    if len(names) == width - 1:
        trailing = not any(cell.strip() for cell in data[-1].unique().to_pylist())
        return [*names, ""] if trailing else ["", *names]
    if len(names) != width:
        raise ColumnsError(
            f"{name}: the header has {len(names)} cells and most rows have {width}; "
            "give every column one name."
        )
    return names
