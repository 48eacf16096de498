"""How large a file may be, and anything in it: told before it is read, so that none is a trap."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.errors import SizeError

MAX_BYTES = 1 << 30
"""Of a file, and of what it unpacks to: ten million rows of text, or of eight-byte numbers."""

MAX_CELLS = 100_000_000
"""Rows times columns: ten million candidates with features, label and a name."""

IN_PARTS = 64
"""Times these a Parquet file may hold, of which a part is in memory at a time: a hundred million
candidates with room to spare."""

CELLS_A_BYTE = 4
"""Of a Parquet file that holds more than `MAX_CELLS`: what unpacks to more is a bomb, or hardly
data; eight statistics take two bytes a cell at least."""

BYTES_A_BYTE = 16
"""Likewise of one that unpacks to more than `MAX_BYTES`."""

MAX_WIDTH = 1000
"""No candidate table is wider; a file without line ends would be taken for one row otherwise."""

MAX_LINE = 100_000
"""Characters; a longer line is no row of a table that is narrow enough."""

MAX_CELL = 1000
"""Characters; the longest number that `float` has to know to its last digit has 767."""

MAX_NAME = 10_000
"""Characters of a column's name."""

_MIN_WIDTH = 8


@dataclass(frozen=True)
class Limits:
    """What is too large to be read without having been asked to.

    Attributes
    ----------
    max_bytes : int
        Of the file and, where it is packed, of its content.
    max_cells : int
        Rows times columns.
    """

    max_bytes: int = MAX_BYTES
    max_cells: int = MAX_CELLS

    def in_parts(self, n_bytes: int) -> Limits:
        """Give the limits of a file of so many bytes that is read part by part.

        A limit that somebody has set stays as it is.
        """
        cells = max(MAX_CELLS, min(IN_PARTS * MAX_CELLS, CELLS_A_BYTE * n_bytes))
        unpacked = max(MAX_BYTES, min(IN_PARTS * MAX_BYTES, BYTES_A_BYTE * n_bytes))
        return Limits(
            max_bytes=unpacked if self.max_bytes == MAX_BYTES else self.max_bytes,
            max_cells=cells if self.max_cells == MAX_CELLS else self.max_cells,
        )

    def require_bytes(
        self, n_bytes: int, *, name: str, what: str = "holds", at_least: bool = False
    ) -> None:
        """Raise `SizeError` for more bytes than are allowed.

        Where `n_bytes` is only what has come so far (`at_least`), no number would be enough.
        """
        if n_bytes <= self.max_bytes:
            return
        if at_least:
            raise SizeError(
                f"{name} {what} at least {n_bytes:,} bytes, more than the {self.max_bytes:,} that "
                f"max_bytes allows; how many in all is not known: make it a plain file, which says "
                f"so, or where memory is enough for ten times that, give a larger --max-bytes."
            )
        raise SizeError(
            f"{name} {what} {n_bytes:,} bytes, more than the {self.max_bytes:,} that max_bytes "
            f"allows; split it, or where memory is enough for ten times that, give "
            f"--max-bytes {n_bytes}."
        )

    def require_cells(self, n_rows: int, n_columns: int, *, name: str) -> None:
        """Raise `SizeError` for more rows times columns than are allowed."""
        n_cells = n_rows * n_columns
        if n_cells > self.max_cells:
            raise SizeError(
                f"{name} has {n_rows:,} rows of {n_columns:,} columns, more than the "
                f"{self.max_cells:,} cells that max_cells allows; split it, or where memory is "
                f"enough for a hundred bytes a cell, give --max-cells {n_cells}."
            )

    def require_lines(self, n_lines: int, *, name: str) -> None:
        """Raise `SizeError` for more lines than rows of the narrowest table would be allowed."""
        self.require_cells(n_lines, _MIN_WIDTH, name=name)
