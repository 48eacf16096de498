"""How numbers are written: 140.5625, or 140,5625 as half of Europe does."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pulsars.reading.formats.dialect import DECIMAL_COMMA, Line, split_line
from schemas import FEATURES, MAX_LINE, UnreadableFileError, shortened

_SAMPLE = 200
_POINT = re.compile(r"[+-]?[0-9]*\.[0-9]+([eE][+-]?[0-9]+)?$")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}((\.[0-9]{3})+,|(,[0-9]{3})+\.)[0-9]*$")
GROUPED = re.compile(r"[0-9]\.[0-9]{3}[.,]|[0-9],[0-9]{3}[.,]")


def find_decimal(rows: Sequence[Line], delimiter: str, *, name: str) -> str:
    """Tell by most of the numbers what stands before their decimals: ``.`` or ``,``.

    Raises
    ------
    UnreadableFileError
        Thousands are set apart; or the delimiter is a comma too, so that a comma may be either,
        and without quotes a number is two cells.
    """
    n_commas = n_points = n_wide = 0
    first = ""
    sample = [*rows[:_SAMPLE], *rows[_SAMPLE:][-_SAMPLE:]]
    for _, line in sample:
        cells = split_line(line[:MAX_LINE], delimiter)
        n_wide += len(cells) >= 2 * len(FEATURES)
        for cell in cells:
            if DECIMAL_COMMA.match(cell):
                n_commas, first = n_commas + 1, first or cell
            elif _POINT.match(cell):
                n_points += 1
    decimal = "," if n_commas > n_points else "."
    if delimiter == "," and not n_commas and not n_points and 2 * n_wide > len(sample):
        # Read as they stand, whole numbers would pass for the statistics, without what follows.
        raise UnreadableFileError(
            f"{name}, line {rows[0][0]} ('{shortened(rows[0][1])}'): no number has a decimal "
            "point, and there are twice as many as eight statistics: commas stand before the "
            "decimals and between the cells, it seems; export the file with semicolons, or with "
            "decimal points."
        )
    if decimal == "," and delimiter == ",":
        raise UnreadableFileError(
            f"{name}, line {rows[0][0]}: '{first}' has a decimal comma, and commas stand between "
            "the cells too; export the file with semicolons, or with decimal points."
        )
    refuse_thousands(rows, delimiter, name=name)
    return decimal


def refuse_thousands(rows: Sequence[Line], delimiter: str, *, name: str) -> None:
    """Raise when a cell, such as 1.234,5, sets thousands apart."""
    for number, line in rows:
        if (delimiter != "," or '"' in line) and GROUPED.search(line):
            for cell in split_line(line[:MAX_LINE], delimiter):
                if _THOUSANDS.match(cell):
                    raise UnreadableFileError(
                        f"{name}, line {number}: '{cell}' sets thousands apart, which can be read "
                        "in two ways; export the file without thousands separators."
                    )
