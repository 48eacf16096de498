"""Names of the columns in comments above the rows, told from prose about them."""

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
from pulsars.reading.names import curve_words, is_label_name, names_a_statistic, words_of
from schemas import FEATURES, MAX_LINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LOOKED_AT, _BEGIN, _SAID = 200, 4096, 300
"""Comments at either end that are looked at, and characters of one that is not the last, and
of what is said of one column."""

_TITLE = re.compile(r"(?:columns?|names?|fields?|header)\s*[:=]\s*", re.IGNORECASE)
_NUMBERED = re.compile(
    rf"\s*[{COMMENT_MARKS}]+\s*(?:col(?:umn)?\s*)?(\d{{1,4}})[\s:.)=-]++(.*[^\W\d_].*)",
    re.IGNORECASE,
)
"""One column a line, as SExtractor writes its names: ``#   3 PROFILE_SKEWNESS  Third moment``."""

_AS_OURS = re.compile(
    r"\s*[(\[:,;\u2013-].*(?<![-.\d])1\s*[=:]\s*(?:a )?pulsars?\b.*"
    r"|\s*[(\[]\s*0\s*(?:/|,|or|and)\s*1\s*[)\]]",
    re.IGNORECASE,
)
"""What stands behind the name of a label and says that it is written as ours are."""

_HINT = re.compile(
    "(?i)mean|average|avg|standard|std|sd|sigma|sk|kurt|ek|prof|pulse|int|pf|ip|dispersion|dm|snr"
)
"""The known words of statistics and curves, or what they begin with."""

_KINDS = re.compile(r"(?i)(mean|average)|(standard|std|stdev)|(skew)|(kurt)")
_PROSE = re.compile(r"(?i);|\bcolumns?\s*\d+\s*(?:-|\u2013|to\b|and\b)")

_FEW, _MANY = len(FEATURES) // 2, 6
"""Known names that make a header of cells, most of which they are; and of any cells."""


class Named(NamedTuple):
    """Names that a comment may hold: how well they fit the rows, and the line."""

    rank: int
    number: int
    names: list[str]
    line: str


def names_above(comments: Sequence[Line], delimiter: str, width: int) -> Named | None:
    """Give the names that fit the rows best; with rank 0 where they are too many or too few.

    NumPy and Astropy write the header as the last comment; others write more below it.
    """
    found = [*_in_one(comments, delimiter, width), *_numbered(comments, width)]
    return max(found, key=lambda one: one[:2], default=None)


def uncommented(line: str) -> str:
    """Take the marks of a comment off, and what says that names follow."""
    line = line.lstrip(COMMENT_MARKS + " \t")
    return line[found.end() :] if (found := _TITLE.match(line)) else line


def n_known(cells: Sequence[str]) -> int:
    """Count names that say which statistic a column is, or that it is the label."""
    return sum(names_a_statistic(cell) or is_label_name(cell) for cell in cells)


def are_names(cells: Sequence[str]) -> bool:
    """Tell names of a table from prose in which some of their words are."""
    known = n_known(cells)
    return known >= _MANY or 2 * known >= max(2 * _FEW, len(cells))


def _ends(comments: Sequence[Line], number: int) -> list[Line]:
    """Give the first and the last comments."""
    return [*comments[:number], *comments[number:][-number:]]


def _in_one(comments: Sequence[Line], delimiter: str, width: int) -> Iterator[Named]:
    """Comments that may hold names: best those that are known and as many as the cells of a row.

    By the rows' delimiter the last comment may hold names of any kind; so may others that mostly
    speak of statistics and curves, but where a blank makes cells of any prose.
    """
    for number, whole in _ends(comments, _LOOKED_AT):
        is_last = number == comments[-1][0]
        if len(whole) > (MAX_LINE if is_last else _BEGIN):
            continue
        hinted = sum(1 for _ in _HINT.finditer(whole)) >= _FEW
        line = uncommented(whole)
        others = [one for one in DELIMITERS if hinted or (is_last and one == delimiter)]
        for other, text in ((one, text) for one in others for text in _texts(whole, line, one)):
            n_cells = count_cells(text, other)
            if n_cells != width and not _MANY <= n_cells <= max(width, 2 * len(FEATURES)):
                continue
            cells = without_tail(split_line(text, other), width)
            if is_header(cells):
                last = is_last and text == line and other == delimiter
                by_blanks = other == " " != delimiter
                rank = _rank(cells, width, last=last, by_blanks=by_blanks)
                if rank is not None:
                    yield Named(rank, number, cells, text)


