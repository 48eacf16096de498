"""How delimited text is written, by evidence: which delimiter, header or not, what is comment."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pulsars.reading.cells import MISSING_WORDS, NUMBER
from pulsars.reading.formats.spellings import how_written
from schemas import FEATURES, MAX_LINE, MAX_WIDTH, ColumnsError, UnreadableFileError, shortened

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blank"}
"""What each is called, in order of preference; a blank stands for any run of blanks."""

_APART = re.compile(rf"[{''.join(DELIMITERS)}]")

SAMPLE_LINES = 200

_NO_NUMBERS = 0.01
"""Score of a delimiter that makes cells and no numbers of all lines."""

COMMENT_MARKS = "#%"
"""What a line begins with that is none of the table: NumPy's and MATLAB's."""

_COMMENT = re.compile(rf"""\s*+(?:[{COMMENT_MARKS}]|"?sep=.?"?\s*$)""", re.IGNORECASE)
"""Such a line, or the one by which Excel tells itself the delimiter."""

_QUOTED_COMMENT = re.compile(rf"""\s*+"\s*+[{COMMENT_MARKS}]""")

_SIMULATED = re.compile(
    r"[#%] ?simulated: (rows \d+, prevalence [\d.e+-]+, seed \d+|(?:\d+ of \d+ )?folds)[\s,;|]*$"
)
"""What `pulsar simulate` and `pulsar features` write, perhaps with the empty cells behind it that a
spreadsheet adds: somebody else's sentence may say that nothing is simulated."""

_PART = re.compile(r"[\s:]*([0-9]{1,12} of [0-9]{1,12})\b")
DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?$")
_is_number = re.compile(NUMBER).match


