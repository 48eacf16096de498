"""A file that ends within its last number: its last row is read, and one of its cells is wrong."""

from __future__ import annotations

import re

from pulsars.reading.cells import NUMBER, Dialect

TAIL_BYTES = 1 << 13

_FEW = 20
"""Rows at the end by which it is told how long their last cells are."""


def note_cut_off(content: bytes, dialect: Dialect) -> tuple[str, ...]:
    """Say that a file may have been cut off: its last line has no end, and ends too soon.

    Parameters
    ----------
    content : bytes
        The file, or so much of its end as is looked at.
    dialect : Dialect
        How it is written.
    """
    tail = content[-TAIL_BYTES:]
    if dialect.format != "csv" or tail.endswith((b"\n", b"\r")) or b"\0" in tail:
        return ()
    lines = tail.decode(errors="replace").splitlines()[1:]
    at = None if dialect.delimiter == " " else dialect.delimiter
    cells = [line.split(at) for line in lines if line.strip()]
    *others, last = [row[-1].strip() for row in cells] or [""]
    if len(others) < _FEW or len(cells[-1]) != len(cells[-2]):
        return ()
    lengths, decimals = {*map(len, others)}, {*map(_decimals, others)}
    if decimals == {_decimals(last)} != {0}:  # of a number that ends too soon some are gone
        return ()
    some = len(lengths) > 1 or decimals == {0}  # a whole number may be shorter by one, too
    if len(last) + some >= min(lengths) or not re.match(NUMBER, last.replace(",", ".")):
        return ()
    said = f"the last line has no end, and its last cell '{last}' is shorter than those above"
    return (f"{said}: the file may have been cut off; get it once more",)


def _decimals(cell: str) -> int:
    """Count what stands behind the point of a number, or its comma."""
    return len(cell.replace(",", ".").partition(".")[2])
