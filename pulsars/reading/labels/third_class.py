"""Whole numbers beside 0 and 1 in a label: a third class, which nobody says what 1 is then.

They are counted in all rows: one survey of several that were joined may have them.
"""

from __future__ import annotations

from collections import Counter
from heapq import nsmallest
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.labels.label import MAX_DISTINCT
from pulsars.reading.labels.label_encodings import ENCODINGS
from pulsars.reading.meaning.slips import slips
from schemas import LABEL, LabelError, first_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulsars.reading.labels.label import Label
    from pulsars.reading.meaning.readings import Others, Reading


def other_numbers(label: Label | None) -> Others:
    """Count whole numbers that stand beside 0 and 1, where nobody said what those mean.

    Where somebody did, what neither option names is set aside.
    """
    if label is None or label.encoding != ENCODINGS[0] or label.known.all():
        return ()
    numbers = label.column.numbers[~label.known]
    whole = numbers[np.isfinite(numbers) & (numbers == np.round(numbers))]
    values, counts = np.unique(whole, return_counts=True)
    return smallest(zip(values.tolist(), counts.tolist(), strict=True))


def added(one: Others, other: Others) -> Others:
    """Count in the rows of both."""
    if not one or not other:
        return one or other
    return smallest((Counter(dict(one)) + Counter(dict(other))).items())


def smallest(counts: Iterable[tuple[float, int]]) -> Others:
    """Keep no more than a label can have: those of a file are among those of its parts."""
    return tuple(nsmallest(MAX_DISTINCT, counts, key=lambda found: (abs(found[0]), found[0])))


def refuse_third_class(others: Others, n_rows: int, head: Reading, *, n_whole: int = 0) -> None:
    """Raise where 0 and 1 are joined by a whole number that is no slip: nobody says what 1 is then.

    Parameters
    ----------
    others : tuple of (float, int)
        See `other_numbers`.
    n_rows : int
        Rows in which they were counted.
    head : Reading
        How messages call the file, and its label.
    n_whole : int, optional
        Rows of the file, where those counted are a sample, which is looked at first.

    Raises
    ------
    LabelError
        Of noise 0, interference 1 and pulsar 2 all pulsars would be set aside.
    """
    many = [f"{value:g} in {n:,} rows" for value, n in sorted(others) if n > slips(n_rows)]
    if not many:
        return
    some = f" (of {n_rows:,} that were looked at)" if n_whole > n_rows else ""
    source = head.columns.get(LABEL)
    left_out = f"; to score all rows leave it out with --drop {source.position}" if source else ""
    raise LabelError(
        f"{head.name}: {source} holds 0, 1 and {first_of(many)}{some}: a third "
        "class, or a mark for what nobody knows; say which are pulsars and which are not with "
        f"--pulsar-is and --not-pulsar-is: what neither names is set aside{left_out}; if tables "
        "were joined that mean different things by a number, recode them first."
    )
