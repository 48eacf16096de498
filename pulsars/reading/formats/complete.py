"""Whether marks in rows begin comments, each behind a complete cell, or stand inside cells."""

from __future__ import annotations

import re
from collections import Counter
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
_SOME = 0.02
"""Share of rows without a mark that are not all damaged."""


def row_of(found: re.Match[str]) -> str:
    """Give what stands before a mark."""
    return found["row"] or found["words"]


def said_in(found: re.Match[str]) -> str:
    """Give what stands behind a mark."""
    return (found["said"] or found["place"]).strip()


def are_behind_cells(
    behind: Sequence[re.Match[str]],
    unmarked: Sequence[str],
    comments: Sequence[Line],
    rows: Sequence[Line],
    cut: list[str],
) -> bool:
    """Tell comments, each behind a complete cell, from the ends of cells that hold a mark.

    Under a header the last cell is what the header calls it; without one it is as complete as it
    looks: a label, or a number before a place. Where the rows without a mark have as many cells as
    the others with all that follows theirs, it stands inside a cell.
    """
    try:
        delimiter, width = find_delimiter(cut, name="")
        names, _, _ = split_header(comments, rows, delimiter, width, name="")
    except PulsarError:  # without what follows the marks it is no table
        return False
    if len(unmarked) >= _SOME * len(cut) and _are_inside(behind, unmarked, delimiter):
        return False
    seen = _look(behind, delimiter)
    if len(names) == width:
        fit = [count_cells(one[0], delimiter) == width for one in behind]  # with what follows
        unnamed = not _most(fit, bool) and (seen.place or not seen.cells)
        return unnamed or _behind_named(seen, names[-1])
    return len(names) < width and _behind_unnamed(seen, width)  # else a name is of what follows


def _are_inside(behind: Sequence[re.Match[str]], unmarked: Sequence[str], delimiter: str) -> bool:
    """Tell by the rows without a mark whether the cells behind the marks are the table's."""
    blank = delimiter + " "  # spreadsheets put empty cells behind any row
    whole = [count_cells(one[0].rstrip(blank), delimiter) for one in behind]
    width = Counter(whole).most_common(1)[0][0]
    as_cut = [count_cells(row_of(one).rstrip(), delimiter) == width for one in behind]
    if _most(as_cut, bool) or not _most(whole, width.__eq__):
        return False
    counts = [count_cells(row.rstrip(blank), delimiter) for row in unmarked[: len(behind)]]
    return 2 * counts.count(width) > len(counts)


class _Seen(NamedTuple):
    """What stands on both sides of the marks, in most rows.

    Attributes
    ----------
    label, number, words : bool
        Before a mark: known labels, or two numbers; numbers; few different words.
    two : bool
        Those labels are two, and known.
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
    flagged, told : bool
        In the last of the cells that these make: known labels; letters, and neither those nor
        numbers.
    """

    label: bool
    number: bool
    two: bool
    point: bool
    words: bool
    encoded: bool
    apart: bool
    place: bool
    prose: bool
    cells: bool
    flagged: bool
    told: bool


def _look(behind: Sequence[re.Match[str]], delimiter: str) -> _Seen:
    rows, said = [row_of(one) for one in behind], [said_in(one) for one in behind]
    lefts = [split_line(row.rstrip(), delimiter)[-1] for row in rows]
    ends = [one[0][len(row) :] for one, row in zip(behind, rows, strict=True)]
    encoded = _most(ends, _ENCODED.match)
    n_more = {one.count(delimiter) for one in said if delimiter != " "}
    number, prose = _most(lefts, is_number), _most(said, _LETTER.search)
    numbers = number and prose and not encoded and len({*lefts}) == 2  # noqa: PLR2004 - of two kinds
    kinds = {kind for kind, _ in Counter(lefts).most_common(2) if _LABEL.fullmatch(kind)}
    lasts = [split_line(one, delimiter)[-1] for one in said]
    flagged = _most(lasts, _LABEL.fullmatch)
    return _Seen(
        label=numbers or _most(lefts, _LABEL.fullmatch),
        number=number,
        two=len(kinds) == 2 and _most(lefts, kinds.__contains__),  # noqa: PLR2004
        point=_most(lefts, _POINT.search),
        words=_most(lefts, _WORD.fullmatch) and len({*lefts}) <= _FEW_WORDS and not encoded,
        encoded=encoded,
        apart=_most([row[-1] for row in rows], str.isspace),
        place=_most(said, _PLACE.match),
        prose=prose,
        cells=len(n_more) == 1 and n_more != {0},
        flagged=flagged,
        told=not flagged and _most(lasts, _LETTER.search) and not _most(lasts, is_number),
    )


def _behind_named(seen: _Seen, name: str) -> bool:
    """Tell whether comments stand behind a cell that a header names: else they are its end.

    ===========  ============================  ==================  =============================
    Name         Comment behind a whole cell   One cell            Why
    ===========  ============================  ==================  =============================
    label        ``1%c17`` ``yes%c17``         ``c17%2B_0.png``    a label is known before it
    dm_kurtosis  ``3.5%c17``                   ``c17%2B_0.png``    so is a number
    kind         ``1%a/17.pfd`` ``1 %c17``                         a place, or blanks, part them
    kind         ``1%seen``                    ``1%17``            a label before prose
    kind         ``noise%a/17.pfd``            ``noise%seen``      before a word only these do
    id           ``1%a/17.pfd`` ``1 %c17``     ``1%seen``          prose does not under its name
    id           ``17 %a/17.pfd``              ``17%a/17.pfd``     there numbers need both
    beam         ``17%a/17.pfd``               ``17%seen``         a number before a place
    beam         ``1.5%seen``                  ``17%20a/17.pfd``   or with decimals before prose
    ===========  ============================  ==================  =============================
    """
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
        return seen.two and seen.told
    if seen.cells and seen.flagged and not seen.label and width != len(FEATURE_NAMES):
        return False
    if seen.number and not seen.label:
        said = seen.place or (seen.point and seen.prose)
        whole = said and not seen.encoded
        return width == len(FEATURE_NAMES) or whole or (seen.apart and seen.prose)
    return seen.label or (seen.words and seen.place)


def _most(cells: Sequence[T], is_so: Callable[[T], object]) -> bool:
    """Tell whether most cells are so."""
    return sum(bool(is_so(cell)) for cell in cells) >= _MOST * len(cells)
