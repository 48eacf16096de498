"""Names of the columns: in the first row, or in a comment above the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulsars.reading.formats.dialect import DELIMITERS, Line, is_header, split_line
from pulsars.reading.formats.named import are_names, names_above
from schemas import FEATURES, MAX_LINE, ColumnsError

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER_ROWS = 50
"""Rows below the first that tell whether that one holds names."""


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
    best = names_above(comments, delimiter, width)
    if best is None:
        return [], None, rows
    if not best.rank:
        raise ColumnsError(
            f"{name}, line {best.number}: a comment with {len(best.names)} names of columns, and "
            f"most rows have {width} cells; give every column one name, or take the comment out."
        )
    return best.names, (best.number, best.line), rows


def _by_another(
    number: int, line: str, header: list[str], delimiter: str, width: int, *, name: str
) -> list[str]:
    """Split a header by the delimiter that makes as many names of it as the rows have cells."""
    others = [split_line(line, other) for other in DELIMITERS if other != delimiter]
    fitting = [cells for cells in others if len(cells) == width and are_names(cells)]
    if fitting:
        return fitting[0]
    for other in DELIMITERS:
        cells = split_line(line, other)
        if len(header) < len(FEATURES) <= len(cells) and are_names(cells):
            raise ColumnsError(
                f"{name}, line {number}: between the names stands a {DELIMITERS[other]}, which "
                f"makes {len(cells)} of them, and between the cells of the rows a "
                f"{DELIMITERS[delimiter]}, which makes {width}; write one of them in both, and "
                "give every column one name."
            )
    return header
