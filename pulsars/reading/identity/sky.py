"""What the cells of a position, a period and a name say, in numbers and words that compare."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pulsars.reading.identity.roles import PULSAR_NAME

_SEXAGESIMAL = (
    r"^([+-]?)([0-9]{1,3})\s*[:hd°\s]\s*([0-9]{1,2})"
    r"(?:\s*[:m'\s]\s*([0-9]{1,2}(?:\.[0-9]*)?)\s*[s\"]?)?\s*[m']?$"
)
_HOURS = re.compile(r"(?i)(?:^|[^a-z])(?:h|hr|hrs|hours?)(?:[^a-z]|$)")
_NOBODY = frozenset(
    {"", "?", "-", "na", "nan", "none", "null", "unknown", "noise", "rfi", "test", "candidate"}
)
_FULL_TURN = 360.0
_PARTS = 60  # minutes of an hour or a degree, seconds of a minute


def numbers_of(cells: pd.Series) -> NDArray[np.float64]:
    """Read cells as finite numbers; NaN where they are none."""
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def count_packed(plain: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count plain numbers of a position, those beyond a full turn and all.

    Counts of parts of a column add up to those of the whole.
    """
    return np.array([np.sum(np.abs(plain) > _FULL_TURN), np.sum(~np.isnan(plain))])


def is_packed(counts: NDArray[np.int64]) -> bool:
    """Tell whether a column is packed as ``123456.7``, not in degrees: if most of it must be.

    A few packed numbers are small, and a few degrees are wrong.
    """
    beyond, numbers = counts
    return bool(2 * beyond > numbers)


def degrees_of(
    cells: pd.Series, *, right_ascension: bool, packed: bool | None = None
) -> NDArray[np.float64]:
    """Read positions: sexagesimal, packed as ``123456.7``, or decimal degrees.

    Parameters
    ----------
    cells : Series
        Its name says whether decimal right ascensions are hours (``ra_hours``).
    right_ascension : bool
        Whether sexagesimal and packed values are hours, and values turn at 360 degrees.
    packed : bool, optional
        As `is_packed` tells of the column that these cells are a part of; by default of the cells.

    Returns
    -------
    ndarray of shape (n_rows,), float64
        Degrees, right ascension in [0, 360); NaN where a cell is no position.
    """
    plain = numbers_of(cells)
    decimals = plain
    packed = is_packed(count_packed(plain)) if packed is None else packed
    if packed:
        size = np.abs(plain)
        whole, minutes = np.floor(size / 10_000), np.floor(size % 10_000 / 100)
        decimals = np.sign(plain) * _put_together(whole, minutes, size % 100)
    in_hours = packed or _HOURS.search(str(cells.name)) is not None
    angles = decimals * (15 if right_ascension and in_hours else 1)
    if not pd.api.types.is_numeric_dtype(cells.dtype):
        parts = cells.str.strip().str.extract(_SEXAGESIMAL)
        size = _put_together(*map(numbers_of, (parts[1], parts[2], parts[3].fillna("0"))))
        spelled = np.where(parts[0] == "-", -size, size) * (15 if right_ascension else 1)
        angles = np.where(np.isnan(plain), spelled, angles)
    if right_ascension:
        return np.where(np.abs(angles) <= _FULL_TURN, angles % _FULL_TURN, np.nan)
    return np.where(np.abs(angles) <= _FULL_TURN / 4, angles, np.nan)


def _put_together(
    whole: NDArray[np.float64], minutes: NDArray[np.float64], seconds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Make one number of three; NaN where minutes or seconds are more than there are."""
    size = whole + minutes / _PARTS + seconds / _PARTS**2
    sound = (minutes < _PARTS) & (seconds <= _PARTS)  # 59.99 s may be written as 60
    return np.where(sound, size, np.nan)


def is_nobody(cells: pd.Series) -> NDArray[np.bool_]:
    """Tell which cells say nothing: empty, or a word such as ``unknown``."""
    words = cells.astype("str").fillna("").str.strip().str.lower()
    return words.isin(list(_NOBODY)).to_numpy(dtype=bool)


def names_of(cells: pd.Series) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Write names as they compare, and tell those of pulsars.

    Case and blanks do not count, nor do ``PSR`` and, of a pulsar, the ``J`` or ``B`` before its
    digits. What names nobody (``unknown``, ``noise``, ``rfi``, …) is empty.
    """
    words = cells.astype(str).str.lower().str.replace(r"[\s_]+", "", regex=True)
    words = words.str.replace("\N{MINUS SIGN}", "-").str.removeprefix("psr")
    pulsars = words.str.fullmatch(PULSAR_NAME.strip("^$"), case=False).to_numpy(dtype=bool)
    bare = words.str.replace(r"^[jb](?=[0-9])", "", regex=True)
    words = words.where(~pulsars, bare)
    words = words.where(~words.isin(list(_NOBODY)), "")
    return words.to_numpy(dtype=object), pulsars
