"""Accepted rows, block by block, and counts of their features by their leading bits.

These add up, and tell where order statistics lie.

The first 16 of a number's 64 bits are its sign, its power of two and a sixteenth of the way to the
next.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

import numpy as np

from schemas import FEATURE_NAMES, LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Blocks: TypeAlias = "Callable[[], Iterator[Block]]"

Bits = TypeVar("Bits", np.uint16, np.uint64)

N_BINS = 1 << 16
STEP = 16
BITS = 64

COLLECTED = 1 << 20
"""Numbers that are held at once while order statistics are sought: 8 MiB."""

_LEAST_EXPONENT = -960
"""Of a typical size of a feature; anything smaller counts as 0."""


@dataclass(frozen=True, eq=False)
class Block:
    """Some accepted rows.

    Attributes
    ----------
    features : list of ndarray of shape (n_rows,), float64
        The eight, in canonical order.
    label : ndarray of shape (n_rows,), int8, or None
        1 for pulsar; None where there are no labels.
    """

    features: list[NDArray[np.float64]]
    label: NDArray[np.int8] | None

    @classmethod
    def of(cls, batch: Any) -> Self:
        """Take what is counted from accepted rows, a `pyarrow.RecordBatch`."""
        columns = [batch.column(name).to_numpy() for name in FEATURE_NAMES]
        label = batch.column(LABEL).to_numpy() if LABEL in batch.schema.names else None
        return cls(columns, label)

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.features[0])


@dataclass(frozen=True, eq=False)
class LeadingCounts:
    """Rows by the leading 16 bits of each feature, and by class; only what is not 0.

    Attributes
    ----------
    places : ndarray of shape (n,), int64
        Into an array of shape (8, 2, 65536): feature, label (0 where there is none), leading bits
        as they stand in a double; rising.
    found : ndarray of shape (n,), int64
        Rows there.
    """

    places: NDArray[np.int64]
    found: NDArray[np.int64]

    @classmethod
    def of(cls, block: Block) -> Self:
        """Count rows."""
        above = 0 if block.label is None else block.label.astype(np.intp) << STEP
        places, found = [], []
        for feature, column in enumerate(block.features):
            counts = np.bincount(leading(column).astype(np.intp) + above)
            at = np.flatnonzero(counts)
            places.append(at + feature * 2 * N_BINS)
            found.append(counts[at])
        return cls(np.concatenate(places), np.concatenate(found))

    def then(self, other: Self) -> Self:
        """Add the counts of another part."""
        places, at = np.unique(np.concatenate([self.places, other.places]), return_inverse=True)
        found = np.zeros(len(places), dtype=np.int64)
        np.add.at(found, at, np.concatenate([self.found, other.found]))
        return type(self)(places, found)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """All counts, shape (8, 2, 65536): the last by the size of the numbers."""
        counts = np.zeros(len(FEATURE_NAMES) * 2 * N_BINS, dtype=np.int64)
        counts[self.places] = self.found
        rising = np.argsort(by_size(np.arange(N_BINS, dtype=np.uint16)))
        return counts.reshape(len(FEATURE_NAMES), 2, N_BINS)[..., rising]

    @property
    def n_rows(self) -> tuple[int, int]:
        """Rows of each class."""
        return int(self.counts[0, 0].sum()), int(self.counts[0, 1].sum())

    def units(self) -> NDArray[np.float64]:
        """Give an eighth of each feature's typical size, as a power of two: shape (8,).

        The size is the smaller of the two in the middle, of those that are not 0.
        """
        below, above = np.split(self.counts.sum(axis=1), 2, axis=1)
        sizes = above + below[:, ::-1]
        sizes[:, 0] = 0
        up_to = np.cumsum(sizes, axis=1)
        middle = [
            int(np.searchsorted(row, (row[-1] + 1) // 2)) if row[-1] else 1023 << 4 for row in up_to
        ]
        return np.array([2.0 ** (max((at >> 4) - 1023, _LEAST_EXPONENT) - 3) for at in middle])


def leading(column: NDArray[np.float64]) -> NDArray[np.uint16]:
    """Give the leading 16 bits of doubles; −0 is 0."""
    return bits_of(column).view("<u2")[3::4]


def bits_of(column: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Give the bits of doubles; −0 is 0."""
    found: NDArray[np.float64] = np.ascontiguousarray(column, dtype="<f8") + 0.0
    return found.view("<u8")


def by_size(bits: NDArray[Bits]) -> NDArray[Bits]:
    """Turn the bits of doubles, or those that lead them, such that they rise with the numbers."""
    sign = bits.dtype.type(1 << (8 * bits.itemsize - 1))
    return np.where(bits & sign, ~bits, bits | sign)


def number_of(bits: int) -> float:
    """Give the double whose bits were turned by size."""
    sign = 1 << (BITS - 1)
    return float(np.uint64(bits ^ (sign if bits & sign else 2 * sign - 1)).view(np.float64))
