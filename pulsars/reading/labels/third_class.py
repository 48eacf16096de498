"""Whole numbers or words beside those of a known label: a third class, or a mark of some rows.

They are counted in all rows: one survey of several that were joined may have them.
"""

from __future__ import annotations

from collections import Counter
from heapq import nsmallest
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.cells import Status
from pulsars.reading.labels.label import MAX_DISTINCT
from pulsars.reading.labels.label_encodings import ENCODINGS, meant
from pulsars.reading.meaning.slips import slips
from schemas import LABEL, LabelError, first_of, for_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulsars.reading.labels.label import Label
    from pulsars.reading.meaning.readings import Others, Reading

MOST_UNKNOWN = 0.05
"""As many rows, for each that is labelled a pulsar, can be words that nobody knows."""

_KNOWN = {meant(word) for one in ENCODINGS for word in (*one.not_pulsar, *one.pulsar)}


def other_values(label: Label | None) -> Others:
    """Count what stands beside the values of a known label, where nobody said what those mean.

    Beside 0 and 1 whole numbers count, beside words all that is no known label. Where somebody did
    say, what neither option names is set aside.
    """
    if label is None or not label.encoding.known or label.known.all():
        return ()
    unknown = np.flatnonzero(~label.known & (label.column.status != Status.MISSING))
    if label.encoding.in_words:
        cells = Counter(label.column.cells(unknown))
        return smallest((cell, n) for cell, n in cells.items() if meant(cell) not in _KNOWN)
    numbers = label.column.numbers[unknown]
    whole = numbers[np.isfinite(numbers) & (numbers == np.round(numbers))]
    values, counts = np.unique(whole, return_counts=True)
    return smallest(zip(values.tolist(), counts.tolist(), strict=True))


def added(one: Others, other: Others) -> Others:
    """Count in the rows of both."""
    return smallest((Counter(dict(one)) + Counter(dict(other))).items())


def smallest(counts: Iterable[tuple[float | str, int]]) -> Others:
    """Keep no more than a label can have: those of a file are among those of its parts."""
    return tuple(nsmallest(MAX_DISTINCT, counts, key=lambda found: _size(found[0])))


def _size(value: float | str) -> tuple[float, float | str]:
    return (0.0 if isinstance(value, str) else abs(value), value)


def refuse_third_class(
    others: Others, n_rows: int, head: Reading, *, n_pulsars: int, n_whole: int = 0
) -> None:
    """Raise where other values, no slips, stand beside a known label: nobody says what they are.

    Beside 0 and 1 that is a number in more than one row; beside words, which say which is which,
    other words in more than 5 % as many rows as there are pulsars, for pulsars they may be.

    Parameters
    ----------
    others : tuple of (float or str, int)
        See `other_values`.
    n_rows : int
        Rows in which they were counted.
    head : Reading
        How messages call the file, and its label.
    n_pulsars : int
        Rows among them that are labelled pulsars.
    n_whole : int, optional
        Rows of the file, where those counted are a sample, which is looked at first: of words it
        says nothing, for they are held against the pulsars of the whole.

    Raises
    ------
    LabelError
        Of noise 0, interference 1 and pulsar 2 all pulsars would be set aside, and of pulsars some
        of which are ``pulsar (known)`` those.
    """
    if n_whole > n_rows:
        others = tuple(found for found in others if not isinstance(found[0], str))
    many = _many(others, slips(n_rows), MOST_UNKNOWN * n_pulsars)
    if not many:
        return
    named = [f"{_shown(value)} in {n:,} row{'s' * (n > 1)}" for value, n in many]
    some = f" (of {n_rows:,} that were looked at)" if n_whole > n_rows else ""
    source = head.columns.get(LABEL)
    in_words = any(isinstance(value, str) for value, _ in many)
    known = "words that are known" if in_words else "0, 1"
    left_out = f"; to score all rows leave it out with --drop {source.position}" if source else ""
    raise LabelError(
        f"{head.name}: {source} holds {known} and {first_of(named)}{some}: a third "
        "class, or a mark for what nobody knows; say which are pulsars and which are not with "
        "--pulsar-is and --not-pulsar-is: what neither names is set aside, as far as "
        f"--max-quarantine allows{left_out}; if tables were joined that mean different things by a "
        "value, recode them first."
    )


def _many(others: Others, few: int, few_words: float) -> Others:
    """Give the numbers that stand in more rows than a few, or all words where they do."""
    words = sum(n for value, n in others if isinstance(value, str))
    if words:
        return others if words > max(few, few_words) else ()
    return tuple(found for found in sorted(others) if found[1] > few)


def _shown(value: float | str) -> str:
    return f"'{for_name(value)}'" if isinstance(value, str) else f"{value:g}"
