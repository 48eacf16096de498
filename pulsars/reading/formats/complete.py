"""Whether marks in rows begin comments, each behind a complete cell, or stand inside cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pulsars.reading.formats.called import names_who
from pulsars.reading.formats.dialect import count_cells, find_delimiter, is_number, split_line
from pulsars.reading.formats.header import split_header
from pulsars.reading.names import is_label_name, names_a_statistic
from schemas import FEATURE_NAMES, PulsarError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pulsars.reading.formats.dialect import Line

T = TypeVar("T")

_LABEL = re.compile(r"[01](\.0*)?|yes|no|true|false|(no[nt][ _-]*)?pulsar|\?", re.IGNORECASE)
_PLACE = re.compile(r".*[/\\]|.*\.[A-Za-z]\w{0,4}(\.gz)?\s*$")
_ENCODED = re.compile(r"%(?!(19|20)\d\d[-_]?[01]\d[-_]?[0-3]\d)[2-7][0-9A-Fa-f]")
"""Of a character, as in addresses: ``%20``; a date of that year is none."""
_WORD = re.compile(r"[A-Za-z][A-Za-z _-]*")
_POINT = re.compile(r"[.,]\d")
_LETTER = re.compile(r"[A-Za-z]")
_FEW_WORDS = 3
"""Different words that a label has, at most."""
_MOST = 0.9
"""Share of rows that have to be so: some may be damaged."""


def row_of(found: re.Match[str]) -> str:
    """Give what stands before a mark."""
    return found["row"] or found["words"]


def said_in(found: re.Match[str]) -> str:
    """Give what stands behind a mark."""
    return (found["said"] or found["place"]).strip()


def are_behind_cells(
    behind: Sequence[re.Match[str]], comments: Sequence[Line], rows: Sequence[Line], cut: list[str]
) -> bool:
    """Tell comments, each behind a complete cell, from the ends of cells that hold a mark.

    Under a header the last cell is what the header calls it; without one it is as complete as it
    looks: a label, or a number before a place.
    """
    try:
        delimiter, width = find_delimiter(cut, name="")
        names, _, _ = split_header(comments, rows, delimiter, width, name="")
    except PulsarError:  # without what follows the marks it is no table
        return False
    seen = _look(behind, delimiter)
    if len(names) == width:
        fit = [count_cells(one[0], delimiter) == width for one in behind]  # with what follows
        unnamed = not _most(fit, bool) and (seen.place or not seen.cells)
        return unnamed or _behind_named(seen, names[-1])
    return len(names) < width and _behind_unnamed(seen, width)  # else a name is of what follows


class _Seen(NamedTuple):
    """What stands on both sides of the marks, in most rows.

    Attributes
    ----------
    label, number, words : bool
        Before a mark: known labels, or two numbers; numbers; few different words.
    point : bool
        Those numbers have decimals.
    encoded : bool
        A mark that begins an encoded character: ``%20``.
    apart : bool
        Blanks before a mark.
    place, prose : bool
        Behind it: paths or files; letters.
    cells : bool
        Behind it as many delimiters in every row, and some.
    """

    label: bool
    number: bool
    point: bool
    words: bool
    encoded: bool
    apart: bool
    place: bool
    prose: bool
    cells: bool


def _look(behind: Sequence[re.Match[str]], delimiter: str) -> _Seen:
    rows, said = [row_of(one) for one in behind], [said_in(one) for one in behind]
    lefts = [split_line(row.rstrip(), delimiter)[-1] for row in rows]
    ends = [one[0][len(row) :] for one, row in zip(behind, rows, strict=True)]
    encoded = _most(ends, _ENCODED.match)
    n_more = {one.count(delimiter) for one in said if delimiter != " "}
    number, prose = _most(lefts, is_number), _most(said, _LETTER.search)
    two = number and prose and not encoded and len({*lefts}) == 2  # noqa: PLR2004 - of two kinds
    return _Seen(
        label=two or _most(lefts, _LABEL.fullmatch),
        number=number,
        point=_most(lefts, _POINT.search),
        words=_most(lefts, _WORD.fullmatch) and len({*lefts}) <= _FEW_WORDS and not encoded,
        encoded=encoded,
        apart=_most([row[-1] for row in rows], str.isspace),
        place=_most(said, _PLACE.match),
        prose=prose,
        cells=len(n_more) == 1 and n_more != {0},
    )


def _behind_named(seen: _Seen, name: str) -> bool:
    """Tell whether comments stand behind a cell that a header names: else they are its end."""
    if is_label_name(name) or names_a_statistic(name):
        return seen.label or seen.number or seen.words
    if seen.label or seen.words:
        of_label = seen.label and seen.prose and not names_who(name)
        return seen.place or seen.apart or of_label
    if names_who(name):
        return seen.number and seen.place and seen.apart
    return seen.number and not seen.encoded and (seen.place or (seen.point and seen.prose))


def _behind_unnamed(seen: _Seen, width: int) -> bool:
    """Tell whether comments stand behind a cell that nobody names."""
    if seen.cells and not seen.place:
        return False
    if seen.number and not seen.label:
        said = seen.place or (seen.point and seen.prose)
        whole = said and not seen.encoded
        return width == len(FEATURE_NAMES) or whole or (seen.apart and seen.prose)
    return seen.label or (seen.words and seen.place)


def _most(cells: Sequence[T], is_so: Callable[[T], object]) -> bool:
    """Tell whether most cells are so."""
    return sum(bool(is_so(cell)) for cell in cells) >= _MOST * len(cells)