def _rank(cells: Sequence[str], width: int, *, last: bool, by_blanks: bool) -> int | None:
    """Tell how well cells name the columns; 0 where they do and are too many or too few."""
    known, n_cells = n_known(cells), len(cells)
    differ = "" not in cells and len({cell.lower().strip(".,:") for cell in cells}) == n_cells
    mostly = 3 * known >= 2 * n_cells
    sure = mostly or not by_blanks or (differ and known >= len(FEATURES))
    if are_names(cells) and not _is_prose(cells, known) and sure:
        if n_cells in (width, width - 1):
            return 3 if n_cells == width else 1
        return 0 if known >= _MANY and mostly and differ and not by_blanks else None
    if n_cells != width or any(map(_PROSE.search, cells)):
        return None
    return 2 if last or (differ and not by_blanks and _speak(cells)) else None


def _is_prose(cells: Sequence[str], known: int) -> bool:
    """Tell a sentence by a cell that ends one part of it, or that tells of several statistics.

    Beside a name for each of the eight, such a cell is the name of another column.
    """
    if known >= len(FEATURES):
        return False
    worded = (cell for cell in cells if " " in cell)
    kinds = ({one.lastindex for one in _KINDS.finditer(cell)} for cell in worded)
    return any(map(_PROSE.search, cells)) or any(len(one) > 1 for one in kinds)


def _speak(cells: Sequence[str]) -> bool:
    """Tell whether most cells hold a word of a statistic or a curve, whatever else is in them."""
    said = [
        bool(curve_words(cell))
        or is_label_name(cell)
        or any(map(names_a_statistic, words_of(cell)))
        for cell in cells
    ]
    return sum(said) >= _FEW and 2 * sum(said) >= len(cells)


def _texts(whole: str, line: str, delimiter: str) -> Iterator[str]:
    """Give what a comment may say: a mark that a delimiter follows may be a name, as of an index.

    A blank behind it says nothing, for so most comments begin.
    """
    yield line
    first, apart, _ = whole.partition(delimiter)
    if delimiter != " " and apart and not first.strip(COMMENT_MARKS + " "):
        yield whole.lstrip()


def _numbered(comments: Sequence[Line], width: int) -> Iterator[Named]:
    """Names that stand one a comment, with the number of the column before each."""
    said: list[str] = []
    first = last = 0
    for number, line in _ends(comments, _LOOKED_AT + width):
        found = _NUMBERED.match(line[:_BEGIN])
        place = int(found[1]) if found else -1
        if found and (place == first + len(said) or place in (0, 1)):
            if place != first + len(said) or not said:
                first, said = place, []
            said.append(found[2].strip()[:_SAID])
            last = number
    names = _without_descriptions(said)
    if len({name.lower() for name in names}) < len(names):
        return
    rank = _rank(names, width, last=False, by_blanks=False)
    if rank is not None:
        yield Named(rank, last, names, ",".join(names))


def _as_ours(said: str) -> str:
    """Take off what says that a label is written as ours are."""
    found = _AS_OURS.search(said)
    return said[: found.start()] if found and found.end() == len(said) else said


def _without_descriptions(said: Sequence[str]) -> list[str]:
    """Names in what is said of columns: all of it, or its begin, whichever names more statistics.

    A word of a label counts for neither: ``class of interference`` is no ``class``.
    """
    whole = [_as_ours(one) for one in said]
    apart = [re.split(r"\s{2,}|\t|\s[-:=\u2013]\s|:\s", one, maxsplit=1)[0] for one in whole]
    words = [one.split()[0] for one in whole]
    return max(whole, apart, words, key=lambda names: sum(map(names_a_statistic, names)))
