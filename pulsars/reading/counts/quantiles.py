"""Exact quantiles of any number of rows, by their leading bits and a look or two at the rows.

Counts by leading bits tell in which narrow stretch a quantile lies; a look at the rows then finds
it, and no row need be kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.counts.leading_counts import (
    BITS,
    N_BINS,
    STEP,
    Block,
    LeadingCounts,
    bits_of,
    by_size,
    leading,
    number_of,
)
from schemas import FEATURE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Key = tuple[int, int, int]


COLLECTED = 1 << 22
"""Numbers that are held at once: 32 MiB. Where there are more, which of six million rows there
are, the rows are looked at twice."""


@dataclass(frozen=True)
class _Sought:
    """The number of some rank among those that begin, by size, with `n_bits` bits of `prefix`."""

    feature: int
    prefix: int
    n_bits: int
    rank: int
    among: int

    def narrowed(self, up_to: NDArray[np.int64]) -> _Sought:
        """Look on among those that share 16 more bits, of which there are so many up to each."""
        at = int(np.searchsorted(up_to, self.rank, side="right"))
        before = int(up_to[at - 1]) if at else 0
        among, rank = int(up_to[at]) - before, self.rank - before
        return _Sought(self.feature, self.prefix << STEP | at, self.n_bits + STEP, rank, among)

    @property
    def key(self) -> Key:
        """Name the numbers that are looked among."""
        return self.feature, self.prefix, self.n_bits

    def of(self, column: NDArray[np.float64], top: NDArray[np.uint16]) -> NDArray[np.uint64]:
        """Give the bits, by size, of those numbers of a feature that are looked among.

        Parameters
        ----------
        column : ndarray of shape (n_rows,), float64
        top : ndarray of shape (n_rows,), uint16
            Their leading bits, by size.
        """
        mine = np.flatnonzero(top == self.prefix >> (self.n_bits - STEP))
        bits = by_size(bits_of(column[mine]))
        if self.n_bits == STEP:
            return bits
        found: NDArray[np.uint64] = bits[bits >> np.uint64(BITS - self.n_bits) == self.prefix]
        return found


class Quantiles:
    """Finds quantiles of each feature, exactly, by looking at all rows once or a few times.

    Parameters
    ----------
    counts : LeadingCounts
        Of all rows, of which there is one at least.
    shares : sequence of float
        In [0, 1].
    """

    def __init__(self, counts: LeadingCounts, shares: Sequence[float]) -> None:
        n_rows = sum(counts.n_rows)
        self._places = [share * (n_rows - 1) for share in shares]
        ends = (end for at in self._places for end in (math.floor(at), math.ceil(at)))
        self._ranks = sorted(set(ends))
        self._sought = [
            _Sought(feature, 0, 0, rank, n_rows)
            for feature in range(len(FEATURE_NAMES))
            for rank in self._ranks
        ]
        self._narrow({(at, 0, 0): both.sum(axis=0) for at, both in enumerate(counts.counts)})
        self._values: list[float] = []
        self.done = False
        self._begin()

    @property
    def found(self) -> NDArray[np.float64]:
        """Quantiles, shape (8, n_shares): between two rows in proportion.

        As NumPy's and pandas' ``linear`` has it (Hyndman and Fan 1996, definition 7).
        """
        found = np.reshape(self._values, (len(FEATURE_NAMES), -1)).tolist()
        each = (dict(zip(self._ranks, row, strict=True)) for row in found)
        return np.array([[_between(one, at) for at in self._places] for one in each])

    def _narrow(self, counts: Mapping[Key, NDArray[np.int64]]) -> None:
        """Look on, by how many of those sought among begin with 16 more bits of each value."""
        narrowed: list[_Sought] = []
        for key, some in groupby(self._sought, key=attrgetter("key")):
            up_to = np.cumsum(counts[key])  # half a megabyte, so of one key at a time
            narrowed += [one.narrowed(up_to) for one in some]
        self._sought = narrowed

    def _begin(self) -> None:
        """Hold the numbers sought among at the next look; where they are too many, count again."""
        self._groups = {one.key: one for one in self._sought}
        self._holds = sum(one.among for one in self._groups.values()) <= COLLECTED
        self._held: dict[Key, list[NDArray[np.uint64]]] = {key: [] for key in self._groups}
        self._counted: dict[Key, NDArray[np.int64]] = {}

    def see(self, block: Block) -> None:
        """Look at some rows."""
        tops: dict[int, NDArray[np.uint16]] = {}
        for key, one in self._groups.items():
            column = block.features[one.feature]
            if one.feature not in tops:
                tops[one.feature] = by_size(leading(column))
            bits = one.of(column, tops[one.feature])
            if self._holds:
                self._held[key].append(bits)
            else:
                after = bits >> np.uint64(BITS - one.n_bits - STEP) & np.uint64(N_BINS - 1)
                counts = np.bincount(after.astype(np.intp), minlength=N_BINS)
                self._counted[key] = self._counted.get(key, 0) + counts

    def end(self) -> None:
        """Be told that those were all."""
        if self._holds:
            for key, some in groupby(self._sought, key=attrgetter("key")):
                ranks = [one.rank for one in some]
                bits = np.partition(np.concatenate(self._held[key]), ranks)
                self._values += map(number_of, bits[ranks].tolist())
        else:
            self._narrow(self._counted)
            if self._sought[0].n_bits < BITS:
                self._begin()
                return
            self._values = [number_of(one.prefix) for one in self._sought]
        self.done = True


def _between(values: Mapping[int, float], at: float) -> float:
    """Interpolate as NumPy does: from the nearer of the two."""
    low, high, share = values[math.floor(at)], values[math.ceil(at)], at - math.floor(at)
    step = high - low
    return high - step * (1 - share) if share >= 0.5 else low + step * share  # noqa: PLR2004
