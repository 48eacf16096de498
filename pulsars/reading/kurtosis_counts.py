"""What the rows of a file, or of a part of it, say of kurtosis: counts that add up."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from schemas import CURVES, allows_pearson, for_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    Rows = NDArray[np.bool_]

PEAKS = (0.0, 1.5, 3.0)
"""Where excess kurtosis of noise is common, where neither is, and where Pearson's is."""

_HALF_WIDTH = 0.4


class Run(NamedTuple):
    """Rows in a row of one kind: how many, and where the first and the last stand.

    That is a line, and of several files one of them.
    """

    length: int = 0
    first: int = 0
    last: int = 0
    first_file: str = ""
    last_file: str = ""

    def then(self, other: Run) -> Run:
        """Join a run to one that begins where it ends."""
        if not self.length or not other.length:
            return self if self.length else other
        length = self.length + other.length
        return Run(length, self.first, other.last, self.first_file, other.last_file)

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


@dataclass(frozen=True)
class KurtosisCounts:
    """Counts of the rows of which all four moments are known, and not which kurtosis they have.

    Attributes
    ----------
    rows : int
    excess : int
        Other rows, whose kurtosis is known to be excess kurtosis; nothing else is counted of them.
    below : dict of str to int
        By curve, rows that are sure to have excess kurtosis.
    wrong : Run
        Rows that cannot be Pearson's in both curves; these need not stand in a row.
    head, tail, longest : Run
        Of rows that can be Pearson's in both curves: those that begin and end the part, and the
        first of the longest ones.
    peaks : dict of str to list of int
        By curve, rows near each of `PEAKS`.
    """

    rows: int
    excess: int
    below: dict[str, int]
    wrong: Run
    head: Run
    tail: Run
    longest: Run
    peaks: dict[str, list[int]]

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        lines: NDArray[np.int64],
        *,
        files: pd.Series[str] | None = None,
        excess: Rows | None = None,
    ) -> Self:
        """Count in rows of canonical columns, as they are read; of some it is known: `excess`.

        Of several `files`, where each row is of one, a run says which it begins and ends in.
        """
        moments = {
            curve: [frame[f"{curve}_{m}"].to_numpy(np.float64) for m in ("skewness", "kurtosis")]
            for curve in CURVES
        }
        whole = np.logical_and.reduce([np.isfinite(x) for both in moments.values() for x in both])
        n_excess = 0
        if excess is not None:
            n_excess = int(np.count_nonzero(whole & excess))
            whole &= ~excess
        can_be = {curve: allows_pearson(*both) for curve, both in moments.items()}
        both = np.logical_and.reduce(list(can_be.values()))
        if not whole.all():
            lines, both = lines[whole], both[whole]
            files = None if files is None else files.take(np.flatnonzero(whole))
            can_be = {curve: rows[whole] for curve, rows in can_be.items()}
            moments = {curve: [x[whole] for x in both_of] for curve, both_of in moments.items()}
        wrong = np.flatnonzero(~both)
        head, tail, longest = (_run(*rows, lines, files) for rows in _runs(len(both), wrong))
        return cls(
            rows=len(both),
            excess=n_excess,
            below={curve: int(np.count_nonzero(~rows)) for curve, rows in can_be.items()},
            wrong=_run(len(wrong), [*wrong[:1], *wrong[-1:]], lines, files),
            head=head,
            tail=tail,
            longest=longest,
            peaks={curve: _peaks(both_of[1]) for curve, both_of in moments.items()},
        )

    def then(self, other: Self) -> Self:
        """Add the counts of the part that follows."""
        between = self.tail.then(other.head)
        return type(self)(
            rows=self.rows + other.rows,
            excess=self.excess + other.excess,
            below={curve: self.below[curve] + other.below[curve] for curve in CURVES},
            wrong=self.wrong.then(other.wrong),
            head=between if self.head.length == self.rows else self.head,
            tail=between if other.tail.length == other.rows else other.tail,
            longest=max((self.longest, between, other.longest), key=lambda run: run.length),
            peaks={
                curve: [a + b for a, b in zip(self.peaks[curve], other.peaks[curve], strict=True)]
                for curve in CURVES
            },
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """Restore what `to_dict` gave."""
        runs = {name: Run(*kept[name]) for name in ("wrong", "head", "tail", "longest")}
        return cls(**{**kept, **runs})


def _runs(n_rows: int, others: NDArray[np.int64]) -> list[tuple[int, list[int]]]:
    """Find runs without the `others`: at the start, at the end, and the first of the longest.

    Of each how many rows it has, and which are the first and the last.
    """
    edges = np.concatenate([[-1], others, [n_rows]])
    longest = int(np.argmax(np.diff(edges)))
    found = (edges[at : at + 2].tolist() for at in (0, len(edges) - 2, longest))
    return [(end - at - 1, [at + 1, end - 1] if end > at + 1 else []) for at, end in found]


def _run(
    length: int, ends: list[int], lines: NDArray[np.int64], files: pd.Series[str] | None
) -> Run:
    return Run(length, *lines[ends].tolist(), *([] if files is None else files.iloc[ends]))


def _peaks(kurtosis: NDArray[np.float64]) -> list[int]:
    return [
        int(np.count_nonzero((kurtosis >= at - _HALF_WIDTH) & (kurtosis < at + _HALF_WIDTH)))
        for at in PEAKS
    ]
