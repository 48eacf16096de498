"""What was read, made by hand, and counted wherever it is cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise
from typing import Any

import pandas as pd

from pulsars.reading.meaning.readings import Reading


def reading_of(frame: pd.DataFrame, **said: Any) -> Reading:
    """Rows of a table, which begins at line 11, as a reader hands them on with nothing to add."""
    nothing: dict[str, Any] = {"columns": {}, "labelled": False, "name": "x", "dialect": None}
    nothing |= dict.fromkeys(("texts", "faults", "evidence", "warnings"), ())
    return Reading(frame=frame, lines=frame.index.to_numpy() + 11, **nothing | said)


def joined_at(cuts: Sequence[int], n: int, counts: Callable[[int, int], Any]) -> Any:
    """Counts of each part of `n` rows that is cut there, put together in order."""
    edges = [0, *sorted(min(cut, n) for cut in cuts), n]
    parts = (counts(a, b) for a, b in pairwise(edges))
    return reduce(lambda before, more: before.then(more), parts)
