"""What can only be told by looking at all accepted rows again, once their counts are known."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from pulsars.reading.quantiles import Quantiles
from pulsars.reading.repeats import are_among, count_repeats, find_repeated
from pulsars.reading.telling import find_telling
from schemas import FEATURE_NAMES
from slp import count_near, near_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from pulsars.reading.blocks import Block
    from pulsars.reading.leading_counts import Blocks, LeadingCounts
    from pulsars.reading.repeats import Run

    Names = NDArray[np.uint64]

N_PARTS = 10

_POINTS = {"min": 0.0, "p05": 0.05, "median": 0.5, "p95": 0.95, "max": 1.0}

MAX_NEAR = 1 << 22
"""Rows that are held against each other at most, to count those that repeat but for last digits:
256 MiB."""

_GATHERED = 1 << 20


@dataclass(frozen=True)
class Looked:
    """What looking at all accepted rows came to.

    Attributes
    ----------
    fingerprint : str
        sha256 over the rows in file order: little-endian float64, C order, features in canonical
        order and then the label.
    tenths : tuple of int
        Pulsars in each tenth of the rows.
    summary : dict of str to dict of str to float
        Five numbers a feature; empty without a row.
    telling : dict of int to float
        See `pulsars.reading.telling.find_telling`.
    n_repeats : int
        Rows that repeat an earlier one.
    n_near : int or None
        Those that do but for digits after the fifth; see `NearRows`.
    """

    fingerprint: str
    tenths: tuple[int, ...]
    summary: dict[str, dict[str, float]]
    telling: dict[int, float]
    n_repeats: int
    n_near: int | None


def look_at(
    counts: LeadingCounts,
    runs: Sequence[Run],
    blocks: Blocks,
    *,
    spill: Callable[[Names], Run] | None = None,
) -> Looked:
    """Look at all accepted rows, as often as it takes.

    Parameters
    ----------
    counts : LeadingCounts
        Of all rows.
    runs : sequence of ndarray of uint64
        Names of the rows of each part, rising.
    blocks : callable
        Gives all rows, block by block, each time that it is called.
    spill : callable, optional
        Puts names where they take no memory, and gives them back.
    """
    content, near = Content(counts), NearRows(counts, spill)
    quantiles = Quantiles(counts, list(_POINTS.values())) if sum(counts.n_rows) else None
    _show(filter(None, (content, near, quantiles)), blocks)
    found = quantiles.found.tolist() if quantiles else []
    return Looked(
        fingerprint=content.fingerprint,
        tenths=tuple(content.tenths.tolist()),
        summary={
            name: dict(zip(_POINTS, row, strict=True))
            for name, row in zip(FEATURE_NAMES, found, strict=False)
        },
        telling=find_telling(counts, blocks),
        n_repeats=count_repeats(runs),
        n_near=near.n_repeats,
    )


class Looker(Protocol):
    """Somebody who has to see all rows, once or more often."""

    done: bool

    def see(self, block: Block) -> None:
        """Look at some rows."""

    def end(self) -> None:
        """Be told that those were all."""


def _show(lookers: Iterable[Looker], blocks: Blocks) -> None:
    """Show all rows to those who have to see them, as often as any of them has to.

    Each looks in a thread of its own while the next block is read; each sees one block after
    another, so that nothing depends on who is faster.
    """
    everyone = list(lookers)
    with ThreadPoolExecutor(2) as pool:
        while left := [one for one in everyone if not one.done]:
            looking: list[Future[None]] = []
            for block in blocks():
                _wait(looking)
                looking = [pool.submit(one.see, block) for one in left]
            _wait(looking)
            for one in left:
                one.end()


def _wait(looking: Iterable[Future[None]]) -> None:
    for one in looking:
        one.result()


class Content:
    """Hashes rows in their order, and counts pulsars by tenths of the file."""

    def __init__(self, counts: LeadingCounts) -> None:
        others, pulsars = counts.n_rows
        n_rows = others + pulsars
        sizes = [n_rows // N_PARTS + (at < n_rows % N_PARTS) for at in range(N_PARTS)]
        self._ends, self._seen = np.cumsum(sizes), 0
        self._hash, self.tenths = hashlib.sha256(), np.zeros(N_PARTS, dtype=np.int64)
        self.done = False

    def see(self, block: Block) -> None:
        """Look at some rows."""
        labels = [] if block.label is None else [block.label.astype(np.float64)]
        content = np.stack([*block.features, *labels], axis=1).astype("<f8", copy=False)
        self._hash.update(np.ascontiguousarray(content).data)
        if block.label is not None:
            places = np.flatnonzero(block.label) + self._seen
            tenths = np.searchsorted(self._ends, places, side="right")
            self.tenths += np.bincount(tenths, minlength=N_PARTS)
        self._seen += len(block)

    def end(self) -> None:
        """Be told that those were all."""
        self.done = True

    @property
    def fingerprint(self) -> str:
        """sha256 over the rows."""
        return self._hash.hexdigest()


class NearRows:
    """Counts rows that repeat another but for digits after the fifth.

    Rows are named such that near ones share a name; those that share one are held against each
    other.

    Parameters
    ----------
    counts : LeadingCounts
        Of all rows.
    spill : callable, optional
        Puts names where they take no memory, and gives them back.

    Attributes
    ----------
    n_repeats : int or None
        None where more than `MAX_NEAR` rows would have to be held against each other.
    """

    def __init__(self, counts: LeadingCounts, spill: Callable[[Names], Run] | None) -> None:
        self._units = counts.units()
        self._spill = spill
        self._runs: list[Run] = []
        self._gathered: list[Names] = []
        self._shared: Names | None = None
        self._held: list[NDArray[np.float64]] = []
        self._n_held = 0
        self.n_repeats: int | None = 0
        self.done = False

    def see(self, block: Block) -> None:
        """Look at some rows."""
        names, rows = near_names(block.features, self._units.tolist())
        if self._shared is None:
            self._gathered.append(names)
            if sum(map(len, self._gathered)) >= _GATHERED:
                self._keep()
            return
        if self.n_repeats is None:
            return
        again = np.unique(rows[are_among(names, self._shared, labelled=False)])
        self._n_held += len(again)
        if self._n_held > MAX_NEAR:
            self.n_repeats, self._held = None, []
            return
        self._held.append(np.stack([column[again] for column in block.features], axis=1))

    def end(self) -> None:
        """Be told that those were all."""
        if self._shared is None:
            self._keep()
            self._shared = find_repeated(self._runs)
            self.done = not len(self._shared)
            return
        if self.n_repeats is not None:
            self.n_repeats = count_near(np.concatenate(self._held), self._units)
        self.done = True

    def _keep(self) -> None:
        if self._gathered:
            names = np.sort(np.concatenate(self._gathered))
            self._runs.append(self._spill(names) if self._spill else names)
            self._gathered = []
