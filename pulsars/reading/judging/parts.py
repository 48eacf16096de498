"""A part of a file, read and judged in blocks of rows; and the parts of a file, put together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pulsars.reading.counts.looks import look_at
from pulsars.reading.counts.near_rows import NamedRun, NearRows, find_sharing, name_all, named_rows
from pulsars.reading.counts.repeats import are_among, find_repeats, merged, rising
from pulsars.reading.identity.same_source import find_all_sources
from pulsars.reading.judging.accepted_rows import AcceptedRows, StoredRows
from pulsars.reading.judging.judged_rows import NOTHING_TORN, JudgedRows, judge, set_aside
from pulsars.reading.judging.quality import QualityReport, describe, first_rejected
from pulsars.reading.judging.tallies import Tally
from pulsars.store import in_threads
from schemas import SAME_SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pulsars.reading.counts.leading_counts import Block as Rows
    from pulsars.reading.counts.repeats import Hashes, Run
    from pulsars.reading.meaning.readings import Reading

    Block = Callable[[], tuple[Reading, Reading]]

N_LISTED = 1000
"""Rejected rows that are listed of a table that has too many."""


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a file, judged.

    Attributes
    ----------
    tally : Tally
    names : ndarray of shape (n_accepted,), uint64
        See `pulsars.reading.counts.repeats.hashes_of`; rising.
    near : ndarray of uint64
        See `pulsars.reading.counts.near_rows.named_rows`; none where the rows were not named.
    accepted : AcceptedRows
    aside : DataFrame
        ``line`` (int64), ``reasons`` and ``text`` of rejected rows; then what is carried.
    """

    tally: Tally
    names: Run
    near: Run
    accepted: AcceptedRows
    aside: pd.DataFrame


def judge_part(
    blocks: Iterable[Block],
    accept: Callable[[Iterator[JudgedRows]], AcceptedRows],
    *,
    torn: Hashes = NOTHING_TORN,
    max_quarantine: float | None = None,
    units: Sequence[float] = (),
) -> Part:
    """Judge a part block by block, a few of them at a time.

    Parameters
    ----------
    blocks : iterable of callable
        Each gives a block of rows as it is read, and with kurtosis as it is to be judged.
    accept : callable
        Takes the blocks as they are judged, and gives the rows accepted.
    torn : ndarray of uint64
        See `pulsars.reading.judging.judged_rows.judge`.
    max_quarantine : float or None
        From this share of rejected rows on, so far, only the first thousand are listed; None lists
        all.
    units : sequence of float
        By which near rows are named; without them they are not.
    """
    tallies, asides = list[Tally](), list[pd.DataFrame]()
    names: list[Hashes] = []
    near: list[Hashes] = []

    def look(block: Block) -> tuple[Reading, JudgedRows, Tally, Hashes, Hashes]:
        read, reading = block()
        judged = judge(reading, torn=torn)
        named = named_rows(judged.block, units) if units else NOTHING_TORN
        return reading, judged, Tally.of(read, judged), rising(judged.names), named

    def counted() -> Iterator[JudgedRows]:
        for reading, judged, tally, hashes, named in in_threads()(look, blocks):
            near.append(named + np.uint64(sum(map(len, names))))
            names.append(hashes)
            tallies[:] = [reduce(Tally.then, [*tallies, tally])]
            all_of_it = max_quarantine is None or tallies[0].is_within(max_quarantine)
            n_listed = None if all_of_it else max(N_LISTED - sum(map(len, asides)), 0)
            asides.append(set_aside(reading, judged, n_listed))
            yield judged

    accepted = accept(counted())
    filled = [aside for aside in asides if len(aside)] or asides[:1]
    aside = pd.concat(filled, ignore_index=True)
    return Part(tallies[0], merged(names), merged(near), accepted, aside)


@dataclass(frozen=True, eq=False)
class Whole:
    """All of a file, judged.

    Attributes
    ----------
    parts : sequence of AcceptedRows
    aside : DataFrame
        Rows that were set aside; of a file with too many the first thousand.
    quality : QualityReport
    """

    parts: Sequence[AcceptedRows]
    aside: pd.DataFrame
    quality: QualityReport

    def stored(self) -> list[StoredRows]:
        """Give the parts, all of them written."""
        return [part for part in self.parts if isinstance(part, StoredRows)]


def put_together(
    parts: Sequence[Part],
    *,
    again: Callable[[int, Hashes], Part],
    head: Callable[[Tally], Reading],
    max_quarantine: float,
    units: Sequence[float] = (),
    spill: Callable[[Hashes], Run] | None = None,
) -> Whole:
    """Find what only all parts tell, and write the quality report.

    Parameters
    ----------
    parts : sequence of Part
        In file order.
    again : callable
        Reads a part once more, by its number from 0, with rows torn as given, and lists all that
        are rejected.
    head : callable
        Says from the counts of all rows what is said of the file; may refuse it.
    max_quarantine : float
        Rejected rows are all listed while they are no more than this share.
    units : sequence of float
        By which near rows were named in each part; is a size of a feature another, they are anew.
    spill : callable, optional
        Puts names where they take no memory, and gives them back.
    """
    so_far = reduce(Tally.then, (part.tally for part in parts))
    said = head(so_far)
    n_repeats, torn = find_repeats([part.names for part in parts])
    n_torn = [int(are_among(part.names[:], torn).sum()) if len(torn) else 0 for part in parts]
    within = so_far.is_within(max_quarantine, n_more=sum(n_torn))
    sound = sum(n_torn) < so_far.accepted and within
    parts = [
        again(number, torn) if lost or (sound and len(part.aside) < part.tally.rejected) else part
        for number, (part, lost) in enumerate(zip(parts, n_torn, strict=True))
    ]
    tally = reduce(Tally.then, (part.tally for part in parts))
    filled = [part.aside for part in parts if len(part.aside)] or [parts[0].aside]
    aside = pd.concat(filled, ignore_index=True)[: None if sound else N_LISTED]
    if any(n_torn):
        n_repeats, _ = find_repeats([part.names for part in parts])

    def blocks() -> Iterator[Rows]:
        return (block for part in parts for block in part.accepted.blocks())

    sizes = tuple(tally.leading.units().tolist())
    firsts = np.cumsum([0, *(part.tally.accepted for part in parts[:-1])]).tolist()
    named = (
        [NamedRun(at, part.near) for at, part in zip(firsts, parts, strict=True)]
        if sizes == tuple(units)
        else name_all(blocks(), sizes, spill)
    )
    near = NearRows(find_sharing(named), sizes)
    rows = look_at(tally.leading, near, blocks, n_repeats=n_repeats)
    accepted, notes = _with_sources([part.accepted for part in parts], tally, said)
    samples = first_rejected(aside, tuple(said.carried_from))
    return Whole(accepted, aside, describe(said, tally, rows, samples=samples, notes=notes))


def _with_sources(
    parts: list[AcceptedRows], tally: Tally, said: Reading
) -> tuple[list[AcceptedRows], tuple[str, ...]]:
    """Tell the sources that stand in more than one row, anywhere in the file."""
    groups, notes = find_all_sources(
        lambda names: pd.concat([part.columns(names) for part in parts], ignore_index=True),
        said.roles,
        n_rows=tally.accepted,
        labelled=said.labelled,
    )
    if groups is None:
        return parts, notes
    ends = np.cumsum([sum(map(len, part.blocks())) for part in parts])
    each = np.split(groups, ends[:-1])
    found = zip(parts, each, strict=True)
    return [part.with_column(SAME_SOURCE, numbers) for part, numbers in found], notes
