"""A large delimited file by ranges of its rows, each read alone: never all of it in memory."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import numpy as np

from pulsars.reading.access.plain import BLOCK_BYTES, only_newline, read_rows
from pulsars.reading.access.plan import NEWLINES, SAMPLE_BYTES, NotPlainError, TextPlan, prove
from pulsars.reading.formats.cut_off import note_cut_off
from pulsars.reading.sources.files import opened
from schemas import MAX_LINE, Limits, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from pulsars.reading.cells import Table

BLOCK_ROWS = 1 << 17
"""Rows of the tables that are given, at most."""

_COMMENT = re.compile(rb"(?:\A|[\r\n])\s*\"?\s*#")


@dataclass(frozen=True)
class CsvRows:
    """Rows of a delimited file on disk, by ranges; it may be pickled.

    Attributes
    ----------
    path : Path
    name : str
        How messages call the file.
    plan : TextPlan
        How all of it is written. Its dialect, `skipped` included, is the file's.
    n_rows : int
    part_starts : tuple of int
        Rows, rising, whose first byte is known: every one of so many.
    offsets : tuple of int
        Those bytes, and where one more row would begin.
    notes : tuple of str
        What is said of the file.
    """

    path: Path
    name: str
    plan: TextPlan
    n_rows: int
    part_starts: tuple[int, ...]
    offsets: tuple[int, ...]
    notes: tuple[str, ...] = ()

    def tables(self, *spans: tuple[int, int]) -> Iterator[Table]:
        """Give the rows of stretches, each from its start to before its stop, in order.

        Lines are counted over the whole file.

        Raises
        ------
        pulsars.reading.access.plan.NotPlainError
            Something stands there that only the careful reader can judge, with the whole file.
        UnreadableFileError
            The file is shorter than it was.
        """
        for start, stop in spans:
            for first in range(start, stop, BLOCK_ROWS):
                yield self._table(first, min(first + BLOCK_ROWS, stop))

    def with_gaps(self) -> frozenset[int]:
        """Tell the places of columns of whole numbers with gaps: cells here are texts."""
        return frozenset()

    def again(self) -> dict[str, Any]:
        """Plain values of which `reopened` makes these rows; they do not say where the file is."""
        own = {"part_starts": self.part_starts, "offsets": self.offsets, "n_rows": self.n_rows}
        return {**own, "plan": self.plan.to_dict(), "notes": self.notes}

    @classmethod
    def reopened(cls, kept: Mapping[str, Any], path: Path, *, name: str) -> Self:
        """Have the rows of a file of which `again` was told, without a look at all of it."""
        own = {key: tuple(kept.get(key, ())) for key in ("part_starts", "offsets", "notes")}
        return cls(path, name, TextPlan.from_dict(kept["plan"]), kept["n_rows"], **own)

    def _table(self, start: int, stop: int) -> Table:
        first = int(np.searchsorted(self.part_starts, start, side="right")) - 1
        last = int(np.searchsorted(self.part_starts, stop))
        raw = self._read(self.offsets[first], self.offsets[last])
        begin = self._place(raw, start - self.part_starts[first])
        ends = [*self.part_starts, self.n_rows]
        if stop < ends[last]:
            raw = raw[: self._place(raw, stop - self.part_starts[first])]
        table = read_rows(raw, begin, self.plan, self.plan.first_line + start, name=self.name)
        if len(table.lines) != stop - start:
            raise NotPlainError
        dialect = replace(table.dialect, skipped=self.plan.skipped)
        return replace(table, dialect=dialect, notes=self.notes)

    def _read(self, start: int, stop: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(start)
            raw = file.read(stop - start)
        if len(raw) != stop - start:
            raise UnreadableFileError(
                f"{self.name} became shorter while it was read; wait until it is complete."
            )
        return raw

    def _place(self, raw: bytes, n_lines: int) -> int:
        """Find where a line begins that has so many before it."""
        return int(_ends(raw, self.plan)[n_lines - 1]) if n_lines else 0


def cut(path: Path, *, name: str, limits: Limits, part_rows: int = BLOCK_ROWS) -> CsvRows | None:
    """Cut a file of delimited text into ranges, after one look at all of its bytes.

    Parameters
    ----------
    path : Path
        A file that is neither packed nor Parquet.
    name : str
        How messages call it.
    limits : Limits
    part_rows : int
        So many rows apart are those whose place is kept.

    Returns
    -------
    CsvRows or None
        None where the careful reader has to look at the file as a whole: its dialect cannot be
        proved, or a quick look finds several ends of line, comments, blank lines among the rows,
        NULs, foreign bytes or the header once more.

    Raises
    ------
    SourceNotFoundError, UnreadableFileError, SizeError
        As `pulsars.reading.sources.files.require_file`; or there are more cells than are allowed.
    """
    with opened(path, name=name, limits=limits) as file:
        try:
            plan, end, notes = _plan(file, name)
            n_rows, offsets = _cut(file, plan, end, part_rows)
        except NotPlainError:
            return None
    limits.require_cells(n_rows, plan.width, name=name)
    starts = tuple(range(0, n_rows, part_rows))
    return CsvRows(path, name, plan, n_rows, starts, tuple(offsets), notes)


def _plan(file: BinaryIO, name: str) -> tuple[TextPlan, int, tuple[str, ...]]:
    """Prove how a file is written, by its ends; say where its last row ends, and what is odd."""
    n_bytes = file.seek(0, 2)
    file.seek(0)
    head = file.read(SAMPLE_BYTES)
    file.seek(max(n_bytes - SAMPLE_BYTES, 0))
    tail = file.read(SAMPLE_BYTES)
    kind = only_newline(head.removesuffix(b"\r"))  # half an end of line, perhaps
    plan = prove(head, tail, kind, whole=n_bytes <= len(head), name=name)
    if 0 < len(plan.names) < plan.width:  # what the names name, the whole column tells
        raise NotPlainError
    n_ends = (len(tail) - len(tail.rstrip(b"\r\n"))) // len(plan.newline)
    n_blank = max(n_ends - 1, 0)
    end, notes = n_bytes - n_blank * len(plan.newline), note_cut_off(tail, plan.dialect)
    return replace(plan, skipped=plan.skipped + n_blank), end, notes


def _cut(file: BinaryIO, plan: TextPlan, end: int, part_rows: int) -> tuple[int, list[int]]:
    """Count rows, and find the first byte of every so many; then where one more would begin."""
    n_rows, at, offsets = 0, plan.start, []
    for piece in _pieces(file, plan, end):
        starts = np.concatenate([[0], _ends(piece, plan)[:-1]])
        _refuse_piece(piece, starts, plan)
        known = np.arange(-n_rows % part_rows, len(starts), part_rows)
        offsets += (at + starts[known]).tolist()
        n_rows += len(starts)
        at += len(piece)
    return n_rows, [*offsets, at]


def _ends(piece: bytes, plan: TextPlan) -> NDArray[np.int64]:
    """Where each line ends, its end of line included."""
    ends = np.flatnonzero(np.frombuffer(piece, np.uint8) == ord(plan.newline[-1])) + 1
    whole = len(ends) and ends[-1] == len(piece)
    return ends if whole else np.append(ends, len(piece))


def _pieces(file: BinaryIO, plan: TextPlan, end: int) -> Iterator[bytes]:
    """Whole lines, some MiB of them at a time."""
    mark = plan.newline.encode()
    at, rest = file.seek(plan.start), b""
    while more := file.read(min(BLOCK_BYTES, end - at)):
        at += len(more)
        piece = rest + more
        cut_at = piece.rfind(mark) + len(mark)
        if cut_at < len(mark) and len(piece) > 4 * MAX_LINE:
            raise NotPlainError
        done = cut_at if cut_at >= len(mark) else 0
        rest = piece[done:]
        if done:
            yield piece[:done]
    if rest:
        yield rest


def _refuse_piece(piece: bytes, starts: NDArray[np.int64], plan: TextPlan) -> None:
    """Find what only the careful reader can judge, as far as bytes show it."""
    foreign = b"\0" in piece or b"%" in piece or (b"#" in piece and _COMMENT.search(piece))
    if foreign or not _is_text(piece) or _has_blank_line(piece, starts, plan):
        raise NotPlainError
    # They end as all others do; the last may have no end.
    ended = piece if piece.endswith((b"\r", b"\n")) else piece + plan.newline.encode()
    if NEWLINES[only_newline(ended)] != plan.newline or (
        plan.header and plan.header[1].encode() in piece
    ):
        raise NotPlainError


def _has_blank_line(piece: bytes, starts: NDArray[np.int64], plan: TextPlan) -> bool:
    """Look at lines that are too short for a row; a longer blank one is found when it is read."""
    lengths = np.diff(starts, append=len(piece))
    short = np.flatnonzero(lengths < plan.width + len(plan.newline))
    return any(piece[starts[at] : starts[at] + lengths[at]].isspace() for at in short.tolist())


def _is_text(piece: bytes) -> bool:
    try:
        return piece.isascii() or (BOM_UTF8 not in piece and bool(piece.decode()))
    except UnicodeDecodeError:
        return False
