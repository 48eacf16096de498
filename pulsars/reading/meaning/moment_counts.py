"""What all rows say of skewness and kurtosis, whichever of them decided: counts that add up.

Where tables of both orders were joined, some rows stand the other way round. Such a row mostly
breaks kurtosis ≥ skewness² − 2 as it is read, and interchanged it breaks nothing. Of rows that are
damaged, and break it for that, about half at most are so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from pulsars.reading.meaning.moments import README, SWAPPED
from pulsars.reading.meaning.runs import NO_RUN, Run, Runs, run_of, runs_without
from schemas import CURVES, FULL_SCALE, ColumnsError, breaks_moments, breaks_range

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from pulsars.reading.meaning.moments import MomentEvidence
    from pulsars.reading.meaning.readings import Reading
    from schemas import Curve

MomentCounts = dict[str, tuple[int, int, int]]
"""By curve, see `count_broken`."""

_AS_READ, _INTERCHANGED = ("skewness", "kurtosis"), ("kurtosis", "skewness")

MIN_ROWS = 5
"""Rows of either order that have to speak."""

OF_DAMAGED = 0.55
"""Largest share of damaged rows that break it and interchanged break nothing: of HTRU 1 with a
kurtosis of -1 in place of all; with most damages it is far less."""

SIGMA = 2.5
"""Standard deviations by which their share has to be above that: eight of eight are."""


def count_broken(frame: pd.DataFrame) -> MomentCounts:
    """Count by curve rows with both moments, and those that break the inequality either way round.

    Parameters
    ----------
    frame : DataFrame
        Canonical columns, as they are read.

    Returns
    -------
    dict of str to tuple of int
        Rows, broken as read, and broken were the two columns read the other way round; such counts
        of the parts of a table add up.
    """
    counts: MomentCounts = {}
    for curve in CURVES:
        whole = np.logical_and(*(np.isfinite(one) for one in _moments(frame, curve, _AS_READ)))
        broken = (breaks_moments(*_moments(frame, curve, way)) for way in (_AS_READ, _INTERCHANGED))
        n_whole, as_read, other_way = (int(np.count_nonzero(rows)) for rows in (whole, *broken))
        counts[curve] = n_whole, as_read, other_way
    return counts


def recounted(
    evidence: Sequence[MomentEvidence], counts: MomentCounts
) -> tuple[MomentEvidence, ...]:
    """Give the evidence with the counts of all rows, whichever decided."""
    found = []
    for one in evidence:
        rows, as_read, other_way = counts[one.curve]
        if one.taken == SWAPPED:
            as_read, other_way = other_way, as_read
        found.append(replace(one, rows=rows, as_named=as_read, swapped=other_way))
    return tuple(found)


def contradictions(
    evidence: Sequence[MomentEvidence], settled: Mapping[str, object]
) -> tuple[str, ...]:
    """Say where the rows contradict the names.

    Parameters
    ----------
    evidence : sequence of MomentEvidence
    settled : dict of str to object
        What was read as each canonical column, as it is called in a message.
    """
    return tuple(_contradiction(settled, one) for one in evidence if one.taken == SWAPPED)


def _contradiction(settled: Mapping[str, object], evidence: MomentEvidence) -> str:
    """Say that the rows contradict the names of one curve."""
    skewness = settled[f"{evidence.curve}_skewness"]
    kurtosis = settled[f"{evidence.curve}_kurtosis"]
    if evidence.said == README:
        return (
            f"the header calls {skewness} kurtosis and {kurtosis} skewness, as HTRU2's Readme does "
            "and every copy of it, where the two are interchanged; the rows allow both; read as "
            "skewness and kurtosis, and with --columns as they are called"
        )
    speaker = {"order": "the usual order", "header": "the header"}.get(evidence.said, evidence.said)
    return (
        f"{speaker} calls {skewness} kurtosis and {kurtosis} skewness; {evidence.as_named:,} of "
        f"{evidence.rows:,} rows would break kurtosis ≥ skewness² − 2 "
        f"({evidence.swapped:,} the other way round); read as skewness and kurtosis"
    )


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


def _broken(frame: pd.DataFrame, way: Sequence[str]) -> NDArray[np.bool_]:
    """Tell which rows break the inequality in a curve."""
    return np.logical_or(*(breaks_moments(*_moments(frame, curve, way)) for curve in CURVES))


def _beyond(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows lie beyond what the range of a curve allows, the other way round."""
    beyond = np.zeros(len(frame), dtype=bool)
    for curve in CURVES:
        mean, stdev = _moments(frame, curve, ("mean", "stdev"))
        skewness, kurtosis = _moments(frame, curve, _INTERCHANGED)
        beyond |= breaks_range(mean, stdev, skewness, kurtosis + 3, top=FULL_SCALE)
    return beyond


def _moments(
    frame: pd.DataFrame, curve: Curve, names: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give two columns of a curve."""
    first, second = (frame[f"{curve}_{name}"].to_numpy(dtype=np.float64) for name in names)
    return first, second
