"""What the rows of a file, or of a part of it, say of kurtosis: counts that add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from pulsars.reading.meaning.kurtosis_likeness import cells_of, count_cells
from pulsars.reading.meaning.runs import Run, Runs, added, run_of, runs_without
from schemas import CURVES, allows_pearson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pulsars.reading.meaning.readings import Reading

PEAKS = (0.0, 1.5, 3.0)
"""Where excess kurtosis of noise is common, where neither is, and where Pearson's is."""

_HALF_WIDTH = 0.4


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
        first of the longest ones; with the cells of their rows.
    peaks : dict of str to list of int
        By curve, rows near each of `PEAKS`.
    cells : tuple of int
        Rows by skewness and kurtosis, see `pulsars.reading.meaning.kurtosis_likeness`; empty where
        an earlier version counted.
    """

    excess: int
    below: dict[str, int]
    wrong: Run
    peaks: dict[str, list[int]]
    cells: tuple[int, ...] = ()

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
        stdev = frame["profile_stdev"].to_numpy(np.float64)
        if not whole.all():
            lines, both, stdev = lines[whole], both[whole], stdev[whole]
            files = None if files is None else files.take(np.flatnonzero(whole))
            can_be = {curve: rows[whole] for curve, rows in can_be.items()}
            moments = {curve: [x[whole] for x in both_of] for curve, both_of in moments.items()}
        wrong, cells = np.flatnonzero(~both), cells_of(stdev, moments)
        return cls(
            rows=len(both),
            **runs_without(wrong, lines, files, lambda rows: count_cells(cells[:, rows])),
            excess=int(np.count_nonzero(known)),
            below={curve: int(np.count_nonzero(~rows)) for curve, rows in can_be.items()},
            wrong=run_of(wrong, lines, files),
            peaks={curve: _peaks(both_of[1]) for curve, both_of in moments.items()},
            cells=count_cells(cells),
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
            cells=added(self.cells, other.cells),
        )


def _peaks(kurtosis: NDArray[np.float64]) -> list[int]:
    return [
        int(np.count_nonzero((kurtosis >= at - _HALF_WIDTH) & (kurtosis < at + _HALF_WIDTH)))
        for at in PEAKS
    ]
