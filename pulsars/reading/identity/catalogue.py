"""A catalogue of known pulsars, such as ATNF's (Manchester et al. 2005, AJ 129, 1993), as a CSV.

What its columns are is found as of a candidate file: by their names, units by what stands there.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from pulsars.reading.cells import MISSING_WORDS, Column
from pulsars.reading.formats.encodings import decode
from pulsars.reading.identity.periods import (
    SECONDS,
    UNIT_WORDS,
    Unit,
    count_periods,
    is_unit,
    unit_by_name,
    unit_by_values,
)
from pulsars.reading.identity.roles import Role, half_a_position, role_by_name, role_by_values
from pulsars.reading.identity.sky import degrees_of, numbers_of
from pulsars.reading.sources.files import load, opened
from pulsars.reading.sources.packed import unpack
from schemas import MAX_WIDTH, CatalogueError, DataError, Limits, for_name

_LIMITS = Limits(max_bytes=64 << 20)
"""ATNF's holds 4,000 pulsars in two megabytes, with all that is known of them."""

_ROLES: tuple[Role, ...] = ("name", "ra", "dec", "period", "dm")
_MISSING = (*MISSING_WORDS, "*")
_DELIMITERS = ";\t|,"
_NAMED = 3  # rows that are left out, in a message


@dataclass(frozen=True, eq=False)
class Pulsars:
    """Known pulsars.

    Attributes
    ----------
    names : ndarray of shape (n_pulsars,), object
    ra, dec : ndarray of shape (n_pulsars,), float64
        Degrees; NaN where unknown.
    period : ndarray of shape (n_pulsars,), float64
        Seconds, above 0.
    dm : ndarray of shape (n_pulsars,), float64
        Dispersion measure, pc/cm³; NaN where unknown.
    notes : tuple of str
        What a person should know of how they were read.
    """

    names: NDArray[np.object_]
    ra: NDArray[np.float64]
    dec: NDArray[np.float64]
    period: NDArray[np.float64]
    dm: NDArray[np.float64]
    notes: tuple[str, ...] = ()

    @property
    def placed(self) -> NDArray[np.bool_]:
        """Which have a position, shape (n_pulsars,)."""
        return np.isfinite(self.ra) & np.isfinite(self.dec)


def read_pulsars(path: Path, *, name: str) -> Pulsars:
    """Read a catalogue of known pulsars.

    Parameters
    ----------
    path : Path
        A text with a header and a pulsar a line: its name and period, and its position (right
        ascension and declination, sexagesimal or in degrees), its dispersion measure, or both. It
        may be packed, and what ``psrcat -o short_csv`` and ``long_csv`` write is read as it is.
    name : str
        How messages call it.

    Raises
    ------
    CatalogueError
        It is no such text, its columns or units cannot be told, or most rows are wrong.
    """
    try:
        with opened(path, name=name, limits=_LIMITS) as file:
            content, _ = unpack(load(file, name=name), name=name, limits=_LIMITS)
        lines = decode(content, name=name, limits=_LIMITS).lines
    except DataError as error:
        raise CatalogueError(f"--known {error}") from None
    header, rows = _split(lines, name)
    units = rows.pop(0)[1] if rows and _are_units(rows[0][1]) else []
    places = _places(header, rows, name)
    cells = {
        role: pd.Series(
            [row[at].strip() if at < len(row) else "" for _, row in rows],
            index=[line for line, _ in rows],
            name=header[at],
            dtype="str",
        )
        for role, at in places.items()
    }
    at = places["period"]
    return _judged(cells, _unit(header[at], "".join(units[at : at + 1]).strip(), name), name)


def _unit(heading: str, below: str, name: str) -> Unit | None:
    """Tell the unit of the periods by what is said of it; ATNF's P0 are seconds."""
    if below.strip("() ") and not is_unit(below):
        raise CatalogueError(
            f"--known {name}: the unit {for_name(below)} of {for_name(heading)} is not known; give "
            "periods in seconds (s) or milliseconds (ms)"
        )
    return unit_by_name(heading, below) or ("s" if heading == "P0" else None)


