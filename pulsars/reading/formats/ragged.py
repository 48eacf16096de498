"""Rows that are none: with too many or too few cells, a quote left open, or too long to be rows.

One that is short of an empty last cell is a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pulsars.reading.formats.dialect import Line, count_cells
from pulsars.reading.names import is_label_name, names_a_statistic
from schemas import MAX_LINE

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


def lacks_last(names: Sequence[str], width: int, delimiter: str) -> bool:
    """Tell whether most rows have no cell for the last name: spreadsheets leave empty ones out.

    Of a statistic or a label most rows have one: there another cell is lacking.
    """
    if len(names) != width + 1 or not names[-1] or delimiter == " ":
        return False
    return not names_a_statistic(names[-1]) and not is_label_name(names[-1])


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
