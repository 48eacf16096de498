"""Rows that are there twice, and rows of which nobody can tell the label: found by hashes.

Eight bytes a row are kept, sorted, of each part of a table; of all parts those of a narrow range
of hashes are held against each other at a time, so that memory does not grow with the rows.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.leading_counts import bits_of
from slp import mix_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from pulsars.reading.blocks import Block
    from pulsars.reading.spilled import SpilledNames

    Hashes = NDArray[np.uint64]
    Run = Hashes | SpilledNames

HELD = 1 << 21
"""Hashes that are held at once, more or less: 16 MiB."""

_LABEL = np.uint64(1)
_TOP = 1 << 64
_FIRST = 16
_BELOW_FIRST = np.uint64(64 - _FIRST)


def hashes_of(block: Block) -> Hashes:
    """Name rows by their features, and by their label in the last bit: shape (n_rows,).

    Two rows of other features have one name, but for that bit, once in 10^18 pairs.
    """
    columns = [bits_of(column) for column in block.features]
    names = mix_columns(columns, n_rows=len(block), seed=0) & ~_LABEL
    return names if block.label is None else names | block.label.astype(np.uint64)


def count_repeats(runs: Sequence[Run]) -> int:
    """Count rows that repeat an earlier one, labels included.

    Parameters
    ----------
    runs : sequence of ndarray of uint64, or of SpilledNames
        The names of the rows of each part, rising.
    """
    return sum(int((names[1:] == names[:-1]).sum()) for names in in_ranges(runs) if len(names) > 1)


def find_torn(runs: Sequence[Run]) -> Hashes:
    """Give the names, without label, of features that stand in rows of both labels; rising."""
    found = [np.empty(0, dtype=np.uint64)]
    for names in in_ranges(runs):
        torn = names[1:] - names[:-1] == 1  # one name with 0 and then with 1 in its last bit
        torn &= names[:-1] & _LABEL == 0
        found.append(names[:-1][torn])
    return np.concatenate(found)


def find_repeated(runs: Sequence[Run]) -> Hashes:
    """Give the names that stand more than once, rising, each once."""
    every = (np.unique(names[1:][names[1:] == names[:-1]]) for names in in_ranges(runs))
    return np.concatenate([np.empty(0, dtype=np.uint64), *every])


def are_among(names: Hashes, few: Hashes, *, labelled: bool = True) -> NDArray[np.bool_]:
    """Tell which rows have one of a few names, rising; with `labelled` whatever their label."""
    if not len(few):
        return np.zeros(len(names), dtype=bool)
    names = names & ~_LABEL if labelled else names
    begins = np.zeros(1 << _FIRST, dtype=bool)  # most names begin otherwise than all of the few
    begins[few >> _BELOW_FIRST] = True
    found: NDArray[np.bool_] = begins[names >> _BELOW_FIRST]
    rows = np.flatnonzero(found)
    at = np.searchsorted(few, names[rows]).clip(max=len(few) - 1)
    found[rows] = few[at] == names[rows]
    return found


def in_ranges(runs: Sequence[Run]) -> Iterator[Hashes]:
    """Give the names of all parts, range by range, rising; what differs in a label is together."""
    n_ranges = max(1, -(-sum(map(len, runs)) // HELD))
    cuts = [2 * (at * _TOP // n_ranges // 2) for at in range(1, n_ranges)]
    starts = [[0, *(bisect_left(run, cut) for cut in cuts), len(run)] for run in runs]
    for at in range(n_ranges):
        parts = [
            np.asarray(run[start[at] : start[at + 1]])
            for run, start in zip(runs, starts, strict=True)
        ]
        if len(parts) == 1:
            yield parts[0]
        else:
            yield np.sort(np.concatenate([np.empty(0, dtype=np.uint64), *parts]))
