"""The split of a table that is too long for memory: bounded parts held out, the rest learnt from.

A part of half a million rows measures a share of a tenth to 0.0004, and more rows would make it no
more useful. So what is held out has an upper bound, rests in memory, and is measured there by the
same functions as a small table; only learning goes over all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
from numpy.typing import NDArray

from slp.blocks import Mapped
from slp.splitting.beside import Beside
from slp.splitting.groups import gather_groups
from slp.splitting.keys import coarse_keys, fine_keys
from slp.splitting.near import units_of

Codes = NDArray[np.uint8]
Bits = NDArray[np.uint64]
Keys = tuple[Bits, Bits]

TEST, VALIDATION, SHOWN, REST = range(4)
"""Codes of the parts; of the training rows some are shown, to be measured beside the others."""

_BITS = 16
_SHIFT = np.uint64(64 - _BITS)


@dataclass(frozen=True, eq=False)
class Chunk:
    """Rows of a table, one after another.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_features), float64
    y : ndarray of shape (n_rows,), integer
        0 or 1.
    source : ndarray of shape (n_rows,), int64
        Number of the source that a row shares with others; -1 for a row of its own.
    """

    X: NDArray[np.float64]
    y: NDArray[np.integer]
    source: NDArray[np.int64]

    def take(self, rows: NDArray[np.bool_] | slice) -> Chunk:
        """Give some of the rows."""
        return Chunk(self.X[rows], self.y[rows], self.source[rows])

    @classmethod
    def joined(cls, parts: Sequence[Chunk]) -> Chunk:
        """Put chunks end to end."""
        return cls(
            np.concatenate([part.X for part in parts]),
            np.concatenate([part.y for part in parts]),
            np.concatenate([part.source for part in parts]),
        )


Chunks = Callable[[], Iterable[Chunk]]
"""Gives all rows from the first on, in chunks, the same each time it is called."""


def hold_out(chunks: Chunks, sizes: NDArray[np.int64], *, seed: int, mapped: Mapped = map) -> Codes:
    """Put each row into a part, by the ranking of `slp.splitting.split.stratified_split`.

    Parameters
    ----------
    chunks : callable
        The rows; they are gone over four times and more.
    sizes : ndarray of shape (3, 2), int64
        Rows of each class, non-pulsars and pulsars, for test, validation, and of the training rows
        those to be shown; of each class fewer than there are.
    seed : int
        Of the ranking.
    mapped : callable
        As of `slp.blocks`: chunks are looked at side by side.

    Returns
    -------
    ndarray of shape (n_rows,), uint8
        0 for test, 1 for validation, 2 for shown, 3 for the rest. In each class test is at the low
        end of the ranking, then come the others. Rows near-identical to one that is held out, or of
        its source, directly or by others, are in the lowest part of them.

    Raises
    ------
    ValueError
        When a class has fewer rows than are asked for.

    Notes
    -----
    Memory is a byte a row, and what is held out with the few that may be near it.
    """
    cuts = _find_cuts(chunks, np.cumsum(sizes, axis=0), seed, mapped)
    codes = np.concatenate(list(mapped(partial(_codes, cuts=cuts, seed=seed), chunks())))
    rows, held = np.flatnonzero(codes <= VALIDATION), _taken(chunks, codes <= VALIDATION)
    fresh, units = held, np.array(units_of(held.X))
    while len(fresh.y):
        new = _suspected(chunks, Beside.of(fresh.X, units), fresh, mapped) & (codes > VALIDATION)
        if fresh is not held and not new.any():
            break
        both = Chunk.joined([held, _taken(chunks, new)])
        of_both = np.concatenate([rows, np.flatnonzero(new)])
        lowest = _lowest_of_group(both, codes[of_both], units)
        inside = lowest <= VALIDATION  # a group of rows to learn from may be among the suspects
        codes[of_both[inside]] = lowest[inside]
        joining = inside & (np.arange(len(inside)) >= len(rows))
        fresh = both.take(joining)
        rows, held = of_both[inside], both.take(inside)
    return codes


def _find_cuts(
    chunks: Chunks, ends: NDArray[np.int64], seed: int, mapped: Mapped
) -> tuple[Bits, Bits]:
    """Give the keys below which so many rows of each class lie, (3, 2) each: coarse and fine."""
    counts = reduce(np.add, mapped(partial(_count_bins, seed=seed), chunks()))
    if (ends[-1] >= counts.sum(axis=1)).any():
        raise ValueError(
            f"{counts.sum(axis=1)} rows of the classes leave nothing beside {ends[-1]}"
        )
    below = np.cumsum(counts, axis=1)
    bins = np.stack([np.searchsorted(below[k], ends[:, k], side="right") for k in (0, 1)], axis=1)
    parts = list(mapped(partial(_keys_in, bins=bins.astype(np.uint64), seed=seed), chunks()))
    cuts = np.zeros((2, *ends.shape), dtype=np.uint64)
    for label in (0, 1):
        keys = [np.concatenate([part[label][k] for part in parts]) for k in (0, 1)]
        order = np.lexsort(keys[::-1])
        first = np.searchsorted(keys[0][order] >> _SHIFT, bins[:, label].astype(np.uint64))
        at = order[first + ends[:, label] - (below[label] - counts[label])[bins[:, label]]]
        cuts[:, :, label] = [key[at] for key in keys]
    return cuts[0], cuts[1]


def _count_bins(part: Chunk, seed: int) -> NDArray[np.int64]:
    """Count the leading bits of the keys of each class."""
    bins = (coarse_keys(part.X, seed=seed) >> _SHIFT).astype(np.int64)
    of_class = [np.bincount(bins[part.y == label], minlength=1 << _BITS) for label in (0, 1)]
    return np.array(of_class, dtype=np.int64)


def _keys_in(part: Chunk, bins: Bits, seed: int) -> list[Keys]:
    """Give the keys of each class whose leading bits are those of a cut."""
    coarse = coarse_keys(part.X, seed=seed)
    wanted = [(part.y == label) & np.isin(coarse >> _SHIFT, bins[:, label]) for label in (0, 1)]
    return [(coarse[rows], fine_keys(part.X[rows], seed=seed)) for rows in wanted]


def _codes(part: Chunk, cuts: tuple[Bits, Bits], seed: int) -> Codes:
    """Count the cuts of its class that a row's keys are not below."""
    keys = coarse_keys(part.X, seed=seed)
    codes = np.zeros(len(part.y), dtype=np.uint8)
    for coarse, fine in zip(*(cut[:, part.y.astype(np.int64)] for cut in cuts), strict=True):
        codes += keys > coarse
        level = np.flatnonzero(keys == coarse)  # a row or two, and those near-identical to them
        codes[level] += fine_keys(part.X[level], seed=seed) >= fine[level]
    return codes


def _taken(chunks: Chunks, wanted: NDArray[np.bool_]) -> Chunk:
    """Bring the rows that are marked into memory."""
    found, start = [], 0
    for part in chunks():
        rows = wanted[start : start + len(part.y)]
        found.append(part.take(rows))
        start += len(rows)
    return Chunk.joined(found)


def _suspected(chunks: Chunks, beside: Beside, known: Chunk, mapped: Mapped) -> NDArray[np.bool_]:
    """Mark the rows that may be near-identical to a known one, and those of its source."""
    sources = np.unique(known.source[known.source >= 0])

    def mark(part: Chunk) -> NDArray[np.bool_]:
        marked: NDArray[np.bool_] = np.isin(part.source, sources)
        marked[beside.suspects(part.X)] = True
        return marked

    return np.concatenate(list(mapped(mark, chunks())))


def _lowest_of_group(rows: Chunk, codes: Codes, units: NDArray[np.float64]) -> Codes:
    """Give each row the lowest code of its group: near-identical, or of one source."""
    group = gather_groups(rows.X, rows.source, units=units)
    lowest = np.full(int(group.max()) + 1, REST, dtype=np.uint8)
    np.minimum.at(lowest, group, codes)
    return lowest[group]
