"""Names of the columns: in the first row, or in a comment above the rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pulsars.reading.formats.dialect import (
    COMMENT_MARKS,
    DELIMITERS,
    Line,
    count_cells,
    is_header,
    split_line,
    without_tail,
)
from pulsars.reading.names import is_label_name, names_a_statistic
from schemas import FEATURES, MAX_LINE, ColumnsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HEADER_ROWS = 50
"""Rows below the first that tell whether that one holds names."""

_TITLE = re.compile(r"(?:columns?|names?|fields?|header)\s*[:=]\s*", re.IGNORECASE)
_NUMBERED = re.compile(
    rf"\s*[{COMMENT_MARKS}]+\s*(?:col(?:umn)?\s*)?(\d{{1,4}})[\s:.)=-]\s*(\S+)", re.IGNORECASE
)
"""One column a line, as SExtractor writes its names: ``#   3 PROFILE_SKEWNESS  Third moment``."""

_FEW, _MANY = len(FEATURES) // 2, 6
"""Known names that make a header of cells, most of which they are; and of any cells."""


class _Named(NamedTuple):
    """Names that a comment may hold: how well they fit the rows, and the line."""

    rank: int
    number: int
    names: list[str]
    line: str


def split_header(
    comments: Sequence[Line], rows: Sequence[Line], delimiter: str, width: int, *, name: str
) -> tuple[list[str], Line | None, Sequence[Line]]:
    """Names, the line that holds them and the rows below; no names when there are none.

    Raises
    ------
    ColumnsError
        There are names, and the delimiter between them or their number is not that of the rows.
    """
    number, line = rows[0]
    header = split_line(line[:MAX_LINE], delimiter)
    below = [split_line(text[:MAX_LINE], delimiter) for _, text in rows[1 : HEADER_ROWS + 1]]
    if is_header(header, below):
        if len(header) not in (width - 1, width):
            header = _by_another(number, line[:MAX_LINE], header, delimiter, width, name=name)
        return header, (number, line), rows[1:]
    # NumPy and Astropy write the header as the last comment; others write more below it.
    found = [*_named(comments, delimiter, width), *_numbered(comments, width)]
    best = max(found, key=lambda one: one[:2], default=None)
    if best is None:
        return [], None, rows
    if not best.rank:
        raise ColumnsError(
            f"{name}, line {best.number}: a comment with {len(best.names)} names of columns, and "
            f"most rows have {width} cells; give every column one name, or take the comment out."
        )
    return best.names, (best.number, best.line), rows


def uncommented(line: str) -> str:
    """Take the marks of a comment off, and what says that names follow."""
    line = line.lstrip(COMMENT_MARKS + " \t")
    return line[found.end() :] if (found := _TITLE.match(line)) else line


def n_known(cells: Sequence[str]) -> int:
    """Count names that say which statistic a column is, or that it is the label."""
    return sum(names_a_statistic(cell) or is_label_name(cell) for cell in cells)


def _are_names(cells: Sequence[str]) -> bool:
    """Tell names of a table from prose in which some of their words are."""
    known = n_known(cells)
    return known >= _MANY or 2 * known >= max(2 * _FEW, len(cells))


def _by_another(
    number: int, line: str, header: list[str], delimiter: str, width: int, *, name: str
) -> list[str]:
    """Split a header by the delimiter that makes as many names of it as the rows have cells."""
    others = [split_line(line, other) for other in DELIMITERS if other != delimiter]
    fitting = [cells for cells in others if len(cells) == width and _are_names(cells)]
    if fitting:
        return fitting[0]
    for other in DELIMITERS:
        cells = split_line(line, other)
        if len(header) < len(FEATURES) <= len(cells) and _are_names(cells):
            raise ColumnsError(
                f"{name}, line {number}: between the names stands a {DELIMITERS[other]}, which "
                f"makes {len(cells)} of them, and between the cells of the rows a "
                f"{DELIMITERS[delimiter]}, which makes {width}; write one of them in both, and "
                "give every column one name."
            )
    return header


def _named(comments: Sequence[Line], delimiter: str, width: int) -> Iterator[_Named]:
    """Comments that may hold names: best those that are known and as many as the cells of a row.

    By the rows' delimiter the last comment may hold names of any kind; so may others whose cells
    are all different, but where a blank makes cells of any prose.
    """
    for at, (number, whole) in enumerate(comments, start=1):
        if len(whole) > MAX_LINE:
            continue
        line = uncommented(whole)
        for other, text in ((one, text) for one in DELIMITERS for text in _texts(whole, line, one)):
            n_cells = count_cells(text, other)
            if n_cells != width and n_cells < _MANY:
                continue
            cells = without_tail(split_line(text, other), width)
            last = at == len(comments) and text == line
            different = other != " " and "" not in cells and len({*cells}) == len(cells)
            any_kind = other == delimiter and (last or different)
            rank = _rank(cells, width, any_kind=any_kind)
            if rank is not None and is_header(cells):
                yield _Named(rank, number, cells, text)


def _rank(cells: Sequence[str], width: int, *, any_kind: bool) -> int | None:
    """Tell how well cells name the columns; 0 where they do and are too many or too few."""
    if _are_names(cells):
        rank = {width: 3, width - 1: 1}.get(len(cells), 0)
        return rank if rank or n_known(cells) >= _MANY else None
    return 2 if any_kind and len(cells) == width else None


def _texts(whole: str, line: str, delimiter: str) -> Iterator[str]:
    """Give what a comment may say: a mark that a delimiter follows may be a name, as of an index.

    A blank behind it says nothing, for so most comments begin.
    """
    yield line
    cells = whole.split(delimiter)
    if delimiter != " " and len(cells) > 1 and not cells[0].strip(COMMENT_MARKS + " "):
        yield whole.lstrip()


def _numbered(comments: Sequence[Line], width: int) -> Iterator[_Named]:
    """Names that stand one a comment, with the number of the column before each."""
    names: list[str] = []
    first = last = 0
    for number, line in comments:
        found = _NUMBERED.match(line[:MAX_LINE])
        place = int(found[1]) if found else -1
        if found and (place == first + len(names) or place in (0, 1)):
            if place != first + len(names) or not names:
                first, names = place, []
            names.append(found[2])
            last = number
    rank = _rank(names, width, any_kind=True)
    if rank is not None:
        yield _Named(rank, last, names, ",".join(names))
