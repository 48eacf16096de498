"""What all rows say of skewness and kurtosis, whichever of them decided: counts that add up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.meaning.moments import README, SWAPPED
from schemas import CURVES, breaks_moments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from pulsars.reading.meaning.moments import MomentEvidence

MomentCounts = dict[str, tuple[int, int, int]]
"""By curve, see `count_broken`."""


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
        skewness, kurtosis = (
            frame[f"{curve}_{m}"].to_numpy(dtype=np.float64) for m in ("skewness", "kurtosis")
        )
        counts[curve] = (
            int(np.count_nonzero(np.isfinite(skewness) & np.isfinite(kurtosis))),
            int(np.count_nonzero(breaks_moments(skewness, kurtosis))),
            int(np.count_nonzero(breaks_moments(kurtosis, skewness))),
        )
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
