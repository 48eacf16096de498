"""Rows that are there twice, and rows of which nobody can tell the label: found by hashes.

Eight bytes a row are kept, sorted, of each part of a table; of all parts those of a narrow range
of hashes are held against each other at a time, so that memory does not grow with the rows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar
from uuid import uuid4

import numpy as np

from pulsars.reading.counts.leading_counts import bits_of
from pulsars.reading.counts.spilled import SpilledNames
from pulsars.store import in_threads
from slp import mix_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from pulsars.reading.counts.leading_counts import Block

    Hashes = NDArray[np.uint64]
    Run: TypeAlias = "Hashes | SpilledNames"

Found = TypeVar("Found")

HELD = 1 << 20
"""Hashes of a range, more or less: 8 MiB, of which each thread holds some."""

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


def find_repeats(runs: Sequence[Run]) -> tuple[int, Hashes]:
    """Count rows that repeat an earlier one, and find features that stand in rows of both labels.

    Parameters
    ----------
    runs : sequence of ndarray of uint64, or of SpilledNames
        The names of the rows of each part, rising.

    Returns
    -------
    n_repeats : int
        Labels included.
    torn : ndarray of uint64
        The names, without label, of those features; rising.
    """
    n_repeats, found = 0, [np.empty(0, dtype=np.uint64)]
    for repeats, torn in of_ranges(lambda parts: _repeats(merged(parts)), runs):
        n_repeats += repeats
        found.append(torn)
    return n_repeats, np.concatenate(found)


def _repeats(names: Hashes) -> tuple[int, Hashes]:
    steps = names[1:] - names[:-1]
    torn = steps == 1  # one name with 0 and then with 1 in its last bit
    torn &= names[:-1] & _LABEL == 0
    return int(np.count_nonzero(steps == 0)), names[:-1][torn]


def are_among(names: Hashes, few: Hashes) -> NDArray[np.bool_]:
    """Tell which rows have one of a few names, rising, whatever their label."""
    if not len(few):
        return np.zeros(len(names), dtype=bool)
    names = names & ~_LABEL
    begins = np.zeros(1 << _FIRST, dtype=bool)  # most names begin otherwise than all of the few
    begins[few >> _BELOW_FIRST] = True
    found: NDArray[np.bool_] = begins[names >> _BELOW_FIRST]
    rows = np.flatnonzero(found)
    at = np.searchsorted(few, names[rows]).clip(max=len(few) - 1)
    found[rows] = few[at] == names[rows]
    return found


def of_ranges(
    look: Callable[[list[Hashes]], Found], runs: Sequence[Run], *, together: int = 2
) -> Iterable[Found]:
    """Look at the names of all parts, range by range, those of each rising; a few at a time.

    Names that differ in their last bits only are in one range: by default in that of the label,
    else less than `together`, a power of two, apart.
    """
    return in_threads()(look, _ranges(runs, together))


def _ranges(runs: Sequence[Run], together: int) -> Iterator[list[Hashes]]:
    n_ranges = max(1, -(-sum(map(len, runs)) // HELD))
    cuts = [together * (at * _TOP // n_ranges // together) for at in range(1, n_ranges)]
    starts = [[0, *(bisect_left(run, cut) for cut in cuts), len(run)] for run in runs]
    for at in range(n_ranges):
        yield [
            np.asarray(run[start[at] : start[at + 1]])
            for run, start in zip(runs, starts, strict=True)
        ]


def rising(names: Hashes) -> Hashes:
    """Sort names, which may be anything: by how they begin, and then what is nearly in order.

    NumPy sorts 16 bits by counting, and merges what rises: a third of the time of its other sort
    where that compares, and as much where the processor sorts by itself.
    """
    begins = (names >> _BELOW_FIRST).astype(np.uint16)
    return np.sort(names[np.argsort(begins, kind="stable")], kind="stable")


def merged(runs: Sequence[Hashes]) -> Hashes:
    """Put runs of rising names together, rising."""
    if len(runs) == 1:
        return runs[0]
    # NumPy's stable sort merges what rises already: a tenth of the time of the other.
    return np.sort(np.concatenate([np.empty(0, dtype=np.uint64), *runs]), kind="stable")


def spilled(folder: Path, names: Hashes) -> SpilledNames:
    """Put names into a file of a folder, which somebody else takes away."""
    path = folder / f"names-{uuid4().hex}.bin"
    np.asarray(names, dtype="<u8").tofile(path)
    return SpilledNames(path)
