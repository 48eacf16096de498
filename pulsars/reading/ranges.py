"""A large delimited file by ranges of whole lines, each read alone: never all of it in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from pulsars.reading.plain import BLOCK_BYTES, join_blocks, only_newline, read_rows
from pulsars.reading.plan import NEWLINES, SAMPLE_BYTES, NotPlainError, Plan, prove
from pulsars.reading.quick_block import read_block
from pulsars.reading.sources import opened
from schemas import MAX_LINE, Limits, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pulsars.reading.cells import Table

_N_SAMPLED = 8
_COMMENT = re.compile(rb"(?:\A|[\r\n])\s*#")


@dataclass(frozen=True)
class CsvRanges:
    """A file of delimited text, cut at ends of lines; it may be pickled.

    Attributes
    ----------
    path : Path
    name : str
        How messages call the file.
    plan : Plan
        How all of it is written.
    starts : tuple of int
        First byte of each range, and where one more would begin.
    n_lines : tuple of int
        Lines of each range: all that have the most that a range may have, but for the last.
    """

    path: Path
    name: str
    plan: Plan
    starts: tuple[int, ...]
    n_lines: tuple[int, ...]

    @property
    def n_ranges(self) -> int:
        """Number of ranges."""
        return len(self.n_lines)

    def table(self, at: int) -> Table:
        """Read a range: rows, texts and lines as of the whole file.

        In the dialect `skipped` counts this range alone, the first one with what stands above the
        rows; all else is the file's.

        Raises
        ------
        pulsars.reading.plan.NotPlainError
            Something stands there that only the careful reader can judge, with the whole file.
        UnreadableFileError
            The file is shorter than it was.
        """
        with self.path.open("rb") as file:
            raw = self._read(file, self.starts[at], self.starts[at + 1])
        table = read_rows(raw, 0, self.plan, self._first_line(at), name=self.name)
        skipped = table.dialect.skipped + (0 if at else self.plan.skipped)
        return replace(table, dialect=replace(table.dialect, skipped=skipped))

    def sample(self) -> Table:
        """Read the first MiB of up to eight ranges, spread evenly, as one table.

        Raises
        ------
        pulsars.reading.plan.NotPlainError, UnreadableFileError
            As `table`.
        """
        chosen = np.unique(np.linspace(0, self.n_ranges - 1, _N_SAMPLED).astype(int)).tolist()
        blocks = []
        with self.path.open("rb") as file:
            for at in chosen:
                stop = min(self.starts[at + 1], self.starts[at] + BLOCK_BYTES)
                raw = self._read(file, self.starts[at], stop)
                end = raw.rfind(self.plan.newline.encode()) + len(self.plan.newline)
                end = len(raw) if stop == self.starts[at + 1] else end
                blocks.append(read_block(raw, 0, end, self.plan, set()))
        lines = [self._first_line(at) for at in chosen]
        return join_blocks(blocks, lines, self.plan, name=self.name)

    def _first_line(self, at: int) -> int:
        return self.plan.first_line + sum(self.n_lines[:at])

    def _read(self, file: BinaryIO, start: int, stop: int) -> bytes:
        file.seek(start)
        raw = file.read(stop - start)
        if len(raw) != stop - start:
            raise UnreadableFileError(
                f"{self.name} became shorter while it was read; wait until it is complete."
            )
        return raw


def cut(path: Path, *, name: str, n_lines: int, limits: Limits) -> CsvRanges | None:
    """Cut a file of delimited text into ranges, after one look at all of its bytes.

    Parameters
    ----------
    path : Path
        A file that is neither packed nor Parquet.
    name : str
        How messages call it.
    n_lines : int
        Lines of a range, at most.
    limits : Limits

    Returns
    -------
    CsvRanges or None
        None where the careful reader has to look at the file as a whole: its dialect cannot be
        proved, or a quick look finds several ends of line, comments, NULs, foreign bytes or the
        header once more.

    Raises
    ------
    SourceNotFoundError, UnreadableFileError, SizeError
        As `pulsars.reading.sources.require_file`; or there are more cells than are allowed.
    """
    with opened(path, name=name, limits=limits) as file:
        try:
            plan = _plan(file, name)
            if 0 < len(plan.names) < plan.width:  # what the names name, the whole column tells
                return None
            starts, counts = _cut(file, plan, n_lines)
        except NotPlainError:
            return None
    limits.require_cells(sum(counts), plan.width, name=name)
    return CsvRanges(path, name, plan, tuple(starts), tuple(counts))


def _plan(file: BinaryIO, name: str) -> Plan:
    """Prove how the file is written, by its ends."""
    n_bytes = file.seek(0, 2)
    file.seek(0)
    head = file.read(SAMPLE_BYTES)
    file.seek(max(n_bytes - SAMPLE_BYTES, 0))
    tail = file.read(SAMPLE_BYTES)
    cut_short = head.removesuffix(b"\r")  # of an end of line, perhaps the half
    return prove(head, tail, only_newline(cut_short), whole=n_bytes <= len(head), name=name)


def _cut(file: BinaryIO, plan: Plan, n_lines: int) -> tuple[list[int], list[int]]:
    """Find where every `n_lines` lines end, and how many each range has."""
    starts, counts, at = [plan.start], [0], plan.start
    for piece in _pieces(file, plan):
        _refuse_piece(piece, plan)
        ends = np.flatnonzero(np.frombuffer(piece, np.uint8) == ord(plan.newline[-1])) + 1
        if not len(ends) or ends[-1] != len(piece):
            ends = np.append(ends, len(piece))
        taken = 0
        while len(ends) - taken > n_lines - counts[-1]:
            taken += n_lines - counts[-1]
            counts[-1] = n_lines
            starts.append(at + (int(ends[taken - 1]) if taken else 0))
            counts.append(0)
        counts[-1] += len(ends) - taken
        at += len(piece)
    return [*starts, at], counts


def _pieces(file: BinaryIO, plan: Plan) -> Iterator[bytes]:
    """Whole lines, about a MiB of them at a time."""
    mark = plan.newline.encode()
    file.seek(plan.start)
    rest = b""
    while more := file.read(BLOCK_BYTES):
        piece = rest + more
        end = piece.rfind(mark) + len(mark)
        if end < len(mark) and len(piece) > 4 * MAX_LINE:
            raise NotPlainError
        if end >= len(mark):
            yield piece[:end]
            rest = piece[end:]
        else:
            rest = piece
    if rest:
        yield rest


def _refuse_piece(piece: bytes, plan: Plan) -> None:
    """Find what only the careful reader can judge, as far as bytes show it."""
    kind = only_newline(piece + plan.newline.encode())
    foreign = b"\0" in piece or b"%" in piece or (b"#" in piece and _COMMENT.search(piece))
    if NEWLINES[kind] != plan.newline or foreign or not _is_text(piece):
        raise NotPlainError
    if plan.header and plan.header[1].encode() in piece:
        raise NotPlainError


def _is_text(piece: bytes) -> bool:
    try:
        return piece.isascii() or bool(piece.decode())
    except UnicodeDecodeError:
        return False
