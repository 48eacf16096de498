"""Values that were filled in for what is missing: they teach how somebody filled, and no pulsar."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.meaning.sameness import _LOOKED_AT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pulsars.reading.cells import Column


_OFTEN = 0.05
_PEAK = 10
_FILLS = 2
"""A fill is so many times as common as any other value but that of the other class: where numbers
are rounded, many are common."""

_MOST_ASIDE = 0.9
"""Share of the rows from which on to set them aside is no way out: hardly a row would be left."""


def note_fills(features: Mapping[str, Column]) -> tuple[str, ...]:
    """Say which columns hold one value far more often than measured numbers repeat."""
    return tuple(
        f"{column} holds {value:g} in {share:.0%} of the rows looked at: what was missing may "
        "have been filled with it, by class even, and then it tells the label; rows with gaps can "
        "be left as they are, to be set aside"
        for column in features.values()
        for value, share in [_most_common(column)]
        if share > _OFTEN
    )


def say_marks(columns: Sequence[Column], wrong: NDArray[np.bool_], *, most: float) -> str:
    """Say which number stands in rows that are wrong as a mark, and what to do with it.

    Parameters
    ----------
    columns : sequence of Column
        Those that the rows are wrong in.
    wrong : ndarray of shape (n_rows,), dtype bool
    most : float
        Rows that may be wrong.

    Returns
    -------
    str
        Empty where not one number, which stands in few other rows, makes all but `most` wrong, or
        where so many rows would be set aside without it that it is no way out.
    """
    cells = np.stack([column.numbers for column in columns])
    there = cells[:, wrong]
    values, counts = np.unique(there[np.isfinite(there)], return_counts=True)
    if not len(values):
        return ""
    value = values[np.argmax(counts)]
    held = cells == value
    marked = held.any(axis=0)
    n_marked = int(marked.sum())
    if (wrong & ~marked).sum() > most or 2 * (wrong & marked).sum() <= max(n_marked, 2):
        return ""
    where = [str(c) for c, rows in zip(columns, held, strict=True) if 2 * rows.sum() > n_marked]
    aside = wrong | marked | ~np.isfinite(cells).all(axis=0)
    share = math.floor(100 * int(aside.sum()) / len(aside) + 1) / 100
    if share > _MOST_ASIDE:
        return ""
    return (
        f"{value:g} stands in {n_marked:,} of {len(marked):,} rows looked at "
        f"({', '.join(where)}): is it a mark for what is missing? Leave those cells empty, and "
        f"give --max-quarantine {share:g} or more; if it is none, choose the columns with --columns"
    )


def _most_common(column: Column) -> tuple[float, float]:
    """Give the value that stands out, and its share of the rows; a share of 0 where none does."""
    numbers = column.numbers[:: 1 + len(column.numbers) // _LOOKED_AT] + 0.0  # -0 is shown as 0
    values, counts = np.unique(numbers[np.isfinite(numbers)], return_counts=True)
    if len(values) <= _FILLS:
        return 0.0, 0.0
    at, usual = int(np.argmax(counts)), np.partition(counts, -_FILLS - 1)[-_FILLS - 1]
    stands_out = counts[at] > _PEAK * usual
    return float(values[at]), float(counts[at] / len(numbers)) if stands_out else 0.0