def find_delimiter(lines: Sequence[str], *, name: str) -> tuple[str, int]:
    """Delimiter and number of cells a row that explain most lines with most numbers.

    One by which the first line holds as many names as the rows cells comes before others: in a
    last column may stand the bins of a curve, with another delimiter between them.
    """
    sample = _sample(lines)
    scores = {}
    for delimiter in DELIMITERS:
        counts = [count_cells(line, delimiter) for line in sample]
        width, count = Counter(counts).most_common(1)[0]
        enough = len(FEATURES) <= width <= MAX_WIDTH
        numbers = (
            _share_of_numbers(split_line(line, delimiter), delimiter)
            for line, n_cells in zip(sample, counts, strict=True)
            if enough and n_cells == width  # of others the score is never looked at
        )
        scores[delimiter] = (enough, (sum(numbers) + 0.01 * count) / len(sample), width)
    best = _best(scores, sample)
    enough, score, width = scores[best]
    if enough and (score > _NO_NUMBERS or len(lines) == 1):
        return best, width
    if len(lines) > 1:  # a single one is a file without line ends
        _refuse_width(lines[len(lines) // 2], name=name)
    widest = max(score[2] for score in scores.values())
    if widest == 1 or enough or widest > MAX_WIDTH:
        *names, last = DELIMITERS.values()
        raise UnreadableFileError(
            f"{name} is no table of numbers: no {', '.join(names)} or {last} makes rows of cells "
            f"with numbers of its lines (the first begins '{lines[0][:30]}')"
            f"{_spelling(lines[len(lines) // 2][:MAX_LINE])}."
        )
    raise ColumnsError(
        f"{name}: its rows have at most {widest} cells; a candidate has eight statistics."
    )


def _best(scores: Mapping[str, tuple[bool, float, int]], sample: Sequence[str]) -> str:
    """Choose by the scores; among those near the best one by the names in the first line."""

    def rank(delimiter: str) -> tuple[bool, float]:
        return scores[delimiter][:2]

    best = max(DELIMITERS, key=rank)
    enough, score, width = scores[best]
    if best == " " and scores["\t"][2] == width and scores["\t"][1] > score - 1.02 / len(sample):
        best = "\t"  # a blank stands for tabs, too; what it parts besides is in a name
    rivals = [one for one in DELIMITERS if enough and scores[one][0] and 2 * scores[one][1] > score]
    named = [one for one in rivals if _is_named(sample[0], one, scores[one][2])]
    return best if best in named or not named else max(named, key=rank)


def _is_named(line: str, delimiter: str, width: int) -> bool:
    """Tell whether the first line holds a name for each cell of a row, or for each but one."""
    cells = without_tail(split_line(line, delimiter), width)
    return len(cells) in (width - 1, width) and is_header(cells)


def _spelling(row: str) -> str:
    """Say what to do of numbers that are written otherwise than is read."""
    cells = (cell for cell in _APART.split(row) if not is_number(cell))
    said = ((cell, how_written(cell)) for cell in cells)
    return next((f"; '{shortened(cell)}': {how}" for cell, how in said if how), "")


def _refuse_width(row: str, *, name: str) -> None:
    """Raise when a row has more cells than a table can have, and most of them are numbers."""
    begins = row[:MAX_LINE]
    for delimiter in DELIMITERS:
        n_cells = count_cells(begins, delimiter)
        if n_cells <= MAX_WIDTH:
            continue
        if 2 * _share_of_numbers(split_line(begins, delimiter), delimiter) > 1:
            raise ColumnsError(
                f"{name} has {'at least ' * (begins != row)}{n_cells:,} columns, more than the "
                f"{MAX_WIDTH:,} that a candidate table can have; write those that matter."
            )


def _sample(lines: Sequence[str]) -> list[str]:
    """Lines of the start and of the end, few enough and none too long for a row."""
    ends = [*lines[:SAMPLE_LINES], *lines[SAMPLE_LINES:][-SAMPLE_LINES:]]
    return [line for line in ends if len(line) <= MAX_LINE] or [ends[0][:MAX_LINE]]


def count_cells(line: str, delimiter: str) -> int:
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


def split_line(line: str, delimiter: str) -> list[str]:
    """Cells of one line, stripped, quotes taken off."""
    if '"' in line:
        blank = delimiter == " "
        reader = csv.reader(
            [" ".join(line.split()) if blank else line],
            delimiter=delimiter,
            skipinitialspace=not blank,
        )
        try:
            return [cell.strip() for cell in next(reader)]
        except csv.Error:  # a cell of more than 128 KB: no cell of a candidate
            return [line]
    cells = line.split() if delimiter == " " else line.split(delimiter)
    return [cell.strip() for cell in cells]


def without_tail(names: list[str], width: int) -> list[str]:
    """Leave out what is empty behind the last name, beyond the cells of a row."""
    end = len(names)
    while end > width and not names[end - 1]:
        end -= 1
    return names[:end]


def is_header(cells: Sequence[str], below: Sequence[Sequence[str]] = ()) -> bool:
    """Tell names from a row.

    Parameters
    ----------
    cells : sequence of str
    below : sequence of sequence of str
        Rows under it, if any: where most of their numbers stand under words, the words are names
        even if one of them is a number.
    """
    filled = [cell for cell in cells if cell.lower() not in MISSING_WORDS]
    if not any(is_number(cell) for cell in filled):
        return bool(filled)
    # A frame was saved with 0, 1, 2, … as names; one of them may be damaged.
    counts = [[str(i) for i in range(first, first + len(cells))] for first in (0, 1)]
    alike = (sum(map(str.__eq__, cells, count)) for count in (*counts, ["", *counts[0]]))
    if len(cells) > len(FEATURES) and max(alike) >= len(cells) - 1:
        return True
    sound = [row for row in below if len(row) == len(cells)]
    numeric = [i for i in range(len(cells)) if 2 * sum(is_number(r[i]) for r in sound) > len(sound)]
    words = [i for i in numeric if cells[i] in filled and not is_number(cells[i])]
    return len(numeric) >= len(FEATURES) and 2 * len(words) > len(numeric)


def is_number(cell: str) -> bool:
    """Tell a cell that holds a number, with a decimal point or a comma."""
    return _is_number(cell) is not None or DECIMAL_COMMA.match(cell) is not None


def is_comment(line: str) -> bool:
    """Tell a comment by its first mark."""
    return _COMMENT.match(line) is not None


def is_quoted_comment(line: str) -> bool:
    """Tell a comment, or a name, whose first mark stands in quotes."""
    return _QUOTED_COMMENT.match(line) is not None


def says_simulated(comments: Iterable[str]) -> bool | str:
    """Tell whether a comment of ours marks candidates as simulated; of a part: ``10 of 11``."""
    found = (_SIMULATED.match(line.strip()) for line in comments)
    return next((simulated_as(one[1]) for one in found if one), False)


def simulated_as(mark: str) -> bool | str:
    """Read what is said of simulated candidates: ``10 of 11 folds`` is a part, all else is all.

    Examples
    --------
    >>> simulated_as("10 of 11 folds"), simulated_as("folds")
    ('10 of 11', True)
    """
    part = _PART.match(mark)
    return part[1] if part else True


def refuse_foreign_bytes(rows: Iterable[tuple[int, str]], *, name: str) -> None:
    """Raise when a row of data holds bytes that are not UTF-8; a header may, and hard blanks."""
    for number, line in rows:
        if not line.isascii() and not (line := line.replace("\xa0", "")).isascii():
            byte = next(ord(char) for char in line if not char.isascii())
            raise UnreadableFileError(
                f"{name}, line {number}: byte 0x{byte:02X} is not UTF-8; save the file as UTF-8."
            )


Line = tuple[int, str]
"""Number in the file, from 1, and text."""
