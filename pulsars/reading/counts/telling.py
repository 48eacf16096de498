"""Which feature alone tells the label, from counts; the rows are looked at only where it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.counts.leading_counts import (
    BITS,
    COLLECTED,
    N_BINS,
    STEP,
    LeadingCounts,
    bits_of,
    by_size,
)
from schemas import FEATURE_NAMES
from slp import suspicious_above

_TURNED = 0.2
"""Share of pairs won by a pulsar's profile_skewness, below which the labels are turned."""

_ENOUGH = 20
"""With fewer rows of a class it may be so by luck."""

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pulsars.reading.counts.leading_counts import Blocks

    Counts = NDArray[np.int64]


def find_telling(counts: LeadingCounts, blocks: Blocks) -> dict[int, float]:
    """Give the features that alone rank pulsars almost perfectly, and their ROC AUC.

    Parameters
    ----------
    counts : LeadingCounts
        Of all rows.
    blocks : callable
        Gives all rows, block by block.

    Returns
    -------
    dict of int to float
        As `slp.tells_the_label` gives it; a tie is half a win, whichever way ranks better.
    """
    others, pulsars = counts.n_rows
    found: dict[int, float] = {}
    above = suspicious_above(min(others, pulsars))
    pairs = others * pulsars
    if not pairs or above == 1:
        return found
    for feature, (n, p) in enumerate(counts.counts):
        sure, open_pairs = _wins(n, p)
        # Twice the wins, so that half a win is a whole number.
        if max(sure + 2 * open_pairs, 2 * pairs - sure) / (2 * pairs) <= above:
            continue
        area = (sure + _within(feature, 0, 0, (n, p), blocks)) / (2 * pairs)
        if max(area, 1 - area) > above:
            found[feature] = max(area, 1 - area)
    return found


def is_upside_down(counts: LeadingCounts) -> bool:
    """Tell whether what is labelled pulsar has the flatter profiles, as in no survey it has.

    In HTRU 1 and 2 profile_skewness is the larger one of the pulsar's in 98 and 97 of 100 pairs.
    """
    others, pulsars = counts.n_rows
    if min(others, pulsars) < _ENOUGH:
        return False
    n, p = counts.counts[FEATURE_NAMES.index("profile_skewness")]
    sure, open_pairs = _wins(n, p)
    return sure + 2 * open_pairs < _TURNED * 2 * others * pulsars


def _wins(n: Counts, p: Counts) -> tuple[int, int]:
    """Twice the pairs in which a pulsar is in a higher bin, and the pairs that share a bin."""
    below = np.cumsum(n) - n
    sure = sum(2 * int(a) * int(b) for a, b in zip(p[p > 0], below[p > 0], strict=True))
    both = (p > 0) & (n > 0)
    return sure, sum(int(a) * int(b) for a, b in zip(p[both], n[both], strict=True))


def _within(
    feature: int, prefix: int, n_bits: int, counts: tuple[Counts, Counts], blocks: Blocks
) -> int:
    """Twice the wins of pulsars over others whose numbers begin with the same bits.

    Parameters
    ----------
    prefix, n_bits
        What all numbers here begin with.
    counts : tuple of ndarray of shape (65536,), int64
        Others and pulsars by the next 16 bits, which rise with the numbers.
    """
    n, p = counts
    shared = [int(at) for at in np.flatnonzero((n > 0) & (p > 0))]
    deeper = n_bits + STEP
    if deeper == BITS:  # the same number
        return sum(int(n[at]) * int(p[at]) for at in shared)
    wins, few, n_few = 0, list[int](), 0
    for at in shared:
        n_here = int(n[at] + p[at])
        if n_here > COLLECTED:
            longer = prefix << STEP | at
            wins += _counted(feature, longer, deeper, blocks)
            continue
        if n_few + n_here > COLLECTED:
            wins += _compared(feature, prefix, n_bits, few, blocks)
            few, n_few = [], 0
        few.append(at)
        n_few += n_here
    return wins + (_compared(feature, prefix, n_bits, few, blocks) if few else 0)


def _counted(feature: int, prefix: int, n_bits: int, blocks: Blocks) -> int:
    """Count 16 more bits of the many numbers that begin alike, and go on with those."""
    counts = np.zeros(2 * N_BINS, dtype=np.int64)
    for _, after, label in _beginning(feature, prefix, n_bits, blocks):
        counts += np.bincount(after + (label.astype(np.intp) << STEP), minlength=len(counts))
    n, p = np.split(counts, 2)
    return _wins(n, p)[0] + _within(feature, prefix, n_bits, (n, p), blocks)


def _compared(feature: int, prefix: int, n_bits: int, bins: list[int], blocks: Blocks) -> int:
    """Hold the numbers of a few bins against each other, each within its own."""
    held: tuple[list[NDArray[np.uint64]], ...] = ([], [])
    for bits, after, label in _beginning(feature, prefix, n_bits, blocks):
        mine = np.isin(after, bins)
        for one in (0, 1):
            held[one].append(bits[mine & (label == one)])
    others, pulsars = (np.concatenate(part) for part in held)
    others = np.sort(others)
    shift = np.uint64(BITS - n_bits - STEP)
    # Of those that are smaller, not those of the bins before its own.
    begins = np.searchsorted(others, pulsars >> shift << shift)
    below = np.searchsorted(others, pulsars, side="left")
    up_to = np.searchsorted(others, pulsars, side="right")
    return int((below + up_to - 2 * begins).sum())


def _beginning(
    feature: int, prefix: int, n_bits: int, blocks: Blocks
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.intp], NDArray[np.int8]]]:
    """Give numbers that begin alike: their bits, by size, the 16 that follow, and the labels."""
    for block in blocks():
        bits = by_size(bits_of(block.features[feature]))
        mine = bits >> np.uint64(BITS - n_bits) == prefix if n_bits else slice(None)
        after = bits[mine] >> np.uint64(BITS - n_bits - STEP) & np.uint64(N_BINS - 1)
        if block.label is not None:
            yield bits[mine], after.astype(np.intp), block.label[mine]
