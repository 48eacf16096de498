"""References as the first version wrote them: nine edges, and 200 groups of equal mass a feature.

They knew no classes, and lack the rows: the groups' means stand for them, so that shares are exact
and the distance is as near as these means allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slp.checks import check_entries, check_table, check_vector
from slp.watching.grid import BINS, EDGES
from slp.watching.tally import COARSE

_GROUPS = 200
_ENTRIES = ("mean", "std", "low", "high", "edges", "counts", "groups")


def today(record: Mapping[str, Any]) -> dict[str, Any]:
    """Write a reference of the first format in the second, both classes as one.

    Raises
    ------
    ValueError
        When an entry is missing or is no table of a reference.
    """
    check_entries("reference", record, _ENTRIES)
    mean = check_vector("mean", record["mean"])
    n_features = len(mean)
    std, low, high = (
        check_vector(name, record[name], length=n_features) for name in ("std", "low", "high")
    )
    edges, counts, groups = (
        check_table(name, record[name], (n_features, width))
        for name, width in (("edges", COARSE - 1), ("counts", COARSE), ("groups", _GROUPS))
    )
    if (np.diff(groups, axis=1) < 0).any():
        raise ValueError("groups do not rise; take the reference of the training rows")
    if (counts < 0).any() or (counts % 1).any():
        raise ValueError("counts are not all whole numbers of 0 or more")
    units = mean[:, None] + groups * std[:, None]
    fine = _between(np.column_stack([low, edges, high]), units)
    scaled = (fine - mean[:, None]) / std[:, None]
    areas = np.array([_areas(*pair) for pair in zip(groups, scaled, strict=True)])
    each = areas * (counts.sum(axis=1, keepdims=True) / _GROUPS)
    kept = {name: record[name] for name in ("mean", "std", "low", "high")}
    parted = {"edges": fine, "counts": _parted(counts)[None], "areas": each[None]}
    return {"format": 2, **kept, **{name: table.tolist() for name, table in parted.items()}}


def _between(ends: NDArray[np.float64], units: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put four edges more into each bin, where the groups say, and not beyond its ends."""
    step = BINS // COARSE
    cuts = units[:, _GROUPS // BINS :: _GROUPS // BINS]
    lower, upper = (
        np.repeat(side, step, axis=1)[:, :EDGES] for side in (ends[:, :-1], ends[:, 1:])
    )
    fine = np.clip(cuts, lower, upper)
    fine[:, step - 1 :: step] = ends[:, 1:-1]
    return np.asarray(fine, dtype=np.float64)


def _parted(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Deal the rows of a bin out to its five parts, the first of them taking what is over."""
    step = BINS // COARSE
    each, over = np.divmod(counts, step)
    parts = np.repeat(each, step, axis=1)
    parts[:, ::step] += over
    return parts


def _areas(column: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the sum of max(edge - x, 0) over rows that rise at each edge: the area up to there."""
    sums = np.concatenate([[0.0], np.cumsum(column)])
    at = np.searchsorted(column, edges, side="right")
    up_to = edges * at - sums[at]
    beyond = (sums[-1] - sums[at[-1]]) - edges[-1] * (len(column) - at[-1])
    # A difference of long sums may be less than nothing in its last bits.
    found = np.concatenate([up_to[:1], np.diff(up_to), [beyond]])
    return np.asarray(np.maximum(found, 0.0), dtype=np.float64)
