"""What can only be told by looking at all accepted rows again, once their counts are known."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from pulsars.reading.counts.near_rows import NearRows
from pulsars.reading.counts.quantiles import Quantiles
from pulsars.reading.counts.telling import find_telling, is_upside_down
from schemas import FEATURE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from pulsars.reading.counts.leading_counts import Block, Blocks, LeadingCounts

N_PARTS = 10

_SKEWNESS = FEATURE_NAMES.index("profile_skewness")

_POINTS = {"min": 0.0, "p05": 0.05, "median": 0.5, "p95": 0.95, "max": 1.0}

PEAKED = 1.0
"""A larger profile_skewness is of a pulse: of noise it is about 0, of most pulsars 2 to 5."""

_ROWS = 1 << 12  # that are put side by side at once: they stay in the cache


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
    shares : tuple of tuple of int
        What `count_shares` gives of each tenth.
    summary : dict of str to dict of str to float
        Five numbers a feature; empty without a row.
    telling : dict of int to float
        See `pulsars.reading.counts.telling.find_telling`.
    upside_down : bool
        See `pulsars.reading.counts.telling.is_upside_down`.
    n_repeats : int
        Rows that repeat an earlier one.
    n_near : int or None
        Those that do but for digits after the fifth; see `NearRows`.
    """

    fingerprint: str
    tenths: tuple[int, ...]
    shares: tuple[tuple[int, ...], ...]
    summary: dict[str, dict[str, float]]
    telling: dict[int, float]
    upside_down: bool
    n_repeats: int
    n_near: int | None


def look_at(counts: LeadingCounts, near: NearRows, blocks: Blocks, *, n_repeats: int) -> Looked:
    """Look at all accepted rows, as often as it takes.

    Parameters
    ----------
    counts : LeadingCounts
        Of all rows.
    near : NearRows
        Those of them that may repeat another.
    blocks : callable
        Gives all rows, block by block, each time that it is called.
    n_repeats : int
        Rows that repeat an earlier one.
    """
    content = Content(counts)
    quantiles = Quantiles(counts, list(_POINTS.values())) if sum(counts.n_rows) else None
    show(filter(None, (content, near, quantiles)), blocks)
    found = quantiles.found.tolist() if quantiles else []
    return Looked(
        fingerprint=content.fingerprint,
        tenths=tuple(content.shares[:, 1].tolist()),
        shares=tuple(map(tuple, content.shares.tolist())),
        summary={
            name: dict(zip(_POINTS, row, strict=True))
            for name, row in zip(FEATURE_NAMES, found, strict=False)
        },
        telling=find_telling(counts, blocks),
        upside_down=is_upside_down(counts),
        n_repeats=n_repeats,
        n_near=near.n_repeats,
    )


def count_shares(
    part: NDArray[np.int64],
    n_parts: int,
    is_pulsar: NDArray[np.bool_],
    skewness: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Count rows, pulsars, rows with a peak and pulsars with one, in each part of a table.

    Parameters
    ----------
    part : ndarray of shape (n_rows,), int64
        Which each row is in, from 0.
    n_parts : int
    is_pulsar : ndarray of shape (n_rows,), bool
    skewness : ndarray of shape (n_rows,), float64
        Of the profile.

    Returns
    -------
    ndarray of shape (n_parts, 4), int64
    """
    peaked = skewness > PEAKED
    of = (slice(None), is_pulsar, peaked, is_pulsar & peaked)
    return np.stack([np.bincount(part[rows], minlength=n_parts) for rows in of], axis=1)


class Looker(Protocol):
    """Somebody who has to see all rows, once or more often."""

    done: bool

    def see(self, block: Block) -> None:
        """Look at some rows."""

    def end(self) -> None:
        """Be told that those were all."""


def show(lookers: Iterable[Looker], blocks: Blocks) -> None:
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
        each, more = divmod(others + pulsars, N_PARTS)
        self._ends, self._seen = np.cumsum([each + (at < more) for at in range(N_PARTS)]), 0
        self._hash, self.shares = hashlib.sha256(), np.zeros((N_PARTS, 4), dtype=np.int64)
        self.done = False

    def see(self, block: Block) -> None:
        """Look at some rows."""
        columns: list[NDArray[np.generic]] = [*block.features]
        if block.label is not None:
            columns.append(block.label)
        for first in range(0, len(block), _ROWS):
            content = np.empty((min(_ROWS, len(block) - first), len(columns)), dtype="<f8")
            for at, column in enumerate(columns):
                content[:, at] = column[first : first + _ROWS]
            self._hash.update(content.data)
        if block.label is not None:
            places = np.arange(len(block)) + self._seen
            tenths = np.searchsorted(self._ends, places, side="right")
            skewness = block.features[_SKEWNESS]
            self.shares += count_shares(tenths, N_PARTS, block.label == 1, skewness)
        self._seen += len(block)

    def end(self) -> None:
        """Be told that those were all."""
        self.done = True

    @property
    def fingerprint(self) -> str:
        """sha256 over the rows."""
        return self._hash.hexdigest()
