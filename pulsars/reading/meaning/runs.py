"""Rows in a row of one kind, and where they stand: told of parts of a table, they add up."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from schemas import for_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    Files = pd.Series[str] | None
    Counting = Callable[[NDArray[np.int64]], tuple[int, ...]]

MAX_BY_CHANCE = 1e-4
"""Rows in a row of one kind are a part of the file where chance makes fewer such runs."""

MIN_RUN = 20
"""And where they are so many."""


class Run(NamedTuple):
    """Rows in a row of one kind: how many, and where the first and the last stand.

    That is a line, and of several files one of them. `cells` are what else is counted of its rows.
    """

    length: int = 0
    first: int = 0
    last: int = 0
    first_file: str = ""
    last_file: str = ""
    cells: tuple[int, ...] = ()

    def then(self, other: Run) -> Run:
        """Join a run to one that begins where it ends."""
        if not self.length or not other.length:
            return self if self.length else other
        length, cells = self.length + other.length, added(self.cells, other.cells)
        return Run(length, self.first, other.last, self.first_file, other.last_file, cells)

    def begins(self) -> str:
        """Say where the first row stands."""
        return f"line {self.first:,}{_of(self.first_file)}"

    def spans(self) -> str:
        """Say from where to where the rows stand."""
        end = f"{self.last:,}{_of(self.last_file)}"
        if self.first_file == self.last_file:
            return f"lines {self.first:,} to {end}"
        return f"{self.begins()} to line {end}"


def _of(file: str) -> str:
    return f" of {for_name(file)}" if file else ""


def added(some: tuple[int, ...], others: tuple[int, ...]) -> tuple[int, ...]:
    """Add counts of two parts; empty where one of them is not known."""
    return tuple(a + b for a, b in zip(some, others, strict=False))


NO_RUN = Run()


@dataclass(frozen=True, kw_only=True)
class Runs:
    """How long the runs of rows of one kind are.

    Attributes
    ----------
    rows : int
        Of this kind and of others.
    head, tail, longest : Run
        Those that begin and end the part, and the first of the longest ones.
    """

    rows: int = 0
    head: Run = NO_RUN
    tail: Run = NO_RUN
    longest: Run = NO_RUN

    def joined(self, other: Runs) -> dict[str, Any]:
        """Tell the same of this part and of the one that follows, by the names of the fields."""
        between = self.tail.then(other.head)
        return {
            "rows": self.rows + other.rows,
            "head": between if self.head.length == self.rows else self.head,
            "tail": between if other.tail.length == other.rows else other.tail,
            "longest": max((self.longest, between, other.longest), key=lambda run: run.length),
        }

    def is_a_part(self, n_others: int) -> bool:
        """Tell whether the longest run is a part of its own: chance makes none, of so many others.

        Parameters
        ----------
        n_others : int
            Rows that are of another kind, among all of them.
        """
        n_like_it = n_others * ((self.rows - n_others) / self.rows) ** self.longest.length
        return self.longest.length >= MIN_RUN and n_like_it < MAX_BY_CHANCE

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """Restore what `to_dict` gave, in which sequences are runs, and the cells of rows."""
        found = {name: tuple(one) for name, one in kept.items() if isinstance(one, list | tuple)}
        for name in found.keys() - {"cells"}:
            length, first, last, first_file, last_file, *cells = found[name]
            found[name] = Run(length, first, last, first_file, last_file, *map(tuple, cells))
        return cls(**{**kept, **found})


def _nothing(_rows: NDArray[np.int64]) -> tuple[int, ...]:
    return ()


def runs_without(
    others: NDArray[np.int64],
    lines: NDArray[np.int64],
    files: Files,
    count: Counting = _nothing,
) -> dict[str, Run]:
    """Find runs of rows without the `others`, by the names of the fields of `Runs`.

    Parameters
    ----------
    others : ndarray of int64
        Rows from 0, rising.
    lines : ndarray of shape (n_rows,), dtype int64
        Where each row stands.
    files : Series of str, shape (n_rows,), or None
        Of several files, the one that each row is of.
    count : callable, optional
        Gives the `cells` of a run, by its rows.
    """
    edges = np.concatenate([[-1], others, [len(lines)]])
    at = {"head": 0, "tail": len(edges) - 2, "longest": int(np.argmax(np.diff(edges)))}
    return {
        name: run_of(np.arange(edges[gap] + 1, edges[gap + 1]), lines, files, count)
        for name, gap in at.items()
    }


def run_of(
    rows: NDArray[np.int64], lines: NDArray[np.int64], files: Files, count: Counting = _nothing
) -> Run:
    """Tell of some rows how many they are, and where the first and the last stand."""
    if not len(rows):
        return NO_RUN
    ends = [rows[0], rows[-1]]
    first, last = lines[ends].tolist()
    first_file, last_file = ("", "") if files is None else files.iloc[ends]
    return Run(len(rows), first, last, first_file, last_file, count(rows))
