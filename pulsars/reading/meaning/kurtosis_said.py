"""What the rows of a file, or of a part of it, and its header say of kurtosis.

Of the rows there are counts that add up. A header that says Pearson's is repeated, however few the
rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from pulsars.reading.meaning.runs import Run, Runs, run_of, runs_without
from pulsars.reading.names import words_of
from schemas import CURVES, allows_pearson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pulsars.reading.meaning.readings import ColumnSource, Reading
    from schemas import Curve

PEAKS = (0.0, 1.5, 3.0)
"""Where excess kurtosis of noise is common, where neither is, and where Pearson's is."""

_HALF_WIDTH = 0.4

_PEARSON = re.compile("pearson", re.IGNORECASE)
_EXCESS = re.compile(r"excess|fisher|(?<!\d)3(?!\d)", re.IGNORECASE)
_OTHERWISE = {"exc", "ex", "ek", "not", "non", "minus"}
"""Of the other kurtosis, or none of it: "Pearson's excess kurtosis" has 3 taken off."""


@dataclass(frozen=True)
class KurtosisCounts(Runs):
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

    excess: int
    below: dict[str, int]
    wrong: Run
    peaks: dict[str, list[int]]

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """Count in rows as they are read; of folds that were measured here it is known."""
        frame, lines, files = reading.frame, reading.lines, reading.files
        moments = {
            curve: [frame[f"{curve}_{m}"].to_numpy(np.float64) for m in ("skewness", "kurtosis")]
            for curve in CURVES
        }
        whole = np.logical_and.reduce([np.isfinite(x) for both in moments.values() for x in both])
        excess = reading.measured_here
        known = np.zeros_like(whole) if excess is None else whole & excess
        whole &= ~known
        can_be = {curve: allows_pearson(*both) for curve, both in moments.items()}
        both = np.logical_and.reduce(list(can_be.values()))
        if not whole.all():
            lines, both = lines[whole], both[whole]
            files = None if files is None else files.take(np.flatnonzero(whole))
            can_be = {curve: rows[whole] for curve, rows in can_be.items()}
            moments = {curve: [x[whole] for x in both_of] for curve, both_of in moments.items()}
        wrong = np.flatnonzero(~both)
        return cls(
            rows=len(both),
            **runs_without(wrong, lines, files),
            excess=int(np.count_nonzero(known)),
            below={curve: int(np.count_nonzero(~rows)) for curve, rows in can_be.items()},
            wrong=run_of(wrong, lines, files),
            peaks={curve: _peaks(both_of[1]) for curve, both_of in moments.items()},
        )

    def then(self, other: Self) -> Self:
        """Add the counts of the part that follows."""
        return type(self)(
            **self.joined(other),
            excess=self.excess + other.excess,
            below={curve: self.below[curve] + other.below[curve] for curve in CURVES},
            wrong=self.wrong.then(other.wrong),
            peaks={
                curve: [a + b for a, b in zip(self.peaks[curve], other.peaks[curve], strict=True)]
                for curve in CURVES
            },
        )


def _peaks(kurtosis: NDArray[np.float64]) -> list[int]:
    return [
        int(np.count_nonzero((kurtosis >= at - _HALF_WIDTH) & (kurtosis < at + _HALF_WIDTH)))
        for at in PEAKS
    ]


def called_pearson(
    columns: Mapping[str, ColumnSource], counts: KurtosisCounts, *, most: float
) -> tuple[str, ...]:
    """Note which kurtosis is called Pearson's in the file, where the rows allow it.

    Parameters
    ----------
    columns : dict of str to ColumnSource
        By canonical name.
    counts : KurtosisCounts
        Of all rows.
    most : float
        Rows that may be in error.
    """
    curves = _named(columns)
    if not curves or counts.excess:
        return ()
    if both_called(columns) and counts.wrong.length > most:
        # None is noted alone: who takes 3 off one of them has a file of both kinds.
        few = counts.wrong.length < counts.rows / 2
        return (_in_error(columns, counts),) if few else ()
    if any(counts.below[one] > most for one in curves):
        return ()
    are, they, stand = ("are", "they", "stand") if len(curves) > 1 else ("is", "it", "stands")
    note = (
        f"{_listed(columns, curves)} {are} called Pearson's kurtosis, which is 3 more than excess "
        f"kurtosis, and taken as {they} {stand}; {way_out(curves)}, --kurtosis excess says that "
        f"{they} {are} right as {they} {stand}"
    )
    return (note,)


def both_called(columns: Mapping[str, ColumnSource]) -> bool:
    """Tell whether both kurtoses are called Pearson's."""
    return len(_named(columns)) == len(CURVES)


def _in_error(columns: Mapping[str, ColumnSource], counts: KurtosisCounts) -> str:
    """Say of two that are called Pearson's that some rows cannot be, and what to do."""
    return (
        f"{_listed(columns, CURVES)} are called Pearson's kurtosis, which is at least skewness² + "
        f"1, and {counts.wrong.length:,} of {counts.rows:,} rows cannot have that (the first is "
        f"{counts.wrong.begins()}); all are taken as they stand; if those rows are in error, leave "
        "them out and say --kurtosis pearson, which takes 3 off"
    )


def way_out(curves: Sequence[str]) -> str:
    """Say who takes 3 off: the option does so in both curves, never in one of them."""
    option = "--kurtosis pearson takes 3 off"
    if len(curves) == len(CURVES):
        return option
    return f"take 3 off {curves[0]}_kurtosis in the file yourself ({option} both curves)"


def _named(columns: Mapping[str, ColumnSource]) -> list[Curve]:
    return [curve for curve in CURVES if _says_pearson(columns[f"{curve}_kurtosis"].source)]


def _listed(columns: Mapping[str, ColumnSource], curves: Sequence[str]) -> str:
    return " and ".join(str(columns[f"{curve}_kurtosis"]) for curve in curves)


def _says_pearson(name: str | None) -> bool:
    rest = _PEARSON.sub(" ", name or "")
    if rest == (name or "") or _EXCESS.search(rest):
        return False
    return _OTHERWISE.isdisjoint(words_of(rest))
