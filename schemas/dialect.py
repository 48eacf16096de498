"""How delimited text is written, by evidence: which delimiter, header or not, what is comment."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import TYPE_CHECKING

from schemas.cells import NUMBER
from schemas.errors import ColumnsError, UnreadableFileError
from schemas.features import FEATURES
from schemas.limits import MAX_LINE, MAX_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DELIMITERS = (",", ";", "\t", "|", " ")
"""In order of preference; a blank stands for any run of blanks."""

SAMPLE_LINES = 200
_SIMULATED = re.compile(r"[#%]\s*simulated\b", re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?$")
_is_number = re.compile(NUMBER).match


def find_delimiter(lines: Sequence[str], *, name: str) -> tuple[str, int]:
    """Delimiter and number of cells a row that explain most lines with most numbers."""
    sample = _sample(lines)
    scores = {}
    for delimiter in DELIMITERS:
        counts = [_count_cells(line, delimiter) for line in sample]
        width, count = Counter(counts).most_common(1)[0]
        enough = len(FEATURES) <= width <= MAX_WIDTH
        numbers = (
            _share_of_numbers(split_line(line, delimiter), delimiter)
            for line, n_cells in zip(sample, counts, strict=True)
            if n_cells == width <= MAX_WIDTH
        )
        scores[delimiter] = (enough, (sum(numbers) + 0.01 * count) / len(sample), width)
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter][:2])
    enough, score, width = scores[best]
    if enough and (score > 0.01 or len(lines) == 1):  # noqa: PLR2004 - only numbers lift it above
        return best, width
    widest = max(score[2] for score in scores.values())
    if widest == 1 or enough or widest > MAX_WIDTH:
        raise UnreadableFileError(
            f"{name} is no table of numbers: no comma, semicolon, tab, bar or blank makes rows of "
            f"cells with numbers of its lines (the first begins '{lines[0][:30]}')."
        )
    raise ColumnsError(
        f"{name}: its rows have at most {widest} cells; a candidate has eight statistics."
    )


def _sample(lines: Sequence[str]) -> list[str]:
    """Lines of the start and of the end, few enough and none too long for a row."""
    ends = [*lines[:SAMPLE_LINES], *lines[SAMPLE_LINES:][-SAMPLE_LINES:]]
    return [line for line in ends if len(line) <= MAX_LINE] or [ends[0][:MAX_LINE]]


def _count_cells(line: str, delimiter: str) -> int:
    """Count without a split what would split into too many cells."""
    if delimiter == " " or '"' in line:
        return len(split_line(line, delimiter))
    return line.count(delimiter) + 1


def _share_of_numbers(cells: Sequence[str], delimiter: str) -> float:
    """Share of cells that are numbers or empty; a decimal comma counts where it can be one."""
    numbers = sum(
        cell == ""
        or _is_number(cell) is not None
        or (delimiter != "," and DECIMAL_COMMA.match(cell) is not None)
        for cell in cells
    )
    return numbers / max(len(cells), 1)


def split_line(line: str, delimiter: str, *, quote: str = '"') -> list[str]:
    """Cells of one line, stripped, quotes taken off."""
    if quote in line:
        blank = delimiter == " "
        reader = csv.reader(
            [" ".join(line.split()) if blank else line],
            delimiter=delimiter,
            quotechar=quote,
            skipinitialspace=not blank,
        )
        try:
            return [cell.strip() for cell in next(reader)]
        except csv.Error:  # a cell of more than 128 KB: no cell of a candidate
            return [line]
    cells = line.split() if delimiter == " " else line.split(delimiter)
    return [cell.strip() for cell in cells]


def is_header(cells: Sequence[str]) -> bool:
    """Tell names from a row: no cell is a number, or a frame was saved with 0, 1, 2, … as names."""
    filled = [cell for cell in cells if cell]
    numbers = [cell for cell in filled if _is_number(cell) or DECIMAL_COMMA.match(cell)]
    if not numbers:
        return bool(filled)
    counts = [[str(i) for i in range(first, first + len(filled))] for first in (0, 1)]
    return filled in counts


def is_comment(line: str) -> bool:
    """Tell a comment before the first row."""
    return line.lstrip().startswith("#")


def says_simulated(comments: Iterable[str]) -> bool:
    """Tell whether a comment marks the candidates as simulated."""
    return any(_SIMULATED.match(line.strip()) for line in comments)


def refuse_foreign_bytes(rows: Iterable[tuple[int, str]], *, name: str) -> None:
    """Raise when a row of data holds bytes that are not UTF-8; a header may, and hard blanks."""
    for number, line in rows:
        if not line.isascii() and not (line := line.replace("\xa0", "")).isascii():
            byte = next(ord(char) for char in line if not char.isascii())
            raise UnreadableFileError(
                f"{name}, line {number}: byte 0x{byte:02X} is not UTF-8; save the file as UTF-8."
            )
