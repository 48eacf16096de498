"""A column that only repeats the label: a model would learn the answer from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.cells import Status
from pulsars.reading.labels import MAX_DISTINCT, handle
from schemas import LeakageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulsars.reading.cells import Column
    from pulsars.reading.labels import Label


def refuse_leakage(label: Label, others: Sequence[Column], *, file: str) -> None:
    """Raise when another column tells the label of every row.

    Raises
    ------
    LeakageError
        A column corresponds to the label one to one: a copy, its inverse or its text.
    """
    if not label.both:
        return
    for column in others:
        if _repeats(label, column):
            raise LeakageError(
                f"{file}: {column} repeats {label.column}, the label, in every row; a model would "
                f"learn nothing but that; leave it out with --drop {handle(column)}."
            )


def _repeats(label: Label, column: Column) -> bool:
    """Tell whether the cells of `column` correspond one to one to the labels."""
    key = column.numbers
    if not np.isfinite(key).any():
        coded = column.coded(limit=MAX_DISTINCT)
        if coded is None:
            return False
        key = np.where(column.status == Status.MISSING, np.nan, coded[1])
    shared = label.known & ~np.isnan(key)
    if 2 * shared.sum() < label.known.sum():
        return False
    pulsars = np.unique(key[shared & (label.classes == 1)])
    others = np.unique(key[shared & (label.classes == 0)])
    return len(pulsars) == len(others) == 1 and pulsars[0] != others[0]
