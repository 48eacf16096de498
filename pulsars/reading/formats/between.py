"""Lines between the rows that are no candidates: comments, and headers of files joined to one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pulsars.reading.formats.dialect import (
    Line,
    is_comment,
    is_number,
    is_quoted_comment,
    split_line,
)
from pulsars.reading.formats.named import uncommented
from pulsars.reading.names import is_label_name, names_a_statistic
from schemas import FEATURES, MAX_LINE, ColumnsError, TableError, shortened

_ERROR_VALUE = re.compile(r"\s*\"?#(N/A|DIV/0!|VALUE!|REF!|NAME\?|NUM!|NULL!)")
"""What a spreadsheet writes into a cell that it could not compute: a cell, and no comment."""

_MOST_QUOTED = 0.05
"""Share of rows up to which marks behind a quote comment them out."""

_LOOKED_AT = 1000
"""Rows, spread over all, whose first cells tell what a name in this file looks like."""

_LETTER = re.compile(r"[^\W\d_]")


def set_apart(
    rows: Sequence[Line], header: Line | None, delimiter: str, width: int, *, name: str
) -> tuple[list[Line], list[Line], tuple[str, ...]]:
    """Take comments and repeated headers out of the rows.

    Parameters
    ----------
    rows : sequence of (int, str)
        Lines below the header, with their numbers.
    header : (int, str) or None
    delimiter, width
        As `pulsars.reading.formats.dialect.find_delimiter` found them.
    name : str
        How messages call the file.

    Returns
    -------
    rows, comments : list of (int, str)
    notes : tuple of str
        What was passed over, and where the first of it stands.

    Raises
    ------
    ColumnsError
        A second header orders or calls the columns otherwise, so the rows below it would be read
        under the wrong names.
    TableError
        More than half of the rows begin as comments do.
    """
    comments = _comments(rows, delimiter, width, name=name)
    marked = {number for number, _ in comments}
    rest = [line for line in rows if line[0] not in marked]
    again = list(repeats(rest, header, delimiter, width, name=name))
    repeated = {number for number, _ in again}
    inside = [line for line in rest if line[0] not in repeated] if comments else []
    for number, line in _between_rows(comments, inside, header, delimiter):
        if said := uncommented(line):
            list(repeats([(number, said)], header, delimiter, 0, name=name))
    notes = []
    if comments:
        notes.append(f"{_passed_over(comments)}, with # or % as comments have")
    if again:
        notes.append(f"{_passed_over(again)}, with the header once more")
    return [line for line in rest if line[0] not in repeated], comments, tuple(notes)


def _between_rows(
    comments: Sequence[Line], rows: Sequence[Line], header: Line | None, delimiter: str
) -> Sequence[Line]:
    """Comments with rows above and below: of a header among others, no row would bear its names."""
    filled = [number for number, line in rows if line.strip(f'{delimiter}"\t ')]
    if header is None or not filled:
        return comments
    return [line for line in comments if filled[0] < line[0] < filled[-1]]


def _comments(rows: Sequence[Line], delimiter: str, width: int, *, name: str) -> list[Line]:
    """Rows that somebody commented out; none where every row begins so, as names of rows may.

    Behind a quote, where R writes a name that somebody put a mark before, many are names, and what
    is unlike the first cells of other rows is a remark.
    """
    # A regular expression on each of millions of rows would take seconds.
    marked = [row for row in rows if "#" in row[1] or "%" in row[1]]
    marked = [row for row in marked if not _ERROR_VALUE.match(row[1])]
    found = [row for row in marked if is_comment(row[1])]
    if len(found) == len(rows):
        return []
    quoted = [row for row in marked if is_quoted_comment(row[1])]
    if quoted and len(quoted) <= _MOST_QUOTED * len(rows):
        some = (split_line(line, delimiter)[0] for _, line in rows[:: 1 + len(rows) // _LOOKED_AT])
        names = [cell for cell in some if not is_comment(cell)]
        for row in quoted:
            first, *more = split_line(row[1], delimiter)
            if 1 + len(more) != width or _is_like(uncommented(first), names):
                found.append(row)
        found.sort()
    if 2 * len(found) > len(rows):
        raise TableError(
            f"{name}: {len(found):,} of {len(rows):,} rows begin with # or % as comments do (the "
            f"first is line {found[0][0]}); take the marks off if they are rows, or take the rows "
            "out."
        )
    return found


def _is_like(cell: str, others: Sequence[str]) -> bool:
    """Tell whether a cell is one of others, or made of the same kinds of characters as a name."""
    filled = list(filter(None, others))
    are_names = 2 * len({*filled}) > len(others)
    alike = cell in filled or (are_names and _kinds(cell) in map(_kinds, filled))
    return alike and 2 * len(filled) > len(others)


def _kinds(cell: str) -> set[str]:
    return {"a" if one.isalpha() else "0" if one.isdigit() else one for one in cell}


def repeats(
    rows: Sequence[Line], header: Line | None, delimiter: str, width: int, *, name: str
) -> Iterator[Line]:
    """Rows that say the header again; another header is refused."""
    names = _plain(header[1], delimiter) if header else []
    starts_a_number = re.compile(rf"(?:^|[{re.escape(delimiter)}])[ \t\"'+.-]{{0,4}}[0-9]").search
    same = header[1] if header else None
    # A file of numbers ends here, row by row, so that this is kept short.
    wordy = [row for row in rows if row[1] == same or not starts_a_number(row[1])]
    for at, (number, line) in enumerate(wordy):
        if line == same:
            yield number, line
        elif len(line) <= MAX_LINE and _LETTER.search(line):
            cells = _plain(line, delimiter)
            if cells == names:
                yield number, line
            elif _is_another(cells, names, width):
                if header and rows[at][0] == number < rows[-1][0]:  # no row stands above
                    raise _title(number, header, name=name)
                raise _other(number, header, name=name)


def _plain(line: str, delimiter: str) -> list[str]:
    """Cells without what people vary in a name."""
    return [re.sub(r"[\W_]+", "", cell.lower()) for cell in split_line(line, delimiter)]


def _is_another(cells: Sequence[str], names: Sequence[str], width: int) -> bool:
    """Tell names from a row of rubbish: known ones, or as many different words as columns."""
    filled = [cell for cell in cells if cell]
    known = sum(names_a_statistic(cell) or is_label_name(cell) or cell in names for cell in filled)
    if 2 * known >= len(FEATURES) and 2 * known >= len(filled):
        return True
    words = all(not is_number(cell) and any(map(str.isalpha, cell)) for cell in filled)
    return len(cells) == width == len(set(cells)) and words


def _other(number: int, header: Line | None, *, name: str) -> ColumnsError:
    """Describe a header in the middle that is not the first one."""
    if header is None:
        found = "a header in the middle of a table that begins without one"
    else:
        found = f"a second header, with other names or in another order than line {header[0]}"
    return ColumnsError(
        f"{name}, line {number}: {found}; the rows below it would be read under the wrong names; "
        "split the file there, or write both parts with the same columns."
    )


def _title(number: int, above: Line, *, name: str) -> ColumnsError:
    """Describe a title, or another line of names, below which the rows begin."""
    first, last = above[0], number - 1
    lines = f"line {first}" if first == last else f"lines {first} to {last}"
    return ColumnsError(
        f"{name}, line {number}: names of columns, below line {first} ('{shortened(above[1])}') "
        f"that was taken for them; take {lines} out if that is a title, or make one line of all."
    )


def _passed_over(lines: Sequence[Line]) -> str:
    """Count lines and say where the first stands."""
    if len(lines) == 1:
        return f"line {lines[0][0]} is passed over"
    return f"{len(lines):,} lines (the first is line {lines[0][0]}) are passed over"
