"""What a file says, kept beside it, and whether a reading says the same.

Nothing here asks the reader: a truth is what the writer of the file meant, in numbers as `float`
reads them.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulsars.reading.reader import Reading

FEATURES = tuple(
    f"{curve}_{moment}"
    for curve in ("profile", "dm")
    for moment in ("mean", "stdev", "skewness", "kurtosis")
)
LABEL, ROW = "label", "row"
_CLASSES = {
    "is missing": "missing",
    "is not a number": "text",
    "is not finite": "infinite",
    "is no known label": "label",
    "is spelled otherwise": "label",
}


@dataclass(frozen=True)
class Cell:
    """What a cell has to be read as: a number, a fault of some class, or (open) either."""

    value: float | None
    why: str | None = None
    open: bool = False


@dataclass(frozen=True)
class Row:
    """One candidate: its line, its eight cells and its label; ragged or open rows are set aside."""

    line: int
    cells: tuple[Cell, ...]
    label: Cell | None = None
    ragged: bool = False
    open: bool = False
    text: str | None = None


@dataclass(frozen=True)
class Truth:
    """What a whole file says.

    Attributes
    ----------
    labelled : bool or None
        None when it may be read either way.
    places : dict of str to int
        Place of each canonical column, from 1.
    warned : bool
        Whether the reader has to warn.
    excused : bool
        Whether a warning makes up for a difference: nobody can know.
    """

    rows: tuple[Row, ...]
    labelled: bool | None
    places: dict[str, int] = field(default_factory=dict)
    warned: bool = False
    excused: bool = False


def difference(reading: Reading, truth: Truth) -> str | None:
    """Say what a reading has otherwise than the truth; None when all is as it has to be."""
    if truth.excused and reading.warnings:
        return None
    if truth.warned and not reading.warnings:
        return "no warning"
    return (
        _of_lines(reading, truth)
        or _of_columns(reading, truth)
        or _of_faults(reading, truth)
        or _of_values(reading, truth)
        or _of_texts(reading, truth)
    )


def refusals_of(reading: Reading) -> dict[tuple[int, str], str]:
    """Give the class of each fault by row and column."""
    cells = reading.cells
    found = zip(cells["row"].tolist(), cells["column"].tolist(), cells["why"].tolist(), strict=True)
    kinds = ((row, column, why.split(" than ")[0]) for row, column, why in found)
    return {(row, column): _CLASSES.get(kind, "other") for row, column, kind in kinds}


def same_bits(one: float, other: float) -> bool:
    """Compare two numbers bit for bit; NaN is NaN."""
    both_nan = math.isnan(one) and math.isnan(other)
    return both_nan or struct.pack("<d", one) == struct.pack("<d", other)


def _of_lines(reading: Reading, truth: Truth) -> str | None:
    seen, meant = reading.lines.tolist(), [row.line for row in truth.rows]
    if seen == meant:
        return None
    odd = sorted(set(seen) ^ set(meant))[:4]
    return f"{len(seen)} rows for {len(meant)}; lines {odd} on one side only"


def _of_columns(reading: Reading, truth: Truth) -> str | None:
    if truth.labelled is not None and reading.labelled != truth.labelled:
        return f"labelled {reading.labelled} ({reading.columns.get(LABEL)})"
    for name, place in truth.places.items():
        if name in reading.columns and reading.columns[name].position != place:
            return f"{name} taken from {reading.columns[name]}, not from place {place}"
    return None


def _of_faults(reading: Reading, truth: Truth) -> str | None:
    seen = refusals_of(reading)
    allowed: dict[tuple[int, str], Cell] = {}
    for at, row in enumerate(truth.rows):
        if row.ragged:
            if (at, ROW) not in seen:
                return f"line {row.line} is ragged and not set aside"
            continue
        allowed |= {(at, name): cell for name, cell in _cells(row, labelled=reading.labelled)}
    for at, column in allowed:
        cell = allowed[at, column]
        if cell.value is None and (at, column) not in seen and not cell.open:
            return f"{column} of line {truth.rows[at].line} has no fault"
    for (at, column), why in seen.items():
        row = truth.rows[at]
        if row.ragged or row.open:
            continue
        cell = allowed.get((at, column), Cell(0.0))
        if cell.value is not None and not cell.open:
            return f"{column} of line {row.line} is called {why}"
        if cell.why and why not in (cell.why, "other"):
            return f"{column} of line {row.line} is called {why}, not {cell.why}"
    return None


def _of_values(reading: Reading, truth: Truth) -> str | None:
    seen = refusals_of(reading)
    names = [*FEATURES, LABEL] if reading.labelled else list(FEATURES)
    table = reading.frame[names].to_numpy().tolist()
    for at, (row, values) in enumerate(zip(truth.rows, table, strict=True)):
        if row.ragged:
            continue
        for (name, cell), value in zip(
            _cells(row, labelled=reading.labelled), values, strict=False
        ):
            meant = math.nan if (at, name) in seen or cell.value is None else cell.value
            if (row.open and (at, ROW) in seen) or same_bits(value, meant):
                continue
            return f"{name} of line {row.line} is {value!r}, not {meant!r}"
    return None


def _of_texts(reading: Reading, truth: Truth) -> str | None:
    for at, row in enumerate(truth.rows):
        if row.text is not None and reading.texts[at].strip() != row.text.strip():
            return f"line {row.line} is kept as {reading.texts[at][:60]!r}"
    return None


def _cells(row: Row, *, labelled: bool) -> list[tuple[str, Cell]]:
    cells = list(zip(FEATURES, row.cells, strict=True))
    return [*cells, (LABEL, row.label)] if labelled and row.label is not None else cells


def impossible(row: Row) -> bool:
    """Tell by the contract's own words whether a row has to be set aside."""
    cells = [*row.cells, row.label or Cell(0.0)]
    numbers = [cell.value for cell in cells if cell.value is not None]
    if row.ragged or len(numbers) < len(cells):
        return True
    return _impossible(*numbers[:4]) or _impossible(*numbers[4:8])


def _impossible(mean: float, stdev: float, skewness: float, kurtosis: float) -> bool:
    """Tell whether no curve on 0-255 has these moments."""
    square, variance = skewness * skewness, stdev * stdev  # ** would raise where this is infinite
    room = mean * (255 - mean) + (255 - 2 * mean) * stdev * skewness  # of E z⁴, times the variance
    slack = 1e-6 * (1 + abs(skewness) + abs(kurtosis)) * (variance + 255 * stdev)
    return (
        not 0 <= mean <= 255
        or not 0 <= stdev <= 127.5
        or kurtosis < -2
        or kurtosis + 2 + 1e-6 < square * (1 - 1e-6)  # also where the square is infinite
        or variance * (1 - 1e-6) > mean * (255 - mean) + 1e-6
        or kurtosis > 2**20
        or (stdev > 0 and kurtosis * variance > room + slack)
        or (stdev == 0 and (skewness != 0 or kurtosis not in {0, 3}))
    )
