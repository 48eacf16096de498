"""A header that is one name short: which column it leaves out, by what the named ones hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pulsars.reading.cells import Column
from pulsars.reading.formats.called import is_measured, n_amiss
from pulsars.reading.formats.dialect import SAMPLE_LINES, without_tail
from schemas import MAX_NAME, ColumnsError

if TYPE_CHECKING:
    from collections.abc import Callable


def fit_header(
    names: list[str],
    width: int,
    column: Callable[[int], Any],
    *,
    name: str,
    decimal: str = ".",
) -> list[str]:
    """One name a column: R leaves out that of row names, others that of a last or empty one.

    Parameters
    ----------
    names : list of str
        As in the header; may be empty.
    width : int
        Cells of a sound row.
    column : callable
        Gives the texts of a column, by its place from 0: a `pyarrow.ChunkedArray`, or of the quick
        reader, which takes a header one name short as well, a
        `pulsars.reading.access.late.LateCells`.
    name : str
        How messages call the file.
    decimal : str
        Mark before the decimals of a number.

    Raises
    ------
    ColumnsError
        There is a name too many or too few, one is too long, or what the columns hold does not
        tell which of them has none.
    """
    if not names:
        return [""] * width
    names = without_tail(names, width)
    for position, label in enumerate(names, start=1):
        if len(label) > MAX_NAME:
            raise ColumnsError(
                f"{name}: the name of column {position} has {len(label):,} characters; shorten "
                f"it to at most {MAX_NAME:,}."
            )
    if len(names) == width - 1:
        return _one_short(names, column, name=name, decimal=decimal)
    if len(names) != width:
        raise ColumnsError(
            f"{name}: the header has {len(names)} cells and most rows have {width}; "
            "give every column one name."
        )
    return names


def _one_short(
    names: list[str], column: Callable[[int], Any], *, name: str, decimal: str
) -> list[str]:
    """Leave the first column without a name, or the last, so that the others are what they say."""
    if _is_empty(column(len(names))):
        return [*names, ""]
    some = [
        Column.of(None, at, _begin(column(at)), decimal=decimal) for at in range(len(names) + 1)
    ]
    if_last, if_first = n_amiss(names, some[:-1]), n_amiss(names, some[1:])
    if if_last != if_first:
        return [*names, ""] if if_last < if_first else ["", *names]
    if if_last:
        raise ColumnsError(
            f"{name}: the header has {len(names)} names for {len(names) + 1} columns, and neither "
            "the first column nor the last can be the one without a name, by what the others are "
            "called and hold; give every column one name."
        )
    # Nothing contradicts either. A column of measurements is no names of rows, R's or others'.
    return [*names, ""] if is_measured(some[0]) else ["", *names]


def _is_empty(cells: Any) -> bool:
    """Tell a column in which nothing stands; all of it is looked at only where it begins so."""
    for some in (_begin, lambda one: one if isinstance(one, pa.ChunkedArray) else one.whole()):
        if any(cell.strip() for cell in some(cells).unique().to_pylist()):
            return False
    return True


def _begin(cells: Any) -> Any:
    """Texts of the first rows."""
    return cells.take(pa.array(range(min(len(cells), SAMPLE_LINES)), pa.int64()))