def _split(lines: Sequence[str], name: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Take lines apart: the header, and the rows with the numbers of their lines."""
    filled = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    while filled and _is_title(filled[0][1]):
        filled.pop(0)
    if not filled:
        raise CatalogueError(
            f"--known {name} is no CSV: no line has cells that a comma, a semicolon, a tab or a "
            "bar sets apart; give a header with name, ra, dec, period and dm, and a pulsar a line"
        )
    sign = max(_DELIMITERS, key=filled[0][1].count)
    try:
        cut = [(number, next(csv.reader([line], delimiter=sign))) for number, line in filled]
    except csv.Error as error:
        raise CatalogueError(f"--known {name} is no CSV ({error}); export it again") from None
    (_, header), *rows = cut
    if len(header) > MAX_WIDTH:
        raise CatalogueError(
            f"--known {name} has {len(header):,} columns; no catalogue has more than {MAX_WIDTH:,}"
        )
    header[0] = header[0].lstrip("#% ")
    return [cell.strip() for cell in header], [row for row in rows if row[1][0][:1] != "#"]


def _is_title(line: str) -> bool:
    """Tell a title or a comment from a header, which may begin with a # too."""
    sign = max(_DELIMITERS, key=line.count)
    if sign not in line:
        return True
    return line[0] in "#%" and "period" not in map(role_by_name, line.lstrip("#% ").split(sign))


def _are_units(cells: Sequence[str]) -> bool:
    """Tell the second line of psrcat's: ``(hms)``, ``(s)``."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return bool(filled) and all(cell[0] == "(" and cell[-1] == ")" for cell in filled)


def _places(
    header: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]], name: str
) -> dict[Role, int]:
    """Find the columns: the first of each role."""
    found = {
        role: at for at, cell in reversed([*enumerate(header)]) if (role := role_by_name(cell))
    }
    if "name" not in found:
        at = next((at for at in range(len(header)) if _holds_names(at, rows)), None)
        found |= {} if at is None else {"name": at}
    places = {role: found[role] for role in _ROLES if role in found}
    lacking = [role for role in ("name", "period") if role not in places]
    if lacking or not ("dm" in places or places.keys() >= {"ra", "dec"}):
        missing = " and ".join(lacking) or "position (ra and dec) nor a dm"
        said = ", ".join(for_name(cell) for cell in header if cell)
        raise CatalogueError(
            f"--known {name}: no column is the {missing} of a pulsar, by its header ({said}); call "
            "the columns name, ra, dec, period and dm"
        )
    return places


def _holds_names(at: int, rows: Sequence[tuple[int, Sequence[str]]]) -> bool:
    cells = [cells[at] for _, cells in rows if at < len(cells)]
    data = pa.chunked_array([pa.array(cells, type=pa.string())])
    return role_by_values(Column.of(None, at + 1, data)) == "name"


def _judged(cells: Mapping[Role, pd.Series], unit: Unit | None, name: str) -> Pulsars:
    """Read cells as numbers, and leave out rows that are wrong."""
    n_rows = len(cells["name"])
    values = {role: np.full(n_rows, np.nan) for role in _ROLES} | {
        role: degrees_of(column, right_ascension=role == "ra")
        if role in {"ra", "dec"}
        else numbers_of(column)
        for role, column in cells.items()
    }
    sound, said = np.ones(n_rows, dtype=bool), list[tuple[Any, str]]()
    for role, column in cells.items():
        bad = sound & ~_is_right(role, column, values[role])
        sound &= ~bad
        said += [(n, f"line {n} has the {role} {text!r}") for n, text in column[bad].items()]
    wrong = [for_name(why) for _, why in sorted(said)]
    if not n_rows:
        raise CatalogueError(f"--known {name} has a header and no pulsar below it; export it again")
    if 2 * sound.sum() <= n_rows:
        raise CatalogueError(
            f"--known {name}: {len(wrong):,} of its {n_rows:,} rows are no pulsars"
            f": {'; '.join(wrong[:_NAMED])}; a row has a name, a period "
            "above 0, and a position or a dm"
        )
    known_unit = unit or unit_by_values(count_periods(values["period"][sound]))
    if known_unit is None:
        raise CatalogueError(
            f"--known {name}: whether its periods are seconds or milliseconds cannot be told; call "
            "the column period_s or period_ms"
        )
    half = half_a_position(cells, of="the catalogue")
    return Pulsars(
        names=np.array([for_name(text) for text in cells["name"][sound]], dtype=object),
        ra=values["ra"][sound],
        dec=values["dec"][sound],
        period=values["period"][sound] * SECONDS[known_unit],
        dm=values["dm"][sound],
        notes=(*_notes(wrong, known_unit, by_values=unit is None), *half),
    )


def _notes(wrong: Sequence[str], unit: Unit, *, by_values: bool) -> Iterator[str]:
    if by_values:
        yield f"periods of the catalogue are taken for {UNIT_WORDS[unit]}, by their values"
    if wrong:
        rows = "1 row of the catalogue is" if len(wrong) == 1 else f"{len(wrong):,} rows of it are"
        more = f"; and {len(wrong) - _NAMED:,} more" if len(wrong) > _NAMED else ""
        yield f"{rows} left out: {'; '.join(wrong[:_NAMED])}{more}"


def _is_right(role: Role, cells: pd.Series, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which cells hold what they should; a position or a DM may be missing."""
    if role == "name":
        return (cells != "").to_numpy()
    if role == "period":
        with np.errstate(invalid="ignore"):
            return values > 0
    return np.isfinite(values) | cells.str.lower().isin(_MISSING).to_numpy()
