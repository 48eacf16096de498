"""Exact ranks over a table of any size, in the memory of a few buckets of it.

Each part is sorted on its own, by whoever makes its scores, and cut into buckets, each of which
holds a stretch of the order and is merged on its own. A score that many rows share has a bucket of
its own, in which they stand in the order of the file already, so no bucket grows for ties.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pulsars.store import in_threads
from slp import order_of

Floats = NDArray[np.float64]
Ranks = NDArray[np.int64]
Rows = NDArray[np.integer]

BUCKET_ROWS = 1 << 20
"""Rows of a bucket: with what merging it takes some 40 MB."""

_DRAWN = 256  # rows of the sample a bucket, so that none is much larger than meant

Load = Callable[[], tuple[Floats, Rows | None]]


def best_first(scores: ArrayLike) -> NDArray[np.int32]:
    """Give the rows of a part, shape (n_rows,), the highest score first; of equal the earlier."""
    return order_of(-np.asarray(scores)).astype(np.int32)


def rank_parts(
    parts: Sequence[Load],
    folder: Path,
    *,
    bucket_rows: int = BUCKET_ROWS,
    threads: int | None = None,
) -> Iterator[Ranks]:
    """Give the ranks of the rows of each part of a table among all, as `slp.rank` does.

    Parameters
    ----------
    parts : sequence of callable
        Each gives the scores of its rows, shape (n_rows,), finite; and what `best_first` says of
        them, or None. It is called twice.
    folder : Path
        An empty folder for what is in between, 20 bytes a row.
    bucket_rows, threads : int, optional
        Rows that are merged at once by a thread, and how many threads there are.

    Yields
    ------
    ndarray of shape (n_rows,), int64
        1 for the highest score of all parts; of equal scores the earlier row comes first.

    Raises
    ------
    ValueError
        When a score is not finite.
    """
    mapped = in_threads(threads)
    cuts = _cuts(mapped(_scores, parts), bucket_rows)

    def deal(numbered: tuple[int, Load]) -> _Dealt:
        number, load = numbered
        return _deal(*load(), cuts, folder / str(number))

    dealt = list(mapped(deal, enumerate(parts)))
    counts = np.array([part.counts for part in dealt])
    before = np.cumsum(counts.sum(axis=0)) - counts.sum(axis=0)

    def rank_bucket(bucket: int) -> None:
        _rank_bucket(dealt, bucket, first=int(before[bucket]))

    for _ in mapped(rank_bucket, np.flatnonzero(counts.any(axis=0)).tolist()):
        pass
    for part in dealt:
        yield part.ranks()


def _scores(load: Load) -> Floats:
    return load()[0]


def _cuts(parts: Iterable[Floats], bucket_rows: int) -> Floats:
    """Draw negative scores between buckets, rising; which are drawn decides no rank."""
    rng, drawn, n_rows = np.random.default_rng(0), [], 0
    for scores in parts:
        n_rows += len(scores)
        wanted = max(_DRAWN, _DRAWN * len(scores) // bucket_rows)
        drawn.append(scores[rng.integers(0, len(scores), min(wanted, len(scores)))])
    n_buckets = -(-n_rows // bucket_rows)
    sample = np.sort(-np.concatenate(drawn))
    at = np.arange(1, n_buckets) * len(sample) // n_buckets
    return np.unique(sample[at])


@dataclass(frozen=True, eq=False)
class _Dealt:
    """A part whose rows lie by bucket in files: scores, row numbers, and room for ranks.

    Attributes
    ----------
    path : Path
        Of the three, without what they end in.
    counts : ndarray of shape (2 * n_cuts + 1,), int64
        Rows in each bucket: between two cuts, at a cut, and so on.
    """

    path: Path
    counts: Ranks

    def slice_of(self, bucket: int) -> tuple[int, int]:
        """Give where a bucket begins, and how many rows it has."""
        return int(self.counts[:bucket].sum()), int(self.counts[bucket])

    def scores(self, bucket: int) -> Floats:
        first, n_rows = self.slice_of(bucket)
        return np.fromfile(self.path.with_suffix(".scores"), "<f8", n_rows, offset=8 * first)

    def keep(self, bucket: int, ranks: Ranks) -> None:
        first, _ = self.slice_of(bucket)
        with self.path.with_suffix(".ranks").open("r+b") as file:
            file.seek(8 * first)
            file.write(ranks.astype("<i8").tobytes())

    def ranks(self) -> Ranks:
        """Give the ranks in the order of the rows."""
        order = np.fromfile(self.path.with_suffix(".rows"), "<i4")
        ranks = np.empty(len(order), dtype=np.int64)
        ranks[order] = np.fromfile(self.path.with_suffix(".ranks"), "<i8")
        for ending in (".scores", ".rows", ".ranks"):
            self.path.with_suffix(ending).unlink()
        return ranks


def _deal(scores: Floats, order: Rows | None, cuts: Floats, path: Path) -> _Dealt:
    wrong = np.flatnonzero(~np.isfinite(scores))
    if len(wrong):
        raise ValueError(f"score {scores[wrong[0]]} in row {wrong[0]} is not finite")
    order = best_first(scores) if order is None else order
    ordered = scores[order]
    ordered.astype("<f8").tofile(path.with_suffix(".scores"))
    order.astype("<i4").tofile(path.with_suffix(".rows"))
    with path.with_suffix(".ranks").open("wb") as file:
        file.truncate(8 * len(scores))
    ends = np.searchsorted(-ordered, cuts), np.searchsorted(-ordered, cuts, side="right")
    bounds = np.concatenate([[0], np.column_stack(ends).ravel(), [len(scores)]])
    return _Dealt(path, np.diff(bounds))


def _rank_bucket(dealt: Sequence[_Dealt], bucket: int, *, first: int) -> None:
    """Rank the rows of a bucket, which come after `first` others, and hand them back."""
    sizes = [part.slice_of(bucket)[1] for part in dealt]
    if bucket % 2:  # all are equal
        for part, size in zip(dealt, sizes, strict=True):
            part.keep(bucket, np.arange(first + 1, first + size + 1))
            first += size
        return
    scores = np.concatenate([part.scores(bucket) for part in dealt])
    ranks = np.empty(len(scores), dtype=np.int64)
    # The stable sort of NumPy merges runs that rise.
    ranks[np.argsort(-scores, kind="stable")] = np.arange(first + 1, first + len(scores) + 1)
    for part, some in zip(dealt, np.split(ranks, np.cumsum(sizes)[:-1]), strict=True):
        part.keep(bucket, some)
