"""Rows that are none: with too many or too few cells, a quote left open, or too long to be rows.

One that is short of an empty last cell is a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pulsars.reading.cells import MISSING_WORDS, Column
from pulsars.reading.formats.called import n_amiss
from pulsars.reading.formats.decimals import find_decimal
from pulsars.reading.formats.dialect import SAMPLE_LINES, Line, count_cells, split_line
from pulsars.reading.names import is_label_name, names_a_statistic
from schemas import MAX_LINE, PulsarError

_OPEN = "leaves a quote open, and a cell may not go on in the next line"


def find_ragged(
    texts: Sequence[str],
    counts: NDArray[np.int64],
    long: NDArray[np.int64],
    width: int,
) -> dict[str, NDArray[np.int64]]:
    """Tell rows that are none by the reason: by their number of cells first, in its order.

    Parameters
    ----------
    texts : sequence of str
        Of all rows.
    counts : ndarray of shape (n_rows,), dtype int64
        How many cells each has.
    long : ndarray of int64
        Rows that are too long to be rows.
    width : int
        Cells of a sound row.
    """
    wrong = np.setdiff1d(np.flatnonzero(counts != width), long, assume_unique=True)
    quoted = [row for row in wrong.tolist() if '"' in texts[row]]
    broken = np.array([row for row in quoted if texts[row].count('"') % 2], np.int64)
    wrong = np.setdiff1d(wrong, broken, assume_unique=True)
    order = wrong[np.argsort(counts[wrong], kind="stable")]
    numbers, starts = np.unique(counts[order], return_index=True)
    groups = np.split(order, starts[1:]) if len(order) else []
    found = {f"has {n} of {width} cells": group for n, group in zip(numbers, groups, strict=True)}
    if len(broken):
        found[_OPEN] = broken
    if len(long):
        found[f"has more than {MAX_LINE:,} characters"] = long
    return found


def lacks_last(names: Sequence[str], rows: Sequence[Line], width: int, delimiter: str) -> bool:
    """Tell whether most rows have no cell for the last name: spreadsheets leave empty ones out.

    Of a statistic or a label most rows have one: there another cell is lacking. So it is where the
    other names are not what the cells hold, or are so too without the first of all.
    """
    if len(names) != width + 1 or not names[-1] or delimiter == " ":
        return False
    if names_a_statistic(names[-1]) or is_label_name(names[-1]):
        return False
    columns = _begin(rows, width, delimiter)
    if not columns:  # all of them are too long for rows
        return False
    return _n_amiss(names[:-1], columns) == 0 < _n_amiss(names[1:], columns)


def _begin(rows: Sequence[Line], width: int, delimiter: str) -> list[Column]:
    """Columns of the first rows that have a number of cells."""
    sound = (one for one in rows if len(one[1]) <= MAX_LINE)
    sound = (one for one in sound if count_cells(one[1], delimiter) == width)
    some = list(islice(sound, SAMPLE_LINES))
    try:
        decimal = find_decimal(some, delimiter, name="")
    except PulsarError:  # which is said of all rows, later
        decimal = "."
    cells = zip(*(split_line(line, delimiter) for _, line in some), strict=True)
    data = (pa.chunked_array([pa.array(one, pa.string())]) for one in cells)
    return [Column.of(None, at, one, decimal=decimal) for at, one in enumerate(data)]


def _n_amiss(names: Sequence[str], columns: Sequence[Column]) -> int:
    """Count what cannot be; in most tables where a label has a name it has values as well."""
    labels = (one for name, one in zip(names, columns, strict=True) if is_label_name(name))
    cells = ({*one.data.to_pylist()} for one in labels)
    n_empty = sum(all(cell.lower() in MISSING_WORDS for cell in kinds) for kinds in cells)
    return n_empty + n_amiss(names, columns)


def with_last(
    rows: Sequence[Line], width: int, delimiter: str
) -> tuple[list[Line], dict[int, tuple[str, str]]]:
    """Put an empty last cell to rows that are one short; by line number, those as they stood."""
    short = {
        number: (line, "")
        for number, line in rows
        if len(line) <= MAX_LINE and count_cells(line, delimiter) == width - 1
    }
    return [(n, line + delimiter if n in short else line) for n, line in rows], short


def join_ragged(
    blocks: Iterable[tuple[int, Mapping[str, NDArray[np.int64]]]],
) -> dict[str, NDArray[np.int64]]:
    """Tell the same of blocks of rows that follow each other: how many, and which are none."""
    found: dict[str, list[NDArray[np.int64]]] = {}
    at = 0
    for n_rows, ragged in blocks:
        for why, rows in ragged.items():
            found.setdefault(why, []).append(rows + at)
        at += n_rows
    return {why: np.concatenate(found[why]) for why in sorted(found, key=_place)}


def _place(why: str) -> tuple[int, int]:
    """Where `find_ragged` puts a reason: by the number of cells first."""
    words = why.split()
    if words[0] == "has" and words[2] == "of":
        return 0, int(words[1])
    return (1, 0) if why == _OPEN else (2, 0)
