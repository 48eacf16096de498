"""Mark candidates that are known pulsars: how, told of the whole file, then partition by partition.

Units and ways of writing are of a file, not of a partition: what is marked depends on no cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from pulsars.reading.identity.catalogue import Pulsars, read_pulsars
from pulsars.reading.identity.known import Harmonics, find_known
from pulsars.reading.identity.periods import (
    SECONDS,
    UNIT_WORDS,
    count_periods,
    unit_by_name,
    unit_by_values,
)
from pulsars.reading.identity.roles import n_words, role_by_name
from pulsars.reading.identity.sky import count_packed, degrees_of, is_packed, numbers_of
from schemas import Catalogue, CatalogueError, Marking, ScoreJob, for_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mark = Callable[[pa.Table], tuple[NDArray[np.object_], NDArray[np.object_]]]

_COMPARED = frozenset({"ra", "dec", "period", "dm"})


def plan_marking(
    pulsars: Pulsars,
    carried: Mapping[str, str | None],
    tables: Callable[[Sequence[str]], Iterable[pa.Table]],
) -> Marking:
    """Tell from what a file carries how its candidates are held against known pulsars.

    Parameters
    ----------
    pulsars : Pulsars
    carried : mapping of str to str or None
        What each column that the accepted rows carry is called in the file.
    tables : callable
        Gives columns of the accepted rows, partition by partition.
    """
    columns = _compared_columns(carried)
    by = _compared(pulsars, columns)
    counts = np.zeros(3, dtype=np.int64)
    packed = {role: np.zeros(2, dtype=np.int64) for role in ("ra", "dec") if role in columns}
    if by:
        for rows in tables([columns[role] for role in ("period", *packed)]):
            counts += count_periods(_numbers(rows, columns["period"]))
            for role in packed:
                packed[role] += count_packed(_numbers(rows, columns[role]))
    named = unit_by_name(carried.get(columns.get("period", "")))
    unit = named or unit_by_values(counts)
    return Marking(
        columns=columns,
        by=by if unit else None,
        unit=unit or "s",
        packed=sorted(role for role in packed if is_packed(packed[role])),
        notes=[*pulsars.notes, *_notes(columns, by, unit, named=named is not None)],
    )


def _compared_columns(carried: Mapping[str, str | None]) -> dict[str, str]:
    """Choose a column a quantity: the one of the fewest words, of these the first."""
    found: dict[str, list[str]] = {}
    for column, source in carried.items():
        role = role_by_name(source)
        if role in _COMPARED:
            found.setdefault(role, []).append(column)
    return {
        role: min(names, key=lambda name: n_words(carried[name])) for role, names in found.items()
    }


def _notes(
    columns: Mapping[str, str], by: str | None, unit: Literal["s", "ms"] | None, *, named: bool
) -> Iterator[str]:
    """Say why nothing is marked, or what was compared and could be another thing."""
    if by is None:
        yield (
            "nothing is marked: beside a period, the file and the catalogue have to have "
            "positions or dispersion measures"
            if "period" in columns
            else "nothing is marked: no column of the file is carried along as a period"
        )
    elif unit is None:
        yield (
            "nothing is marked: whether periods of the file are seconds or milliseconds cannot be "
            "told; call their column period_s or period_ms"
        )
    elif not named:
        period = for_name(columns["period"])
        yield f"{period} is taken for periods in {UNIT_WORDS[unit]}, by its values"


def _compared(pulsars: Pulsars, columns: Mapping[str, str]) -> Literal["position", "dm"] | None:
    """Say what can be compared beside the period."""
    if "period" not in columns:
        return None
    if columns.keys() >= {"ra", "dec"} and pulsars.placed.any():
        return "position"
    return "dm" if "dm" in columns and np.isfinite(pulsars.dm).any() else None


@dataclass(frozen=True, eq=False)
class Marker:
    """Holds rows of a table of accepted candidates against known pulsars, as a plan says.

    Attributes
    ----------
    pulsars : Pulsars
    marking : Marking
    within : float
        Degrees.
    """

    pulsars: Pulsars
    marking: Marking
    within: float

    def mark(self, rows: pa.Table) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Give the catalogue's name of each row, and its harmonic; empty for none."""
        if self.marking.by is None:
            none = np.full(len(rows), "", dtype=object)
            return none, none
        harmonics = Harmonics.of(by_position=self.marking.by == "position")
        known, harmonic = find_known(
            self.pulsars, harmonics, within=self.within, **self._told(rows)
        )
        # To one more text leads -1.
        names = np.append(self.pulsars.names, "").astype(object)
        ratios = np.array([*harmonics.names, ""], dtype=object)
        return names[known], ratios[harmonic]

    def _told(self, rows: pa.Table) -> dict[str, Floats]:
        """Read what rows carry as numbers."""
        columns = self.marking.columns
        period = _numbers(rows, columns["period"]) * SECONDS[self.marking.unit]
        dm = _numbers(rows, columns["dm"]) if "dm" in columns else np.full(len(rows), np.nan)
        told = {"period": period, "dm": dm}
        if self.marking.by == "position":
            told |= {role: self._degrees(rows, role) for role in ("ra", "dec")}
        return told

    def _degrees(self, rows: pa.Table, role: str) -> Floats:
        """Read a position: the few that many rows share once each."""
        column = self.marking.columns[role]
        codes, distinct = pd.factorize(rows[column].to_pandas(), use_na_sentinel=False)
        found = degrees_of(
            pd.Series(distinct, name=column),
            right_ascension=role == "ra",
            packed=role in self.marking.packed,
        )
        degrees: Floats = found[codes]
        return degrees


def load_pulsars(catalogue: Catalogue | None) -> Pulsars:
    """Read the catalogue of a job.

    Raises
    ------
    CatalogueError
        If there is none, or the file is not what it was when it was found.
    """
    if catalogue is None:
        raise CatalogueError("there is no catalogue to hold candidates against; name one: --known")
    file = catalogue.file
    if not file.matches():
        raise CatalogueError(
            f"--known {catalogue.name} was changed, or is gone, since the scoring began; start it "
            "again"
        )
    return read_pulsars(Path(file.path), name=catalogue.name)


def mark_of(job: ScoreJob, marking: Marking | None) -> Mark | None:
    """Give what marks the rows of a partition; None without a catalogue."""
    if job.catalogue is None or marking is None:
        return None
    return Marker(load_pulsars(job.catalogue), marking, job.parameters.known_within).mark


def _numbers(rows: pa.Table, column: str) -> Floats:
    return numbers_of(rows[column].to_pandas())
