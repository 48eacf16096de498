"""Rows that repeat another but for digits after the fifth: named part by part, counted at the end.

Rows are named such that near ones share a name; those that share one are held against each other.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pulsars.reading.counts.leading_counts import Block
from pulsars.reading.counts.repeats import merged, of_ranges, rising
from pulsars.store import PARTITION_ROWS, in_threads
from slp import count_near, near_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from pulsars.reading.counts.repeats import Hashes, Run

    Rows = NDArray[np.int64]

MAX_NEAR = 1 << 21
"""Rows that are held against each other at most, in about 200 bytes each: 400 MiB."""

_ROW = np.uint64(PARTITION_ROWS - 1)
"""The bits of a name that say which row of a partition it is of; the others are of near rows."""


def named_rows(block: Block, units: Sequence[float]) -> Hashes:
    """Give each row one name or more, such that near ones share all but the last 20 bits; rising.

    Parameters
    ----------
    block : Block
        Of `PARTITION_ROWS` rows at most.
    units : sequence of float
        As of `pulsars.reading.counts.leading_counts.LeadingCounts.units`.

    Returns
    -------
    ndarray of shape (n_names,), uint64
        The last bits number the row from 0.
    """
    names, rows = near_names(block.features, units)
    return rising(names & ~_ROW | rows.astype(np.uint64))


class NamedRun(NamedTuple):
    """Names of some rows that follow one another.

    Attributes
    ----------
    first : int
        Of them, in the file.
    names : ndarray of uint64, or SpilledNames
        As of `named_rows`.
    """

    first: int
    names: Run


def name_all(
    blocks: Iterable[Block], units: Sequence[float], keep: Callable[[Hashes], Run] | None
) -> list[NamedRun]:
    """Name all rows of a file; `keep` puts names where they take no memory."""
    runs, first = list[NamedRun](), 0
    each = in_threads()(partial(_named, units=units), _pieces(blocks))
    for n_rows, names in each:
        runs.append(NamedRun(first, keep(names) if keep else names))
        first += n_rows
    return runs


def _named(block: Block, units: Sequence[float]) -> tuple[int, Hashes]:
    return len(block), named_rows(block, units)


def _pieces(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        for first in range(0, len(block), PARTITION_ROWS):
            some = slice(first, first + PARTITION_ROWS)
            yield Block([column[some] for column in block.features], None)


def find_sharing(runs: Sequence[NamedRun]) -> Rows:
    """Give the rows of a file that share a name with another, rising.

    Where they are more than `MAX_NEAR`, only some, more than that: then nobody counts them.
    """
    firsts = [run.first for run in runs]

    def look(parts: list[Hashes]) -> Rows:
        shared = _shared(merged(parts))
        rows = [at + _rows_named(part, shared) for at, part in zip(firsts, parts, strict=True)]
        return np.concatenate(rows)

    found = np.empty(0, dtype=np.int64)
    more: list[Rows] = []
    names = [run.names for run in runs]
    for rows in of_ranges(look, names, together=PARTITION_ROWS) if runs else ():
        more.append(rows)
        if sum(map(len, more)) > MAX_NEAR:
            found, more = _distinct([found, *more]), []
        if len(found) > MAX_NEAR:
            return found
    return _distinct([found, *more])


def _distinct(rows: Sequence[Rows]) -> Rows:
    """Give rows in order, each once; NumPy's `unique` takes six times the memory of a sort."""
    every = np.sort(np.concatenate(rows))
    return every[np.diff(every, prepend=-1) > 0]


def _shared(names: Hashes) -> Hashes:
    """Give what more than one of some rising names begins with, once each; rising."""
    begins = names & ~_ROW
    again = np.flatnonzero(begins[1:] == begins[:-1])
    return begins[again[np.diff(again, prepend=-2) > 1]]


def _rows_named(names: Hashes, few: Hashes) -> Rows:
    """Give the rows of which a name begins as one of a few does; all rising."""
    low = np.searchsorted(names, few)
    n_each = np.searchsorted(names, few | _ROW, side="right") - low
    at = np.repeat(low - np.cumsum(n_each) + n_each, n_each) + np.arange(n_each.sum())
    return np.unique(names[at] & _ROW).astype(np.int64)


class NearRows:
    """Counts rows that repeat another but for digits after the fifth, when shown all rows.

    Parameters
    ----------
    rows : ndarray of int64
        That share a name, see `find_sharing`.
    units : sequence of float
        As of `named_rows`.

    Attributes
    ----------
    n_repeats : int or None
        None where more than `MAX_NEAR` rows would have to be held against each other.
    """

    def __init__(self, rows: Rows, units: Sequence[float]) -> None:
        self._rows, self._units, self._seen = rows, np.array(units), 0
        self.n_repeats = None if len(rows) > MAX_NEAR else 0
        self.done = not len(rows) or self.n_repeats is None
        self._held = np.empty((len(units), 0 if self.done else len(rows)))

    def see(self, block: Block) -> None:
        """Look at some rows."""
        ends = np.searchsorted(self._rows, [self._seen, self._seen + len(block)])
        here = slice(*ends.tolist())
        rows = self._rows[here] - self._seen
        for held, column in zip(self._held, block.features, strict=True):
            held[here] = column[rows]
        self._seen += len(block)

    def end(self) -> None:
        """Be told that those were all."""
        self.n_repeats = count_near(self._held.T, self._units)
        self.done = True
