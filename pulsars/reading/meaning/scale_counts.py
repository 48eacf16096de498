"""Rows in a row of curves on a smaller scale than 0–255: a table of another scale was joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from pulsars.reading.meaning.runs import Runs, runs_without
from schemas import CURVES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pulsars.reading.meaning.readings import Reading
from pulsars.reading.meaning.bounds import are_small, off_scale


@dataclass(frozen=True)
class ScaleCounts(Runs):
    """Counts of the rows whose mean and stdev are of a curve on a smaller scale, by one curve.

    Attributes
    ----------
    rows : int
    small : int
        Of them, those of such a curve.
    head, tail, longest : Run
        Of these: those that begin and end the part, and the first of the longest ones.
    """

    small: int

    @classmethod
    def of(cls, reading: Reading) -> dict[str, Self]:
        """Count in rows as they are read, by curve."""
        found: dict[str, Self] = {}
        for curve in CURVES:
            pair = (reading.frame[f"{curve}_{name}"] for name in ("mean", "stdev"))
            small = are_small(*(column.to_numpy(np.float64) for column in pair))
            runs = runs_without(np.flatnonzero(~small), reading.lines, reading.files)
            found[curve] = cls(rows=len(small), **runs, small=int(np.count_nonzero(small)))
        return found

    def then(self, other: Self) -> Self:
        """Add the counts of the part that follows."""
        return type(self)(**self.joined(other), small=self.small + other.small)


def note_blocks(
    counts: Mapping[str, ScaleCounts],
    columns: Mapping[str, object],
    *,
    said: Sequence[str],
    chi2: bool,
) -> Iterator[str]:
    """Say where a block of rows stands whose curves are on a smaller scale than those of others.

    Parameters
    ----------
    counts : dict of str to ScaleCounts
        Of all rows, by curve.
    columns : dict of str to object
        What was read as each canonical column, as it is called in a message.
    said : sequence of str
        What is said of the file already: of a scale nothing is said twice.
    chi2 : bool
        Whether the DM curve may be of χ², which has no scale.
    """
    for curve, found in counts.items():
        what = off_scale(columns[f"{curve}_mean"], columns[f"{curve}_stdev"])
        known = any(note.startswith(what) for note in said) or (chi2 and curve == "dm")
        if not known and found.is_a_part(found.rows - found.small):
            yield (
                f"{what}, in {found.longest.length:,} rows in a row ({found.longest.spans()}): "
                "were tables of two scales joined? Bring all to one"
            )
