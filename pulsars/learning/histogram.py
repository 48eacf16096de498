"""How many candidates have which probability: counts that add up over the parts of a table."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

BINS = 40

Counts = dict[str, list[int]]
"""Candidates in each of 40 bins of equal width from 0 to 1, by their kind."""


def count_scores(y: ArrayLike | None, probability: ArrayLike) -> Counts:
    """Count scores, shape (n_rows,), by label; without labels all are candidates of one kind."""
    probability = np.asarray(probability)
    if y is None:
        kinds = {"candidates": probability}
    else:
        y = np.asarray(y)
        kinds = {"non-pulsars": probability[y == 0], "pulsars": probability[y == 1]}
    # By their number and range NumPy need not sort; by their edges it would.
    return {
        name: np.histogram(some, bins=BINS, range=(0.0, 1.0))[0].tolist()
        for name, some in kinds.items()
    }


def add_counts(parts: Iterable[Counts]) -> Counts:
    """Add up the counts of the parts of a table; those of none are empty."""
    total: Counts = {}
    for counts in parts:
        for name, some in counts.items():
            so_far = total.get(name, [0] * BINS)
            total[name] = [one + more for one, more in zip(so_far, some, strict=True)]
    return total
