"""A file read by partitions: planned once, each read on its own, and put together at the end.

What comes out is the same whatever the partitions are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from pulsars.reading.access.ranges import Ranges, cut_rows, in_blocks, take_sample
from pulsars.reading.counts.leading_counts import LeadingCounts
from pulsars.reading.counts.repeats import spilled
from pulsars.reading.judging.accepted_rows import AcceptedRows, HeldRows, StoredRows
from pulsars.reading.judging.judged_rows import NOTHING_TORN, JudgedRows, judge
from pulsars.reading.judging.parts import Part, Whole, judge_part, put_together
from pulsars.reading.labels.label_encodings import asked_encoding
from pulsars.reading.labels.third_class import refuse_third_class
from pulsars.reading.layout import Layout, find_layout
from pulsars.reading.meaning.moment_counts import with_orders
from pulsars.reading.meaning.pearson import (
    AS_ASKED,
    AUTO,
    PEARSON,
    judge_kurtosis,
    taken_off,
    with_note,
    without_offset,
)
from pulsars.store import PARTITION_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pulsars.reading.cells import Table
    from pulsars.reading.counts.repeats import Hashes
    from pulsars.reading.judging.tallies import Tally
    from pulsars.reading.meaning.readings import Reading
    from slp import Reference


@dataclass(frozen=True)
class Plan:
    """How a file is read, and in which partitions.

    Attributes
    ----------
    layout : Layout
    edges : tuple of int
        Rows at which partitions begin, and the number of rows.
    kurtosis : str
        As of `pulsars.reading.reader.read_candidates`.
    because : str or None
        Why 3 is taken off kurtosis; None where it is not.
    max_quarantine : float
        Rejected rows are all listed while they are no more than this share.
    again : dict or None
        As of `pulsars.reading.access.ranges.Ranges`.
    units : tuple of float
        By which partitions name near rows: those of the sample. None of a file in one partition.
    """

    layout: Layout
    edges: tuple[int, ...]
    kurtosis: str
    because: str | None
    max_quarantine: float
    again: dict[str, Any] | None
    units: tuple[float, ...] = ()

    @property
    def n_partitions(self) -> int:
        """How many partitions there are."""
        return len(self.edges) - 1

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return {**vars(self), "layout": self.layout.to_dict()}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """Restore what `to_dict` gave."""
        layout = Layout.from_dict(kept["layout"])
        lists = {name: tuple(kept[name]) for name in ("edges", "units")}
        return cls(**{**kept, **lists, "layout": layout})


def plan_reading(  # noqa: PLR0913 - each is an option of its own
    ranges: Ranges,
    *,
    columns: str | None = None,
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    pulsar_is: Sequence[str] = (),
    not_pulsar_is: Sequence[str] = (),
    kurtosis: str = AUTO,
    max_quarantine: float = 1.0,
    reference: Reference | None = None,
    partition_rows: int | None = None,
) -> Plan:
    """Tell from a sample what the columns of a file are, and where its partitions begin.

    Parameters
    ----------
    ranges : Ranges
    columns, drop, keep, pulsar_is, not_pulsar_is, kurtosis
        As of `pulsars.reading.reader.read_candidates`; raises what that does of columns.
    max_quarantine : float
        Rejected rows are all listed while they are no more than this share.
    reference : Reference, optional
        What the rows a model learnt from look like, see
        `pulsars.reading.meaning.pearson.taken_off`: the sample is held against it.
    partition_rows : int, optional
        Rows of a partition at most; by default `pulsars.store.PARTITION_ROWS`.
    """
    sample = take_sample(ranges)
    layout = find_layout(
        sample,
        ranges,
        columns=columns,
        drop=drop,
        keep=keep,
        asked_label=asked_encoding(pulsar_is, not_pulsar_is),
    )
    because = AS_ASKED if kurtosis == PEARSON else None
    if reference is not None and kurtosis == AUTO:
        because = taken_off(layout.read(sample), reference)
    edges = cut_rows(ranges, partition_rows or PARTITION_ROWS)
    plan = Plan(layout, edges, kurtosis, because, max_quarantine, ranges.again())
    if plan.n_partitions == 1:
        return plan
    reading = _reading(plan, sample)[1]
    looked_at = len(reading.frame)
    refuse_third_class(
        reading.other_labels,
        looked_at,
        reading,
        n_pulsars=reading.n_pulsars,
        n_whole=ranges.n_rows,
    )
    rows = judge(reading).block
    return replace(plan, units=tuple(LeadingCounts.of(rows).units().tolist()))


def read_part(
    plan: Plan,
    ranges: Ranges,
    number: int,
    *,
    path: Path | None = None,
    torn: Hashes = NOTHING_TORN,
    list_all: bool = False,
) -> Part:
    """Read and judge a partition.

    Parameters
    ----------
    plan : Plan
    ranges : Ranges
    number : int
        Of the partition, from 0.
    path : Path, optional
        Where accepted rows are written as they come; by default they are held.
    torn : ndarray of uint64
        See `pulsars.reading.judging.judged_rows.judge`.
    list_all : bool
        Whether all rejected rows are listed, however many there are.
    """
    span = plan.edges[number], plan.edges[number + 1]
    blocks = (partial(_reading, plan, table) for table in in_blocks(ranges.tables(span)))
    most = None if list_all else plan.max_quarantine

    def accept(judged: Iterator[JudgedRows]) -> AcceptedRows:
        if path is None:
            return HeldRows.of(judged)
        return StoredRows.of((one.accepted for one in judged), path)

    return judge_part(blocks, accept, torn=torn, max_quarantine=most, units=plan.units)


def put_partitions_together(
    plan: Plan,
    parts: Sequence[Part],
    *,
    again: Callable[[int, Hashes], Part],
    folder: Path | None = None,
) -> Whole:
    """Put the partitions of a file together; see `pulsars.reading.judging.parts.put_together`.

    Parameters
    ----------
    folder : Path, optional
        Where numbers may rest meanwhile that are too many to be held.

    Raises
    ------
    LabelError
        Another value stands beside those of a known label in more than a few rows.
    ColumnsError
        Rows of two orders of skewness and kurtosis were joined, and stand apart.
    KurtosisError
        Some rows have excess kurtosis and others Pearson's, or other than was said.
    """
    with TemporaryDirectory(dir=folder) as scratch:
        return put_together(
            parts,
            again=again,
            head=lambda tally: _head(plan, tally),
            max_quarantine=plan.max_quarantine,
            units=plan.units,
            spill=None if len(parts) == 1 else partial(spilled, Path(scratch)),
        )


def _reading(plan: Plan, table: Table) -> tuple[Reading, Reading]:
    read = plan.layout.read(table)
    return read, without_offset(read) if plan.because else read


def _head(plan: Plan, tally: Tally) -> Reading:
    """Say of the whole file what its columns are and what its rows say of their kurtosis."""
    head = with_orders(plan.layout.head(tally.moments), tally.orders)
    refuse_third_class(tally.other_labels, tally.rows, head, n_pulsars=tally.pulsars)
    asked = plan.kurtosis
    if plan.because is not None and asked != PEARSON:  # by reference
        if tally.rows <= plan.layout.n_sampled:
            return with_note(head, (), plan.because)
        asked = PEARSON
    said = judge_kurtosis(tally.kurtosis, asked, head.columns, name=head.name)
    return with_note(head, said, plan.because)
