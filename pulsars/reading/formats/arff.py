"""ARFF, the format of Weka: names and types first, rows after ``@data``."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pulsars.reading.cells import Dialect, Status, Table
from pulsars.reading.formats.arff_rows import comment_of, has_weight, split_row, unescape
from pulsars.reading.formats.comments import comment_column
from pulsars.reading.formats.delimited import build_table
from pulsars.reading.formats.dialect import Line, refuse_foreign_bytes, says_simulated
from schemas import (
    MAX_WIDTH,
    ColumnsError,
    Limits,
    TableError,
    UnreadableFileError,
    for_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pulsars.reading.formats.encodings import Text

_ATTRIBUTE = re.compile(
    r"""@attribute\s++(?:'(?P<single>(?:[^'\\]|\\.)*+)'|"(?P<double>(?:[^"\\]|\\.)*+)"|(?P<bare>[^\s{]++))"""
    r"""(?P<type>(?:\s|\{).*)""",
    re.IGNORECASE,
)
_DECLARING = ("@relation", "@attribute", "@data")
_NUMERIC = ("numeric", "real", "integer")


def is_arff(text: Text) -> bool:
    """Tell ARFF by its first word that is no comment."""
    content = (line.strip().lower() for line in text.lines)
    first = next((line for line in content if line and not line.startswith("%")), "")
    return first.startswith(_DECLARING)


def read_arff(text: Text, *, name: str, limits: Limits = Limits()) -> Table:  # noqa: B008 - frozen
    """Take an ARFF file apart.

    Raises
    ------
    UnreadableFileError
        A declaration cannot be read, ``@data`` is missing, or a row is not UTF-8.
    ColumnsError
        Most rows have another number of cells than attributes are declared, or attributes are
        declared otherwise further down.
    TableError
        No row stands after ``@data``.
    """
    names, kinds, start = _read_names(text, name=name)
    absent = [_absent(kind) for kind in kinds]
    comments = [line for line in text.lines if line.lstrip().startswith("%")]
    rows, again = _without_headers(text, names, kinds, start, name=name)
    if not rows:
        raise TableError(f"{name} has no row after @data; a candidate table needs rows.")
    if text.encoding == "latin-1":
        refuse_foreign_bytes(rows, name=name)
    first = rows[0][1]
    sparse = first.lstrip().startswith("{")
    delimiter = next((mark for mark in (",", "\t") if mark in first), "," if sparse else " ")
    dialect = Dialect(
        format="arff",
        newline=text.newline,
        encoding=text.encoding,
        bom=text.bom,
        delimiter=delimiter,
        header=True,
        skipped=sum(not line.strip() for line in text.lines[start:]),
        simulated=says_simulated(comments),
        decimal=".",
    )
    n_weights = sum(has_weight(line) for _, line in rows)
    split = partial(split_row, delimiter=delimiter, absent=absent)
    limits.require_cells(len(rows), len(names), name=name)
    table = build_table(rows, names, len(names), dialect, name=name, split=split)
    _refuse_other_widths(table)
    notes = list(_undeclared(table, kinds))
    if again:
        notes.append(f"lines with the header once more are passed over, from line {again[0][0]} on")
    if n_weights:
        note = f"{n_weights:,} rows have an instance weight, such as {{2}}; weights are ignored"
        notes.append(note)
    beside = comment_column([comment_of(line) for _, line in rows], len(names) + 1)
    return replace(table, notes=tuple(notes), beside=beside)


def _without_headers(
    text: Text, names: list[str], kinds: list[str], start: int, *, name: str
) -> tuple[list[Line], list[Line]]:
    """Rows below a header, and apart from them the lines of the same header once more."""
    rows = [
        (number, line)
        for number, line in enumerate(text.lines[start:], start=start + 1)
        if line.strip() and not line.lstrip().startswith("%")
    ]
    again = [r for r in rows if "@" in r[1] and r[1].lstrip().lower().startswith(_DECLARING)]
    if again:
        _refuse_another_header(again, names, kinds, text, name=name)
        rows = [row for row in rows if row not in again]
    return rows, again


def _refuse_another_header(
    header: Sequence[Line], names: list[str], kinds: list[str], text: Text, *, name: str
) -> None:
    """Raise for a header below rows that declares other attributes than that above them."""
    lines = [""] * len(text.lines)
    for number, line in header:
        lines[number - 1] = line
    read = 0
    while first := next((number for number, _ in header if number > read), 0):
        found, types, read = _read_names(replace(text, lines=lines), name=name)
        if (found, types) != (names, kinds):
            raise ColumnsError(
                f"{name}, line {first}: a second header, whose attributes are not those of the "
                "first; the rows below it would be read under the wrong names; split the file "
                "there."
            )
        lines[:read] = [""] * read


def _refuse_other_widths(table: Table) -> None:
    """Refuse a file most of whose rows have another number of cells than there are attributes."""
    for why, rows in table.ragged.items():
        if why.endswith(f" of {table.width} cells") and 2 * len(rows) > len(table.lines):
            raise ColumnsError(
                f"{table.name}, line {table.lines[rows[0]]} {why}, as do {len(rows):,} of "
                f"{len(table.lines):,} rows: {table.width} attributes are declared; give each "
                "column an @attribute line of its own."
            )


def _undeclared(table: Table, kinds: Sequence[str]) -> Iterator[str]:
    """Say which columns hold what their declaration rules out; they are read by their values."""
    for column, kind in zip(table.columns, kinds, strict=True):
        if kind.startswith("{"):
            declared = split_row(kind[1:].partition("}")[0], delimiter=",", absent=())
            odd = pc.invert(pc.is_in(column.data, value_set=pa.array(declared)))
            rows = np.flatnonzero(odd.to_numpy() & (column.status != Status.MISSING))
        elif kind.lower().startswith("date"):
            rows = np.flatnonzero(column.status == Status.OK)
        else:
            continue
        if len(rows):
            yield (
                f"{column} is declared {for_name(kind)}, and {len(rows):,} rows hold something "
                f"else, such as '{column.cells(rows[:1])[0]}' in line {table.lines[rows[0]]}; "
                "it is read by its values"
            )


def _read_names(text: Text, *, name: str) -> tuple[list[str], list[str], int]:
    """Attribute names, their types, and lines before the first row."""
    names: list[str] = []
    kinds: list[str] = []
    for number, line in enumerate(text.lines, start=1):
        word = line[:20].strip().lower()
        if word.startswith("@data"):
            if not names:
                break
            return names, kinds, number
        if word.startswith("@attribute"):
            found = _ATTRIBUTE.match(line.strip())
            if found is None or not found["type"].strip() or len(names) == MAX_WIDTH:
                raise UnreadableFileError(
                    f"{name}, line {number}: '{for_name(line.strip())}' is no attribute with name "
                    f"and type, or one too many after {len(names)}."
                )
            kind = found["type"].strip()
            if kind.lower().startswith("relational"):
                raise UnreadableFileError(
                    f"{name}, line {number} is a relational attribute, a table in a table; save "
                    "the data as one table."
                )
            parts = (found["single"], found["double"], found["bare"])
            names.append(unescape(next(part for part in parts if part is not None)).strip())
            kinds.append(kind)
    raise UnreadableFileError(
        f"{name} is an ARFF file without @attribute lines followed by @data; export it again."
    )


def _absent(kind: str) -> str:
    """Give what a cell holds that a sparse row leaves out: zero, or the first of the values."""
    if kind.lower().startswith(_NUMERIC):
        return "0"
    if not kind.startswith("{"):
        return ""
    return split_row(kind[1:].partition("}")[0], delimiter=",", absent=())[0]
