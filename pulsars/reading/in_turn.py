"""All partitions of a file read by one process, one after another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pulsars.reading.counts.repeats import spilled
from pulsars.reading.judging.accepted_rows import AcceptedRows, HeldRows, StoredRows
from pulsars.reading.judging.judged_rows import NOTHING_TORN
from pulsars.reading.partitions import Plan, put_partitions_together, read_part
from pulsars.store import partition_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pulsars.reading.access.ranges import Ranges
    from pulsars.reading.counts.repeats import Hashes
    from pulsars.reading.judging.parts import Part, Whole


def read_all(plan: Plan, ranges: Ranges, *, path: Path, wanted: bool = True) -> Whole:
    """Read all partitions of a file and put them together.

    Parameters
    ----------
    path : Path
        Where accepted rows are written: a file, or where there are several partitions a folder of
        that name.
    wanted : bool
        Whether anybody wants the accepted rows: then those of a single partition are written too.
    """
    if plan.n_partitions == 1:
        part = read_part(plan, ranges, 0)
        together = partial(
            put_partitions_together,
            plan,
            [part],
            again=lambda number, torn: read_part(plan, ranges, number, torn=torn, list_all=True),
        )
        return _written_beside(part, together, path) if wanted else together()

    def read(number: int, torn: Hashes, *, list_all: bool) -> Part:
        at = partition_path(path, number)
        at = at.with_name(f"again-{at.name}") if list_all else at
        part = read_part(plan, ranges, number, path=at, torn=torn, list_all=list_all)
        return replace(part, names=spill(part.names[:]), near=spill(part.near[:]))

    path.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent) as scratch:
        spill = partial(spilled, Path(scratch))
        return put_partitions_together(
            plan,
            [read(number, NOTHING_TORN, list_all=False) for number in range(plan.n_partitions)],
            again=lambda number, torn: read(number, torn, list_all=True),
            folder=path.parent,
        )


def _written_beside(part: Part, together: Callable[[], Whole], path: Path) -> Whole:
    """Write a single partition while it is found what all of its rows tell."""
    if path.is_dir():  # of partitions, before text was found that has to be read as a whole
        rmtree(path)
    with ThreadPoolExecutor(1) as beside:
        written = beside.submit(_write, [part.accepted], path)
        whole = together()
    same = whole.parts[0] is part.accepted
    return replace(whole, parts=written.result() if same else _write(whole.parts, path))


def _write(held: Iterable[AcceptedRows], path: Path) -> list[StoredRows]:
    return [StoredRows.of(rows.frames, path) for rows in held if isinstance(rows, HeldRows)]
