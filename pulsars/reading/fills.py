"""Values that were filled in for what is missing: they teach how somebody filled, and no pulsar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulsars.reading.cells import Column

_LOOKED_AT = 20_000
"""Rows at the beginning in which a value would show that stands in every twentieth."""

_OFTEN = 0.05
_PEAK = 10
_FILLS = 2
"""A fill is so many times as common as any other value but that of the other class: where numbers
are rounded, many are common."""


def note_fills(features: Mapping[str, Column]) -> tuple[str, ...]:
    """Say which columns hold one value far more often than measured numbers repeat."""
    return tuple(
        f"{column} holds {value:g} in {share:.0%} of the rows: what was missing may have been "
        "filled with it, by class even, and then it tells the label; rows with gaps can be left "
        "as they are, to be set aside"
        for column in features.values()
        for value, share in [_most_common(column)]
        if share > _OFTEN
    )


def _most_common(column: Column) -> tuple[float, float]:
    """Give the value that stands out, and its share of the rows; a share of 0 where none does."""
    numbers = column.numbers[:_LOOKED_AT]
    values, counts = np.unique(numbers[np.isfinite(numbers)], return_counts=True)
    if len(values) <= _FILLS:
        return 0.0, 0.0
    at, usual = int(np.argmax(counts)), np.partition(counts, -_FILLS - 1)[-_FILLS - 1]
    stands_out = counts[at] > _PEAK * usual
    return float(values[at]), float(counts[at] / len(numbers)) if stands_out else 0.0
