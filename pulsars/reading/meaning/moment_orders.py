"""Tables of both orders of skewness and kurtosis, joined: some rows stand the other way round.

Such a row mostly breaks kurtosis ≥ skewness² − 2 as it is read, and interchanged it breaks nothing.
Of rows that are damaged, and break it for that, about half at most are so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from pulsars.reading.meaning.runs import NO_RUN, Run, Runs, run_of, runs_without
from schemas import CURVES, FULL_SCALE, ColumnsError, breaks_moments, breaks_range

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pulsars.reading.meaning.readings import Reading

MIN_ROWS = 5
"""Rows of either order that have to speak."""

OF_DAMAGED = 0.55
"""Largest share of damaged rows that break it and interchanged break nothing: of HTRU 1 with a
kurtosis of -1 in place of all; with most damages it is far less."""

SIGMA = 2.5
"""Standard deviations by which their share has to be above that: eight of eight are."""


@dataclass(frozen=True)
class OrderCounts(Runs):
    """Counts of the rows that are possible in one order at most; the runs are of `contrary` rows.

    Attributes
    ----------
    contrary : Run
        Rows that are possible the other way round alone; these need not stand in a row.
    right : int
        Rows that are possible as they are read alone.
    """

    contrary: Run = NO_RUN
    right: int = 0

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """Count in rows as they are read."""
        broken, other_way = (_broken(reading.frame, way) for way in (_AS_READ, _INTERCHANGED))
        telling = np.flatnonzero(broken | other_way)
        contrary = (broken & ~other_way)[telling]
        contrary[contrary] = ~_beyond(reading.frame.iloc[telling[contrary]])
        lines, files = reading.lines[telling], reading.files
        files = None if files is None else files.take(telling)
        return cls(
            rows=len(telling),
            **runs_without(np.flatnonzero(~contrary), lines, files),
            contrary=run_of(np.flatnonzero(contrary), lines, files),
            right=int(np.count_nonzero(other_way & ~broken)),
        )

    def then(self, other: Self) -> Self:
        """Add the counts of the part that follows."""
        return type(self)(
            **self.joined(other),
            contrary=self.contrary.then(other.contrary),
            right=self.right + other.right,
        )


def with_orders(head: Reading, counts: OrderCounts) -> Reading:
    """Say of a file that rows of two orders were joined, or raise where they stand apart.

    Parameters
    ----------
    head : Reading
        What is said of the whole file.
    counts : OrderCounts
        Of all rows.

    Raises
    ------
    ColumnsError
        Twenty rows in a row or more are possible the other way round alone, and others as they
        are read alone.
    """
    n_contrary, run = counts.contrary.length, counts.longest
    if min(n_contrary, counts.right) < MIN_ROWS:
        return head
    if counts.is_a_part(counts.rows - n_contrary):
        raise ColumnsError(
            f"{head.name} joins rows of two orders of skewness and kurtosis: {run.spans()} hold "
            f"{run.length:,} that break kurtosis ≥ skewness² − 2 unless the two are interchanged, "
            f"and {counts.right:,} other rows break it if they are; interchange the two columns of "
            "both curves in one of the parts that were joined."
        )
    if n_contrary <= _by_damage(counts.rows - counts.right):
        return head
    note = (
        f"{n_contrary:,} rows (the first is {counts.contrary.begins()}) break kurtosis ≥ skewness² "
        f"− 2 unless skewness and kurtosis are interchanged, and {counts.right:,} others if they "
        "are: were tables of two orders joined? Interchange the two columns of both curves in one "
        "of them; rows that are possible in both orders are taken as the others are"
    )
    return replace(head, warnings=(*head.warnings, note))


def _by_damage(n_broken: int) -> float:
    """Rows that damage may leave possible the other way round alone, of so many that it broke."""
    return OF_DAMAGED * n_broken + SIGMA * float(np.sqrt(n_broken * OF_DAMAGED * (1 - OF_DAMAGED)))


_AS_READ, _INTERCHANGED = ("skewness", "kurtosis"), ("kurtosis", "skewness")


def _broken(frame: pd.DataFrame, way: tuple[str, str]) -> NDArray[np.bool_]:
    """Tell which rows break the inequality in a curve."""
    broken = np.zeros(len(frame), dtype=bool)
    for curve in CURVES:
        skewness, kurtosis = (frame[f"{curve}_{moment}"].to_numpy() for moment in way)
        broken |= breaks_moments(skewness, kurtosis)
    return broken


def _beyond(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows lie beyond what the range of a curve allows, the other way round."""
    beyond = np.zeros(len(frame), dtype=bool)
    for curve in CURVES:
        mean, stdev = (frame[f"{curve}_{name}"].to_numpy() for name in ("mean", "stdev"))
        kurtosis, skewness = (frame[f"{curve}_{name}"].to_numpy() for name in _AS_READ)
        beyond |= breaks_range(mean, stdev, skewness, kurtosis + 3, top=FULL_SCALE)
    return beyond
